"""The named places of `invariants.md`, section 5, that money goes through, by what reaches them."""

from __future__ import annotations

import re
from pathlib import Path

LEDGER = ("ledger.after_first_posting", "ledger.before_commit", "ledger.after_commit_before_balance_cache")
DRAWING = ("payout.batch.after_select", "payout.item.after_reserve", "payout.after_save_before_ledger", "payout.after_ledger")
BANKING = ("payout.response_lost", "payout.reconcile.mid")
SENDING = ("payout.before_send", "payout.after_send_before_save", "payout.reconcile.mid")
INBOUND = ("worker.after_effects_before_commit",)

# point → the stories in which a process dies there
KILLS: dict[str, tuple[str, ...]] = {
    "ledger.after_first_posting": ("money", "hooks"),
    "ledger.before_commit": ("money", "hooks"),
    "ledger.after_commit_before_balance_cache": ("runs",),
    "payout.batch.after_select": ("money",),
    "payout.item.after_reserve": ("money",),
    "payout.after_save_before_ledger": ("runs",),
    "payout.after_ledger": ("money",),
    "payout.before_send": ("sending", "runs"),
    "payout.after_send_before_save": ("sending", "runs"),
    "payout.response_lost": ("sending", "money"),
    "payout.reconcile.mid": ("sending", "runs"),
    "after_store_before_ack": ("hooks",),
    "worker.after_claim": ("hooks",),
    "worker.after_effects_before_commit": ("hooks",),
    "worker.after_commit": ("hooks",),
    "checkout.after_hold": ("shop",),
    "checkout.after_payment_event_before_commit": ("shop",),
    "checkout.expiry.mid": ("shop",),
}

PACKAGE = Path(__file__).parents[2] / "socialshop"


def in_the_code() -> set[str]:
    """Every point that the program has."""
    return {name for path in PACKAGE.rglob("*.py") for name in re.findall(r'faults\.point\(\s*"([^"]+)"', path.read_text())}
