"""What the statistics of creators and of brands have in common. The door."""

from .asked import WRONG_DAYS, Asked, read
from .charts import Bar, Chart, ceiling, draw
from .desk import MOST, Desk, by, cards, nothing_yet, words_for
from .names import CHANNELS, KINDS, NAMES, number, percent
from .sheet import sheet

__all__ = [
    "CHANNELS", "KINDS", "MOST", "NAMES", "WRONG_DAYS", "Asked", "Bar", "Chart", "Desk", "by", "cards", "ceiling", "draw",
    "nothing_yet", "number", "percent", "read", "sheet", "words_for",
]  # fmt: skip
