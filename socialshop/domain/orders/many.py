"""Orders that a store tells as paid, several at once: drawn up in memory, so that they can be judged, then written together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ...kernel.database import new_id, next_ids, write_rows
from ..audit import Actor
from . import rules
from .drafts import Draft, LineSnapshot, OrderSnapshot
from .models import Order, OrderLine, OrderStep
from .moves import name_of
from .outside import line_values, values_of

_PLAIN = {
    "token": None, "token_hash": None, "checkout_key": None, "state": "paid", "fulfilment": "none", "carrier": "", "tracking": "",
    "unique_minor": 0, "note": "", "locale": "id", "expires_at": None, "closed_at": None,
}  # fmt: skip
_SOLD_ELSEWHERE = {"product_id": None, "variant_id": None}


class PaidOutside:
    """Orders of one store, each of them new and checked (`check`); `snapshots` are what they will be."""

    def __init__(self, brand_id: int, connection_id: int, drafts: Sequence[Draft], *, now: datetime) -> None:
        self._now = now
        self._rows: list[dict[str, Any]] = []
        self._lines: list[dict[str, Any]] = []
        self.snapshots: list[OrderSnapshot] = []
        for order_id, draft in zip(next_ids(Order, len(drafts)), drafts, strict=True):
            row = {
                **_PLAIN, **values_of(draft), "id": order_id, "public_id": new_id("ord"), "brand_id": brand_id,
                "connection_id": connection_id, "program_id": None, "paid_at": draft.paid_at or now,
            }  # fmt: skip
            self._rows.append(row)
            self._lines += [
                {**_SOLD_ELSEWHERE, **line_values(line), "order_id": order_id, "position": position}
                for position, line in enumerate(draft.lines)
            ]
            self.snapshots.append(_snapshot(row, draft))

    def write(self, programs: Mapping[int, int], *, actor: Actor) -> None:
        """Write them, with their history. programs: by order, whose terms decide; an order may have none."""
        by = name_of(actor)[:120]
        steps: list[dict[str, Any]] = []
        for row in self._rows:
            row["program_id"] = programs.get(row["id"])
            placed = {"total": row["total_minor"], "currency": row["currency"], "method": "outside"}
            for step, facts in (("placed", placed), ("paid", {"was": "awaiting"})):
                steps.append({"order_id": row["id"], "at": self._now, "step": step, "actor": by, "facts": facts})
        write_rows(Order, self._rows)
        write_rows(OrderLine, self._lines)
        write_rows(OrderStep, steps)


def _snapshot(row: Mapping[str, Any], draft: Draft) -> OrderSnapshot:
    nets = rules.nets(draft.lines, draft.discount_minor)
    lines = tuple(LineSnapshot(net_minor=nets[line.key], **line_values(line)) for line in draft.lines)
    return OrderSnapshot(
        order_id=row["id"], public_id=row["public_id"], number=row["number"], brand_id=row["brand_id"],
        connection_id=row["connection_id"], program_id=None, state="paid", at=row["placed_at"], paid_at=row["paid_at"],
        currency=row["currency"], lines=lines, discount_minor=row["discount_minor"], shipping_minor=row["shipping_minor"],
        tax_minor=row["tax_minor"], visitor=row["visitor"], click_id=row["click_id"], code=row["code"],
        customer=row["customer"], customer_email=row["buyer_email"], customer_new=row["customer_new"],
    )  # fmt: skip
