"""Every click on a tracked link, kept before it is answered. The door: everything others may call."""

from . import nodes
from .agents import Device, describe, inside_of
from .by_way import by_way
from .counted import (
    SITE,
    clicks_by_day,
    closed,
    counts,
    daily_counts,
    link_counts,
    link_days,
    of_program,
    visitors,
    visitors_of_day,
)
from .counting import BY_CREATOR, BY_PROGRAM, Tally, book, count_days_in, day_bounds, home_zone, today
from .incoming import one_at_a_time, take_in, take_lines
from .lately import MOST as MOST_LATELY
from .lately import newest_of_link
from .models import Click, ClickCount, LinkDay, SpoiledTap, SpoolFile
from .places import country_of
from .poured import forget_file, move_on, read_to, spoil
from .queries import (
    Touch,
    counts_by_placement,
    find,
    firsts,
    newest_of_visitor,
    of,
    of_many,
)
from .recounting import (
    Difference,
    close_day,
    days_of_clicks,
    differences,
    fingerprint,
    leave_closed,
    mend,
    nothing_is_counted,
    total,
    visitors_by_whose,
)
from .rules import Judgement, Kind, Tap, Viewer, excess, judge, repeats
from .traces import trace_of

__all__ = [
    "BY_CREATOR",
    "BY_PROGRAM",
    "MOST_LATELY",
    "SITE",
    "Click",
    "ClickCount",
    "Device",
    "Difference",
    "Judgement",
    "Kind",
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
    "close_day",
    "closed",
    "count_days_in",
    "country_of",
    "counts",
    "counts_by_placement",
    "daily_counts",
    "day_bounds",
    "days_of_clicks",
    "describe",
    "differences",
    "excess",
    "find",
    "fingerprint",
    "firsts",
    "forget_file",
    "home_zone",
    "inside_of",
    "judge",
    "leave_closed",
    "link_counts",
    "link_days",
    "mend",
    "move_on",
    "newest_of_link",
    "newest_of_visitor",
    "nodes",
    "nothing_is_counted",
    "of",
    "of_many",
    "of_program",
    "one_at_a_time",
    "read_to",
    "repeats",
    "spoil",
    "take_in",
    "take_lines",
    "today",
    "total",
    "trace_of",
    "visitors",
    "visitors_by_whose",
    "visitors_of_day",
]
