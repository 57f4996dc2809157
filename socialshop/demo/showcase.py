"""Where the creators show it: their codes, pages and links."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from ..domain import catalog, links, media, pages, people, programs
from ..domain.audit import SYSTEM
from ..flows import handout, page
from ..kernel.database import transaction
from . import pictures


def hand_out(
    rani: people.Creator,
    bima: people.Creator,
    offer: programs.Program,
    products: list[catalog.Product],
    folder: Path,
    at: datetime,
) -> dict[str, str]:
    """Codes, pages and links; the slugs by the names that SALES uses."""
    for creator, code in ((rani, "rani10"), (bima, "bima10")):
        handout.give_code(creator.id, offer.id, code=code, actor=SYSTEM, now=at)
    portraits = {
        "rani": ((255, 225, 200), (245, 180, 150), (222, 164, 124), (40, 28, 24), (11, 110, 95)),
        "bima": ((210, 226, 245), (160, 190, 226), (196, 140, 104), (28, 24, 26), (168, 72, 28)),
    }
    own = [{"kind": "own", "product": product.public_id} for product in products]
    blocks: dict[str, list[dict[str, Any]]] = {
        "rani": [
            {"type": "product", "item": own[0], "note": "Yang kuseduh tiap pagi", "size": "big"},
            {"type": "collection", "title": "Sudut kopiku", "items": own[1:4]},
            {"type": "heading", "text": "Cerita dan resep"},
            {"type": "link", "title": "Resep es kopi aren tiga langkah", "url": "https://example.com/resep-es-kopi-aren"},
            {
                "type": "link",
                "title": "Jadwal kelas seduh di Jogja",
                "url": "https://example.com/kelas-seduh",
                "note": "Sabtu pagi, gratis",
            },
            {"type": "text", "text": "Sebagian tautan di sini memberiku komisi. Harganya tetap sama buatmu."},
            {
                "type": "social",
                "items": [
                    {"network": "instagram", "url": "rani.seduh"},
                    {"network": "tiktok", "url": "rani.seduh"},
                    {"network": "whatsapp", "url": "6281234500000"},
                ],
            },
        ],
        "bima": [
            {"type": "product", "item": own[2], "note": "", "size": "big"},
            {"type": "product", "item": own[4], "note": "", "size": "row"},
        ],
    }
    bios = {"rani": "Barista rumahan dari Jogja. Kopi, resep, dan pagi yang pelan.", "bima": "Jalan, motret, ngopi."}
    looks = {"rani": "sand", "bima": "mist"}
    for creator in (rani, bima):
        prepared = media.prepare(pictures.portrait(*portraits[creator.handle]), folder)
        with transaction():
            avatar = media.keep(prepared, creator_id=creator.id, now=at)
        made = page.start(creator.id, preset=looks[creator.handle], first=None, own_host="", now=at)
        revision = made.revision
        for block in blocks[creator.handle]:
            page.put_block(creator.id, made.public_id, revision, block, own_host="", now=at)
            revision += 1
        with transaction():
            profile = {"name": creator.name, "bio": bios[creator.handle], "avatar": avatar.public_id}
            fresh = pages.page_of(creator.id, made.public_id)
            pages.edit(fresh, revision, lambda draft, mine=profile: pages.edits.with_profile(draft, mine), now=at)  # type: ignore[misc]
        page.publish(creator.id, made.public_id, revision + 1, own_host="", actor=SYSTEM, now=at)
    return _links(rani, bima, offer, products, at)


def _links(
    rani: people.Creator, bima: people.Creator, offer: programs.Program, products: list[catalog.Product], at: datetime
) -> dict[str, str]:
    slugs = {}
    with transaction():
        for name, creator, product, channel, placement in (
            ("rani", rani, products[0], "instagram", "bio"),
            ("rani story", rani, products[2], "instagram", "story-senin"),
            ("bima", bima, products[4], "tiktok", "bio"),
        ):
            url = f"/@{creator.handle}/p/{product.public_id}"
            target = links.product_target(product.id, url, title=product.title, program_id=offer.id)
            made = links.ensure_link(creator_id=creator.id, target=target, channel=channel, placement=placement, now=at)
            slugs[name] = made.slug
    return slugs
