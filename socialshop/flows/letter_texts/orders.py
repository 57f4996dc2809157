"""Letters about orders."""

from ...kernel.errors import N_

TEXTS = {
    "order_placed": (
        N_("Order {number}: please transfer {amount}"),
        N_(
            "Thank you for your order at {brand}!\n\n"
            "{items}\n\n"
            "Please transfer exactly {amount} by {until}. The account number is on your order page:\n"
            "{base_url}{path}\n\n"
            "You can close the page at any time; this link brings you back. Whoever has it can see your order."
        ),
    ),
    "order_placed_cod": (
        N_("Order {number} at {brand}"),
        N_(
            "Thank you for your order at {brand}!\n\n"
            "{items}\n\n"
            "Please have {amount} in cash ready when the parcel arrives. Your order page shows how things stand:\n"
            "{base_url}{path}\n\n"
            "Keep this link to yourself: whoever has it can see your order."
        ),
    ),
    "order_paid": (
        N_("Order {number}: your payment has arrived"),
        N_(
            "{brand} has your payment of {amount}. Thank you!\n\n"
            "{items}\n\n"
            "Your receipt, and where your parcel is:\n{base_url}{path}"
        ),
    ),
    "order_shipped": (
        N_("Order {number} is on its way"),
        N_(
            "{brand} has sent your order.\n\n"
            "Carrier: {carrier}\nTracking number: {tracking}\n\nYour order page:\n{base_url}{path}"
        ),
    ),
    "order_cancelled": (
        N_("Order {number} was cancelled"),
        N_(
            "Your order at {brand} was cancelled; nothing is to be paid.\n\nReason: {reason}\n\n"
            "If you have transferred already, write to {brand} from your order page:\n{base_url}{path}"
        ),
    ),
    "order_expired": (
        N_("Order {number} has run out"),
        N_(
            "No payment for your order at {brand} had arrived by {until}, so it was closed.\n\n"
            "If you have transferred already, write to {brand} from your order page:\n{base_url}{path}"
        ),
    ),
    "order_refunded": (
        N_("Order {number}: {back} comes back to you"),
        N_("{brand} gives {back} back to you.\n\nReason: {reason}\n\nDetails are on your order page:\n{base_url}{path}"),
    ),
    "order_new": (
        N_("New order {number}: {amount} by bank transfer"),
        N_(
            "{buyer} has ordered:\n\n{items}\n\n"
            "Look for a transfer of exactly {amount} until {until}, then confirm it here:\n{base_url}/brand/{slug}/orders/{order}"
        ),
    ),
    "order_new_cod": (
        N_("New order {number}: {amount} in cash on delivery"),
        N_("{buyer} has ordered:\n\n{items}\n\nPack and send it:\n{base_url}/brand/{slug}/orders/{order}"),
    ),
    "order_money_in": (
        N_("Order {number} is paid: {amount}"),
        N_("The payment of {buyer} is in ({how}).\n\n{items}\n\nAddress and next steps:\n{base_url}/brand/{slug}/orders/{order}"),
    ),
    "order_gone": (
        N_("Order {number} was cancelled by the buyer"),
        N_(
            "{buyer} has cancelled the order; nothing was paid, and the goods are back on the shelf.\n\nReason: {reason}\n\n"
            "{base_url}/brand/{slug}/orders/{order}"
        ),
    ),
    "order_question": (
        N_("A question about order {number}"),
        N_(
            "{buyer} asks:\n\n{message}\n\n"
            "Please answer the buyer directly: {buyer_email} or {buyer_phone}.\n"
            "The order: {base_url}/brand/{slug}/orders/{order}"
        ),
    ),
}
