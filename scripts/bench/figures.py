"""A figure, as a row of the table that people read and as a line of JSON."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured, in which unit, and under which conditions."""

    name: str
    value: float
    unit: str
    goal: str
    conditions: dict[str, Any] = field(default_factory=dict)


def show(figures: Sequence[Figure]) -> None:
    """The table, then one JSON line each, on standard output."""
    for figure in figures:
        database = figure.conditions.get("database", "")
        print(f"{figure.name:26} {database:11} {figure.value:>12,.3f} {figure.unit:26} goal {figure.goal}")
    for figure in figures:
        line = {"name": figure.name, "value": figure.value, "unit": figure.unit, "conditions": figure.conditions}
        print(json.dumps(line, ensure_ascii=False))


def tell(text: str) -> None:
    """How far it is, on standard error."""
    print(text, file=sys.stderr, flush=True)


def median(values: Sequence[float]) -> float:
    """The middle one."""
    return float(statistics.median(values))
