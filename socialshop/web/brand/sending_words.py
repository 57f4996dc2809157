"""Payouts that a provider sends, in words: how far each is, why one is unclear, why one cannot go this way."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from ...domain import payouts
from ...domain.sending import Sending
from ...flows import send_words
from ...kernel import words
from ..local import locale

PROVIDERS = {"xendit": "Xendit"}
OBSTACLES = {
    "no_channel": _l("No channel is chosen for this bank or e-wallet."),
    "currency": _l("Xendit sends rupiah only."),
    "too_little": _l("It is below the minimum of this channel."),
    "too_much": _l("It is above the maximum of this channel."),
    "holder": _l("The holder's name is too long for Xendit."),
}
_STANDINGS = {
    "ACCEPTED": _l("Xendit has taken it and will send it shortly."),
    "REQUESTED": _l("Xendit has passed it on to the bank or e-wallet."),
    "PENDING_COMPLIANCE_ASSESSMENT": _l("Xendit is checking it. This can take a day."),
}
_REFUSALS = {
    "INVALID_API_KEY": _l("Xendit refused your API key. Change the key, then send again."),
    "REQUEST_FORBIDDEN_ERROR": _l("Your API key may not send payouts. Change its permissions at Xendit, then send again."),
    "INSUFFICIENT_BALANCE": _l("Your Xendit balance was too low. Top it up, then send again."),
    "CHANNEL_CODE_NOT_SUPPORTED_ERROR": _l("Xendit does not pay to this channel any more. Choose another, or use a bank file."),
    "MAXIMUM_TRANSFER_LIMIT_ERROR": _l("It is above the maximum of this channel."),
    "RECIPIENT_AMOUNT_ERROR": _l("It is below the minimum of this channel."),
    "API_VALIDATION_ERROR": _l("Xendit could not use the details of this account. Use a bank file for it."),
    "called_back": _l("You called it back. Send it again, or use a bank file."),
    "disconnected": _l("It was not sent any more, because Xendit was disconnected."),
}  # fmt: skip


def standing(row: Sending, payout: payouts.Payout) -> str:
    """How far a payout is, in a sentence."""
    if row.contradicted:
        return str(
            gettext("Look closely: Xendit now says “%(word)s”, which contradicts what is booked here.", word=row.remote_status)
        )
    match row.state:
        case "waiting":
            waits = (
                _l("Xendit cannot be reached at the moment. It is tried again by itself.")
                if row.tries
                else _l("It is about to be sent.")
            )
            return str(waits)
        case "calling":
            return str(_l("It is being handed to Xendit."))
        case "underway":
            return str(_STANDINGS.get(row.remote_status) or gettext("Xendit says “%(word)s”.", word=row.remote_status))
        case "unknown":
            return unclear(row)
        case "refused":
            return str(_REFUSALS.get(row.why) or gettext("Xendit refused it (%(code)s). Use a bank file for it.", code=row.why))
        case "decided":
            return str(_l("A person decided what became of it."))
    return str(_l("Xendit says it has arrived.")) if payout.state == "paid" else words.say(payout.why, locale())


def unclear(row: Sending) -> str:
    """Why nobody knows."""
    return words.say(send_words.unknown(row.why), locale())
