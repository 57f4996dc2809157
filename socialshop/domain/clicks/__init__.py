"""Every click on a tracked link, kept before it is answered. The door: everything others may call."""

from . import nodes
from .agents import Device, describe
from .incoming import forget_file, move_on, read_to, spoil, take_in
from .models import Click, SpoiledTap, SpoolFile
from .places import country_of
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
from .rules import Judgement, Tap, Viewer, excess, is_speculative, judge, repeats

__all__ = [
    "Click",
    "Device",
    "Judgement",
    "SpoiledTap",
    "SpoolFile",
    "Tap",
    "Touch",
    "Viewer",
    "count_of_creator",
    "country_of",
    "counts_by_kind",
    "counts_by_link",
    "counts_by_placement",
    "describe",
    "excess",
    "find",
    "firsts",
    "forget_file",
    "is_speculative",
    "judge",
    "move_on",
    "newest_of_visitor",
    "nodes",
    "of",
    "of_many",
    "read_to",
    "repeats",
    "spoil",
    "take_in",
    "times_of_creator",
]
