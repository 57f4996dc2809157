"""What others ask about products: frozen answers, so that pages and orders never hold a row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, exists, func, or_, select

from ...kernel.database import session
from ...kernel.errors import NotFound
from ...kernel.money import Money
from .models import CatalogImport, Product, ProductPhoto, Variant

Shelf = Literal["active", "soldout", "archived", "all"]


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture of a product: its public id, its largest size in pixels, and what it shows in words."""

    picture: str
    alt: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One variant as it can be bought now. `available` is what is not reserved."""

    variant_id: int
    variant: str
    product_id: int
    product: str
    brand_id: int
    title: str
    variant_name: str
    sku: str
    category: str
    price: Money
    stock: int
    reserved: int
    photo: str
    photo_alt: str
    source_url: str
    priced_at: datetime | None
    sold_here: bool
    live: bool

    @property
    def available(self) -> int:
        """How many may still be ordered here."""
        return self.stock - self.reserved

    @property
    def buyable(self) -> bool:
        """Whether it can be put into a cart now."""
        return self.live and self.sold_here and self.available > 0

    @property
    def name(self) -> str:
        """The title with the variant's name, as an order line says it."""
        return f"{self.title} ({self.variant_name})" if self.variant_name else self.title

    @property
    def photo_path(self) -> str:
        """The path of the first photo at 640 pixels, or ""."""
        return _path(self.photo)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductOffer:
    """A product with all its live variants, as pages show it."""

    product_id: int
    product: str
    brand_id: int
    title: str
    description: str
    category: str
    currency: str
    photos: tuple[Photo, ...]
    variants: tuple[Offer, ...]
    source_url: str
    priced_at: datetime | None
    sold_here: bool
    live: bool
    updated_at: datetime

    @property
    def price(self) -> Money:
        """The lowest price."""
        return min((offer.price for offer in self.variants), default=Money(0, self.currency))

    @property
    def price_max(self) -> Money:
        """The highest price; equal to `price` where there is only one."""
        return max((offer.price for offer in self.variants), key=lambda price: price.minor, default=Money(0, self.currency))

    @property
    def available(self) -> int:
        """How many of any variant may still be ordered here."""
        return sum(offer.available for offer in self.variants)

    @property
    def buyable(self) -> bool:
        """Whether any variant can be put into a cart now."""
        return any(offer.buyable for offer in self.variants)

    @property
    def photo(self) -> str:
        """The first photo's picture, or ""."""
        return self.photos[0].picture if self.photos else ""

    @property
    def photo_alt(self) -> str:
        """What the first photo shows, or ""."""
        return self.photos[0].alt if self.photos else ""

    @property
    def photo_path(self) -> str:
        """The path of the first photo at 640 pixels, or ""."""
        return _path(self.photo)


def find_product(public_id: str) -> Product | None:
    """The product with this id, whoever's and in whatever state."""
    return session().scalar(select(Product).where(Product.public_id == public_id))


def product_of(brand_id: int, public_id: str) -> Product:
    """A brand's own product; NotFound for a stranger's."""
    found = session().scalar(select(Product).where(Product.public_id == public_id, Product.brand_id == brand_id))
    if found is None:
        raise NotFound()
    return found


def find_variant(public_id: str) -> Variant | None:
    """The variant with this id, retired or not."""
    return session().scalar(select(Variant).where(Variant.public_id == public_id))


def import_of(brand_id: int, public_id: str) -> CatalogImport:
    """A brand's own upload; NotFound for a stranger's."""
    found = session().scalar(
        select(CatalogImport).where(CatalogImport.public_id == public_id, CatalogImport.brand_id == brand_id)
    )
    if found is None:
        raise NotFound()
    return found


def offers(variant_ids: Iterable[int]) -> dict[int, Offer]:
    """Variants as they can be bought now, also retired and archived ones (then not `live`)."""
    return {offer.variant_id: offer for offer in _offers(Variant.id.in_(set(variant_ids)))}


def offers_of_products(product_ids: Iterable[int]) -> dict[int, ProductOffer]:
    """Products with their live variants, also archived ones (then not `live`)."""
    wanted = set(product_ids)
    return {offer.product_id: offer for offer in _assemble(session().scalars(select(Product).where(Product.id.in_(wanted))))}


def products_of(
    brand_id: int, *, search: str = "", state: Shelf = "active", category: str = "", limit: int = 50, offset: int = 0
) -> list[ProductOffer]:
    """A brand's products, the newest first."""
    query = select(Product).where(*_matching(brand_id, search, state, category)).order_by(Product.id.desc())
    return _assemble(session().scalars(query.limit(limit).offset(offset)))


def count_products(brand_id: int, *, search: str = "", state: Shelf = "active", category: str = "") -> int:
    """How many products that is in all."""
    return session().scalar(select(func.count()).select_from(Product).where(*_matching(brand_id, search, state, category))) or 0


def live_products_of(brand_ids: Sequence[int], *, search: str = "", limit: int = 60) -> list[ProductOffer]:
    """What creators may choose from: active products of these brands, the newest first."""
    query = select(Product).where(Product.brand_id.in_(brand_ids), Product.state == "active", *_search(search))
    return _assemble(session().scalars(query.order_by(Product.id.desc()).limit(limit)))


def categories_of(brand_id: int) -> list[str]:
    """The categories in use, by name."""
    query = (
        select(Product.category).where(Product.brand_id == brand_id, Product.state == "active", Product.category != "").distinct()
    )
    return sorted(session().scalars(query), key=str.casefold)


def discrepancies() -> list[tuple[str, str, str]]:
    """What must never be, as (invariant, public id, sentence): for `verify`."""
    over = select(Variant.public_id, Variant.stock, Variant.reserved).where(
        or_(Variant.reserved > Variant.stock, Variant.reserved < 0)
    )
    astray = select(Variant.public_id).join(Product, Product.id == Variant.product_id).where(Product.brand_id != Variant.brand_id)
    found = [("I-21", row[0], f"{row[2]} reserved of {row[1]} on the shelf") for row in session().execute(over)]
    return found + [("I-25", name, "the variant is of another brand than its product") for name in session().scalars(astray)]


def _matching(brand_id: int, search: str, state: Shelf, category: str) -> list[ColumnElement[bool]]:
    free = exists().where(Variant.product_id == Product.id, Variant.retired_at.is_(None), Variant.stock > Variant.reserved)
    states: dict[str, list[ColumnElement[bool]]] = {
        "active": [Product.state == "active"],
        "soldout": [Product.state == "active", Product.sold_here.is_(True), ~free],
        "archived": [Product.state == "archived"],
        "all": [],
    }
    chosen = [Product.category == category] if category else []
    return [Product.brand_id == brand_id, *states[state], *chosen, *_search(search)]


def _search(text: str) -> list[ColumnElement[bool]]:
    if not text:
        return []
    by_sku = exists().where(Variant.product_id == Product.id, Variant.sku.icontains(text, autoescape=True))
    return [or_(Product.title.icontains(text, autoescape=True), Product.category.icontains(text, autoescape=True), by_sku)]


def _assemble(found: Iterable[Product]) -> list[ProductOffer]:
    products = list(found)
    ids = [product.id for product in products]
    variants = defaultdict(list)
    for offer in _offers(Variant.product_id.in_(ids), Variant.retired_at.is_(None)):
        variants[offer.product_id].append(offer)
    photos = _photos(ids)
    return [
        ProductOffer(
            product_id=product.id, product=product.public_id, brand_id=product.brand_id, title=product.title,
            description=product.description, category=product.category, currency=product.currency,
            photos=tuple(photos[product.id]), variants=tuple(variants[product.id]), source_url=product.source_url,
            priced_at=product.priced_at, sold_here=product.sold_here, live=product.state == "active",
            updated_at=product.updated_at,
        )
        for product in products
    ]  # fmt: skip


def _offers(*conditions: ColumnElement[bool]) -> list[Offer]:
    query = select(Variant, Product).join(Product, Product.id == Variant.product_id).where(*conditions)
    rows = session().execute(query.order_by(Variant.product_id, Variant.position, Variant.id)).all()
    photos = _photos([product.id for _, product in rows])
    return [_offer(variant, product, photos[product.id]) for variant, product in rows]


def _offer(variant: Variant, product: Product, photos: list[Photo]) -> Offer:
    return Offer(
        variant_id=variant.id, variant=variant.public_id, product_id=product.id, product=product.public_id,
        brand_id=product.brand_id, title=product.title, variant_name=variant.name, sku=variant.sku, category=product.category,
        price=Money(variant.price_minor, product.currency), stock=variant.stock, reserved=variant.reserved,
        photo=photos[0].picture if photos else "", photo_alt=photos[0].alt if photos else "", source_url=product.source_url,
        priced_at=product.priced_at, sold_here=product.sold_here, live=product.state == "active" and variant.retired_at is None,
    )  # fmt: skip


def _photos(product_ids: Iterable[int]) -> dict[int, list[Photo]]:
    found: dict[int, list[Photo]] = defaultdict(list)
    query = select(ProductPhoto).where(ProductPhoto.product_id.in_(set(product_ids)))
    for photo in session().scalars(query.order_by(ProductPhoto.position, ProductPhoto.id)):
        found[photo.product_id].append(Photo(photo.picture, photo.alt, photo.width, photo.height))
    return found


def _path(picture: str) -> str:
    return f"/media/{picture}/640.webp" if picture else ""
