"""Exchange rates of a brand: told by hand, by a file or by a source, kept for ever. The door."""

from . import guards  # noqa: F401  # the database's guard comes with the tables
from .actions import lock, note_fetch, state, switch
from .models import Rate, RateDesk
from .queries import (
    all_of,
    automatic_desks,
    brands_with_rates,
    counts_by_pair,
    desk_of,
    find_known,
    find_newest,
    rates_of,
    touching,
)
from .rules import Draft, NotARate, TwoWays, as_quoted, checked, far_apart, needed, read_rate
from .sheet import BadSheet, SheetRow, read_sheet

__all__ = [
    "BadSheet",
    "Draft",
    "NotARate",
    "Rate",
    "RateDesk",
    "SheetRow",
    "TwoWays",
    "all_of",
    "as_quoted",
    "automatic_desks",
    "brands_with_rates",
    "checked",
    "counts_by_pair",
    "desk_of",
    "far_apart",
    "find_known",
    "find_newest",
    "lock",
    "needed",
    "note_fetch",
    "rates_of",
    "read_rate",
    "read_sheet",
    "state",
    "switch",
    "touching",
]
