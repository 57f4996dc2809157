"""Posts that stand on a channel already, written straight into the tables: for tests of what comes after publishing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import has_app_context
from sqlalchemy import update

from socialshop.domain import catalog, links, people, programs, social
from socialshop.kernel.database import session, transaction

from .builders import World


@dataclass(frozen=True)
class Posted:
    """A post on one channel: its public address, and the slugs of what it shows, in order."""

    post: social.Post
    permalink: str
    slugs: list[str]


def posted(
    world: World, creator: people.Creator, *shown: catalog.Product | str, at: datetime, on: Sequence[str] = ("instagram",),
    program: programs.Program | None = None, visible: bool = True, state: str = "published", kind: str = "image", code: str = "",
) -> dict[str, Posted]:  # fmt: skip
    """A post of `creator` that shows these products or addresses, each channel by links of its own; by channel."""
    if not has_app_context():
        with world.app.app_context():
            return posted(
                world, creator, *shown, at=at, on=on, program=program, visible=visible, state=state, kind=kind, code=code
            )
    with transaction():
        channels = {provider: _channel(creator.id, provider, at) for provider in on}
        targets = [social.TargetFacts(channel.id) for channel in channels.values()]
        post, made = social.compose(
            creator.id, kind=kind, caption="Iklan. Kopi", title="", promotes="brand", media=[], targets=targets, publish_at=at, now=at
        )  # fmt: skip
        done = {}
        for provider, target in zip(channels, made, strict=True):
            ways = [_way(creator, goods, provider, post, program, at) for goods in shown]
            facts = [
                social.OfferFacts(
                    "product" if way.product_id else "link", way.title, way.id, product_id=way.product_id,
                    program_id=way.program_id, code=code,
                )
                for way in ways
            ]  # fmt: skip
            social.show_offers(post.id, target.id, facts)
            permalink = f"https://www.{provider}.com/p/{target.public_id}/"
            values = {
                "state": state,
                "published_at": at,
                "visible": visible,
                "permalink": permalink,
                "remote_id": target.public_id,
            }
            session().execute(update(social.Target).where(social.Target.id == target.id).values(next_at=None, **values))
            done[provider] = Posted(post, permalink, [way.slug for way in ways])
    return done


def _channel(creator_id: int, provider: str, at: datetime) -> social.Channel:
    token = social.TokenFacts("access", "", frozenset(), at, None, None, None)
    account = f"{provider}-{creator_id}"
    return social.connect(
        creator_id, provider=provider, via=provider, account_id=account, scoped_id="", username=account, name="", token=token, now=at
    )  # fmt: skip


def _way(
    creator: people.Creator, goods: catalog.Product | str, provider: str, post: social.Post, program: programs.Program | None,
    at: datetime,
) -> links.TrackedLink:  # fmt: skip
    program_id = program.id if program else None
    if isinstance(goods, str):
        target = links.url_target(goods, program_id=program_id)
    else:
        target = links.product_target(
            goods.id, f"/@{creator.handle}/p/{goods.public_id}", title=goods.title, program_id=program_id
        )
    placement = f"post:{post.public_id}"
    return links.ensure_link(
        creator_id=creator.id, target=target, channel=provider, placement=placement, post_id=post.id, now=at
    )  # fmt: skip
