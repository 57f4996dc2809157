"""What the home pages ask: how far somebody has come, what waits, how the last days went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select

from ...kernel.database import session
from .. import appeals, catalog, clicks, commissions, connections, orders, pages, payouts, people, programs
from .definitions import percent
from .periods import Period
from .reports import views_by_day
from .scope import Scope
from .taps import RecentTaps


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
    return {block: BlockFigures(count, percent(count, views)) for block, count in found.items()}


def reach_of_creator(creator_id: int, *, now: datetime, zone: str, days: int = 7) -> Reach:
    """The last `days` days up to now, today included, each from midnight to midnight in `zone`."""
    today = now.astimezone(ZoneInfo(zone)).date()
    period = Period(today - timedelta(days=days - 1), today, zone)
    scope, taps = Scope(creator_id=creator_id), RecentTaps()
    views = views_by_day(creator_id, period)
    tapped = taps.count(scope, period, ("day",))
    each = tuple((day, views.get(day, 0), tapped.get((day.isoformat(),), 0)) for day in period.days)
    kinds = taps.count(scope, period, ("kind",), "requests")
    clicked = kinds.get(("payable",), 0)
    on_pages = taps.count(scope, period, ("channel",)).get(("page",), 0)
    seen = sum(views.values())
    return Reach(seen, clicked, percent(on_pages, seen), each, sum(kinds.values()) - clicked)


def clicks_of_links(link_ids: Collection[int], since: datetime | None = None) -> dict[int, int]:
    """Payable clicks of each link, all time, or on the days that began after an instant; links nobody tapped are not in it."""
    return clicks.link_counts(link_ids, None if since is None else clicks.today(since) + timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Todo:
    """What waits for somebody of a brand. Amounts are minor units by currency."""

    awaiting: int  # bank transfers to look for
    to_send: int  # paid orders, or cash on delivery, to pack or ship
    applications: int
    reviews: int
    appeals: int  # of creators, that wait for an answer
    due: dict[str, int]  # commissions that a payout run would pay
    runs: int = 0  # payout runs with payouts that nobody has sent yet

    @property
    def nothing(self) -> bool:
        """Whether all is done."""
        orders_wait = self.awaiting or self.to_send or self.reviews
        return not (orders_wait or self.applications or self.appeals or self.due or self.runs)


@dataclass(frozen=True, slots=True)
class BrandFigures:
    """How a brand did in some time. Amounts are minor units by currency.

    orders: placed in that time and paid for. revenue: the goods of these orders after discounts, less what was refunded
    of them. commission: what these orders' commissions are worth now. clicks: those that can earn, on links of the brand's
    programs; clicks_apart: the others (robots, previews, repeats, the creators' own).
    """

    orders: int
    revenue: dict[str, int]
    commission: dict[str, int]
    clicks: int
    clicks_apart: int


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """How far a new brand has come."""

    product: bool
    program: bool
    account: bool  # buyers can pay: a receiving account, cash on delivery, or a connected store
    creator: bool
    order: bool

    @property
    def done(self) -> bool:
        """Whether the brand sells and no longer needs to be led."""
        return self.product and self.program and self.account and self.creator


def brand_todo(brand_id: int, *, now: datetime) -> Todo:
    """What waits for the brand's people now."""
    shelves = orders.counts(brand_id)
    program_ids = [program.id for program in programs.programs_of_brand(brand_id)]
    due = commissions.due_of_brand(program_ids, now=now) if program_ids else {}
    return Todo(
        awaiting=shelves["awaiting"],
        to_send=shelves["ship"],
        applications=programs.count_enrollments(brand_id).get("applied", 0),
        reviews=connections.open_reviews(brand_id),
        appeals=appeals.count_waiting(brand_id),
        due={currency: minor for currency, minor in due.items() if minor > 0},
        runs=payouts.count_waiting(brand_id),
    )


def brand_figures(brand_id: int, *, since: datetime, until: datetime) -> BrandFigures:
    """Orders, revenue, commission and clicks of a brand from `since` until, not including, `until`; see `BrandFigures`."""
    order, line = orders.Order, orders.OrderLine
    counted = (
        order.brand_id == brand_id, order.state.in_(("paid", "refunded")), order.placed_at >= since, order.placed_at < until
    )  # fmt: skip
    heads = session().execute(
        select(order.currency, func.count(), func.sum(order.discount_minor)).where(*counted).group_by(order.currency)
    )
    revenue: Counter[str] = Counter()
    count = 0
    for currency, number, discount in heads:
        count += number
        revenue[currency] -= int(discount)
    net = line.price_minor * line.quantity - line.discount_minor
    goods = select(order.currency, func.sum(net)).join(line, line.order_id == order.id)
    back = orders.Refund
    refunded = select(order.currency, func.sum(back.amount_minor)).join(back, back.order_id == order.id)
    for query, sign in ((goods, 1), (refunded, -1)):
        for currency, minor in session().execute(query.where(*counted).group_by(order.currency)):
            revenue[currency] += sign * int(minor)
    taps = clicks_of_brand(brand_id, since=since, until=until)
    payable = taps.pop("payable", 0)
    return BrandFigures(count, dict(revenue), _cost(counted), payable, sum(taps.values()))


def clicks_of_brand(brand_id: int, *, since: datetime, until: datetime) -> dict[str, int]:
    """How many clicks of each kind on links of the brand's programs."""
    click, program = clicks.Click, programs.Program
    rows = session().execute(
        select(click.kind, func.count())
        .join(program, program.id == click.program_id)
        .where(program.brand_id == brand_id, click.at >= since, click.at < until)
        .group_by(click.kind)
    )
    return {row[0]: row[1] for row in rows}


def _cost(counted: tuple[ColumnElement[bool], ...]) -> dict[str, int]:
    commission = commissions.Commission
    rows = session().execute(
        select(commission.currency, func.sum(commission.amount_minor))
        .join(orders.Order, orders.Order.id == commission.order_id)
        .where(*counted)
        .group_by(commission.currency)
    )
    return {currency: int(minor) for currency, minor in rows}


def last_days(now: datetime, zone: str, days: int) -> tuple[datetime, datetime]:
    """From the midnight in `zone` that begins the last `days` days, today included, until the one that ends today."""
    home = ZoneInfo(zone)
    today = now.astimezone(home).date()
    return (
        datetime.combine(today - timedelta(days=days - 1), time.min, home),
        datetime.combine(today + timedelta(days=1), time.min, home),
    )


def first_steps(brand_id: int) -> FirstSteps:
    """Which of a new brand's first steps are done."""
    own = programs.programs_of_brand(brand_id)
    paid = select(orders.Order.id).where(orders.Order.brand_id == brand_id, orders.Order.state.in_(("paid", "refunded"))).limit(1)
    return FirstSteps(
        product=catalog.count_products(brand_id) > 0,
        program=any(program.state != "draft" for program in own),
        account=bool(people.receiving_accounts_of(brand_id) or people.get_brand(brand_id).cod or connections.of_brand(brand_id)),
        creator=any(programs.count_enrollments(brand_id).get(state) for state in ("enrolled", "left", "ended", "removed")),
        order=session().scalar(paid) is not None,
    )
