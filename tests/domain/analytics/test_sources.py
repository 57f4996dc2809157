"""What an order came from is kept with it, and outlives the click."""

from __future__ import annotations

import importlib
from datetime import timedelta

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import delete, select, update

from socialshop.domain import analytics, clicks, commissions, orders
from socialshop.flows import settle
from socialshop.kernel import faults
from socialshop.kernel.database import db, session, transaction

from ...conftest import START

pytestmark = pytest.mark.usefixtures("room")


@pytest.fixture
def stage(world):
    """Mia with a link and Ana with a code in one program; a tap from a phone in Indonesia, inside Instagram."""
    brand = world.brand()
    product = world.product(brand)
    document = {"rules": [{"id": "r1", "percent": "10"}], "hold_days": 14, "code_vs_click": {"code": "60", "click": "40"}}
    program = world.program(brand, terms=document, from_at=START - timedelta(days=30))
    mia, ana = world.creator("mia"), world.creator("ana")
    for person in (mia, ana):
        world.enroll(program, person, at=START - timedelta(days=30))
    link = world.link(mia, program=program, product=product)
    tap = world.click(link, at=START - timedelta(days=1))
    with transaction():
        facts = {"country": "ID", "device": "phone", "inside": "instagram", "referrer": "l.instagram.com", "utm_source": "bio"}
        session().execute(update(clicks.Click).where(clicks.Click.id == tap.id).values(post_id=7, **facts))
    return world, product, link, tap, world.code(ana, program)


def sources():
    rows = session().scalars(select(analytics.OrderSource).order_by(analytics.OrderSource.order_id, analytics.OrderSource.via))
    return list(rows)


def test_a_sale_by_a_tap_keeps_the_taps_facts(stage):
    world, product, link, tap, _ = stage
    order = world.order((product, 1), paid=True, visitor=tap.visitor)
    [row] = sources()
    assert (row.order_id, row.creator_id, row.via, row.percent, row.code) == (order.id, link.creator_id, "click", "100", "")
    assert (row.click, row.clicked_at, row.link_id, row.product_id, row.post_id) == (
        tap.public_id,
        tap.at,
        link.id,
        product.id,
        7,
    )
    assert (row.channel, row.placement, row.country, row.device) == ("instagram", "bio", "ID", "phone")
    assert (row.inside, row.referrer, row.utm_source, row.utm_medium) == ("instagram", "l.instagram.com", "bio", "")
    with transaction():
        session().execute(delete(clicks.Click))  # let go of after its time
    assert sources()[0].channel == "instagram"


def test_a_shared_sale_has_a_row_for_each_and_a_code_has_no_tap(stage):
    world, product, _, tap, code = stage
    world.order((product, 1), paid=True, visitor=tap.visitor, code=code.code)
    by_click, by_code = sources()
    assert (by_click.via, by_click.percent, by_click.channel) == ("click", "40", "instagram")
    assert (by_code.via, by_code.percent, by_code.code) == ("code", "60", code.code)
    assert (by_code.click, by_code.link_id, by_code.channel) == ("", None, "")


def test_an_order_told_twice_is_noted_once_and_one_that_breaks_not_at_all(stage):
    world, product, _, tap, _ = stage
    order = world.order((product, 1), paid=True, visitor=tap.visitor)
    with transaction():
        settle.arrive(order.id, now=START)
    assert len(sources()) == 1
    faults.arm("ledger.before_commit:raise")
    with pytest.raises(faults.Fault):
        world.order((product, 1), paid=True, visitor=tap.visitor)
    faults.arm("")
    assert len(sources()) == 1


def test_the_part_of_somebody_who_was_declined_is_nobodys(stage):
    world, product, link, tap, code = stage
    world.order((product, 1), paid=True, visitor=tap.visitor, code=code.code, email="ana@example.test")  # Ana, by her own code
    [row] = sources()
    assert (row.via, row.percent) == ("click", "40")
    week = analytics.period("7", now=START, zone="Asia/Jakarta")
    scope = analytics.Scope(creator_id=link.creator_id)
    assert analytics.figures(scope, week, analytics.RecentTaps()).revenue == {"IDR": 59_600}  # 40 % of Rp149.000


def test_a_sale_that_nobody_earned_has_no_source(stage):
    world, product, *_ = stage
    world.order((product, 1), paid=True, visitor="somebody-else")
    assert sources() == []
    assert session().scalar(select(orders.Order.state)) == "paid"


def test_the_step_looks_back_at_the_orders_that_were_here_before(stage):
    world, product, _, tap, code = stage
    for typed in ("", code.code):
        world.order((product, 1), paid=True, visitor=tap.visitor, code=typed)
    before = [{c.name: getattr(row, c.name) for c in row.__table__.columns} for row in sources()]
    with transaction():
        session().execute(delete(analytics.OrderSource))
        session().execute(update(commissions.Credit).values(click=""))
    step = importlib.import_module("socialshop.migrations.versions.0011_analytics")
    with db.engine.connect().execution_options(writing=True) as connection:
        with Operations.context(MigrationContext.configure(connection)):
            step._look_back()
        connection.commit()
    session().expire_all()
    assert [{c.name: getattr(row, c.name) for c in row.__table__.columns} for row in sources()] == before
    assert session().scalars(select(commissions.Credit.click)).all().count(tap.public_id) == 2
