"""What can happen in a program: the events of a scenario as values. Clicks, orders and quotes are `terms` facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ..terms import Click, FxQuote, Line, OrderFacts, write_instant


@dataclass(frozen=True, slots=True)
class Refund:
    """Goods paid back, in net terms: by line, as an amount over all lines, or all that is left. Exactly one is given."""

    id: str
    at: datetime
    order: str
    lines: tuple[tuple[str, int], ...] | None = None
    amount: int | None = None
    full: bool = False


@dataclass(frozen=True, slots=True)
class OrderEdit:
    """The order's lines, discount, shipping and tax, stated anew."""

    id: str
    at: datetime
    order: str
    lines: tuple[Line, ...]
    discount: int = 0
    shipping: int = 0
    tax: int = 0


@dataclass(frozen=True, slots=True)
class Dispute:
    """The buyer's bank asks the money back; holds what is open of the order."""

    id: str
    at: datetime
    order: str


@dataclass(frozen=True, slots=True)
class DisputeClosed:
    """The end of a dispute; the first one counts."""

    id: str
    at: datetime
    dispute: str
    won: bool


@dataclass(frozen=True, slots=True)
class Hold:
    """A person holds what a creator has in an order."""

    id: str
    at: datetime
    order: str
    creator: str
    reason: str


@dataclass(frozen=True, slots=True)
class Release:
    """A person ends one hold."""

    id: str
    at: datetime
    hold: str


@dataclass(frozen=True, slots=True)
class Reject:
    """A person takes back what a creator has in an order."""

    id: str
    at: datetime
    order: str
    creator: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Reinstate:
    """A person takes one rejection back: what an appeal brings about. The specification knows no such event; see `OrderBook`."""

    id: str
    at: datetime
    reject: str


@dataclass(frozen=True, slots=True)
class Payout:
    """A payout run over everything that is due."""

    id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PayoutFailed:
    """The money of one creator in a payout came back."""

    id: str
    at: datetime
    payout: str
    creator: str


Later = Refund | OrderEdit | Dispute | DisputeClosed | Hold | Release | Reject | Reinstate
Event = Click | OrderFacts | FxQuote | Later | Payout | PayoutFailed


def subject_of(event: Event) -> tuple[str, str] | None:
    """Kind and id of what must have taken effect before this event does; None: nothing."""
    match event:
        case Refund() | OrderEdit() | Dispute() | Hold() | Reject():
            return "order", event.order
        case DisputeClosed():
            return "dispute", event.dispute
        case Release():
            return "hold", event.hold
        case Reinstate():
            return "reject", event.reject
        case PayoutFailed():
            return "payout", event.payout
        case _:
            return None


def event_document(event: Event) -> dict[str, object]:
    """The event as a scenario writes it; `read_event` reads it back to the same event."""
    if isinstance(event, (Click, OrderFacts, FxQuote)):
        return event.to_document()
    kind = next(kind for kind, cls in _CLASSES.items() if isinstance(event, cls))
    document: dict[str, object] = {"type": kind, "id": event.id, "at": write_instant(event.at)}
    for key in event.__slots__:
        value = getattr(event, key)
        if key in ("id", "at") or value is None or (key == "full" and not value):
            continue
        if key == "lines":
            value = [line.to_document() if isinstance(line, Line) else {"line": line[0], "amount": line[1]} for line in value]
        document[key] = value
    return document


_CLASSES: dict[str, type] = {
    "refund": Refund,
    "order_edit": OrderEdit,
    "dispute": Dispute,
    "dispute_closed": DisputeClosed,
    "hold": Hold,
    "release": Release,
    "reject": Reject,
    "reinstate": Reinstate,
    "payout": Payout,
    "payout_failed": PayoutFailed,
}
