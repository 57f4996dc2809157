"""What a page's document may hold. Pure.

{"profile": {"name", "bio", "avatar"}, "theme": {"preset", "accent"}, "blocks": [{"id", "type", "hidden", "from", "until", …}]}
Instants are RFC 3339 text or "". A product is {"kind": "own", "product": "prd_…"} (the catalogue knows the rest) or a
snapshot {"kind": "pasted", "url", "title", "picture", "price_minor", "currency", "priced_at", "paid"}.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ...kernel.errors import N_, FieldError, Invalid
from ...kernel.money import EXPONENTS
from . import themes

Document = dict[str, Any]
Block = dict[str, Any]

TYPES = ("link", "product", "collection", "heading", "text", "image", "social", "latest")
LATEST: Block = {"id": "latest", "type": "latest", "hidden": False, "from": "", "until": "", "title": ""}  # until it is placed
MAX_BLOCKS = 100
MAX_PRODUCTS = 24  # of one collection
UNDO_STEPS = 20

# network → (what the person sees, hosts it may lead to, how a bare name becomes an address)
NETWORKS: dict[str, tuple[str, tuple[str, ...], str]] = {
    "instagram": ("Instagram", ("instagram.com",), "https://www.instagram.com/{}"),
    "tiktok": ("TikTok", ("tiktok.com",), "https://www.tiktok.com/@{}"),
    "whatsapp": ("WhatsApp", ("wa.me", "whatsapp.com"), "https://wa.me/{}"),
    "youtube": ("YouTube", ("youtube.com", "youtu.be"), "https://www.youtube.com/@{}"),
    "facebook": ("Facebook", ("facebook.com", "fb.com"), "https://www.facebook.com/{}"),
    "x": ("X", ("x.com", "twitter.com"), "https://x.com/{}"),
    "threads": ("Threads", ("threads.net", "threads.com"), "https://www.threads.net/@{}"),
    "telegram": ("Telegram", ("t.me", "telegram.me"), "https://t.me/{}"),
    "shopee": ("Shopee", ("shopee.co.id", "shope.ee", "shopee.com", "s.shopee.co.id"), "https://shopee.co.id/{}"),
    "tokopedia": ("Tokopedia", ("tokopedia.com", "tokopedia.link"), "https://www.tokopedia.com/{}"),
    "email": ("E-mail", (), "mailto:{}"),
}

_ID = re.compile(r"[a-z0-9]{4,16}\Z")
_PUBLIC = re.compile(r"[a-z]{3}_[A-Za-z0-9]{8,32}\Z")
_NAME = re.compile(r"[A-Za-z0-9._-]{1,60}\Z")
_PHONE = re.compile(r"\+?[0-9][0-9 ()-]{6,20}\Z")
_EMAIL = re.compile(r"[^@\s<>\"?&]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)+\Z", re.IGNORECASE)


def instant(text: str) -> datetime:
    """RFC 3339 text with an offset as an instant; ValueError else. (The clock's own reader may not be reached from rules.)"""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no offset")
    return moment


CleanUrl = Callable[[str, str], str]  # (address, field) → the address as kept; raises Invalid. The links room's rule.


@dataclass
class _Errors:
    found: list[FieldError] = field(default_factory=list)

    def add(self, name: str, code: str, sentence: str) -> None:
        self.found.append(FieldError(name, code, sentence))


def blank(name: str, *, preset: str = themes.DEFAULT, accent: str = "") -> Document:
    """The document of a page that was just made."""
    chosen = themes.clean({"preset": preset, "accent": accent})
    return {"profile": {"name": name, "bio": "", "avatar": ""}, "theme": chosen, "blocks": []}


def clean_profile(given: Mapping[str, Any]) -> dict[str, str]:
    """Name (1–60), bio (≤ 300, a few lines), avatar (a picture's id or "")."""
    errors = _Errors()
    profile = {
        "name": _text(errors, "name", given.get("name"), 60, required=True),
        "bio": _text(errors, "bio", given.get("bio"), 300, lines=8),
        "avatar": _picture(errors, "avatar", given.get("avatar")),
    }
    _raise(errors)
    return profile


def clean_block(given: Mapping[str, Any], *, clean_url: CleanUrl) -> Block:
    """A block as it is kept, every unknown field dropped; Invalid names every field that is wrong."""
    kind = given.get("type")
    if kind not in TYPES:
        raise Invalid(fields=[FieldError("type", "unknown", N_("This kind of block does not exist."))])
    identity = given.get("id", "")
    if not isinstance(identity, str) or not _ID.match(identity):
        raise Invalid(fields=[FieldError("id", "bad_id", N_("This block has no usable id."))])
    errors = _Errors()
    block: Block = {"id": identity, "type": kind, "hidden": given.get("hidden") is True}
    block["from"] = _instant(errors, "from", given.get("from"))
    block["until"] = _instant(errors, "until", given.get("until"))
    if block["from"] and block["until"] and instant(block["from"]) >= instant(block["until"]):
        errors.add("until", "order", N_("The end must come after the start."))
    block.update(_BODIES[kind](errors, given, clean_url))
    _raise(errors)
    return block


def clean_document(given: Mapping[str, Any], *, clean_url: CleanUrl) -> Document:
    """A whole document, checked as strictly as one edit; used before it is published or restored."""
    blocks = given.get("blocks")
    if not isinstance(blocks, list) or len(blocks) > MAX_BLOCKS:
        raise too_many_blocks()
    cleaned = [clean_block(block, clean_url=clean_url) for block in blocks]
    if sum(block["type"] == "latest" for block in cleaned) > 1:
        raise Invalid(fields=[FieldError("blocks", "duplicate", N_("Your latest posts can be on a page once."))])
    if len({block["id"] for block in cleaned}) != len(cleaned):
        raise Invalid(fields=[FieldError("blocks", "duplicate", N_("Two blocks have the same id."))])
    return {"profile": clean_profile(given["profile"]), "theme": themes.clean(given["theme"]), "blocks": cleaned}


def too_many_blocks() -> Invalid:
    """The refusal of one block too many."""
    return Invalid(N_("A page holds at most {limit} blocks."), code="too_many_blocks", limit=MAX_BLOCKS)


def is_shown(block: Block, *, now: datetime) -> bool:
    """Whether visitors see the block at this instant; the schedule is half open."""
    if block.get("hidden"):
        return False
    if block.get("from") and now < instant(block["from"]):
        return False
    return not (block.get("until") and now >= instant(block["until"]))


def products_in(document: Document) -> list[dict[str, Any]]:
    """Every product the page names, in order."""
    found: list[dict[str, Any]] = []
    for block in document["blocks"]:
        if block["type"] == "product":
            found.append(block["item"])
        elif block["type"] == "collection":
            found.extend(block["items"])
    return found


def pictures_in(document: Document) -> set[str]:
    """The ids of every picture the page shows, but for the catalogue's own."""
    found = {document["profile"]["avatar"]}
    found.update(block.get("picture", "") for block in document["blocks"])
    found.update(item.get("picture", "") for item in products_in(document))
    return found - {""}


def clean_network(network: str, value: str) -> str:
    """An address or a name on a social network as a full address; Invalid where it leads elsewhere."""
    known = NETWORKS.get(network)
    text = value.strip()
    if known is None:
        raise Invalid(fields=[FieldError("network", "unknown", N_("This network is not known here."))])
    if network == "email":
        address = text.removeprefix("mailto:")
        if not _EMAIL.match(address):
            raise Invalid(fields=[FieldError(network, "bad_email", N_("Write an e-mail address like rani@example.com."))])
        return f"mailto:{address}"
    if network == "whatsapp" and _PHONE.match(text):
        digits = re.sub(r"\D", "", text)
        return f"https://wa.me/{'62' + digits[1:] if digits.startswith('0') else digits}"
    bare = text.removeprefix("@")
    if _NAME.match(bare) and not any(bare.casefold().endswith(host) for host in known[1]) and network != "whatsapp":
        return known[2].format(bare)
    address = text if "://" in text else f"https://{text}"
    scheme, _, rest = address.partition("://")
    host = re.split(r"[/?#]", rest, maxsplit=1)[0].casefold()
    if (
        (scheme.casefold() != "https" and scheme.casefold() != "http")
        or not any(host == allowed or host.endswith(f".{allowed}") for allowed in known[1])
        or re.search(r"[\s\\<>\"'`\x00-\x1f\x7f]", address)
        or len(address) > 300
    ):  # fmt: skip
        raise Invalid(
            fields=[
                FieldError(network, "wrong_network", N_("This does not lead to that network. Paste the address of your profile."))
            ]
        )
    return address


# --- the body of each type -------------------------------------------------------------------------


def _link(errors: _Errors, given: Mapping[str, Any], clean_url: CleanUrl) -> Block:
    return {
        "title": _text(errors, "title", given.get("title"), 80, required=True),
        "note": _text(errors, "note", given.get("note"), 120),
        "url": _url(errors, "url", given.get("url"), clean_url),
        "picture": _picture(errors, "picture", given.get("picture")),
        "paid": given.get("paid") is True,  # the creator says that someone pays for it; links of our programs are marked anyway
    }


def _product(errors: _Errors, given: Mapping[str, Any], clean_url: CleanUrl) -> Block:
    return {
        "item": _item(errors, "item", given.get("item"), clean_url),
        "note": _text(errors, "note", given.get("note"), 120),
        "size": "big" if given.get("size") == "big" else "row",
    }


def _collection(errors: _Errors, given: Mapping[str, Any], clean_url: CleanUrl) -> Block:
    items = given.get("items")
    if not isinstance(items, list) or not 1 <= len(items) <= MAX_PRODUCTS:
        errors.add("items", "count", N_("Choose between 1 and 24 products."))
        items = []
    return {
        "title": _text(errors, "title", given.get("title"), 80),
        "items": [_item(errors, f"items/{n}", item, clean_url) for n, item in enumerate(items)],
    }


def _heading(errors: _Errors, given: Mapping[str, Any], _clean_url: CleanUrl) -> Block:
    return {"text": _text(errors, "text", given.get("text"), 80, required=True)}


def _words(errors: _Errors, given: Mapping[str, Any], _clean_url: CleanUrl) -> Block:
    return {"text": _text(errors, "text", given.get("text"), 1000, required=True, lines=40)}


def _image(errors: _Errors, given: Mapping[str, Any], clean_url: CleanUrl) -> Block:
    return {
        "picture": _picture(errors, "picture", given.get("picture"), required=True),
        "alt": _text(errors, "alt", given.get("alt"), 150),
        "url": _url(errors, "url", given["url"], clean_url) if given.get("url") else "",
    }


def _social(errors: _Errors, given: Mapping[str, Any], _clean_url: CleanUrl) -> Block:
    items = given.get("items")
    kept: list[dict[str, str]] = []
    for item in items if isinstance(items, list) else []:
        if isinstance(item, dict) and str(item.get("url", "")).strip():
            try:
                network = str(item.get("network"))
                kept.append({"network": network, "url": clean_network(network, str(item["url"]))})
            except Invalid as refusal:
                errors.found.extend(refusal.fields)
    if not kept and not errors.found:
        errors.add("items", "empty", N_("Fill in at least one profile."))
    return {"items": kept[: len(NETWORKS)]}


def _latest(errors: _Errors, given: Mapping[str, Any], _clean_url: CleanUrl) -> Block:
    return {"title": _text(errors, "title", given.get("title"), 80)}  # what it shows comes from the creator's posts


_BODIES: dict[str, Callable[[_Errors, Mapping[str, Any], CleanUrl], Block]] = {
    "link": _link, "product": _product, "collection": _collection, "heading": _heading, "text": _words, "image": _image,
    "social": _social, "latest": _latest,
}  # fmt: skip


def _item(errors: _Errors, name: str, given: object, clean_url: CleanUrl) -> dict[str, Any]:
    if not isinstance(given, dict):
        errors.add(name, "missing", N_("Choose a product."))
        return {}
    if given.get("kind") == "own":
        product = given.get("product")
        if not isinstance(product, str) or not _PUBLIC.match(product):
            errors.add(name, "missing", N_("Choose a product."))
        return {"kind": "own", "product": product}
    title = _text(errors, "title", given.get("title"), 140, required=True)
    minor, currency = given.get("price_minor"), given.get("currency") or ""
    if minor is not None and (type(minor) is not int or not 0 <= minor < 2**53 or currency not in EXPONENTS):
        errors.add("price", "not_an_amount", N_("Write the price as a number."))
    return {
        "kind": "pasted",
        "url": _url(errors, "url", given.get("url"), clean_url),
        "title": title,
        "picture": _picture(errors, "picture", given.get("picture")),
        "price_minor": minor,
        "currency": currency if minor is not None else "",
        "priced_at": _instant(errors, "priced_at", given.get("priced_at")),
        "paid": given.get("paid") is True,
    }


def _text(errors: _Errors, name: str, given: object, longest: int, *, required: bool = False, lines: int = 1) -> str:
    """NFC text without control characters; `lines` > 1 keeps line breaks, else they become spaces."""
    text = unicodedata.normalize("NFC", given) if isinstance(given, str) else ""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(c for c in text if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs", "Co", "Cn"))
    if lines == 1:
        text = " ".join(text.split())
    text = text.strip()
    if required and not text:
        errors.add(name, "required", N_("Please fill this in."))
    if len(text) > longest:
        errors.add(name, "too_long", N_("This is too long."))
    if text.count("\n") >= lines > 1:
        errors.add(name, "too_many_lines", N_("These are too many lines."))
    return text


def _picture(errors: _Errors, name: str, given: object, *, required: bool = False) -> str:
    if isinstance(given, str) and given.startswith("pic_") and _PUBLIC.match(given):
        return given
    if given or required:
        errors.add(name, "no_picture", N_("Choose a picture."))
    return ""


def _url(errors: _Errors, name: str, given: object, clean_url: CleanUrl) -> str:
    try:
        return clean_url(given if isinstance(given, str) else "", name)
    except Invalid as refusal:
        errors.found.extend(refusal.fields)
        return ""


def _instant(errors: _Errors, name: str, given: object) -> str:
    if not given:
        return ""
    try:
        instant(str(given))
    except ValueError:
        errors.add(name, "not_a_time", N_("Write a date and time."))
        return ""
    return str(given)


def _raise(errors: _Errors) -> None:
    if errors.found:
        raise Invalid(fields=errors.found)
