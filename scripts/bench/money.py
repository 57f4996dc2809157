"""The figures of the money path."""

from __future__ import annotations

from collections.abc import Sequence

from . import engine, growth, history, live
from .figures import Figure, tell

PARTS = ("engine", "live", "verify", "whatif", "growth")


def measure(parts: Sequence[str], databases: Sequence[str], *, scale: float, rounds: int) -> list[Figure]:
    """All figures that were asked for. scale: of the sizes in the goals."""

    def sized(count: int) -> int:
        return max(20, round(count * scale))

    found: list[Figure] = []
    if "engine" in parts:
        tell("engine.orders_per_s")
        found.append(engine.orders_per_s(orders=sized(20_000), rounds=rounds))
    if "live" in parts:
        for database in databases:
            tell(f"live.settle_vs_driver, {database}")
            found.append(live.settle_vs_driver(database, events=sized(2_000), rounds=rounds))
    long = tuple(part for part in ("verify", "whatif") if part in parts)
    if long:
        tell("verify.seconds_100k, whatif.seconds_100k")
        found += history.over_many_orders(orders=sized(100_000), parts=long)
    if "growth" in parts:
        tell("ledger.read_growth")
        for database in databases:
            found.append(growth.read_growth(database, smallest=sized(10_000), largest=sized(1_000_000), rounds=rounds))
    return found
