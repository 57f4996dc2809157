"""What is said about a payout that a provider could not deliver, or about which nobody knows. English is the key."""

from __future__ import annotations

from ..kernel.errors import N_

# a provider's own word for a failure → what the creator and the brand read
FAILURES = {
    "INSUFFICIENT_BALANCE": N_("The brand's balance at its payment provider was too low."),
    "INVALID_DESTINATION": N_("The account does not exist, or cannot receive transfers."),
    "RECIPIENT_ACCOUNT_NUMBER_ERROR": N_("The account number is not one of this bank or e-wallet."),
    "REJECTED_BY_CHANNEL": N_("The bank or e-wallet rejected the transfer."),
    "TEMPORARY_TRANSFER_ERROR": N_("The bank or e-wallet had a problem at that time."),
    "TRANSFER_ERROR": N_("The bank or e-wallet had a problem at that time."),
    "cancelled": N_("The transfer was cancelled before it left."),
    "reversed": N_("The transfer had arrived, and the bank sent it back."),
    "": N_("The payment provider could not deliver it."),
}
# why nobody knows → what the brand reads
UNKNOWN = {
    "interrupted": N_("We were interrupted while handing it over."),
    "slow": N_("The provider did not answer in time."),
    "cut_off": N_("The connection broke before the answer came."),
    "too_large": N_("The provider's answer was not one."),
    "not_understood": N_("The provider's answer could not be understood."),
    "failed_inside": N_("The provider had a problem of its own while taking it."),
    "duplicate": N_("The provider has something else under this payout's key."),
    "mismatch": N_("The provider has another amount or channel under this payout's reference."),
    "twice": N_("The provider has more than one payout under this reference."),
    "absent": N_("The provider does not know it, but it was called too long ago to call again safely."),
    "other_key": N_("It was sent with another API key, so the provider cannot tell about it."),
    "vanished": N_("The provider does not know it any more."),
    "refused_again": N_("The provider refused it when we called again."),
    "disconnected": N_("The provider was disconnected while it was under way."),
}


def failure(code: str, standing: str) -> str:
    """The sentence for a payout that did not stay with its creator."""
    return FAILURES.get(code) or FAILURES.get(standing) or FAILURES[""]


def unknown(code: str) -> str:
    """The sentence for a payout whose outcome nobody knows."""
    return UNKNOWN.get(code, UNKNOWN["not_understood"])
