"""How a payout may move. Pure."""

from __future__ import annotations

from typing import Literal

State = Literal["ready", "sent", "unknown", "paid", "returned"]

EDGES: dict[str, frozenset[str]] = {
    "ready": frozenset({"sent", "paid", "returned", "unknown"}),
    "sent": frozenset({"paid", "returned", "unknown", "ready"}),  # ready again: its file never went to the bank
    "unknown": frozenset({"paid", "returned", "sent"}),  # only by a look-up, or a person with a reason
    "paid": frozenset({"returned"}),  # banks return money days later
    "returned": frozenset(),
}
OPEN = ("ready", "sent", "unknown")
