"""A small story that money tests begin with: two creators, orders by code, 10 %, hold of 14 days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from socialshop.domain.audit import Actor

from .live import Stage

ORDERED = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
LATER = ORDERED + timedelta(days=14)
FINANCE = Actor("user", "usr_fina", "brand:finance")


def document(events: list[dict[str, Any]], *, now: datetime = LATER, **terms: Any) -> dict[str, Any]:
    """A scenario document with creators A (code "a") and B (code "b")."""
    return {
        "program": {"id": "p", "terms": {"hold_days": 14, "rules": [{"id": "r", "percent": "10"}], **terms}},
        "creators": [{"id": "A", "codes": ["a"]}, {"id": "B", "codes": ["b"]}],
        "events": events,
        "now": now.isoformat(),
    }


def order(
    order_id: str = "o1", *, price: int = 100_000, code: str = "a", at: datetime = ORDERED, currency: str = "USD"
) -> dict[str, Any]:
    """An order of one line."""
    return {
        "type": "order",
        "id": order_id,
        "at": at.isoformat(),
        "currency": currency,
        "code": code,
        "lines": [{"id": "l1", "price": price, "quantity": 1}],
    }


def staged(*events: dict[str, Any], **terms: Any) -> Stage:
    """The stage after these events; nothing is released yet."""
    stage = Stage(document(list(events), **terms))
    for event in events:
        stage.tell(event)
    return stage
