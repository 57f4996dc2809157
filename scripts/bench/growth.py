"""Balance and receipt reads while the ledger grows a hundredfold."""

from __future__ import annotations

import time
from datetime import timedelta

from sqlalchemy import select, text

from socialshop import worker
from socialshop.domain import commissions, ledger
from socialshop.flows import balances, receipt
from socialshop.kernel.database import end_reading, session, transaction

from .driver import count
from .figures import Figure, median, tell
from .live import LEFT
from .stage import CREATORS, NOW, START, Stage, fill_inbox, install

SETTLED = 500
READ = 10  # creators, and receipts


def read_growth(database: str, *, smallest: int, largest: int, rounds: int) -> Figure:
    """The same reads in a small ledger and in a large one, in turn; both have the same fifty creators."""
    with install(database) as small, install(database) as large:
        ids = [_lay_out(stage, size) for stage, size in ((small, smallest), (large, largest))]
        _read(small, ids[0]), _read(large, ids[1])
        ratios, newest = [], (0.0, 0.0)
        for _ in range(max(rounds, 5) * 3):
            before, newest = _read(small, ids[0]), _read(large, ids[1])
            ratios.append((newest[0] / before[0], newest[1] / before[1]))
    balance, receipt_ = median([each[0] for each in ratios]), median([each[1] for each in ratios])
    return Figure(
        "ledger.read_growth", round(max(balance, receipt_), 2), "times as long", "≤ 1.3",
        {
            "database": database, "moves": [smallest, largest], "balances": round(balance, 2), "receipts": round(receipt_, 2),
            "balance_ms": round(newest[0] * 1000 / READ, 2), "receipt_ms": round(newest[1] * 1000 / READ, 2),
            "rounds": len(ratios),
            "what": "all pockets of a creator, and a receipt; the two databases in turn, median of the rounds' ratios; "
            "snapshots as the hourly job takes them",
        },
    )  # fmt: skip


def _lay_out(stage: Stage, size: int) -> list[int]:
    """Orders settled by the worker, then moves until there are so many; the commissions whose receipts are read."""
    fill_inbox(stage, 0, min(SETTLED, size))
    while count(stage, LEFT):
        worker.sweep(stage.app)
    _grow(stage, size)
    with stage.app.app_context():
        balances.sum_up({}, now=NOW)
        if stage.database == "postgresql":
            with transaction():
                session().execute(text("ANALYZE"))
        query = select(commissions.Commission.id).order_by(commissions.Commission.id)
        return list(session().scalars(query.limit(READ)))


def _grow(stage: Stage, size: int) -> None:
    """Moves from the brand's pocket to creators', until there are so many."""
    there = count(stage, "SELECT count(*) FROM ledger_transactions")
    for first in range(there, size, 2000):
        moves = [
            ledger.Move(
                f"bench:{n}",
                [ledger.Leg(ledger.Pocket("owed"), -100, "IDR"), ledger.Leg(ledger.Pocket("held", n % CREATORS + 1), 100, "IDR")],
                "accrue", START + timedelta(seconds=n),
            )
            for n in range(first, min(first + 2000, size))
        ]  # fmt: skip
        with stage.app.app_context(), transaction():
            ledger.book_all(stage.program_id, moves, now=NOW)
        if first // 100_000 != (first + 2000) // 100_000:
            tell(f"  {first + 2000:,} moves")


def _read(stage: Stage, ids: list[int]) -> tuple[float, float]:
    """Seconds for the pockets of ten creators, and for ten receipts."""
    with stage.app.app_context():
        end_reading()
        began = time.perf_counter()
        for creator_id in range(1, READ + 1):
            for kind in ("held", "payable", "in_transit", "owed_back"):
                ledger.balances(kind, program_id=stage.program_id, creator_id=creator_id)
        between = time.perf_counter()
        for commission in commissions.by_ids(ids).values():
            receipt.of_commission(commission)
        return between - began, time.perf_counter() - between
