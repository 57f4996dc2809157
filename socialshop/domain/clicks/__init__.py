"""Every click on a tracked link, kept before it is answered. The door: everything others may call."""

from . import nodes
from .agents import Device, describe, inside_of
from .by_way import by_way
from .counted import (
    SITE,
    clicks_by_day,
    counts,
    daily_counts,
    link_counts,
    link_days,
    of_program,
    top_links,
    visitors,
    visitors_of_day,
)
from .counting import BY_CREATOR, BY_PROGRAM, Tally, book, count_days_in, today
from .incoming import forget_file, move_on, read_to, spoil, take_in, take_lines
from .models import Click, ClickCount, LinkDay, SpoiledTap, SpoolFile
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
from .traces import trace_of

__all__ = [
    "BY_CREATOR",
    "BY_PROGRAM",
    "SITE",
    "Click",
    "ClickCount",
    "Device",
    "Judgement",
    "LinkDay",
    "SpoiledTap",
    "SpoolFile",
    "Tally",
    "Tap",
    "Touch",
    "Viewer",
    "book",
    "by_way",
    "clicks_by_day",
    "count_days_in",
    "count_of_creator",
    "country_of",
    "counts",
    "counts_by_kind",
    "counts_by_link",
    "counts_by_placement",
    "daily_counts",
    "describe",
    "excess",
    "find",
    "firsts",
    "forget_file",
    "inside_of",
    "is_speculative",
    "judge",
    "link_counts",
    "link_days",
    "move_on",
    "newest_of_visitor",
    "nodes",
    "of",
    "of_many",
    "of_program",
    "read_to",
    "repeats",
    "spoil",
    "take_in",
    "take_lines",
    "times_of_creator",
    "today",
    "top_links",
    "trace_of",
    "visitors",
    "visitors_of_day",
]
