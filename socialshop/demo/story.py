"""What happened in the demo's six weeks. Every step calls the flow that a person's tap would call, at its own moment."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ..domain import people, programs
from ..domain.audit import Actor
from ..flows import drain, enrollment, fulfil, program
from ..flows import payee as payees
from ..flows import people as sign_ups
from ..kernel.database import transaction
from . import abroad, contest, goods, plans, posts, sales, showcase, taps

TERMS: dict[str, Any] = {
    "window_days": 30,
    "hold_days": 14,
    "minimum_payout": {"IDR": 20_000},
    "overrides": ["5"],
    "rules": [
        {"id": "dasar", "percent": "12.5"},
        {"id": "peralatan", "percent": "8", "when": {"category": "Peralatan"}},
    ],
}


def tell(password: str, *, media_folder: Path, post_folder: Path, now: datetime) -> None:
    """The whole story, ending now."""
    begin = now - timedelta(days=45)
    sign_ups.create_operator("operator@demo.test", password, now=begin)
    brand, owner = _brand(password, begin)
    products = goods.put_out(brand, media_folder, begin)
    offer = _program(brand, owner, begin)
    rani = _creator("rani@demo.test", "Rani Puspita", "rani", offer, brand, owner, password, begin + timedelta(days=1))
    invite = programs.enrollments_of_program(offer.id)[0].public_id  # rani's: she brings bima along
    bima = _creator("bima@demo.test", "Bima Arya", "bima", offer, brand, owner, password, begin + timedelta(days=2), invite)
    slugs = showcase.hand_out(rani, bima, offer, products, media_folder, begin + timedelta(days=3))
    taps.lookers(slugs, begin, now)
    for creator in (rani, bima):
        taps.visits(creator, begin, now)
    abroad.begin(brand, owner, bima, begin + timedelta(days=4))
    drawn = [item["drawn"] for item in goods.GOODS]
    slugs |= posts.publish(rani, bima, offer, products, drawn, post_folder, now)
    rani_herself = _actor(people.users_by_id([rani.user_id])[rani.user_id], "creator")
    plans.plan(rani, products, drawn, rani_herself, now)
    for planned in posts.POSTS:
        seen = posts.taps(planned, now)
        drain.keep([taps.tap(slugs[f"{planned.name} {channel}"], taps.PHONE, visitor, at) for channel, visitor, at in seen])
    earlier, later = [sale for sale in sales.SALES if sale.days >= 14], [sale for sale in sales.SALES if sale.days < 14]
    sold, told = [], begin
    for sale in earlier:
        until = now - timedelta(days=sale.days)
        abroad.enter_rates(brand, owner, told, until, now)
        sold.append(sales.sell(sale, brand, owner, products, slugs, now))
        told = until
    abroad.enter_rates(brand, owner, told, now, now)
    sales.pay_out(brand, owner, now - timedelta(days=14))
    for sale in later:
        sales.sell(sale, brand, owner, products, slugs, now)
    # a refund after its commission was paid: what it takes back is owed, and the next run settles it first
    fulfil.refund(sold[2].id, key="demo-late", full=True, reason="Kemasan rusak", now=now - timedelta(days=6), actor=owner)
    contest.tell(brand, owner, rani, bima, now)


def _actor(user: people.User, via: str) -> Actor:
    return Actor("user", user.public_id, via)


def _brand(password: str, at: datetime) -> tuple[people.Brand, Actor]:
    user = sign_ups.create_user("merek@demo.test", password, name="Sekar Ayu", locale="id", timezone="Asia/Jakarta", now=at)
    owner = _actor(user, "brand:owner")
    brand = sign_ups.start_brand(user.id, name="Kopi Senja", actor=owner, now=at)
    with transaction():
        brand = people.get_brand(brand.id)
        people.change_storefront(
            brand,
            people.Storefront(
                name="Kopi Senja", about="Kopi dari kebun kecil, disangrai tiap Selasa di Sleman.", contact_email="halo@kopisenja.test",
                whatsapp="+6281234567890", shipping_minor=15_000, cod=True,
            ),
            actor=owner, now=at,
        )  # fmt: skip
    payees.state_account(brand.id, provider="BCA", number="8690123456", holder="PT Kopi Senja", by=user.id, actor=owner, now=at)
    return brand, owner


def _program(brand: people.Brand, owner: Actor, at: datetime) -> programs.Program:
    about = programs.About(
        name="Teman Senja",
        about="Ceritakan kopimu, kami yang mengantar. Komisi dari setiap cangkir.",
        joining="approval",
        buyer_discount="10",
    )
    with transaction():
        made = programs.create(
            brand.id, about, TERMS, tenant=brand.public_id, currency="IDR", timezone="Asia/Jakarta", actor=owner, now=at
        )
    program.publish(brand.id, made.public_id, TERMS, seen=0, from_at=None, actor=owner, now=at)
    return made


def _creator(
    email: str,
    name: str,
    handle: str,
    offer: programs.Program,
    brand: people.Brand,
    owner: Actor,
    password: str,
    at: datetime,
    invite: str = "",
) -> people.Creator:
    user = sign_ups.create_user(email, password, name=name, locale="id", timezone="Asia/Jakarta", now=at)
    me = _actor(user, "creator")
    creator = sign_ups.start_creator(user.id, handle=handle, name=name, actor=me, now=at)
    note = "Aku ngopi tiap pagi, dan pengikutku juga."
    asked = enrollment.apply(offer.public_id, creator.id, note=note, now=at, invite=invite)
    enrollment.approve(brand.id, asked.public_id, actor=owner, now=at + timedelta(hours=3))
    if handle == "rani":  # bima has not said where his money goes: a run skips him and says why
        payees.state_payee(creator.id, kind="bank", provider="BCA", number="2740055123", holder=name, actor=me, now=at)
    return creator
