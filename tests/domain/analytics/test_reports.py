"""Every number against a slow, plain count of the same rows; every table adds up to its figures, and money to the ledger."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from socialshop.domain import analytics, clicks, commissions, ledger, links, orders, pages
from socialshop.domain.analytics import RecentTaps, RolledTaps, Scope
from socialshop.kernel.database import session, transaction
from socialshop.kernel.money import split

from ...conftest import START
from . import history

HOME = "Asia/Jakarta"
ZONES = (HOME, "Asia/Kolkata", "Africa/Cairo")  # in Cairo a midnight of these weeks is leapt over
TAPS = RecentTaps()


@pytest.fixture
def story(room, world):
    return history.make(world)


def seen(scope, period):
    """The taps and the parts of orders of a period, by a plain walk over the rows."""
    home = ZoneInfo(period.zone)
    taps = [(row, row.at.astimezone(home).date()) for row in _mine(scope, clicks.Click)]
    parts = [(row, row.placed_at.astimezone(home).date()) for row in _mine(scope, analytics.OrderSource)]
    within = lambda pairs: [(row, day) for row, day in pairs if period.first <= day <= period.last]  # noqa: E731
    return within(taps), within(parts)


def _mine(scope, model):
    for row in session().scalars(select(model)):
        if row.creator_id == scope.creator_id if scope.creator_id is not None else row.program_id in scope.program_ids:
            yield row


def part_of(source):
    """A creator's part of an order's goods, by exact arithmetic."""
    order = orders.get(source.order_id)
    net = sum(line.price_minor * line.quantity - line.discount_minor for line in orders.lines_of(order.id)) - order.discount_minor
    net -= sum(back.amount_minor for back in orders.refunds_of(order.id))
    credited = session().scalars(select(commissions.Credit).where(commissions.Credit.order_id == order.id)).all()
    shares = sorted(credited, key=lambda each: each.place)
    weights = [Fraction(each.percent) for each in shares]
    pieces = split(net, [*weights, 100 - sum(weights)])
    return order.currency, dict(zip([each.creator_id for each in shares], pieces, strict=False))[source.creator_id]


def rows_of(scope, period, by):
    return analytics.table(scope, period, by, TAPS, limit=None).rows


def test_figures_and_days_are_what_a_plain_count_finds_on_every_clock(story):
    sold = 0
    for zone in ZONES:
        for name, scope in history.each_scope(story):
            period = analytics.period("30", now=START, zone=zone)
            taps, parts = seen(scope, period)
            found = analytics.figures(scope, period, TAPS)
            payable = [(row, day) for row, day in taps if row.kind == "payable"]
            assert (found.requests, found.clicks) == (len(taps), len(payable)), name
            assert found.visitors == len({(day, row.visitor) for row, day in payable}), name
            states = {row.order_id: orders.get(row.order_id).state for row, _ in parts}
            assert (found.orders, found.kept) == (len(states), list(states.values()).count("paid")), name
            wanted, placed = Counter(), defaultdict(set)
            for row, day in parts:
                currency, minor = part_of(row)
                wanted[currency] += minor
                placed[day].add(row.order_id)
            assert dict(found.revenue) == dict(wanted), name
            days = analytics.daily(scope, period, TAPS)
            assert [row.value for row in days] == [day.isoformat() for day in period.days], name
            tapped = {date.fromisoformat(row.value): row.clicks for row in days if row.clicks}
            assert tapped == dict(Counter(day for _, day in payable)), name
            bought = {date.fromisoformat(row.value): row.orders for row in days if row.orders}
            assert bought == {day: len(ids) for day, ids in placed.items()}, name
            sold += found.orders
    assert sold > 36


def test_views_by_day_are_what_a_plain_count_finds_on_every_clock(room, world):
    mia, ana = world.creator("mia"), world.creator("ana")
    quarter = timedelta(minutes=15)
    moments = [START - n * quarter + shift for n in range(0, 40 * 96, 3) for shift in (timedelta(0), timedelta(microseconds=-1))]
    of_whom = {person.id: world.page(person, {"type": "text", "text": "Hi"}).id for person in (mia, ana)}
    with transaction():
        session().add_all(
            pages.PageView(page_id=page, creator_id=person, at=at, kind="payable" if n % 5 else "bot")
            for person, page in of_whom.items()
            for n, at in enumerate(moments)
        )
    people = [at for n, at in enumerate(moments) if n % 5]
    for zone in ZONES:
        period = analytics.period("30", now=START, zone=zone)
        days = Counter(at.astimezone(ZoneInfo(zone)).date() for at in people)
        wanted = {day.isoformat(): days[day] for day in period.days}
        daily = analytics.daily(Scope(creator_id=mia.id), period, TAPS)
        assert {row.value: row.views for row in daily} == wanted
        assert analytics.figures(Scope(creator_id=mia.id), period, TAPS).views == sum(wanted.values())


def test_every_table_adds_up_and_every_row_is_what_its_filter_finds(story):
    period = analytics.period("90", now=START, zone="Asia/Kolkata")
    for name, scope in list(history.each_scope(story))[::3]:  # a creator and a brand
        whole = analytics.figures(scope, period, TAPS)
        for by in [*analytics.DIMENSIONS, "day"] if scope.brand_id is None else ["creator", "program", "link", "via"]:
            table = analytics.table(scope, period, by, TAPS, limit=2)
            total = analytics.together([*table.rows, *([table.others] if table.others else [])])
            assert by in analytics.OF_ORDERS or total.clicks == whole.clicks, (name, by)
            assert dict(total.revenue) == dict(whole.revenue), (name, by)
            assert dict(total.commission) == dict(whole.commission), (name, by)
            assert total.orders >= whole.orders, (name, by)  # a shared order stands in each row
            assert scope.brand_id is not None or (total.orders, total.checkouts) == (whole.orders, whole.checkouts), (name, by)
            assert table.left_out == (0 if table.others is None else len(rows_of(scope, period, by)) - 2), (name, by)
        for by in ("channel", "link", "post", "product", "creator"):
            for row in rows_of(scope, period, by)[-1:]:
                found = analytics.figures(replace(scope, where={by: row.value}), period, TAPS)
                assert (found.clicks, found.orders, found.kept) == (row.clicks, row.orders, row.kept), (name, by, row.value)
                assert (dict(found.revenue), dict(found.commission)) == (dict(row.revenue), dict(row.commission))
                assert found.checkouts == row.checkouts, (name, by, row.value)
    both = Scope(creator_id=story.creators[0].id, where={"country": "ID", "device": "phone"})
    taps, parts = seen(replace(both, where={}), period)
    wanted = [row for row, _ in taps if (row.country, row.device, row.kind) == ("ID", "phone", "payable")]
    found = analytics.figures(both, period, TAPS)
    assert found.clicks == len(wanted) > 0
    assert found.orders == sum((row.country, row.device) == ("ID", "phone") for row, _ in parts)


def test_money_is_what_the_ledger_says_and_requests_are_all_there(story):
    period = analytics.period("90", now=START, zone=HOME)
    earned = 0
    pockets = [ledger.balances(pocket) for pocket in ("held", "payable", "owed_back")]
    for person in story.creators:
        booked = Counter()
        for pocket in pockets:
            for (creator_id, currency), minor in pocket.items():
                booked[currency] += minor if creator_id == person.id else 0
        found = analytics.figures(Scope(creator_id=person.id), period, TAPS).commission
        assert {c: m for c, m in found.items() if m} == {c: m for c, m in booked.items() if m}
        earned += sum(found.values())
    assert earned > 100_000
    for _, scope in history.each_scope(story):
        found = analytics.figures(scope, period, TAPS)
        apart = analytics.reasons(scope, period, TAPS)
        assert found.requests == found.clicks + sum(count for _, _, count in apart)
        assert found.apart == sum(count for _, _, count in apart) > 0
        assert all(reason for _, reason, _ in apart)
        for zone in ZONES:
            week = analytics.period("7", now=START, zone=zone)
            long = analytics.chosen(week.before.first, week.last, zone)
            parts = [analytics.figures(scope, each, TAPS) for each in (week, week.before)]
            whole = analytics.figures(scope, long, TAPS)
            assert sum(each.clicks for each in parts) == whole.clicks
            assert sum(each.orders for each in parts) == whole.orders


def test_counts_by_day_say_the_same_as_the_taps(story):
    asked = []

    class Finer(RecentTaps):
        def count(self, scope, period, by=(), what="clicks"):
            asked.append((by, what))
            return super().count(scope, period, by, what)

    rolled = RolledTaps(Finer(), zone=HOME)
    questions = [((), "clicks"), ((), "visitors"), (("kind",), "requests"), (("day",), "clicks"), (("day", "channel"), "clicks")]
    questions += [((name,), "clicks") for name in analytics.DIMENSIONS if name not in analytics.OF_ORDERS]
    period = analytics.period("90", now=START, zone=HOME)
    for name, scope in history.each_scope(story):
        one = replace(scope, where={"link": str(story.links[0].id)})
        for narrowed in (scope, one):
            for by, what in questions:
                assert rolled.count(narrowed, period, by, what) == TAPS.count(narrowed, period, by, what), (name, by, what)
    kept = 5 * 2 * len(questions) - len(asked)
    assert kept > 80  # few need somebody finer, links of a brand always
    asked.clear()
    rolled.count(scope, replace(period, zone="Asia/Kolkata"))
    assert len(asked) == 1  # on another clock the days are others


def test_a_brand_sees_nothing_of_its_creators_other_links(story):
    period = analytics.period("90", now=START, zone=HOME)
    mia, (senja, harbour) = story.creators[0], story.programs
    own = analytics.figures(Scope(creator_id=mia.id), period, TAPS)
    parts = [
        analytics.figures(Scope(brand_id=plan.brand_id, program_ids=(plan.id,), where={"creator": str(mia.id)}), period, TAPS)
        for plan in (senja, harbour)
    ]
    elsewhere = analytics.figures(Scope(creator_id=mia.id, where={"program": ""}), period, TAPS)
    assert elsewhere.clicks > 0
    assert sum(each.clicks for each in parts) == own.clicks - elsewhere.clicks
    strange = Scope(brand_id=senja.brand_id, program_ids=(senja.id,), where={"program": str(harbour.id)})
    assert analytics.figures(strange, period, TAPS) == analytics.Figures()
    nobody = Scope(brand_id=senja.brand_id, program_ids=())
    for taps in (TAPS, RolledTaps(TAPS, zone=HOME)):
        assert analytics.figures(nobody, period, taps) == analytics.Figures()


def test_months_and_days_of_a_choice():
    june = analytics.period("month", now=START, zone=HOME)
    assert (june.first, june.last, june.before.first, june.before.last) == tuple(
        date.fromisoformat(day) for day in ("2026-06-01", "2026-06-01", "2026-05-01", "2026-05-01")
    )
    may = analytics.period("last_month", now=START, zone=HOME)
    assert (may.length, may.before.first, may.before.length) == (31, date(2026, 4, 1), 30)
    assert analytics.chosen(date(2026, 2, 2), date(2026, 2, 1), "UTC") is None
    assert analytics.chosen(date(2025, 1, 1), date(2026, 2, 1), "UTC") is None
    assert (june.until - june.since) == timedelta(days=1)
    leapt = analytics.chosen(date(2026, 4, 24), date(2026, 4, 24), "Africa/Cairo")
    assert leapt.until - leapt.since == timedelta(hours=23)


def test_a_link_that_goes_over_to_another_brand_leaves_its_taps_behind(story):
    """A creator gives a link of the first brand's product another goal: the second brand's."""
    period = analytics.period("90", now=START, zone=HOME)
    rolled = RolledTaps(TAPS, zone=HOME)
    scopes = dict(history.each_scope(story))
    moved = next(link for link in story.links if link.program_id == story.programs[0].id)
    key = (str(moved.id),)
    questions = [
        ((), "clicks"),
        (("link",), "clicks"),
        (("link",), "requests"),
        (("product",), "clicks"),
        (("day", "link"), "clicks"),
    ]
    before = {
        (name, by, what): rolled.count(scopes[name], period, by, what) for name in ("senja", "harbour") for by, what in questions
    }
    taps = before["senja", ("link",), "clicks"][key]
    assert taps > 0
    with transaction():
        link = session().get(links.TrackedLink, moved.id)
        link.program_id, link.product_id = story.programs[1].id, story.products[1].id
    narrowed = {"link": str(moved.id)}
    for name in ("senja", "harbour"):
        for by, what in questions:
            found = rolled.count(scopes[name], period, by, what)
            assert found == TAPS.count(scopes[name], period, by, what), (name, by, what)
            assert sum(found.values()) == sum(before[name, by, what].values()), (name, by, what)
            if "product" not in by:
                assert found == before[name, by, what], (name, by, what)
            one = replace(scopes[name], where=narrowed)
            wanted = {"senja": taps, "harbour": 0}[name]
            assert what == "requests" or sum(rolled.count(one, period, by, what).values()) == wanted, (name, by)
    theirs = {str(story.products[1].id)}
    assert analytics.names_of(scopes["senja"], "product", theirs) == {}  # what others sell stays theirs
    assert analytics.names_of(scopes["harbour"], "product", theirs).keys() == theirs
    for name in ("senja", "harbour"):  # whoever has its taps may ask for them
        assert analytics.value_of(scopes[name], "link", moved.public_id) == key[0]


def test_what_is_small_is_told_finely_and_moves_by_what_it_really_is():
    few = analytics.Figures(clicks=3_000, orders=5, commission={"IDR": 10_000, "USD": 5}, views=9_000, on_pages=30)
    many = analytics.Figures(clicks=3_180, orders=19, commission={"IDR": 38_000, "USD": 19}, views=9_000, on_pages=45)
    assert (str(few.conversion), str(many.conversion), str(few.click_rate)) == ("0.17", "0.60", "0.33")
    moved = {name: analytics.change(many.exactly(name), few.exactly(name)) for name in ("clicks", "conversion", "click_rate")}
    assert moved == {"clicks": 6, "conversion": 258, "click_rate": 50}
    assert [analytics.change(many.exactly("epc", each), few.exactly("epc", each)) for each in ("IDR", "USD")] == [258, 258]
    assert (few.exactly("epc", "SGD"), few.exactly("refund_rate"), analytics.Figures().exactly("conversion")) == (None, 1, None)
