"""Letters about money that went to a creator, came back, or is kept for a while."""

from ...kernel.errors import N_

TEXTS: dict[str, tuple[str, str]] = {
    "payout_paid": (
        N_("{amount} from {brand} is on your account"),
        N_(
            "Hi {name},\n\n{brand} has paid your commissions: {amount}, to your account at {provider} ending in {ending}.\n\n"
            "Which sales it was for, and how each amount came about: {base_url}/creator/earnings"
        ),
    ),
    "payout_returned": (
        N_("{amount} from {brand} came back"),
        N_(
            "Hi {name},\n\nThe transfer of {amount} to your account at {provider} ending in {ending} came back. "
            "The reason we were given: {reason}\n\nNothing is lost: the amount is in your balance again and goes out with the next "
            "payout. Please check where your money should go: {base_url}/creator/payee"
        ),
    ),
    "commission_held": (
        N_("A commission of {amount} is on hold"),
        N_(
            "Hi {name},\n\n{brand} has put your commission of {amount} for order {order} on hold. The reason they gave: {reason}\n\n"
            "It stays in your balance, but is not paid out while it is on hold. Your receipt: {base_url}/creator/earnings/{commission}"
        ),
    ),
    "commission_rejected": (
        N_("A commission of {amount} was rejected"),
        N_(
            "Hi {name},\n\n{brand} has rejected your commission of {amount} for order {order}. The reason they gave: {reason}\n\n"
            "Your receipt shows every step: {base_url}/creator/earnings/{commission}\n\nIf you think this is wrong, please answer "
            "{brand} at {contact}."
        ),
    ),
}
