"""What the self-check looks at between payouts and the provider that sends them: I-8."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from ..domain import payouts, sending
from ..kernel.database import session

WANTED = {
    "waiting": {"ready", "unknown"}, "calling": {"ready", "unknown"}, "unknown": {"unknown"}, "underway": {"sent"},
    "done": {"paid", "returned"}, "decided": {"paid", "returned"},
}  # fmt: skip


def discrepancies() -> Iterator[tuple[str, str, str]]:
    """A payout is in a provider's hands exactly where its one sending says so; its send key follows from its id."""
    handed = select(payouts.Payout.id, payouts.Payout.public_id, payouts.Payout.state, payouts.Payout.via)
    query = handed.add_columns(sending.Sending.id, sending.Sending.key, sending.Sending.state).outerjoin(
        sending.Sending, sending.Sending.payout_id == payouts.Payout.id
    )
    found = query.where((payouts.Payout.via.is_not(None)) | (sending.Sending.id.is_not(None)))
    for payout_id, public_id, state, via, sending_id, key, standing in session().execute(found):
        if sending_id is None:
            yield "I-8", f"payouts {payout_id}", f"is in the hands of {via}, but was never handed over"
            continue
        row = f"payout_sendings {sending_id}"
        if key != sending.key_of(public_id):
            yield "I-8", row, "its key does not follow from its payout"
        if (via is None) != (standing == "refused"):
            yield "I-8", row, f"is {standing}, but its payout goes {'by ' + via if via else 'into a bank file'}"
        elif via is not None and state not in WANTED[standing]:
            yield "I-8", row, f"is {standing}, but its payout is {state}"
