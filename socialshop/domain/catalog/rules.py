"""What a product may be: pure decisions over drafts, and the few tags that a text may carry."""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import nh3

from ...kernel.errors import N_, FieldError

MAX_VARIANTS = 100
MAX_PHOTOS = 8
MAX_TITLE, MAX_NAME, MAX_SKU, MAX_CATEGORY, MAX_ALT, MAX_TEXT, MAX_URL = 200, 120, 80, 80, 200, 10_000, 2_000
MAX_STOCK = 1_000_000
MAX_PRICE = 10**12  # minor units; beyond it somebody has typed too many zeros

TAGS = {"p", "br", "strong", "em", "b", "i", "ul", "ol", "li"}
_TAG = re.compile(r"</?(?:" + "|".join(sorted(TAGS)) + r")\s*/?>", re.IGNORECASE)
_BLOCK = re.compile(r"<(?:p|ul|ol)>", re.IGNORECASE)
_PARAGRAPHS = re.compile(r"</?p>|<br\s*/?>", re.IGNORECASE)
_SPACES = re.compile(r"[^\S\n]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantDraft:
    """A variant as somebody states it. `variant`: the public id of the one that is edited, "" for a new one.

    stock_seen: the stock the person saw while editing; None where nobody has looked (a new one).
    """

    price_minor: int
    stock: int = 0
    name: str = ""
    sku: str = ""
    variant: str = ""
    stock_seen: int | None = None
    retire: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductDraft:
    """A product as somebody states it: everything but photos. priced_at: when the price was read from source_url."""

    title: str
    variants: tuple[VariantDraft, ...]
    description: str = ""
    category: str = ""
    sold_here: bool = True
    source_url: str = ""
    priced_at: datetime | None = None


def line(text: str) -> str:
    """One line of text as it is stored: NFC, no control characters, single spaces."""
    return " ".join("".join(c if c.isprintable() else " " for c in unicodedata.normalize("NFC", text)).split())


def check(draft: ProductDraft) -> list[FieldError]:
    """Everything that is wrong with a draft, field by field; `variants-0-price` is the first variant's price."""
    return [*_check_product(draft), *_check_variants(draft.variants)]


def _check_product(draft: ProductDraft) -> Iterable[FieldError]:
    if not draft.title:
        yield FieldError("title", "missing", N_("Please give the product a name."))
    for name, text, most in (
        ("title", draft.title, MAX_TITLE),
        ("category", draft.category, MAX_CATEGORY),
        ("description", draft.description, MAX_TEXT),
        ("source_url", draft.source_url, MAX_URL),
    ):
        if len(text) > most:
            yield FieldError(name, "too_long", N_("This is too long."))
    if draft.source_url and not is_web_address(draft.source_url):
        yield FieldError("source_url", "bad_url", N_("Please give a full address that begins with https://."))
    if not draft.sold_here and not draft.source_url:
        yield FieldError("source_url", "missing", N_("Where can people buy it? Please give the address of your shop page."))


def _check_variants(variants: tuple[VariantDraft, ...]) -> Iterable[FieldError]:
    live = [(i, v) for i, v in enumerate(variants) if not v.retire]
    if not live:
        yield FieldError("variants", "missing", N_("At least one variant has to stay. Archive the product instead."))
    if len(live) > MAX_VARIANTS:
        yield FieldError("variants", "too_many", N_("A product can have at most 100 variants."))
    names = Counter(v.name.casefold() for _, v in live)
    skus = Counter(v.sku for _, v in live if v.sku)
    for i, variant in live:
        where = f"variants-{i}-"
        if len(live) > 1 and not variant.name:
            yield FieldError(where + "name", "missing", N_("With several variants, each needs a name, such as a size."))
        elif names[variant.name.casefold()] > 1:
            yield FieldError(where + "name", "twice", N_("Two variants have this name."))
        if skus[variant.sku] > 1:
            yield FieldError(where + "sku", "twice", N_("Two variants have this SKU."))
        if len(variant.name) > MAX_NAME:
            yield FieldError(where + "name", "too_long", N_("This is too long."))
        if len(variant.sku) > MAX_SKU:
            yield FieldError(where + "sku", "too_long", N_("This is too long."))
        if not 0 < variant.price_minor <= MAX_PRICE:
            yield FieldError(
                where + "price", "out_of_range", N_("The price must be more than zero, and one that somebody could pay.")
            )
        if not 0 <= variant.stock <= MAX_STOCK:
            yield FieldError(where + "stock", "out_of_range", N_("The stock is a whole number from 0 to 1,000,000."))


def is_web_address(text: str) -> bool:
    """Whether this is an absolute http(s) address with a host and without a password in it."""
    try:
        parts = urlsplit(text)
        return (
            parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc and not re.search(r"\s", text)
        )
    except ValueError:
        return False


def clean_description(typed: str) -> str:
    """A text as it is stored: paragraphs, lists, bold and italic stay, everything else becomes inert."""
    text = unicodedata.normalize("NFC", typed).replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(c for c in text if c == "\n" or c.isprintable() or c == "\t")
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(_SPACES.sub(" ", part).strip() for part in text.split("\n"))).strip()
    return nh3.clean(text, tags=TAGS, attributes={}) if _TAG.search(text) else html.escape(text, quote=False)


def typed_description(stored: str) -> str:
    """A stored text as the person typed it, for the form: without tags where paragraphs and line breaks are all there is."""
    if _TAG.search(_PARAGRAPHS.sub("", stored)):
        return stored
    text = re.sub(r"</p>\s*<p>", "\n\n", re.sub(r"<br\s*/?>\n?", "\n", stored, flags=re.IGNORECASE), flags=re.IGNORECASE)
    return html.unescape(_PARAGRAPHS.sub("", text)).strip()


def description_html(stored: str) -> str:
    """A stored text as safe HTML; cleaned once more, so that nothing depends on how it got into the database."""
    text = nh3.clean(stored, tags=TAGS, attributes={}).strip()
    if not text or _BLOCK.search(text):
        return text
    return "".join(f"<p>{part.strip().replace(chr(10), '<br>')}</p>" for part in text.split("\n\n") if part.strip())


def plain_description(stored: str) -> str:
    """A stored text without any tags, for previews and structured data."""
    return line(html.unescape(nh3.clean(re.sub(r"<[^>]*>", lambda tag: tag[0] + " ", stored), tags=set())))
