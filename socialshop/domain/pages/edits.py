"""Changes to a page's document: each takes one and returns a new one. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...kernel.errors import NotFound
from . import themes
from .rules import LATEST, MAX_BLOCKS, Block, Document, clean_profile, too_many_blocks


def with_block(document: Document, block: Block, *, at: int | None = None) -> Document:
    """The block put in its place if it is there already, else added: at position `at`, or last."""
    blocks = list(document["blocks"])
    for n, known in enumerate(blocks):
        if known["id"] == block["id"]:
            blocks[n] = block
            return {**document, "blocks": blocks}
    if len(blocks) >= MAX_BLOCKS:
        raise too_many_blocks()
    blocks.insert(len(blocks) if at is None else max(0, at), block)
    return {**document, "blocks": blocks}


def with_latest(document: Document) -> Document:
    """The page with the block of the newest posts; where the creator has not placed one, above the first product."""
    blocks = document["blocks"]
    if any(block["type"] == "latest" for block in blocks):
        return document
    at = next((n for n, block in enumerate(blocks) if block["type"] in ("product", "collection")), 0)
    return {**document, "blocks": [*blocks[:at], LATEST, *blocks[at:]]}


def placing_latest(document: Document, block_id: str) -> Document:
    """The block of the newest posts made the creator's own, where it stands by itself; as it is where they have it already."""
    found = with_latest(document)["blocks"]
    if len(found) > MAX_BLOCKS:
        raise too_many_blocks()
    return {**document, "blocks": [{**block, "id": block_id} if block is LATEST else block for block in found]}


def without_block(document: Document, block_id: str) -> Document:
    """The page without this block."""
    block_of(document, block_id)
    return {**document, "blocks": [block for block in document["blocks"] if block["id"] != block_id]}


def moved(document: Document, block_id: str, by: int) -> Document:
    """The block `by` places further down (up where negative); at the ends it stays."""
    blocks = list(document["blocks"])
    place = next((n for n, block in enumerate(blocks) if block["id"] == block_id), None)
    if place is None:
        raise NotFound()
    block = blocks.pop(place)
    blocks.insert(min(max(place + by, 0), len(blocks)), block)
    return {**document, "blocks": blocks}


def ordered(document: Document, ids: Sequence[str]) -> Document:
    """The blocks in the order of `ids`; those it does not name keep their order at the end."""
    rank = {block_id: n for n, block_id in enumerate(ids)}
    blocks = sorted(document["blocks"], key=lambda block: rank.get(block["id"], len(rank)))
    return {**document, "blocks": blocks}


def hidden(document: Document, block_id: str, hide: bool) -> Document:
    """The block hidden, or shown again."""
    return with_block(document, {**block_of(document, block_id), "hidden": hide})


def with_profile(document: Document, profile: dict[str, Any]) -> Document:
    """Another name, bio or avatar."""
    return {**document, "profile": clean_profile(profile)}


def with_theme(document: Document, theme: dict[str, Any]) -> Document:
    """Another look."""
    return {**document, "theme": themes.clean(theme)}


def block_of(document: Document, block_id: str) -> Block:
    """The block with this id; NotFound where there is none."""
    for block in document["blocks"]:
        if block["id"] == block_id:
            found: Block = block
            return found
    raise NotFound()
