"""A long history: `verify` and "What if?" over a hundred thousand orders that the worker has settled."""

from __future__ import annotations

import resource
import time

from socialshop import worker
from socialshop.domain import people, programs, trials
from socialshop.domain.audit import Actor
from socialshop.flows import verify, what_if
from socialshop.kernel.database import session

from .driver import count
from .figures import Figure, tell
from .live import KEPT, LEFT
from .stage import NOW, Stage, fill_inbox, install


def over_many_orders(*, orders: int, parts: tuple[str, ...]) -> list[Figure]:
    """One program of twelve rules on SQLite: facts re-run and compared; then draft terms tried on all of them."""
    found = []
    with install("sqlite") as stage:
        _lay_out(stage, orders)
        said = {"database": "sqlite", "orders": orders, "rules": 12, "lines": 3, "processes": 1}
        with stage.app.app_context():
            if "verify" in parts:
                found.append(_verify(orders, said))
            if "whatif" in parts:
                found.append(_what_if(orders, said))
    return found


def _lay_out(stage: Stage, orders: int) -> None:
    for first in range(0, orders, 5000):
        fill_inbox(stage, first, min(5000, orders - first))
        while count(stage, LEFT):
            worker.sweep(stage.app)
        tell(f"  {min(first + 5000, orders):,} orders settled")
    assert count(stage, KEPT) == 0


def _verify(orders: int, said: dict[str, object]) -> Figure:
    before = _mebibytes()
    began, used = time.perf_counter(), time.process_time()
    wrong = verify.run(NOW)
    took, used = time.perf_counter() - began, time.process_time() - used
    assert not wrong, wrong[:3]
    what = {"cpu_seconds": round(used, 1), "memory_mib_more": _mebibytes() - before, "ledger_moves": orders}
    return Figure("verify.seconds_100k", round(took, 3), "s", "≤ 60", {**said, **what})


def _what_if(orders: int, said: dict[str, object]) -> Figure:
    brand = people.find_brand("bench")
    assert brand is not None
    [program] = programs.programs_of_brand(brand.id)
    before = _mebibytes()
    trial = what_if.ask(
        brand.id, program.public_id, against="promised", content=None, file_name="", actor=Actor("user", "bench"), now=NOW
    )
    began, used = time.perf_counter(), time.process_time()
    what_if.run({"trial": trial.id}, now=NOW)
    took, used = time.perf_counter() - began, time.process_time() - used
    done = trials.get(trial.id)
    session().refresh(done)
    assert (done.state, done.orders_done) == ("done", orders), done.error
    what = {
        "cpu_seconds": round(used, 1), "memory_mib_more": _mebibytes() - before, "different": trials.count_differences(trial.id),
    }  # fmt: skip
    return Figure("whatif.seconds_100k", round(took, 3), "s", "≤ 60", {**said, **what})


def _mebibytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
