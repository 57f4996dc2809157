"""Letters about commissions that are held or rejected, about appeals, and about disputed payments."""

from ...kernel.errors import N_

TEXTS: dict[str, tuple[str, str]] = {
    "commission_held": (
        N_("A commission of {amount} is on hold"),
        N_(
            "Hi {name},\n\n{brand} has put your commission of {amount} for order {order} on hold.\n\n{reason}{words}\n\n"
            "It stays in your balance, but is not paid out while it is on hold. What the brand shows you, and how to appeal:\n"
            "{base_url}/creator/earnings/{commission}"
        ),
    ),
    "commission_rejected": (
        N_("A commission of {amount} was rejected"),
        N_(
            "Hi {name},\n\n{brand} has rejected your commission of {amount} for order {order}.\n\n{reason}{words}\n\n"
            "If you think this is wrong, appeal: say why, and attach what shows it. A person at {brand} looks at it. "
            "What the brand shows you, and how to appeal:\n{base_url}/creator/earnings/{commission}"
        ),
    ),
    "commission_counts_again": (
        N_("Order {order}: {amount} counts again"),
        N_(
            "Hi {name},\n\n{brand} has looked again at your commission for order {order}. It counts again: {amount}, paid out when "
            "it is due.{words}\n\nYour receipt: {base_url}/creator/earnings/{commission}"
        ),
    ),
    "appeal_received": (
        N_("@{handle} appeals: {amount} for order {order}"),
        N_(
            "@{handle} asks you to look again at the commission of {amount} for order {order}:\n\n“{words}”\n\n"
            "Please answer or decide here; nothing happens by itself:\n{base_url}/brand/{slug}/appeals/{appeal}"
        ),
    ),
    "appeal_reply": (
        N_("@{handle} has answered about order {order}"),
        N_("@{handle} writes:\n\n“{words}”\n\nThe appeal: {base_url}/brand/{slug}/appeals/{appeal}"),
    ),
    "appeal_message": (
        N_("{brand} asks you something about your appeal"),
        N_(
            "Hi {name},\n\n{brand} writes about your appeal for order {order} ({amount}):\n\n“{words}”\n\n"
            "Please answer here: {base_url}/creator/appeals/{appeal}"
        ),
    ),
    "appeal_decided": (
        N_("Your appeal about order {order} was {outcome}"),
        N_(
            "Hi {name},\n\n{brand} has looked at your appeal about {amount} for order {order}. It was {outcome}.\n\n"
            "Their reason: “{words}”\n\n{what_now}\n\n{base_url}/creator/appeals/{appeal}"
        ),
    ),
    "appeal_withdrawn": (
        N_("@{handle} has withdrawn the appeal about order {order}"),
        N_("Nothing is left for you to do. The appeal: {base_url}/brand/{slug}/appeals/{appeal}"),
    ),
    "appeal_waiting": (
        N_("An appeal of @{handle} has waited for {days} days"),
        N_(
            "@{handle} still waits for your answer about {amount} for order {order}. Nothing is decided by waiting: the money stays "
            "where it is until one of you decides.\n\n{base_url}/brand/{slug}/appeals/{appeal}"
        ),
    ),
    "appeal_your_turn": (
        N_("{brand} has waited for your answer for {days} days"),
        N_(
            "Hi {name},\n\n{brand} asked you something about your appeal for order {order} ({amount}), and can’t go on without "
            "your answer. Nothing is decided by waiting.\n\n{base_url}/creator/appeals/{appeal}"
        ),
    ),
    "dispute_opened": (
        N_("The payment of order {order} is disputed"),
        N_(
            "Hi {name},\n\nThe buyer’s bank asks {brand} for money of order {order} back. Until that is decided, what has not "
            "been paid out yet of your commission of {amount} waits; what you were paid stays with you. It is not about you, "
            "and there is nothing for you to do.\n\n"
            "Your receipt: {base_url}/creator/earnings/{commission}"
        ),
    ),
    "dispute_won": (
        N_("The dispute about order {order} is decided"),
        N_(
            "Hi {name},\n\nThe bank let {brand} keep the money of order {order}. Your commission of {left} stands, and no dispute "
            "holds it any more.\n\n"
            "Your receipt shows every step: {base_url}/creator/earnings/{commission}"
        ),
    ),
    "dispute_lost": (
        N_("The dispute about order {order} is decided"),
        N_(
            "Hi {name},\n\nThe bank gave money of order {order} back to the buyer. Your commission of {brand} for it was {amount}; "
            "now it is {left}. Whatever you were paid beyond that is taken from your next payouts, never asked from you.\n\n"
            "Your receipt shows every step: {base_url}/creator/earnings/{commission}"
        ),
    ),
}
