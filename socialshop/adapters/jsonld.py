"""Products in JSON-LD, the way shops really write it: graphs, arrays, groups of variants, prices as text or number.

Pure reading: whatever is malformed is skipped, and walks are bounded, since the text is a stranger's.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

Node = dict[str, Any]

MAX_NODES = 20_000
MAX_DEPTH = 30
MAX_VARIANTS = 100
_KINDS = {"Product", "ProductGroup", "ProductModel", "IndividualProduct", "SomeProducts"}
_DOORS = (
    "@graph",
    "mainEntity",
    "mainEntityOfPage",
    "about",
    "itemOffered",
)  # where a page's own product may be, no related ones
_TRAITS = ("color", "size", "material", "pattern", "suggestedAge", "suggestedGender")
_OLD_PRICES = {"ListPrice", "StrikethroughPrice", "SRP", "MSRP", "RegularPrice", "MinimumAdvertisedPrice"}
_HERE = {
    "InStock",
    "LimitedAvailability",
    "InStoreOnly",
    "OnlineOnly",
    "PreOrder",
    "PreSale",
    "BackOrder",
    "MadeToOrder",
    "Reserved",
}
_GONE = {"OutOfStock", "SoldOut", "Discontinued"}
_WRAPPING = re.compile(
    r"\A\s*(?:<!--|(?://|/\*)\s*<!\[CDATA\[\s*(?:\*/)?|<!\[CDATA\[)|(?:-->|(?://|/\*)?\s*\]\]>\s*(?:\*/)?)\s*\Z"
)


@dataclass(frozen=True, slots=True)
class LdOffer:
    """What one offer says: price and currency as written ("" where it is silent), and whether it can be had."""

    name: str
    sku: str
    price: str
    currency: str
    in_stock: bool | None


@dataclass(frozen=True, slots=True)
class LdProduct:
    """What JSON-LD says about a page's product; texts are plain, images as written."""

    name: str
    description: str
    brand: str
    sku: str
    url: str
    images: tuple[str, ...]
    offers: tuple[LdOffer, ...]
    variants: tuple[LdOffer, ...]


def read(scripts: list[str], page_url: str) -> LdProduct | None:
    """The product of the page, or None where the scripts name none."""
    documents = [document for script in scripts if (document := _parsed(script)) is not None]
    reader = _Reader(documents)
    node = reader.product(page_url)
    return None if node is None else reader.read(node)


def _parsed(script: str) -> Any:
    try:
        # numbers stay text: no float ever touches a price; strict=False takes raw line breaks inside of strings
        return json.loads(
            _WRAPPING.sub("", script), strict=False, parse_float=str, parse_int=str, parse_constant=lambda _name: None
        )  # fmt: skip
    except (ValueError, RecursionError):
        return None


class _Reader:
    """One page's documents, with what refers to what by @id."""

    def __init__(self, documents: list[Any]) -> None:
        self.documents = documents
        self.by_id: dict[str, Node] = {}
        for node in _all_nodes(documents):
            name = node.get("@id")
            if isinstance(name, str) and len(node) > 1 and len(node) > len(self.by_id.get(name, {})):
                self.by_id[name] = node

    def product(self, page_url: str) -> Node | None:
        """The node that is the page's own product: named by its address, else the first that has an offer."""
        found = list(self._candidates(self.documents, 0))
        groups = [group for node in found if (group := self._group_of(node)) is not None]
        ranked = [*groups, *found]
        here = [node for node in ranked if _same_page(node, page_url)]
        priced = [node for node in ranked if "offers" in node or "hasVariant" in node]
        return next(iter([*[node for node in here if node in priced], *priced, *ranked]), None)

    def read(self, node: Node) -> LdProduct:
        """The facts of a product node."""
        variants = [self.resolved(v) for v in _listed(node.get("hasVariant"))][:MAX_VARIANTS]
        parts = [part for part in variants if part]
        title = text(node.get("name"))
        told = [self._variant(part, title) for part in parts]
        own = self._offers(node)
        first = parts[0] if parts else {}
        return LdProduct(
            name=title or text(first.get("name")),
            description=text(node.get("description") or first.get("description"), lines=True),
            brand=text(self.resolved(node.get("brand")) or node.get("brand")),
            sku=text(node.get("sku")),
            url=text(node.get("url")),
            images=tuple(dict.fromkeys([*self._images(node), *(i for part in parts for i in self._images(part))])),
            offers=tuple(own or told),
            variants=tuple(told or _named(own, title)),
        )

    def resolved(self, value: Any) -> Node | None:
        """A node, also where only its @id is given."""
        if not isinstance(value, dict):
            return None
        name = value.get("@id")
        return self.by_id.get(name, value) if len(value) <= 2 and isinstance(name, str) else value

    def _candidates(self, value: Any, depth: int) -> Iterator[Node]:
        if depth > MAX_DEPTH:
            return
        if isinstance(value, list):
            for part in value[:MAX_NODES]:
                yield from self._candidates(part, depth + 1)
        elif isinstance(value, dict):
            node = self.resolved(value) or value
            if _kinds(node) & _KINDS:
                yield node
                return
            for door in _DOORS:
                if door in node:
                    yield from self._candidates(node[door], depth + 1)

    def _group_of(self, node: Node) -> Node | None:
        """The group that a variant belongs to, where the group lists its variants."""
        group = self.resolved(next(iter(_listed(node.get("isVariantOf"))), None))
        return group if group is not None and "hasVariant" in group else None

    def _variant(self, node: Node, title: str) -> LdOffer:
        offers = self._offers(node)
        offer = offers[0] if offers else LdOffer("", "", "", "", None)
        return LdOffer(
            _variant_name(node, title), text(node.get("sku")) or offer.sku, offer.price, offer.currency, offer.in_stock
        )

    def _offers(self, node: Node) -> list[LdOffer]:
        found: list[LdOffer] = []
        for value in _listed(node.get("offers"))[:MAX_VARIANTS]:
            offer = self.resolved(value)
            if offer is None:
                continue
            nested = [self.resolved(part) for part in _listed(offer.get("offers"))]
            if any(nested):
                found.extend(self._offer(part, offer) for part in nested[:MAX_VARIANTS] if part)
            else:
                found.append(self._offer(offer, {}))
        return found

    def _offer(self, offer: Node, around: Node) -> LdOffer:
        price, currency = _price_of(offer)
        if not price:
            for spec in _listed(offer.get("priceSpecification")):
                told = self.resolved(spec) or {}
                if text(told.get("priceType")).rsplit("/", 1)[-1] not in _OLD_PRICES and not price:
                    price, currency = _price_of(told)[0], _price_of(told)[1] or currency
        currency = currency or _price_of(around)[1]
        stock = _in_stock(offer.get("availability", around.get("availability")))
        return LdOffer(text(offer.get("name")), text(offer.get("sku")), price, currency.upper(), stock)

    def _images(self, node: Node) -> Iterator[str]:
        for value in _listed(node.get("image"))[:20]:
            image = self.resolved(value)
            address = value if isinstance(value, str) else text((image or {}).get("contentUrl") or (image or {}).get("url"))
            if address:
                yield html.unescape(address.strip())


def text(value: Any, *, lines: bool = False) -> str:
    """The plain text of a value in any of its forms; "" for what is none. lines: keep line breaks."""
    for _ in range(4):
        if isinstance(value, list):
            value = value[0] if value else ""
        elif isinstance(value, dict):
            value = value.get("@value", value.get("name", ""))
    if not isinstance(value, str):
        return ""
    plain = html.unescape(value)
    return plain.strip() if lines else " ".join(plain.split())


def _all_nodes(documents: list[Any]) -> Iterator[Node]:
    waiting: list[tuple[Any, int]] = [(documents, 0)]
    seen = 0
    while waiting and seen < MAX_NODES:
        value, depth = waiting.pop()
        seen += 1
        if isinstance(value, dict):
            yield value
        if depth < MAX_DEPTH and isinstance(value, dict | list):
            waiting.extend((part, depth + 1) for part in (value.values() if isinstance(value, dict) else value))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _kinds(node: Node) -> set[str]:
    return {re.split(r"[/:#]", kind)[-1] for kind in _listed(node.get("@type")) if isinstance(kind, str)}


def _same_page(node: Node, page_url: str) -> bool:
    for key in ("url", "@id", "mainEntityOfPage"):
        address = text(node.get(key))
        try:
            if address and urlsplit(address).path.rstrip("/") == urlsplit(page_url).path.rstrip("/") != "":
                return True
        except ValueError:
            continue
    return False


def _price_of(offer: Node) -> tuple[str, str]:
    for key in ("price", "lowPrice", "minPrice"):
        if price := _amount(text(offer.get(key))):
            return price, text(offer.get("priceCurrency"))
    return "", text(offer.get("priceCurrency"))


def _amount(written: str) -> str:
    """1.49e5 as plain digits; anything else as it stands."""
    if not re.fullmatch(r"[0-9.]{1,20}[eE][+-]?[0-9]{1,2}", written):
        return written
    try:
        return format(Decimal(written), "f")
    except InvalidOperation:
        return ""


def _in_stock(value: Any) -> bool | None:
    word = re.split(r"[/:#]", text(value))[-1].replace(" ", "")
    return True if word in _HERE else False if word in _GONE else None


def _variant_name(node: Node, title: str) -> str:
    traits = [text(node.get(trait)) for trait in _TRAITS]
    for extra in _listed(node.get("additionalProperty")):
        if isinstance(extra, dict):
            traits.append(text(extra.get("value")))
    named = " / ".join(dict.fromkeys(trait for trait in traits if trait))
    return named or _without(text(node.get("name")), title)


def _without(name: str, title: str) -> str:
    rest = name[len(title) :] if title and name.casefold().startswith(title.casefold()) else name
    return rest.strip(" -–—/|,:()[]")


def _named(offers: list[LdOffer], title: str) -> list[LdOffer]:
    """Several offers of one product are its variants where they have names or SKUs of their own."""
    called = [LdOffer(_without(o.name, title) or o.sku, o.sku, o.price, o.currency, o.in_stock) for o in offers]
    distinct = {offer.name for offer in called if offer.name}
    return called if len(offers) > 1 and len(distinct) == len(offers) else []
