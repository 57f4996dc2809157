"""Every click on a tracked link, kept before it is answered. The door: everything others may call."""

from .actions import Kept, keep
from .incoming import forget_file, move_on, read_to, spoil, take_in
from .models import Click, SpoiledTap, SpoolFile
from .queries import (
    Touch,
    count_of_creator,
    counts_by_kind,
    counts_by_link,
    counts_by_placement,
    find,
    firsts,
    newest_of_visitor,
    of,
    of_many,
    times_of_creator,
)
from .rules import Judgement, Tap, Viewer, is_speculative, judge, repeats

__all__ = [
    "Click",
    "Judgement",
    "Kept",
    "SpoiledTap",
    "SpoolFile",
    "Tap",
    "Touch",
    "Viewer",
    "count_of_creator",
    "counts_by_kind",
    "counts_by_link",
    "counts_by_placement",
    "find",
    "firsts",
    "forget_file",
    "is_speculative",
    "judge",
    "keep",
    "move_on",
    "newest_of_visitor",
    "of",
    "of_many",
    "read_to",
    "repeats",
    "spoil",
    "take_in",
    "times_of_creator",
]
