"""What a product page says about its product: JSON-LD first, then OpenGraph, then the title."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from ..kernel.money import EXPONENTS, Money, NotAnAmount
from ..kernel.prices import read_price
from . import jsonld
from .fetch import Fetched

_WANTED = re.compile(r"<(!--|(?:script|style|title|h1|meta|base)(?=[\s/>]))", re.IGNORECASE)
_TAG_END = re.compile(r"""(?:[^>"']|"[^"]*"|'[^']*')*+>""")
_CLOSING = {"!--": re.compile("-->")} | {
    name: re.compile(rf"</{name}\s*>", re.IGNORECASE) for name in ("script", "style", "title", "h1")
}

Source = Literal["json-ld", "opengraph", "title"]
Take = Callable[[str, object, Source], None]  # remember a find, unless a better source had it already

MAX_IMAGES = 8
MAX_TITLE, MAX_DESCRIPTION = 200, 5_000
_CHARSETS = {
    "utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "latin1", "iso-8859-2", "iso-8859-15", "windows-1250", "windows-1251",
    "windows-1252", "windows-1254", "windows-1258", "utf-16", "utf-16le", "utf-16be", "shift_jis", "euc-jp", "gbk", "gb2312",
    "gb18030", "big5", "euc-kr", "tis-620",
}  # fmt: skip
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([A-Za-z0-9_-]{1,20})", re.IGNORECASE)
_TRACKING = re.compile(
    r"(?:utm_.*|fbclid|gclid|gbraid|wbraid|ttclid|igsh|igshid|msclkid|srsltid|mc_[ce]id|_ga|yclid)\Z", re.IGNORECASE
)


class Reader(Protocol):
    """What fetches a page; `fetch.Fetcher` does."""

    def page(self, url: str) -> Fetched:
        """The page at an address; `fetch.Unreadable` with a sentence where there is none to be had."""


@dataclass(frozen=True, slots=True)
class FoundVariant:
    """One size or colour as the page lists it; None where the page is silent."""

    name: str
    sku: str
    price: Money | None
    in_stock: bool | None


@dataclass(frozen=True, slots=True)
class FoundProduct:
    """What was found on a page, and where; nothing of it is taken over before a person has looked.

    price_text: the price as the page writes it, also where it could not be read. images: full addresses.
    sources: which part of the page each field is from. is_product: the page calls itself one.
    """

    url: str
    site: str
    title: str = ""
    description: str = ""
    brand: str = ""
    price: Money | None = None
    price_text: str = ""
    in_stock: bool | None = None
    images: tuple[str, ...] = ()
    variants: tuple[FoundVariant, ...] = ()
    is_product: bool = False
    sources: Mapping[str, Source] = field(default_factory=dict)


def read_product(url: str, fetcher: Reader) -> FoundProduct:
    """Fetch a page and say what it tells about its product. Raises `fetch.Unreadable`, which is a sentence."""
    return read_page(fetcher.page(url))


def read_page(page: Fetched) -> FoundProduct:
    """The product that a fetched page tells about; fields it is silent about stay empty."""
    tree = LexborHTMLParser(_essence(_decoded(page)))
    metas, base = _metas(tree), _base(tree, page.url)
    told = jsonld.read(_scripts(tree), page.url)
    finds: dict[str, tuple[object, Source]] = {}

    def take(name: str, value: object, source: Source) -> None:
        if value and name not in finds:
            finds[name] = (value, source)

    if told is not None:
        _take_from_jsonld(told, base, take)
    _take_from_metas(metas, base, take)
    take("title", _line(_node_text(tree, "title") or _node_text(tree, "h1"))[:MAX_TITLE], "title")
    take("description", _line(metas.get("description", ""))[:MAX_DESCRIPTION], "title")
    values = {name: value for name, (value, _) in finds.items()}
    stock = values.pop("stock", None)
    return FoundProduct(
        url=without_tracking(page.url),
        site=(urlsplit(page.url).hostname or "").removeprefix("www."),
        in_stock=None if stock is None else stock == "in",
        is_product=told is not None or metas.get("og:type", "").startswith("product") or "product:price:amount" in metas,
        sources={name: source for name, (_, source) in finds.items()},
        **values,  # type: ignore[arg-type]  # each is what its name says, see `take`
    )


def without_tracking(url: str) -> str:
    """The address without fragments and the parameters that only say where somebody came from."""
    parts = urlsplit(url)
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKING.match(name)]
    return parts._replace(query=urlencode(kept), fragment="").geturl()


def _take_from_jsonld(told: jsonld.LdProduct, base: str, take: Take) -> None:
    take("title", _line(told.name)[:MAX_TITLE], "json-ld")
    take("description", _plain(told.description), "json-ld")
    take("brand", _line(told.brand)[:120], "json-ld")
    take("images", _addresses(told.images, base), "json-ld")
    prices = [(price, offer) for offer in told.offers if (price := _money(offer.price, offer.currency)) is not None]
    if prices:
        currency = prices[0][0].currency
        price, offer = min(((p, o) for p, o in prices if p.currency == currency), key=lambda found: found[0].minor)
        take("price", price, "json-ld")
        take("price_text", _written(offer.price, offer.currency), "json-ld")
    elif told.offers:
        take("price_text", _written(told.offers[0].price, told.offers[0].currency), "json-ld")
    stocks = [offer.in_stock for offer in told.offers if offer.in_stock is not None]
    take("stock", ("in" if any(stocks) else "out") if stocks else "", "json-ld")
    variants = tuple(
        FoundVariant(_line(v.name)[:120], _line(v.sku)[:80], _money(v.price, v.currency), v.in_stock) for v in told.variants
    )
    take("variants", variants, "json-ld")


def _take_from_metas(metas: Mapping[str, str], base: str, take: Take) -> None:
    take("title", _line(metas.get("og:title", ""))[:MAX_TITLE], "opengraph")
    take("description", _line(metas.get("og:description", ""))[:MAX_DESCRIPTION], "opengraph")
    take("brand", _line(metas.get("product:brand", ""))[:120], "opengraph")
    pictures = [metas[name] for name in ("og:image:secure_url", "og:image", "og:image:url", "twitter:image") if name in metas]
    take("images", _addresses(pictures[:1], base), "opengraph")
    for name in ("product:sale_price", "product:price", "og:price"):
        written, currency = metas.get(f"{name}:amount", ""), metas.get(f"{name}:currency", "").upper()
        take("price", _money(written, currency), "opengraph")
        take("price_text", _written(written, currency), "opengraph")
    stock = re.sub(r"[^a-z]", "", metas.get("product:availability", metas.get("og:availability", "")).lower())
    words = {"instock": "in", "available": "in", "preorder": "in", "outofstock": "out", "oos": "out", "discontinued": "out"}
    take("stock", words.get(stock, ""), "opengraph")


def _decoded(page: Fetched) -> str:
    """The page as text: by its byte order mark, its header, its meta tag, else UTF-8; what does not fit is marked."""
    body = page.body
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body.decode("utf-16", "replace")
    meta = _META_CHARSET.search(body[:4096])
    for charset in (page.charset, meta[1].decode().lower() if meta else ""):
        if charset in _CHARSETS:
            return body.decode(charset, "replace")
    return body.decode("utf-8-sig", "replace")


def _essence(page: str) -> str:
    """Only the elements that are read, found by one walk over the text.

    Parsing takes the square of how deep a page nests: 400,000 unclosed <div> would hold a processor for minutes.
    """
    parts: list[str] = []
    at = 0
    while (found := _WANTED.search(page, at)) is not None:
        name = found[1].lower()
        closing = _CLOSING[name].search(page, found.end()) if name in _CLOSING else None
        end = _TAG_END.match(page, found.end())
        if name == "!--":
            if closing is None:
                break
        elif end is None or (name in _CLOSING and closing is None):
            break  # the rest of the page is inside of this one
        elif name == "h1" and closing is not None:
            heading = re.sub(r"<[^<>]*>", " ", page[end.end() : closing.start()][:2000])
            parts.append(f"<h1>{heading}</h1>")
        elif name != "style":
            parts.append(page[found.start() : closing.end() if closing else end.end()])
        at = max(closing.end() if closing else 0, end.end() if end and name != "!--" else 0)
    return "\n".join(parts)


def _metas(tree: LexborHTMLParser) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in tree.css("meta"):
        name, content = node.attributes.get("property") or node.attributes.get("name"), node.attributes.get("content")
        if name and content and content.strip():
            found.setdefault(name.strip().lower(), content.strip())
    return found


def _scripts(tree: LexborHTMLParser) -> list[str]:
    kinds = [(node, (node.attributes.get("type") or "").lower()) for node in tree.css("script")]
    return [node.text() for node, kind in kinds if kind.split(";")[0].strip() == "application/ld+json"][:50]


def _base(tree: LexborHTMLParser, url: str) -> str:
    node = tree.css_first("base[href]")
    return _joined(url, (node.attributes.get("href") or "") if node else "") or url


def _node_text(tree: LexborHTMLParser, selector: str) -> str:
    node = tree.css_first(selector)
    return node.text() if node else ""


def _addresses(found: Iterable[str], base: str) -> tuple[str, ...]:
    joined = [_joined(base, address) for address in found]
    return tuple(dict.fromkeys(address for address in joined if address))[:MAX_IMAGES]


def _joined(base: str, address: str) -> str:
    try:
        full = urljoin(base, address.strip())
        parts = urlsplit(full)
    except ValueError:
        return ""
    return full if parts.scheme in ("http", "https") and parts.hostname and len(full) <= 2000 else ""


def _money(written: str, currency: str) -> Money | None:
    if currency not in EXPONENTS:
        return None
    try:
        minor = read_price(written, currency)
    except NotAnAmount:
        return None
    return Money(minor, currency) if 0 < minor < 10**15 else None


def _written(price: str, currency: str) -> str:
    return _line(f"{currency} {price}")[:60] if price else ""


def _line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in unicodedata.normalize("NFC", text)).split())


def _plain(text: str) -> str:
    """A description without its tags, paragraphs kept."""
    if "<" in text:
        text = text[: MAX_DESCRIPTION * 4]  # the parser's time grows with the square of nesting
        text = re.sub(r"(?i)<(?:br|/p|/li|/div|/h[1-6])\b[^>]*>", "\n", text)
        text = LexborHTMLParser(text).text() or ""
    lines = [_line(part) for part in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()[:MAX_DESCRIPTION]
