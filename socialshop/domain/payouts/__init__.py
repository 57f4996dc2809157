"""Runs and payouts: who is paid how much, for what, to which account, and whether it arrived. The door."""

from .actions import Destination, NotAlongAnEdge, draw_up, move, open_run, skip
from .models import Payout, PayoutItem, PayoutRun, PayoutSkip, PayoutStep
from .queries import (
    RunTotal,
    by_public_ids,
    discrepancies,
    get,
    items_of,
    last_skip,
    of_commission,
    of_creator,
    of_run,
    payout_of,
    run,
    run_of,
    runs_of,
    skips_of,
    steps_of,
    totals_of,
)
from .rules import COLUMNS, EDGES, OPEN, Outcome, Transfer, bank_file, inert, read_results

__all__ = [
    "COLUMNS", "EDGES", "OPEN", "Destination", "NotAlongAnEdge", "Outcome", "Payout", "PayoutItem", "PayoutRun", "PayoutSkip",
    "PayoutStep", "RunTotal", "Transfer", "bank_file", "by_public_ids", "discrepancies", "draw_up", "get", "inert", "items_of",
    "last_skip", "move", "of_commission", "of_creator", "of_run", "open_run", "payout_of", "read_results", "run", "run_of",
    "runs_of", "skip", "skips_of", "steps_of", "totals_of",
]  # fmt: skip
