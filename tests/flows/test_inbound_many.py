"""Many webhooks worked together: the same as one after the other, one bad event harms no other, all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from socialshop import worker
from socialshop.domain import commissions, connections, ledger, orders, programs
from socialshop.flows import inbound, inbound_many, settle
from socialshop.kernel import faults, jobs
from socialshop.kernel.database import session, transaction

from ..conftest import START
from ..doubles.stores import Giving, Sale, ShopifyDouble, through
from ..store_stage import Stage, set_stage


@pytest.fixture
def stage(app: Flask) -> Stage:
    return set_stage(app, "shopify")


@pytest.fixture
def shop(stage: Stage, client: FlaskClient) -> ShopifyDouble:
    return ShopifyDouble(through(client), stage.path, stage.secret)


@pytest.fixture
def no_faults() -> Iterator[None]:
    yield
    faults.arm("")


def sales(stage: Stage, count: int = 5) -> list[Sale]:
    """By code, by click, by both, by nobody."""
    given = [{"code": stage.code}, {"click": stage.click}, {"code": stage.code, "click": stage.click}, {}, {"code": "nobody"}]
    return [Sale(id=7001 + n, email=f"b{n}@example.test", **given[n % len(given)]) for n in range(count)]


def kept(stage: Stage) -> list[dict[str, Any]]:
    """The payloads of what waits."""
    query = select(connections.InboundEvent.id).where(connections.InboundEvent.state == "kept")
    return stage.asked(
        lambda: [{"event": event_id} for event_id in session().scalars(query.order_by(connections.InboundEvent.id))]
    )


def together(stage: Stage) -> list[Exception | None]:
    return stage.asked(lambda: inbound_many.work_many(kept(stage), now=START))


def picture(stage: Stage) -> dict[str, Any]:
    """What it came to, without ids of ours."""

    def read() -> dict[str, Any]:
        found: dict[str, Any] = {}
        for order in session().scalars(select(orders.Order).order_by(orders.Order.remote_id)):
            facts = commissions.attribution_of(order.id)
            found[str(order.remote_id)] = {
                "order": (order.state, order.total_minor, order.paid_at, order.program_id, order.code, order.click_id),
                "lines": [(line.key, line.price_minor, line.quantity) for line in orders.lines_of(order.id)],
                "steps": [(step.step, step.actor, step.facts) for step in orders.steps_of(order.id)],
                "earned": [
                    (row.creator_id, row.via, row.amount_minor, row.state, row.due_at, row.lines)
                    for row in commissions.of_order(order.id)
                ],
                "history": [
                    (step.kind, step.minor, step.place, step.state)
                    for row in commissions.of_order(order.id)
                    for step in commissions.steps_of(row.id)
                ],
                "declined": [(row.creator_id, row.reason) for row in commissions.declined_of_order(order.id)],
                "touches": facts and facts.arrival["touches"],
            }
        found["held"] = ledger.balances("held")
        return found

    return stage.asked(read)


def test_together_is_as_one_after_the_other(app: Flask, client: FlaskClient) -> None:
    pictures = []
    for name, way in (("satu", together), ("dua", lambda stage: [inbound.work(p, now=START) for p in kept(stage)])):
        stage = set_stage(app, "shopify", name=name, code=f"kode-{name}")
        shop = ShopifyDouble(through(client), stage.path, stage.secret)
        for sale in sales(stage):
            shop.deliver(shop.order(sale))
        stage.asked(lambda way=way, stage=stage: way(stage))
        assert [state for state, _ in stage.events()] == ["worked"] * 5
        pictures.append([(row.via, row.amount_minor) for row in stage.asked(lambda stage=stage: earned_in(stage))])
        assert stage.findings() == []
    assert pictures[0] == pictures[1]
    assert len(pictures[0]) == 3


def earned_in(stage: Stage) -> list[commissions.Commission]:
    query = select(commissions.Commission).where(commissions.Commission.program_id == stage.program.id)
    return list(session().scalars(query.order_by(commissions.Commission.id)))


def test_working_them_again_changes_nothing(stage: Stage, shop: ShopifyDouble) -> None:
    for sale in sales(stage):
        shop.deliver(shop.order(sale))
    waiting = kept(stage)
    assert together(stage) == [None] * 5
    before = picture(stage)
    assert stage.asked(lambda: inbound_many.work_many(waiting, now=START)) == [None] * 5
    assert picture(stage) == before
    assert stage.findings() == []


def test_what_is_not_plain_takes_its_own_way(stage: Stage, shop: ShopifyDouble) -> None:
    """A second telling, a refund of an order that comes in the same batch, an unpaid order, a document that does not add up."""
    first, second, *_ = sales(stage)
    shop.deliver(shop.order(first))
    shop.deliver(shop.order(replace(first, changed_after=60), "orders/updated"))
    shop.deliver(shop.order(second))
    shop.deliver(shop.refund(second, Giving(1, "11", 1, "100000")))
    shop.deliver(shop.order(Sale(id=7100, paid=False), "orders/create"))
    shop.deliver(shop.order(Sale(id=7101, slip="1000")))
    shop.deliver(shop.order(Sale(id=7102, test=True)))
    assert together(stage) == [None] * 7
    assert [state for state, _ in stage.events()] == ["worked", "worked", "worked", "worked", "worked", "review", "ignored"]
    assert stage.order(7002).state == "paid"
    assert stage.findings() == []


def test_what_is_known_already_takes_its_own_way(stage: Stage, shop: ShopifyDouble) -> None:
    """Edits and refunds of orders of an earlier batch, and an order that a refund waits for."""
    first, second, third, fourth, _ = sales(stage)
    shop.deliver(shop.refund(third, Giving(9, "12", 1, "65000")))
    shop.deliver(shop.order(first))
    shop.deliver(shop.order(second))
    assert together(stage) == [None] * 3
    assert stage.events()[0] == ("parked", "waits_for_order")
    shop.deliver(shop.order(third))  # new, but a refund waits for it
    shop.deliver(shop.order(fourth))
    assert together(stage) == [None] * 2
    assert [amount for _, amount, _ in stage.earned()] == [33125, 33125, 25000]
    shop.deliver(shop.order(replace(first, things=first.things[:1], changed_after=60), "orders/updated"))
    shop.deliver(shop.order(replace(second, changed_after=60), "orders/updated"))
    assert together(stage) == [None] * 2
    assert {state for state, _ in stage.events()} == {"worked"}
    assert [amount for _, amount, _ in stage.earned()] == [25000, 33125, 25000]
    assert stage.findings() == []


def test_within_a_batch_an_order_knows_those_before_it(stage: Stage, shop: ShopifyDouble) -> None:
    """Tiers, budget and lifetime ask about earlier orders; the sale of 265000 fills the first tier."""
    terms = {
        "lifetime": True,
        "budget": {"IDR": 90_000},
        "rules": [
            {
                "id": "t",
                "tiers": [{"up_to": {"IDR": 265_000}, "percent": "10"}, {"percent": "20"}],
                "tier_mode": "next_order",
            }
        ],
    }
    with stage.app.app_context(), transaction():
        session().execute(update(programs.Version).values(terms=terms))
    for n, code in enumerate([stage.code, stage.code, "", ""]):
        email = "same@example.test" if n != 3 else "other@example.test"
        shop.deliver(shop.order(Sale(id=7001 + n, email=email, code=code)))
    assert together(stage) == [None] * 4
    assert stage.earned() == [("code", 26_500, "IDR"), ("lifetime", 53_000, "IDR"), ("lifetime", 10_500, "IDR")]
    assert stage.findings() == []


def test_a_bad_event_harms_no_other(stage: Stage, shop: ShopifyDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    for sale in sales(stage, 3):
        shop.deliver(shop.order(sale))
    honest = settle.route

    def choke(snapshots: Any) -> Any:
        if any(order.number == "#7002" or order.number.endswith("7002") for order in snapshots):
            raise ZeroDivisionError("this one")
        return honest(snapshots)

    monkeypatch.setattr(settle, "route", choke)
    first, broken, third = together(stage)
    assert (first, third) == (None, None)
    assert isinstance(broken, ZeroDivisionError)
    assert [state for state, _ in stage.events()] == ["worked", "kept", "worked"]
    assert stage.order(7002) is None
    monkeypatch.undo()
    assert together(stage) == [None]
    assert stage.findings() == []


@pytest.mark.parametrize("point", ["worker.after_effects_before_commit", "ledger.after_first_posting", "ledger.before_commit"])
def test_broken_in_the_middle_each_is_found_again_alone(stage: Stage, shop: ShopifyDouble, no_faults: None, point: str) -> None:
    for sale in sales(stage, 3):
        shop.deliver(shop.order(sale))
    faults.arm(f"{point}:raise")
    assert together(stage) == [None] * 3  # the batch was rolled back, and each was worked alone
    faults.arm("")
    assert len(stage.earned()) == 3
    assert stage.findings() == []


def test_the_worker_takes_them_together(stage: Stage, shop: ShopifyDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    for sale in sales(stage):
        shop.deliver(shop.order(sale))
    alone: list[Any] = []
    monkeypatch.setattr(inbound, "work", lambda payload, now: alone.append(payload))
    stage.work()
    assert alone == []
    done = stage.asked(lambda: session().scalars(select(jobs.Job).where(jobs.Job.name == "inbound.work")).all())
    assert [(job.state, job.attempts) for job in done] == [("done", 1)] * 5
    assert [state for state, _ in stage.events()] == ["worked"] * 5


def test_a_failing_one_fails_its_own_job(stage: Stage, shop: ShopifyDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    for sale in sales(stage, 2):
        shop.deliver(shop.order(sale))
    waiting = kept(stage)
    wrong = {waiting[0]["event"]: RuntimeError("no")}
    monkeypatch.setitem(
        worker.TOGETHER, "inbound.work", lambda payloads, now: [wrong.get(payload["event"]) for payload in payloads]
    )
    stage.work()
    rows = stage.asked(
        lambda: session().scalars(select(jobs.Job).where(jobs.Job.name == "inbound.work").order_by(jobs.Job.id)).all()
    )
    assert [(job.state, job.error) for job in rows] == [("ready", "RuntimeError: no"), ("done", "")]
