"""Balances are sums of postings; now and then what has been summed up is written down, so that reading stays quick."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ..domain import ledger
from ..kernel.database import transaction


def sum_up(_payload: dict[str, Any], *, now: datetime) -> None:
    """Job "ledger.sum_up", hourly: one program after the other. Safe to repeat."""
    for program_id in ledger.programs_booked():
        with transaction():
            ledger.take_snapshots(program_id)
