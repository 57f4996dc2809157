"""What Kopi Senja sells."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from ..domain import catalog, media, people
from ..kernel.database import transaction
from . import pictures

GOODS: list[dict[str, Any]] = [
    {
        "title": "Kopi Senja Gayo 250 g", "category": "Kopi", "description": "Arabika Gayo, sangrai sedang. Cokelat, jeruk, tanah sesudah hujan.",
        "variants": [("Biji utuh", 89_000, 60), ("Giling tubruk", 89_000, 45), ("Giling V60", 89_000, 30)],
        "drawn": ("bag", (243, 228, 208), (226, 198, 165), (58, 84, 74), (201, 111, 58)),
    },
    {
        "title": "Drip bag campur, isi 10", "category": "Kopi", "description": "Tiga kebun, sepuluh pagi. Tinggal seduh.", "variants": [("", 75_000, 120)],
        "drawn": ("drip", (226, 222, 240), (190, 182, 222), (92, 74, 140), (240, 196, 92)),
    },
    {
        "title": "Mug Teras", "category": "Peralatan", "description": "Keramik, 300 ml, dibakar dua kali di Plered.", "variants": [("", 149_000, 18)],
        "drawn": ("mug", (222, 233, 229), (186, 210, 202), (245, 240, 230), (11, 110, 95)),
    },
    {
        "title": "Sirup aren 500 ml", "category": "Sirup", "description": "Gula aren dari Lebak, tanpa pengawet.", "variants": [("", 62_000, 3)],
        "drawn": ("bottle", (250, 226, 219), (236, 188, 174), (214, 122, 96), (120, 58, 48)),
    },
    {
        "title": "Tas kanvas Senja", "category": "Peralatan", "description": "Muat laptop 14 inci, termos dan satu buku.", "variants": [("", 119_000, 25)],
        "drawn": ("tote", (236, 232, 220), (208, 200, 178), (235, 224, 198), (170, 64, 48)),
    },
]  # fmt: skip


def put_out(brand: people.Brand, folder: Path, at: datetime) -> list[catalog.Product]:
    """The products with their pictures, in the order of GOODS."""
    made = []
    for item in GOODS:
        prepared = media.prepare(pictures.picture(*item["drawn"]), folder)
        variants = tuple(
            catalog.VariantDraft(name=name, price_minor=price, stock=stock) for name, price, stock in item["variants"]
        )
        draft = catalog.ProductDraft(
            title=item["title"], category=item["category"], description=item["description"], variants=variants
        )
        with transaction():
            product = catalog.create(brand.id, brand.currency, draft, now=at)
            kept = media.keep(prepared, brand_id=brand.id, now=at)
            catalog.add_photo(
                product,
                picture_id=kept.id,
                picture=kept.public_id,
                width=kept.width,
                height=kept.height,
                alt=item["title"],
                now=at,
            )
        made.append(product)
    return made
