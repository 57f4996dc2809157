"""The demo's posts: what two creators showed on Instagram and TikTok, with each channel's own link, and how it was seen.

Nothing was ever sent anywhere: no channel holds a token, bima's are switched off, and rani's are lost once her `plans` are made,
so that no job calls anybody.
"""

from __future__ import annotations

import io
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from PIL import Image

from ..domain import audit, catalog, clicks, links, people, programs, social
from ..domain.audit import SYSTEM
from ..domain.social import Channel, MediaFacts, Post, Target, TargetFacts
from ..kernel.database import session, transaction
from . import pictures

GRAM, TOK = "instagram", "tiktok"
SIDE, THUMB = 1200, 480  # pixels of a drawn picture, and of the small one for lists
# whom the platforms of `socialshop doubles` know too, so that they can be connected there and post
ACCOUNTS = {("rani", "instagram"): "17841400000000999", ("rani", "tiktok"): "-000seduh"}


@dataclass(frozen=True, slots=True)
class Planned:
    """One post: days before today, whose, what it shows (which of the goods) and how often it was seen in the end."""

    name: str
    days: float
    whose: str
    kind: str
    on: tuple[str, ...]
    caption: str
    which: int
    code: str
    views: tuple[int, ...]
    taps: tuple[int, ...]  # on the first day, by channel; then ever fewer


POSTS = [
    Planned(
        "gayo", 30, "rani", "image", (GRAM, TOK),
        "Tiga cara menyeduh Gayo di rumah: tubruk, V60, dan es kopi. Mana yang paling kamu suka?\n#kopi #gayo", 0, "rani10",
        (4180, 9640), (7, 5),
    ),
    Planned("mug", 20, "rani", "carousel", (GRAM,), "Sudut kerjaku, dan mug yang selalu ikut. Dibakar dua kali di Plered.", 2, "rani10", (2310,), (6,)),
    Planned("tas", 12, "bima", "photos", (TOK,), "Isi tas kanvasku buat motret seharian.", 4, "bima10", (12800,), (8,)),
    Planned("singapura", 11, "bima", "image", (GRAM,), "Teras Senja goes to Singapore! Mug favoritku bisa dikirim ke sana.", 2, "bimasg", (930,), (3,)),
    Planned(
        "drip", 4, "rani", "image", (GRAM, TOK), "Drip bag buat perjalanan jauh: sobek, gantung, tuang. Sepuluh pagi dalam satu kotak.", 1,
        "rani10", (1740, 3120), (5, 4),
    ),
    Planned("cerita", 1.2, "rani", "story", (GRAM,), "", 4, "", (212,), (2,)),
]  # fmt: skip


def publish(
    rani: people.Creator, bima: people.Creator, offer: programs.Program, products: list[catalog.Product], drawn: list[tuple[Any, ...]],
    folder: Path, now: datetime,
) -> dict[str, str]:  # fmt: skip
    """The posts, as they stand on their channels; the slugs of their links by "post channel"."""
    people_by = {creator.handle: creator for creator in (rani, bima)}
    begin = now - timedelta(days=POSTS[0].days + 2)
    with transaction():
        channels = {
            (handle, provider): _channel(creator, provider, begin)
            for handle, creator in people_by.items()
            for provider in (GRAM, TOK)
        }
    slugs: dict[str, str] = {}
    for planned in POSTS:
        picture = _file(pictures.picture(*drawn[planned.which]), folder)
        creator, product = people_by[planned.whose], products[planned.which]
        with transaction():
            mine = [channels[planned.whose, provider] for provider in planned.on]
            slugs |= _stand(planned, creator, product, offer, mine, picture, now)
    return slugs


def taps(planned: Planned, now: datetime) -> list[tuple[str, str, datetime]]:
    """(channel, visitor, when) of those who only looked: many on the first day, then ever fewer."""
    at, found = now - timedelta(days=planned.days), []
    for provider, first in zip(planned.on, planned.taps, strict=True):
        for day in range(int(planned.days) + 1):
            for number in range(first * 3 // (3 + 2 * day)):
                moment = at + timedelta(days=day, hours=(number * 5 + day) % 16, minutes=7 + (day * 13 + number * 29) % 50)
                if moment < now:
                    found.append((provider, f"demo-post-{planned.name}-{provider}-{day}-{number}", moment))
    return found


def _channel(creator: people.Creator, provider: str, at: datetime) -> Channel:
    state = "live" if creator.handle == "rani" else "off"
    row = Channel(
        creator_id=creator.id, provider=provider, via=provider, account_id=ACCOUNTS.get((creator.handle, provider), f"demo-{creator.handle}-{provider}"),
        username=f"{creator.handle}.seduh" if creator.handle == "rani" else f"{creator.handle}.motret", name=creator.name,
        issued_at=at, state=state, why="" if state == "live" else "left", connected_at=at, changed_at=at,
    )  # fmt: skip
    session().add(row)
    session().flush()
    return row


def _stand(
    planned: Planned, creator: people.Creator, product: catalog.Product, offer: programs.Program, channels: list[Channel],
    picture: MediaFacts, now: datetime,
) -> dict[str, str]:  # fmt: skip
    at = now - timedelta(days=planned.days)
    count = 2 if planned.kind == "carousel" else 1
    post, targets = social.compose(
        creator.id, kind=planned.kind, caption=planned.caption, title="", promotes="brand", media=[picture] * count,
        targets=[TargetFacts(row.id) for row in channels], publish_at=at, now=at - timedelta(hours=3),
    )  # fmt: skip
    code = links.find_codes({planned.code})[planned.code] if planned.code else None
    program_id = offer.id if code is None else code.program_id
    slugs = {}
    for row, target, views in zip(channels, targets, planned.views, strict=True):
        aim = links.product_target(
            product.id, f"/@{creator.handle}/p/{product.public_id}", title=product.title, program_id=program_id
        )
        link = links.ensure_link(
            creator_id=creator.id, target=aim, channel=row.provider, placement=f"post:{post.public_id}", post_id=post.id, now=at
        )
        facts = social.OfferFacts("product", product.title, link.id, product.id, program_id, planned.code)
        social.show_offers(post.id, target.id, [facts])
        if planned.caption:
            post.disclosure, target.caption = "Iklan", _words(planned, row.provider, link.slug)
        _publish(planned, post, target, views, creator, at, now)
        slugs[f"{planned.name} {row.provider}"] = link.slug
    return slugs


def _words(planned: Planned, provider: str, slug: str) -> str:
    """What stands below the post over there."""
    address = f" · /l/{slug}" if provider == TOK else ""
    return f"Iklan\n\n{planned.caption}\n\nKode {planned.code.upper()} · link di bio{address}"


def _publish(
    planned: Planned, post: Post, target: Target, views: int, creator: people.Creator, at: datetime, now: datetime
) -> None:
    """It stands there, and each day the channel told how often it had been seen."""
    target.state, target.called_at, target.published_at, target.next_at, target.visible = "published", at, at, None, True
    target.remote_id = f"demo-{target.public_id}"
    audit.note("post.published", target.public_id, actor=SYSTEM, tenant=creator.public_id, now=at)
    session().flush()
    asked = social.figures.Asked(target.id, target.remote_id, post.kind, at)
    ages = [timedelta(hours=20)] if planned.kind == "story" else [timedelta(days=n + 0.5) for n in range(int(planned.days))]
    for age in ages:
        seen = views if planned.kind == "story" else round(views * (1 - 0.62 ** (age / timedelta(days=1) + 0.4)))
        told: dict[str, int | None] = {"views": seen, "shares": seen // 160}
        if planned.kind != "story":
            told |= {"likes": seen // 14, "comments": seen // 190}
        if at + age < now:
            social.figures.tell(asked, told, day=clicks.today(at + age), now=at + age)


def _file(picture: bytes, folder: Path) -> MediaFacts:
    with tempfile.NamedTemporaryFile() as draft:
        draft.write(picture)
        draft.flush()
        sha256, size = social.files.keep(Path(draft.name), folder)
    with tempfile.NamedTemporaryFile() as small, Image.open(io.BytesIO(picture)) as shown:
        shown.thumbnail((THUMB, THUMB))
        shown.save(small, "WEBP", quality=80)
        small.flush()
        social.files.keep_thumb(Path(small.name), sha256, folder)
    return MediaFacts("image", "image/jpeg", size, sha256, SIDE, SIDE)
