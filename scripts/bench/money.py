"""The figures of the money path."""

from __future__ import annotations

from collections.abc import Sequence

from . import engine, live
from .figures import Figure, tell

PARTS = ("engine", "live", "verify", "whatif", "growth")


def measure(parts: Sequence[str], databases: Sequence[str], *, scale: float, rounds: int) -> list[Figure]:
    """All figures that were asked for. scale: of the sizes in the goals."""
    found: list[Figure] = []
    if "engine" in parts:
        tell("engine.orders_per_s")
        found.append(engine.orders_per_s(orders=max(2, round(20_000 * scale)), rounds=rounds))
    if "live" in parts:
        for database in databases:
            tell(f"live.settle_vs_driver, {database}")
            found.append(live.settle_vs_driver(database, events=max(2, round(2000 * scale)), rounds=rounds))
    return found
