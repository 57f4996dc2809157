"""Read-only questions across all rooms. Each number's definition is in its docstring; every screen asks here."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from . import clicks, pages


@dataclass(frozen=True, slots=True)
class BlockFigures:
    """A block's clicks, and clicks for a hundred views of its page (None where nobody looked)."""

    clicks: int
    ctr: Decimal | None


@dataclass(frozen=True, slots=True)
class Reach:
    """How a creator reached people in some time. `ctr`: clicks on the pages' own links ÷ views of the pages."""

    views: int
    clicks: int
    ctr: Decimal | None
    days: tuple[tuple[date, int, int], ...]  # (day in the viewer's zone, views, clicks)
    apart: int  # requests that did not count: robots, previews, repeats, the creator's own


def page_blocks(creator_id: int, page_id: int, *, since: datetime, until: datetime) -> dict[str, BlockFigures]:
    """Clicks and CTR of each block of a page that was clicked. CTR: payable clicks on the block ÷ views of the page."""
    views = pages.views_of(creator_id, since, until, page_id=page_id)
    found = clicks.counts_by_placement(creator_id, "page", since)
    return {block: BlockFigures(count, _rate(count, views)) for block, count in found.items()}


def reach_of_creator(creator_id: int, *, now: datetime, zone: str, days: int = 7) -> Reach:
    """The last `days` days up to now, today included, each from midnight to midnight in `zone`."""
    home = ZoneInfo(zone)
    today = now.astimezone(home).date()
    first = today - timedelta(days=days - 1)
    since = datetime.combine(first, time.min, home)
    views = Counter(moment.astimezone(home).date() for moment in pages.view_times(creator_id, since))
    taps = Counter(moment.astimezone(home).date() for moment in clicks.times_of_creator(creator_id, since))
    kinds = clicks.counts_by_kind(creator_id, since)
    each = tuple((day, views[day], taps[day]) for day in (first + timedelta(days=n) for n in range(days)))
    seen, tapped = sum(views.values()), sum(taps.values())
    on_pages = sum(clicks.counts_by_placement(creator_id, "page", since).values())
    return Reach(seen, tapped, _rate(on_pages, seen), each, sum(kinds.values()) - kinds.get("payable", 0))


def _rate(part: int, whole: int) -> Decimal | None:
    """Percent with one decimal; None where there is nothing to divide by."""
    return None if whole == 0 else (Decimal(100 * part) / whole).quantize(Decimal("0.1"))
