"""Letters about connected stores."""

from ...kernel.errors import N_

TEXTS = {
    "store_review": (
        N_("Order {number} from {store} needs your decision"),
        N_(
            "{store} told us about order {number}, but its figures don’t add up. We have kept it and booked nothing.\n\n"
            "Look at it and set the right figures here:\n{base_url}{path}\n\n"
            "Refunds of this order wait with it. Nothing is lost."
        ),
    ),
    "store_quarantined": (
        N_("A message from {store} could not be read"),
        N_(
            "{store} sent us a message that is signed rightly, but that we can’t use. We have kept it as it came.\n\n"
            "See what is wrong and let it be read again here:\n{base_url}{path}"
        ),
    ),
}
