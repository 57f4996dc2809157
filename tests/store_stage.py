"""A stage for stores: a brand with a program, a creator with a click and a code, and a connected store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from flask import Flask, has_app_context
from sqlalchemy import select

from socialshop import worker
from socialshop.domain import clicks, commissions, connections, ledger, links, orders, people, programs
from socialshop.flows import inbound, letters, verify
from socialshop.kernel import jobs
from socialshop.kernel.clock import utcnow
from socialshop.kernel.database import session, transaction

from .builders import World

Answer = TypeVar("Answer")
SECRETS = {"shopify": "shpss_TestOnly0004", "woocommerce": "wc_secret_TestOnly0005"}
TERMS = {
    "window_days": 30,
    "touch": "last",
    "hold_days": 14,
    "rules": [{"id": "r1", "percent": "12.5"}],
}


@dataclass
class Stage:
    """What a test of a store needs; `asked` answers questions in a context of its own."""

    app: Flask
    brand: people.Brand
    program: programs.Program
    creator: people.Creator
    connection: connections.Connection
    code: str
    click: str

    @property
    def path(self) -> str:
        return f"/hooks/{self.connection.public_id}"

    @property
    def secret(self) -> str:
        return SECRETS[self.connection.provider]

    def asked(self, question: Callable[[], Answer]) -> Answer:
        with nullcontext() if has_app_context() else self.app.app_context():
            try:
                return question()
            finally:
                if not session().info.get("writing"):
                    session().commit()

    def work(self) -> None:
        """Let the worker do all webhooks that are due."""
        work_inbound(self.app)

    def events(self) -> list[tuple[str, str]]:
        """(state, code of why) of everything that came, in order."""
        rows = self.asked(lambda: connections.events_of(self.connection.id, limit=1000))
        return [(row.state, row.why.get("code", "")) for row in reversed(rows)]

    def reasons(self) -> list[Mapping[str, Any]]:
        rows = self.asked(lambda: connections.events_of(self.connection.id, limit=1000))
        return [row.why for row in reversed(rows)]

    def order(self, remote_id: int | str) -> orders.Order | None:
        return self.asked(lambda: orders.find_outside(self.connection.id, str(remote_id)))

    def earned(self) -> list[tuple[str, int, str]]:
        """(via, what it is worth now, currency) of every commission in the program."""
        rows = self.asked(
            lambda: (
                session()
                .scalars(
                    select(commissions.Commission)
                    .where(commissions.Commission.program_id == self.program.id)
                    .order_by(commissions.Commission.id)
                )
                .all()
            )
        )
        return [(row.via, row.amount_minor, row.currency) for row in rows]

    def held(self) -> dict[str, int]:
        """What the ledger has for creators of this program, by pocket: held, or payable once the hold is over."""

        def read() -> dict[str, int]:
            found = {kind: sum(ledger.balances(kind, program_id=self.program.id).values()) for kind in ("held", "payable")}
            return {kind: minor for kind, minor in found.items() if minor}

        return self.asked(read)

    def findings(self) -> list[Any]:
        """What `socialshop verify` would complain about."""
        return self.asked(lambda: list(verify.run(utcnow())))

    def review(self) -> connections.Review:
        """The one open review of this brand."""
        (review,) = self.asked(lambda: connections.reviews_of(self.brand.id))
        return review


def set_stage(
    app: Flask,
    provider: str,
    *,
    name: str = "senja",
    before: datetime | None = None,
    currency: str = "IDR",
    code: str = "rani10",
    percent: str = "12.5",
) -> Stage:
    """A program of `percent` since the day before `before`, with an enrolled creator who was clicked an hour before it."""
    world = World(app)
    before = before or utcnow()
    with nullcontext() if has_app_context() else app.app_context():
        brand = world.brand(name, currency=currency)
        creator = world.creator(f"rani-{name}")
        terms = {**TERMS, "rules": [{"id": "r1", "percent": percent}]}
        program = world.program(brand, terms=terms, from_at=before - timedelta(days=1))
        world.enroll(program, creator, at=before - timedelta(days=1))
        with transaction():
            target = links.url_target("https://toko.example/", program_id=program.id)
            link = links.ensure_link(creator_id=creator.id, target=target, channel="instagram", now=before - timedelta(hours=2))
            made = links.make_code(
                creator_id=creator.id,
                program_id=program.id,
                code=code,
                handle=creator.handle,
                discount="",
                now=before - timedelta(days=1),
            )
            click = clicks.Click(
                public_id=f"clk_{name}", link_id=link.id, creator_id=creator.id, program_id=program.id, visitor=f"v-{name}",
                at=before - timedelta(hours=1), channel="instagram",
            )  # fmt: skip
            session().add(click)
            connection = connections.connect(
                brand.id, provider=provider, name=f"Toko {name}", shop="toko.example", program_id=None, now=before
            )
            connections.set_secret(connection.id, SECRETS[provider], now=before)
        stage = Stage(app, brand, program, creator, connection, made.code, click.public_id)
        session().expunge_all()
    return stage


def work_inbound(app: Flask) -> None:
    """The worker, for webhooks only: every due job once."""
    worker.HANDLERS.setdefault("inbound.work", inbound.work)
    worker.HANDLERS.setdefault("letter.send", letters.send)
    with nullcontext() if has_app_context() else app.app_context():
        due = list(
            session().scalars(
                select(jobs.Job.id).where(jobs.Job.name == "inbound.work", jobs.Job.state == "ready").order_by(jobs.Job.id)
            )
        )
        session().commit()
    for job_id in due:
        worker.run_job(app, job_id)
