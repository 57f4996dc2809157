"""The named places of `invariants.md`, section 5, that money goes through, by what reaches them."""

from __future__ import annotations

import re
from pathlib import Path

LEDGER = ("ledger.after_first_posting", "ledger.before_commit", "ledger.after_commit_before_balance_cache")
DRAWING = ("payout.batch.after_select", "payout.item.after_reserve", "payout.after_save_before_ledger", "payout.after_ledger")
INBOUND = ("worker.after_effects_before_commit",)
BANKING = ("payout.response_lost", "payout.reconcile.mid")

PACKAGE = Path(__file__).parents[2] / "socialshop"


def in_the_code() -> set[str]:
    """Every point that the program has."""
    return {name for path in PACKAGE.rglob("*.py") for name in re.findall(r'faults\.point\(\s*"([^"]+)"', path.read_text())}
