"""People and things for tests, made through the product's own rooms wherever these exist.

Each room's owner adds its builders here; keep them short and in the words of the trade.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from flask import Flask, has_app_context
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select
from werkzeug.test import TestResponse

from socialshop.domain import catalog, clicks, links, orders, pages, people, programs
from socialshop.domain.audit import Actor
from socialshop.flows import checkout, fulfil, letters, page
from socialshop.kernel import jobs
from socialshop.kernel.clock import utcnow
from socialshop.kernel.database import in_transaction, new_id, session, transaction
from socialshop.kernel.vault import fingerprint, new_token

Row = TypeVar("Row")
PASSWORD = "kucing tidur di atas genteng"
checkout_actor = Actor("user", "usr_test", "brand:owner")


@dataclass(frozen=True)
class Sent:
    """A letter as it lies in the mailbox."""

    to: str
    subject: str
    body: str

    @property
    def link(self) -> str:
        """The path of the first link with a token in it."""
        found = re.search(r"http://localhost(/\S+/[\w-]{20,})", self.body)
        assert found is not None, self.body
        return found[1]


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

    def brand(
        self, slug: str = "senja", *, owner: people.User | None = None, currency: str = "IDR", **facts: object
    ) -> people.Brand:
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
                user_id=user_id,
                token_hash=fingerprint(token),
                created_at=now,
                seen_at=now,
                proved_at=now,
                expires_at=now + timedelta(days=30),
            )
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

    def bank(self, brand: people.Brand, *, provider: str = "BCA", number: str = "1234567890") -> people.ReceivingAccount:
        """Where the brand's buyers transfer to."""
        return self._keep(
            people.ReceivingAccount(
                brand_id=brand.id, provider=provider, number=number, holder=f"PT {brand.name}", stated_at=utcnow()
            )
        )

    def payee(self, creator: people.Creator, *, provider: str = "BCA", number: str = "0123456789") -> people.Payee:
        """Where the creator's money goes."""
        return self._keep(
            people.Payee(
                creator_id=creator.id, kind="bank", provider=provider, number=number, number_end=number[-4:], holder=creator.name,
                stated_at=utcnow(),
            )
        )  # fmt: skip

    def cart(self, *picked: tuple[catalog.Variant, int]) -> tuple[orders.Cart, str]:
        """A cart with these variants in it, and the token of its cookie."""
        token, now = new_token(), utcnow()

        def fill() -> orders.Cart:
            cart = orders.start_cart(token, now=now)
            for variant, quantity in picked:
                orders.put(cart.id, variant.id, quantity, now=now)
            return cart

        return self._do(fill), token

    def order(
        self, *picked: tuple[catalog.Product, int], method: str = "transfer", paid: bool = False, code: str = "", visitor: str = "",
        click_id: str = "", email: str = "buyer@example.test", name: str = "Budi Santoso", now: datetime | None = None,
    ) -> orders.Order:  # fmt: skip
        """An order through the real checkout (product's first variant, quantity); paid: confirmed or collected too, with its commissions."""
        if not has_app_context():
            with self.app.app_context():
                return self.order(
                    *picked,
                    method=method,
                    paid=paid,
                    code=code,
                    visitor=visitor,
                    click_id=click_id,
                    email=email,
                    name=name,
                    now=now,
                )
        now = now or utcnow()
        cart, _ = self.cart(*((self.variant_of(product), quantity) for product, quantity in picked))
        brand = people.get_brand(picked[0][0].brand_id)
        if method == "transfer" and not people.receiving_accounts_of(brand.id):
            self.bank(brand)
        wish = checkout.Wish(
            cart_id=cart.id,
            key="tap",
            buyer=orders.Buyer(name, email, "+6281234567890", "Jl. Melati 5, Sleman, Yogyakarta 55281"),
            methods={brand.public_id: method},
            seen={brand.public_id: 10**15},
            code=code,
            visitor=visitor,
            click_id=click_id,
        )
        (order,) = checkout.place(wish, pay_within=timedelta(hours=24), now=now, actor=checkout_actor)
        if paid and method == "transfer":
            fulfil.confirm_payment(order.id, amount=order.total_minor, now=now, actor=checkout_actor)
        elif paid:
            fulfil.collect(order.id, now=now, actor=checkout_actor)
        return order

    def outside_order(self, brand: people.Brand, connection_id: int, draft: orders.Draft, *, paid: bool = True) -> orders.Order:
        """An order as the brand's own store tells it; paid orders still have to arrive at the engine (settle.arrive)."""

        def record() -> orders.Order:
            order = orders.record_outside(
                brand_id=brand.id, connection_id=connection_id, draft=draft, now=utcnow(), actor=checkout_actor
            )
            if paid:
                orders.mark_paid(order.id, now=utcnow(), actor=checkout_actor, at=draft.paid_at)
            return order

        return self._do(record)

    def link(
        self, creator: people.Creator, *, program: programs.Program | None = None, product: catalog.Product | None = None,
        url: str = "https://toko.example/kopi", slug: str = "", channel: str = "instagram", placement: str = "bio", **facts: Any,
    ) -> links.TrackedLink:  # fmt: skip
        """A tracked link to a product or an address; with a program it earns."""
        program_id = program.id if program else None
        target = links.url_target(url, program_id=program_id)
        if product is not None:
            target = links.product_target(product.id, f"/@{creator.handle}/p/{product.public_id}", program_id=program_id)
        return self._do(
            lambda: links.make_link(
                creator_id=creator.id, target=target, channel=channel, placement=placement, slug=slug, now=utcnow(), **facts
            )
        )

    def code(
        self, creator: people.Creator, program: programs.Program, code: str = "", *, discount: str = ""
    ) -> links.ReferralCode:
        """A live referral code; made from the handle where none is given."""
        return self._do(
            lambda: links.make_code(
                creator_id=creator.id, program_id=program.id, code=code, handle=creator.handle, discount=discount, now=utcnow()
            )
        )

    def click(
        self, link: links.TrackedLink, *, visitor: str = "visitor-0123456789", kind: str = "payable", at: datetime | None = None
    ) -> clicks.Click:
        """A click that happened now (or `at`); not payable ones have the reason "test"."""
        return self._keep(
            clicks.Click(
                public_id=new_id("clk"), link_id=link.id, creator_id=link.creator_id, program_id=link.program_id, visitor=visitor,
                at=at or utcnow(), kind=kind, reason="" if kind == "payable" else "test", channel=link.channel,
                placement=link.placement,
            )
        )  # fmt: skip

    def page(self, creator: people.Creator, *blocks: dict[str, Any], slug: str = "", publish: bool = True) -> pages.Page:
        """A page with these blocks (ids b001, b002, … where they have none), published through the flow unless said otherwise."""

        def make() -> pages.Page:
            document = pages.blank(creator.name)
            for n, block in enumerate(blocks, 1):
                ready = pages.clean_block({"id": f"b{n:03}", **block}, clean_url=page.cleaner("localhost"))
                document = pages.edits.with_block(document, ready)
            return pages.make(creator.id, slug=slug, document=document, now=utcnow())

        made = self._do(make)
        if publish:
            self.publish(creator, made)
        return made

    def publish(self, creator: people.Creator, made: pages.Page) -> None:
        """Publish a page's draft as it is now."""
        if not has_app_context():
            with self.app.app_context():
                return self.publish(creator, made)
        actor = Actor("user", "usr_test", "creator")
        row = pages.page_of(creator.id, made.public_id)
        page.publish(creator.id, made.public_id, row.revision, own_host="localhost", actor=actor, now=utcnow())
        return None

    def post(self, client: FlaskClient, url: str, data: dict[str, Any] | None = None, **how: Any) -> TestResponse:
        """Post a form as a page of ours would, with the CSRF token of the client's session; signed in or not."""
        return client.post(url, data={"csrf_token": self.token(client), **(data or {})}, **how)

    def token(self, client: FlaskClient) -> str:
        """What a page of ours proves itself by, in a form or as X-CSRFToken."""
        with client.session_transaction() as cookie:
            raw = cookie.setdefault("csrf_token", secrets.token_hex(20))
        return str(URLSafeTimedSerializer(self.app.secret_key or "", salt="wtf-csrf-token").dumps(raw))

    def person(self, email: str = "mia@example.test", password: str = PASSWORD, *, confirmed: bool = True) -> people.User:
        """A user with a password that works."""
        user = self.user(email)

        def finish() -> people.User:
            kept = people.lock_user(user.id)
            kept.password_hash = people.hashed(password)
            if not confirmed:
                kept.email_confirmed_at = None
            return kept

        return self._do(finish)

    def letters(self, *, now: datetime | None = None) -> list[Sent]:
        """Send what waits to be sent; every letter sent so far, as its reader sees it."""
        if not has_app_context():
            with self.app.app_context():
                return self.letters(now=now)
        now = now or utcnow()
        for job in session().scalars(select(jobs.Job).where(jobs.Job.name == "letter.send", jobs.Job.state == "ready")).all():
            with transaction():
                claimed = jobs.claim(job.id, now=now)
            if claimed is not None:
                letters.send(claimed.payload, now=now)
                with transaction():
                    jobs.done(claimed, now=now)
        return [Sent(mail.to[0], mail.subject, mail.body) for mail in getattr(self.app.extensions["mailman"], "outbox", [])]

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
