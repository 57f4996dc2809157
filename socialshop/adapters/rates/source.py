"""What we ask of a source of exchange rates, in our words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Latest:
    """What a source told: one `base` costs so much (decimal text) of each currency, as of its `day` ("2026-06-01").

    A currency that was asked for and is not in `rates` is one that the source does not have.
    """

    base: str
    day: str
    rates: Mapping[str, str]


class RateSource(Protocol):
    """A source of reference rates."""

    def latest(self, base: str, quotes: Collection[str]) -> Latest:
        """The newest rates of `base`; TryLater, Refused or Broken (`kernel.errors`) where none can be had."""
        ...
