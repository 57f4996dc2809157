"""Letters about money that went to a creator, or came back."""

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
}
