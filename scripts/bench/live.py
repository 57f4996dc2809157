"""Paid orders settled end to end by the worker, beside the bare driver that inserts the same rows."""

from __future__ import annotations

import time

from socialshop import worker
from socialshop.kernel import garbage

from .driver import Copier, Driver, count
from .figures import Figure, median, tell
from .stage import Stage, fill_inbox, install

KEPT = "SELECT count(*) FROM inbound_events WHERE state <> 'worked'"
LEFT = "SELECT count(*) FROM jobs WHERE name = 'inbound.work' AND state <> 'done'"


def settle_vs_driver(database: str, *, events: int, rounds: int) -> Figure:
    """`rounds` rounds of `events` events each; within a round the two take turns, batch by batch."""
    with install(database) as stage, install(database) as copy:
        warm = min(worker.AT_ONCE, events)
        fill_inbox(stage, 0, warm)
        _sweep(stage)  # both have been warm once
        copier = Copier(stage)
        driver = Driver(copy, copier)
        driver.insert(copier.as_values(copier.take()))
        settled, inserted, bytes_only, total = [], [], [], 0
        for number in range(rounds):
            fill_inbox(stage, warm + number * events, events)
            ours = bare = writing = 0.0
            while count(stage, LEFT):
                ours += _sweep(stage)
                rows = copier.take()
                with garbage.by_hand():
                    took, as_text = driver.insert(copier.as_values(rows))
                bare, writing = bare + took, writing + as_text
                total += sum(map(len, rows.values()))
            settled.append(events / ours)
            inserted.append(events / bare)
            bytes_only.append(events / (bare - writing))
            tell(f"  {database} round {number + 1}: settled {settled[-1]:,.0f} events/s, driver {inserted[-1]:,.0f} events/s")
        assert count(stage, KEPT) == 0
    ratios = [a / b for a, b in zip(settled, inserted, strict=True)]
    return Figure(
        "live.settle_vs_driver", round(median(ratios), 3), "of the driver's rate", "≥ 0.25",
        {
            "database": database, "events": events * rounds, "rounds": rounds,
            "rows_per_event": round(total / (events * rounds), 1), "settled_per_s": round(median(settled)),
            "driver_events_per_s": round(median(inserted)),
            "driver_events_per_s_if_all_is_text_already": round(median(bytes_only)), "rules": 12, "lines": 3, "orders_per_commit": worker.AT_ONCE,
            "what": "worker.sweep from kept webhook and due job to order, lines, facts, attribution, commission, ledger and "
            "job done, one process; driver: executemany of the very same rows given as values (documents and instants written "
            "by the standard library where the driver does not), same tables, indexes, triggers and settings, same orders per "
            "commit, without the marks on events and jobs; both in turn, batch by batch",
        },
    )  # fmt: skip


def _sweep(stage: Stage) -> float:
    began = time.perf_counter()
    worker.sweep(stage.app)
    return time.perf_counter() - began
