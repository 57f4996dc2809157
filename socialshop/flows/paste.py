"""A pasted address becomes the right block: a product with photo and price, or a link with a title."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..adapters import fetch, pages_read
from ..domain import links, media, pages
from ..kernel.clock import rfc3339
from ..kernel.database import transaction
from ..kernel.errors import Invalid

_SHEET = re.compile(r"/@[^/]+/p/(prd_[A-Za-z0-9]+)\Z")


def read_block(
    address: str, *, creator_id: int, own_host: str, fetcher: fetch.Fetcher, folder: Path, now: datetime
) -> dict[str, Any]:
    """The block for an address, without its id. Raises fetch.Unreadable where the page tells nothing, Invalid for a bad address.

    The page is read with no transaction open; its picture is stored in one of its own, and stays the creator's.
    """
    url = links.clean_destination(address, own_host=own_host)
    parts = urlsplit(url)
    if url.startswith("/") or parts.netloc == own_host:
        sheet = _SHEET.match(parts.path)
        if sheet:
            return {"type": "product", "item": {"kind": "own", "product": sheet.group(1)}}
        return {"type": "link", "url": url, "title": links.shown(url)[:80]}
    network = _network(links.host_of(url))
    if network:  # these show robots a sign-in page; the address says enough
        return {"type": "link", "url": url, "title": network}
    found = pages_read.read_product(url, fetcher)
    if not found.is_product:
        return {"type": "link", "url": url, "title": (found.title or links.shown(url))[:80]}
    return {
        "type": "product",
        "item": {
            "kind": "pasted",
            "url": url,
            "title": found.title[:140],
            "picture": _photo(found.images, creator_id, fetcher, folder, now),
            "price_minor": found.price.minor if found.price else None,
            "currency": found.price.currency if found.price else "",
            "priced_at": rfc3339(now) if found.price else "",
            "paid": True,  # whoever pastes a product is mostly paid for it; the form lets them say otherwise
        },
    }


def store_picture(data: bytes, *, creator_id: int, folder: Path, now: datetime) -> str:
    """Keep an uploaded picture for a creator; returns its public id. Raises media.NotAPicture."""
    prepared = media.prepare(data, folder)
    with transaction():
        return media.keep(prepared, creator_id=creator_id, now=now).public_id


def _photo(images: tuple[str, ...], creator_id: int, fetcher: fetch.Fetcher, folder: Path, now: datetime) -> str:
    """The first of the page's pictures that can be had; a product without one is still a product."""
    for address in images[:3]:
        try:
            return store_picture(fetcher.image(address), creator_id=creator_id, folder=folder, now=now)
        except (fetch.Unreadable, Invalid):
            continue
    return ""


def _network(host: str) -> str:
    for name, hosts, _pattern in pages.NETWORKS.values():
        if name not in ("Shopee", "Tokopedia") and any(host == known or host.endswith(f".{known}") for known in hosts):
            return name
    return ""
