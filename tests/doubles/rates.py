"""A source of rates in memory, for tests of flows."""

from __future__ import annotations

from collections.abc import Collection

from socialshop.adapters.rates import Latest


class FakeRates:
    """Tells what it was given; `failure` is raised instead."""

    def __init__(self, rates: dict[tuple[str, str], str] | None = None, *, day: str = "2026-05-29") -> None:
        self.rates = rates if rates is not None else {("USD", "IDR"): "16250.00", ("EUR", "IDR"): "17605.25"}
        self.day, self.failure = day, None
        self.asked: list[tuple[str, tuple[str, ...]]] = []

    def latest(self, base: str, quotes: Collection[str]) -> Latest:
        self.asked.append((base, tuple(sorted(quotes))))
        if self.failure is not None:
            raise self.failure
        told = {quote: self.rates[base, quote] for quote in sorted(quotes) if (base, quote) in self.rates}
        return Latest(base, self.day if told else "", told)
