"""People and things for tests, made through the product's own rooms wherever these exist.

Each room's owner adds its builders here; keep them short and in the words of the trade.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from flask import Flask, has_app_context
from flask.testing import FlaskClient

from socialshop.domain import catalog, people, programs
from socialshop.kernel.clock import utcnow
from socialshop.kernel.database import in_transaction, session, transaction
from socialshop.kernel.vault import fingerprint, new_token

Row = TypeVar("Row")


@dataclass
class World:
    """A test's cast. Inside an open app context (fixture `room`) or outside of one."""

    app: Flask

    def user(self, email: str = "mia@example.test", *, operator: bool = False, now: datetime | None = None) -> people.User:
        """A confirmed user without a usable password."""
        now = now or utcnow()
        user = people.User(
            email=email, email_confirmed_at=now, password_hash="!", name=email.split("@")[0].title(), locale="en",
            created_at=now, operator_since=now if operator else None,
        )  # fmt: skip
        return self._keep(user)

    def creator(self, handle: str = "mia", *, email: str | None = None) -> people.Creator:
        """A creator with a user of the same name."""
        user = self.user(email or f"{handle}@example.test")
        return self._keep(people.Creator(user_id=user.id, handle=handle, name=handle.title(), created_at=utcnow()))

    def brand(self, slug: str = "senja", *, owner: people.User | None = None, currency: str = "IDR", **facts: object) -> people.Brand:
        """A brand with an owner."""
        owner = owner or self.user(f"owner@{slug}.test")
        brand = self._keep(people.Brand(slug=slug, name=slug.title(), currency=currency, created_at=utcnow(), **facts))
        self.member(brand, owner, "owner")
        return brand

    def member(self, brand: people.Brand, user: people.User, role: str) -> people.Member:
        return self._keep(people.Member(brand_id=brand.id, user_id=user.id, role=role, joined_at=utcnow()))

    def product(
        self, brand: people.Brand, title: str = "Kopi Gayo", *, price: int = 149_000, stock: int = 10, category: str = "",
        sku: str = "", variants: list[tuple[str, int, int]] | None = None, **facts: object,
    ) -> catalog.Product:  # fmt: skip
        """A product of this brand; variants as (name, price, stock), else a single one."""
        stated = [catalog.VariantDraft(name=n, price_minor=p, stock=s) for n, p, s in variants or []]
        single = catalog.VariantDraft(price_minor=price, stock=stock, sku=sku)
        draft = catalog.ProductDraft(title=title, category=category, variants=tuple(stated or [single]), **facts)
        return self._do(lambda: catalog.create(brand.id, brand.currency, draft, now=utcnow()))

    def variant_of(self, product: catalog.Product, n: int = 0) -> catalog.Variant:
        """The nth live variant, as it is now."""
        return self._do(lambda: catalog.live_variants(product.id)[n])

    def sign_in(self, client: FlaskClient, user_id: int) -> FlaskClient:
        """Let the test client be this user, by a real session row."""
        token, now = new_token(), utcnow()
        self._keep(
            people.LoginSession(
                user_id=user_id, token_hash=fingerprint(token), created_at=now, seen_at=now, proved_at=now,
                expires_at=now + timedelta(days=30),
            )  # fmt: skip
        )
        with client.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = token, True
        return client

    def program(
        self, brand: people.Brand, name: str = "Teman Senja", *, percent: str = "10", state: str = "live", joining: str = "open",
        terms: dict[str, Any] | None = None, from_at: datetime | None = None, **facts: Any,
    ) -> programs.Program:  # fmt: skip
        """A program with terms in force from now (or `from_at`, which may be past); a draft has written ones only."""
        now = utcnow()
        document = terms or programs.Answers(percent=percent).document(brand.currency)
        program = self._keep(
            programs.Program(
                brand_id=brand.id, name=name, slug=name.lower().replace(" ", "-"), joining=joining, state=state,
                currency=brand.currency, timezone=brand.timezone or "Asia/Jakarta", created_at=from_at or now, changed_at=from_at or now,
                draft=document if state == "draft" else None, **facts,
            )
        )  # fmt: skip
        if state != "draft":
            self.version(program, document, from_at=from_at or now)
        return program

    def version(
        self, program: programs.Program, terms: dict[str, Any], *, from_at: datetime, number: int = 1
    ) -> programs.Version:
        """Terms in force from an instant on, which may be past."""
        return self._keep(
            programs.Version(
                program_id=program.id, number=number, from_at=from_at, terms=terms, published_by="usr_test", published_at=from_at
            )
        )

    def enroll(
        self, program: programs.Program, creator: people.Creator, *, at: datetime | None = None, groups: tuple[str, ...] = ()
    ) -> programs.Enrollment:
        """The creator enrolled from now (or `at`)."""
        at = at or utcnow()
        return self._keep(
            programs.Enrollment(
                program_id=program.id, creator_id=creator.id, state="enrolled", groups=list(groups), applied_at=at, enrolled_at=at
            )
        )

    def _keep(self, row: Row) -> Row:
        if has_app_context():
            return self._add(row)
        with self.app.app_context():
            return self._add(row)

    def _add(self, row: Row) -> Row:
        if in_transaction():
            session().add(row)
            session().flush()
        else:
            with transaction() as current:
                current.add(row)
            session().refresh(row)
            session().commit()
        return row

    def _do(self, work: Callable[[], Row]) -> Row:
        """Do something in a transaction of its own, or in the one that is open."""
        if not has_app_context():
            with self.app.app_context():
                return self._do(work)
        if in_transaction():
            return work()
        with transaction():
            return work()
