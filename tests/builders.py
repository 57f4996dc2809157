"""People and things for tests, made through the product's own rooms wherever these exist.

Each room's owner adds its builders here; keep them short and in the words of the trade.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from flask import Flask, has_app_context
from flask.testing import FlaskClient

from socialshop.domain import people
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
