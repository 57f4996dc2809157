"""Every click on a tracked link, kept before it is answered. The door: everything others may call."""

from .actions import Kept, keep
from .models import Click
from .queries import (
    Touch,
    count_of_creator,
    counts_by_kind,
    counts_by_link,
    counts_by_placement,
    find,
    newest_of_visitor,
    of,
    of_many,
    times_of_creator,
)
from .rules import Judgement, Tap, Viewer, is_speculative, judge

__all__ = [
    "Click",
    "Judgement",
    "Kept",
    "Tap",
    "Touch",
    "Viewer",
    "count_of_creator",
    "counts_by_kind",
    "counts_by_link",
    "counts_by_placement",
    "find",
    "is_speculative",
    "judge",
    "keep",
    "newest_of_visitor",
    "of",
    "of_many",
    "times_of_creator",
]
