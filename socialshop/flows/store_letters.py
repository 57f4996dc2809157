"""Letters to a brand's people about its connected stores, noted in the caller's transaction."""

from __future__ import annotations

from datetime import datetime

from ..domain import people
from ..domain.connections import Connection
from . import letters

ROLES = ("owner", "manager")


def review_opened(connection: Connection, review_public_id: str, number: str, *, now: datetime) -> None:
    """An order does not add up and waits for somebody."""
    _post(connection, "store_review", review_public_id, f"reviews/{review_public_id}", now=now, number=number)


def quarantined(connection: Connection, event_public_id: str, *, now: datetime) -> None:
    """Something signed could not be used."""
    _post(connection, "store_quarantined", event_public_id, f"connections/{connection.public_id}", now=now)


def _post(connection: Connection, kind: str, subject: str, page: str, *, now: datetime, **facts: str) -> None:
    brand = people.get_brand(connection.brand_id)
    facts |= {"brand": brand.name, "store": connection.name, "path": f"/brand/{brand.slug}/{page}"}
    for email, locale in people.brand_emails(brand.id, ROLES):
        letters.post(
            to=email, kind=kind, locale=locale, facts=facts, key=f"{kind}:{subject}:{email}", now=now, zone=brand.timezone
        )
