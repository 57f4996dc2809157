"""Read-only questions across all rooms, and what each order came from. The door: everything others may call.

definitions   every number's name and meaning, once
figures, daily, table, reasons   the answers of a period, for a `Scope`: a creator's own, or those of a brand's programs
"""

from .definitions import (
    DIMENSIONS,
    MEASURES,
    NUMBERED,
    OF_COMMISSION,
    OF_ORDERS,
    TOLD,
    Amounts,
    Figures,
    Measure,
    change,
    each,
    percent,
)
from .homes import (
    BlockFigures,
    BrandFigures,
    FirstSteps,
    Reach,
    Todo,
    brand_figures,
    brand_todo,
    clicks_of_brand,
    clicks_of_links,
    first_steps,
    last_days,
    page_blocks,
    reach_of_creator,
)
from .models import OrderSource
from .names import NAMED, Named, blocks_of, names_of, value_of
from .periods import LONGEST, NAMES, Period, chosen, midnight, period
from .reports import Row, Table, daily, figures, of_channels, reasons, standing, table, together
from .rules import SHOWN_FOR, Showing, post_of_code
from .scope import Scope
from .sources import note_sources
from .taps import Counting, Counts, RecentTaps, RolledTaps, Taps

__all__ = [
    "DIMENSIONS",
    "LONGEST",
    "MEASURES",
    "NAMED",
    "NAMES",
    "NUMBERED",
    "OF_COMMISSION",
    "OF_ORDERS",
    "SHOWN_FOR",
    "TOLD",
    "Amounts",
    "BlockFigures",
    "BrandFigures",
    "Counting",
    "Counts",
    "Figures",
    "FirstSteps",
    "Measure",
    "Named",
    "OrderSource",
    "Period",
    "Reach",
    "RecentTaps",
    "RolledTaps",
    "Row",
    "Scope",
    "Showing",
    "Table",
    "Taps",
    "Todo",
    "blocks_of",
    "brand_figures",
    "brand_todo",
    "change",
    "chosen",
    "clicks_of_brand",
    "clicks_of_links",
    "daily",
    "each",
    "figures",
    "first_steps",
    "last_days",
    "midnight",
    "names_of",
    "note_sources",
    "of_channels",
    "page_blocks",
    "percent",
    "period",
    "post_of_code",
    "reach_of_creator",
    "reasons",
    "standing",
    "table",
    "together",
    "value_of",
]
