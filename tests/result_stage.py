"""A creator's published posts with their own links and a code, and people who come by them: for tests of what posts earn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from socialshop.domain import audit, catalog, links, orders, people, programs, social
from socialshop.domain.audit import SYSTEM
from socialshop.domain.social import Channel, Post, TargetFacts
from socialshop.flows import drain
from socialshop.kernel.database import new_id, session, transaction
from socialshop.kernel.taps import NotedTap, new_click_id

from .builders import World
from .conftest import START

PHONE = "Mozilla/5.0 (Linux; Android 14; SM-A546E) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Mobile Safari/537.36"
BOTH = ("instagram", "tiktok")


@dataclass
class Shop:
    """A brand with a program, and mia with two channels that nobody calls."""

    world: World
    brand: people.Brand
    product: catalog.Product
    program: programs.Program
    mia: people.Creator
    code: links.ReferralCode
    channels: dict[str, Channel] = field(default_factory=dict)

    def post(
        self,
        *,
        at: datetime,
        on: Sequence[str] = BOTH,
        caption: str = "Kopi pagi",
        with_code: bool = True,
        published: bool = True,
    ) -> Post:
        """A post that was published then, with a link on each channel, and the code."""
        with transaction():
            made, targets = social.compose(
                self.mia.id, kind="image", caption=caption, title="", promotes="brand", media=(),
                targets=[TargetFacts(self.channels[provider].id) for provider in on], publish_at=at, now=at - timedelta(hours=1),
            )  # fmt: skip
            url = f"/@{self.mia.handle}/p/{self.product.public_id}"
            for provider, row in zip(on, targets, strict=True):
                aim = links.product_target(self.product.id, url, title="Kopi", program_id=self.program.id)
                link = links.ensure_link(
                    creator_id=self.mia.id, target=aim, channel=provider, placement=f"post:{made.public_id}", post_id=made.id,
                    now=at,
                )  # fmt: skip
                code = self.code.code if with_code else ""
                facts = social.OfferFacts("product", "Kopi", link.id, self.product.id, self.program.id, code)
                social.show_offers(made.id, row.id, [facts])
                if published:
                    row.state, row.called_at, row.published_at, row.next_at = "published", at, at, None
                    audit.note("post.published", row.public_id, actor=SYSTEM, tenant=self.mia.public_id, now=at)
                    row.remote_id, row.permalink = new_id("r"), f"https://{provider}.example/p/{row.id}"
            session().flush()
        return made

    def tap(self, post: Post, on: str, *, visitor: str, at: datetime, agent: str = PHONE) -> str:
        """Somebody taps the post's link on a channel; the click's id."""
        link = links.find_link(self.mia.id, f"product:{self.product.id}", on, f"post:{post.public_id}")
        assert link is not None
        return self.tap_link(link, visitor=visitor, at=at, agent=agent)

    def tap_link(self, link: links.TrackedLink, *, visitor: str, at: datetime, agent: str = PHONE) -> str:
        """Somebody taps any link."""
        at_us = int(at.timestamp() * 1_000_000)
        tap = NotedTap(
            new_click_id(at_us), at_us, link.id, link.creator_id, link.program_id, link.channel, link.placement, visitor,
            purpose="", mode="navigate", dest="document", agent=agent, referrer="", who="", network="36.68.0.0", language="id",
            post_id=link.post_id,
        )  # fmt: skip
        drain.keep([tap])
        return tap.click

    def sale(self, *, at: datetime, click: str = "", code: str = "", visitor: str = "", quantity: int = 1) -> orders.Order:
        """Somebody buys."""
        return self.world.order(
            (self.product, quantity), paid=True, code=code, visitor=visitor or new_id("v"), click_id=click, now=at
        )


def opened(world: World, *, since: datetime = START - timedelta(days=90)) -> Shop:
    """The shop, open for three months."""
    brand = world.brand()
    product = world.product(brand, price=100_000, stock=1000)
    terms = {"rules": [{"id": "r1", "percent": "10"}], "hold_days": 14, "window_days": 30}
    program = world.program(brand, terms=terms, from_at=since)
    mia = world.creator("mia")
    world.enroll(program, mia, at=since)
    shop = Shop(world, brand, product, program, mia, world.code(mia, program, "mia10"))
    for provider in BOTH:
        row = Channel(
            creator_id=mia.id, provider=provider, via=provider, account_id=f"account-{provider}", username=f"mia.{provider}",
            issued_at=since, state="off", why="left", connected_at=since, changed_at=since,
        )  # fmt: skip
        shop.channels[provider] = world._keep(row)
    return shop


def let_go(*rows: object) -> None:
    """Read these once more, so that they are of use outside of the session."""
    for row in rows:
        session().refresh(row)
    session().commit()
