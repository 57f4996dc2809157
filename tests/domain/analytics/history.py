"""A made-up history: two brands, three creators, taps and sales of all sorts at odd hours, and what it must add up to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import literal, update

from socialshop.domain import catalog, clicks, links, people, programs
from socialshop.domain.analytics import Scope
from socialshop.domain.audit import SYSTEM
from socialshop.flows import fulfil
from socialshop.kernel.database import session, transaction

from ...builders import World
from ...conftest import START

KINDS = ("payable", "payable", "payable", "payable", "bot", "preview", "duplicate", "own")
COUNTRIES, DEVICES = ("ID", "MY", ""), ("phone", "desktop", "")
REFERRERS = ("l.instagram.com", "", "=cmd()")  # the last one would be a formula in a spreadsheet


@dataclass
class History:
    """Who was there."""

    world: World
    brands: list[people.Brand]
    programs: list[programs.Program]
    products: list[catalog.Product]
    creators: list[people.Creator]
    links: list[links.TrackedLink]
    codes: list[links.ReferralCode]


def make(world: World, *, taps: int = 120, sales: int = 15, seed: int = 7) -> History:
    """Taps and sales within the 40 days before START; a brand that sells in rupiah, and one in dollars."""
    random = Random(seed)
    since = START - timedelta(days=60)
    brands = [world.brand("senja"), world.brand("harbour", currency="USD")]
    document = {
        "rules": [{"id": "r1", "percent": "12.5"}],
        "hold_days": 14,
        "code_vs_click": {"code": "33.3333", "click": "66.6667"},
    }
    plans = [world.program(brand, f"Teman {brand.name}", terms=document, from_at=since) for brand in brands]
    products = [world.product(brand, price=price, stock=1000) for brand, price in zip(brands, (149_000, 4_999), strict=True)]
    creators = [world.creator(handle) for handle in ("mia", "ana", "budi")]
    made: list[links.TrackedLink] = []
    for person in creators:
        for plan, product in zip(plans, products, strict=True):
            world.enroll(plan, person, at=since)
            for channel in ("instagram", "page"):
                made.append(world.link(person, program=plan, product=product, channel=channel, placement=f"p{plan.id}"))
    made.append(world.link(creators[0], url="https://elsewhere.example/"))  # earns nothing
    codes = [world.code(person, plan) for person in creators for plan in plans]
    rows = [_tap(random, random.choice(made), n) for n in range(taps)]
    with transaction():
        session().execute(update(links.TrackedLink).values(title=literal("own list ") + links.TrackedLink.slug))
        session().add_all([clicks.Click(**row) for row in rows])
    for n in range(sales):
        plan = plans[n % 2]
        tapped = [row for row in rows if row["program_id"] == plan.id and row["kind"] == "payable"]
        own = [code.code for code in codes if code.program_id == plan.id]
        _sale(world, random, products[n % 2], ["", "", *own], random.choice(tapped), n)
    for row in (*brands, *plans, *products, *creators, *made, *codes):
        session().refresh(row)
    session().commit()
    return History(world, brands, plans, products, creators, made, codes)


def _tap(random: Random, link: links.TrackedLink, n: int) -> dict[str, Any]:
    kind = random.choice(KINDS)
    return {
        "public_id": f"clk_{n:016}", "link_id": link.id, "creator_id": link.creator_id, "program_id": link.program_id,
        "visitor": f"visitor-{n % 90:012}", "at": START - timedelta(seconds=random.randrange(40 * 86_400)), "kind": kind,
        "reason": "" if kind == "payable" else f"why_{kind}", "repeats": "", "channel": link.channel, "placement": link.placement,
        "agent": "", "referrer": random.choice(REFERRERS), "post_id": random.choice((None, 1, 2)),
        "country": random.choice(COUNTRIES), "device": random.choice(DEVICES), "utm_campaign": random.choice(("", "lebaran")),
    }  # fmt: skip


def _sale(world: World, random: Random, product: catalog.Product, codes: list[str], tap: dict[str, Any], n: int) -> None:
    """Somebody who tapped buys within two days; one in five does not pay."""
    at = min(START, tap["at"] + timedelta(seconds=random.randrange(2 * 86_400)))
    code, visitor = random.choice(codes), tap["visitor"]
    order = world.order((product, random.randrange(1, 4)), code=code, visitor=visitor, click_id=tap["public_id"], now=at)
    if n % 5:
        fulfil.confirm_payment(order.id, amount=order.total_minor, now=at, actor=SYSTEM)
        if n % 4 == 0:
            _give_back(order.id, whole=n % 8 == 0, at=at)


def _give_back(order_id: int, *, whole: bool, at: datetime) -> None:
    if whole:
        fulfil.refund(order_id, key="all", full=True, reason="?", now=at, actor=SYSTEM)
    else:
        fulfil.refund(order_id, key="some", amount=1234, reason="?", now=at, actor=SYSTEM)


def each_scope(history: History) -> Iterator[tuple[str, Scope]]:
    """Every creator, and every brand."""
    for person in history.creators:
        yield person.handle, Scope(creator_id=person.id)
    for brand, plan in zip(history.brands, history.programs, strict=True):
        yield brand.slug, Scope(brand_id=brand.id, program_ids=(plan.id,))
