"""What rani plans: places in her week, posts that wait for theirs, and one that a channel did not take.

All of it goes through the composer's own form. Nothing is ever sent: her accounts wait to be connected again, by no token.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..domain import catalog, people, social
from ..domain.audit import Actor
from ..domain.social import Channel
from ..flows import compose, publish_told, slots, upload
from ..kernel.database import transaction
from . import pictures

GRAM, TOK = "instagram", "tiktok"
EVENING, MORNING = 19 * 60, 9 * 60  # minutes of the day


@dataclass(frozen=True, slots=True)
class Plan:
    """One post ahead. which: of the goods."""

    caption: str
    which: int
    on: tuple[str, ...]


PLANS = [
    Plan("Mug yang sama, tiga pagi berbeda. Kamu tim kopi hitam atau kopi susu?\n#mug #keramik", 2, (GRAM,)),
    Plan("Bongkar isi kotak drip bag: sepuluh pagi, tiga kebun. Yang mana dulu?", 1, (GRAM, TOK)),
    Plan("Gayo giling V60, airnya 92 derajat. Resep lengkap di akhir pekan.\n#kopi #v60", 0, (GRAM, TOK)),
]
REFUSED = Plan("GRATIS ONGKIR!!! Tas kanvas Senja, klik klik klik sekarang juga!!!", 4, (GRAM,))


def plan(rani: people.Creator, products: list[catalog.Product], drawn: list[tuple[Any, ...]], me: Actor, now: datetime) -> None:
    """A queue, posts in its next places, and one from the day before yesterday that Instagram took for spam."""
    past = now - timedelta(days=9)
    slots.add(rani.id, range(5), EVENING, zone="Asia/Jakarta", actor=me, now=past)
    slots.add(rani.id, [5], MORNING, zone="Asia/Jakarta", actor=me, now=past)
    channels = {row.provider: row for row in social.channels_of(rani.id)}
    refused_at = now - timedelta(days=2)
    refused = _typed(rani, REFUSED, products, drawn, channels, me, None, refused_at)
    with transaction():
        [target] = social.targets_of(refused.id)
        publish_told.fail(target, "spam_text", "", now=refused_at + timedelta(minutes=3))
    for each in PLANS:
        _typed(rani, each, products, drawn, channels, me, slots.next_free(rani.id, now=now), now)
    with transaction():
        for row in channels.values():
            social.lose(row.id, "reconnect", seen=row.token_number, now=now)


def _typed(
    rani: people.Creator, each: Plan, products: list[catalog.Product], drawn: list[tuple[Any, ...]], channels: dict[str, Channel],
    me: Actor, at: datetime | None, now: datetime,
) -> social.Post:  # fmt: skip
    """As she would in the composer. To TikTok it goes as a draft for her inbox, as from every app that was not audited."""
    product = products[each.which]
    picture = pictures.picture(*drawn[each.which])
    file = upload.whole(rani.id, f"{each.which}.jpg", "image/jpeg", len(picture), [picture], now=now)
    form = compose.Form(
        caption=each.caption, uploads=(compose.Picked(file.public_id, product.title),), publish_at=at,
        offers=(compose.Offered("product", product.public_id),),
        targets=tuple(
            compose.Aim(channels[provider].public_id, comments=True, draft=provider == TOK) for provider in each.on
        ),
    )  # fmt: skip
    return compose.schedule(rani.id, form, actor=me, now=now, locale="id")
