"""The demo's second program: it pays a creator in Singapore dollars, by rates that the brand enters."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from ..domain import people, programs
from ..domain.audit import SYSTEM, Actor
from ..domain.currencies import Draft
from ..flows import enrollment, handout, program, rates
from ..kernel.database import transaction

CODE = "bimasg"
TERMS: dict[str, Any] = {"hold_days": 14, "payout_currency": "SGD", "rules": [{"id": "dasar", "percent": "10"}]}
RATES = [(30, "12050.00", "Kurs tengah BI"), (15, "12180.50", "Kurs tengah BI")]  # days before today


def begin(brand: people.Brand, owner: Actor, creator: people.Creator, at: datetime) -> None:
    """The program, with no rate known yet: what is sold before the first one stays in rupiah, and says so."""
    about = programs.About(
        name="Sahabat Singapura", about="Untuk kreator di Singapura: komisi dibayar dalam dolar Singapura.", joining="open"
    )
    with transaction():
        made = programs.create(
            brand.id, about, TERMS, tenant=brand.public_id, currency="IDR", timezone="Asia/Jakarta", actor=owner, now=at
        )
    program.publish(brand.id, made.public_id, TERMS, seen=0, from_at=None, actor=owner, now=at)
    enrollment.apply(made.public_id, creator.id, note="", now=at)
    handout.give_code(creator.id, made.id, code=CODE, actor=SYSTEM, now=at)


def enter_rates(brand: people.Brand, owner: Actor, since: datetime, until: datetime, now: datetime) -> None:
    """The rates that became known between two moments, each at its own."""
    for days, rate, note in RATES:
        at = now - timedelta(days=days)
        if since <= at < until:
            rates.enter(brand.id, Draft("SGD", "IDR", rate, at, note), sure=False, actor=owner, now=at)
