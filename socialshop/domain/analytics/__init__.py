"""Read-only questions across all rooms, and what each order came from. The door: everything others may call.

definitions   every number's name and meaning, once
"""

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
from .sources import note_sources

__all__ = [
    "BlockFigures",
    "BrandFigures",
    "FirstSteps",
    "OrderSource",
    "Reach",
    "Todo",
    "brand_figures",
    "brand_todo",
    "clicks_of_brand",
    "clicks_of_links",
    "first_steps",
    "last_days",
    "note_sources",
    "page_blocks",
    "reach_of_creator",
]
