"""Letters about money that went to a creator, or came back."""

from ...kernel.errors import N_

TEXTS: dict[str, tuple[str, str]] = {
    "payout_paid": (
        N_("{amount} from {brand} is on your account"),
        N_(
            "Hi {name},\n\n{brand} has paid your commissions: {amount}, to your account at {provider} ending in {ending}.\n\n"
            "Which sales it was for, and how each amount came about: {base_url}/creator/payouts/{payout}"
        ),
    ),
    "payout_paid_less_fee": (
        N_("{sent} from {brand} is on your account"),
        N_(
            "Hi {name},\n\n{brand} has paid your commissions: {amount}. With this brand you bear the bank's transfer fee of {fee}, "
            "so {sent} arrived on your account at {provider} ending in {ending}.\n\n"
            "Which sales it was for, and how each amount came about: {base_url}/creator/payouts/{payout}"
        ),
    ),
    "payout_fee_news": (
        N_("{brand}: the transfer fee comes off your payouts"),
        N_(
            "Hi {name},\n\nFrom its next payout run on, {brand} takes the bank's transfer fee off what is sent to you. Every payout "
            "shows the fee and what arrives; your commissions stay as they are.\n\nYour payouts: {base_url}/creator/earnings\n\n"
            "Questions? {brand} answers at {contact}."
        ),
    ),
    "payout_run_waiting": (
        N_("A payout run of {amounts} waits for you"),
        N_(
            "Hi,\n\nthe payout run of {brand} for {slot} is drawn up, as your schedule says: {amounts} to pay.\n\nNothing has been "
            "sent. Look at it, make the file for your bank, and confirm what was paid: {base_url}/brand/{handle}/payouts/{run}"
        ),
    ),
    "payout_run_nobody": (
        N_("Nobody could be paid in the payout run for {slot}"),
        N_(
            "Hi,\n\nyour schedule asks for a payout run of {brand} for {slot}. Something is due, but nobody could be paid, so no run was "
            "made. Why, and for whom, is written there: {base_url}/brand/{handle}/payouts\n\nAll balances are kept."
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
