"""Charts that a template draws: bars, and a line for the period before, in a field of 100 units height."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from . import names


@dataclass(frozen=True, slots=True)
class Bar:
    """One day of a chart."""

    x: int
    y: Decimal
    height: Decimal
    label: str
    text: str
    before_text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A day-by-day chart: bars, a line for the period before, and what stands at its edges."""

    measure: str
    bars: tuple[Bar, ...]
    line: str
    top: str
    middle: str
    ends: tuple[str, str, str]
    empty: bool


def draw(
    measure: str, days: Sequence[date], values: Sequence[int], older: Sequence[int], said: Callable[[int], str]
) -> Chart:  # fmt: skip
    """A measure day by day, and what it was on each day of the period before; said: a value as people read it."""
    older = older[: len(values)]
    top = ceiling(max([*values, *older, 1]))
    before = [*map(said, older), *[""] * len(values)]
    bars = tuple(
        Bar(n * 10, 100 - _height(value, top), _height(value, top), names.day(days[n], "E, d MMM"), said(value), before[n])
        for n, value in enumerate(values)
    )
    line = " ".join(f"{n * 10 + 5},{100 - _height(value, top)}" for n, value in enumerate(older)) if any(older) else ""
    first, middle, last = (names.day(on, "d MMM") for on in (days[0], days[len(days) // 2], days[-1]))
    return Chart(measure, bars, line, said(top), said(top // 2), (first, middle, last), not any(values) and not any(older))


def ceiling(value: int) -> int:
    """The next round, even number that is not below: where a chart's axis ends."""
    if value <= 2:
        return 2
    step = 1
    while True:
        for digit in (2, 4, 6, 8, 10):
            if digit * step >= value:
                return digit * step
        step *= 10


def _height(value: int, top: int) -> Decimal:
    return (Decimal(max(0, value) * 100) / top).quantize(Decimal("0.01"))
