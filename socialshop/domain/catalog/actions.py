"""What a brand does with its products. Called inside a transaction; nothing here commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError

from ...kernel.database import session
from ...kernel.errors import N_, Conflict, FieldError, Invalid, NotFound
from . import stock
from .models import Product, ProductPhoto, Variant
from .rules import MAX_ALT, MAX_PHOTOS, ProductDraft, VariantDraft, check, clean_description, line


class SkuTaken(Conflict):
    """Somebody else gave this SKU, or this variant name, at the same moment."""

    code = "sku_taken"
    message = N_("Another product was given the same SKU at this moment. Please check and save again.")


class TooManyPhotos(Conflict):
    """A product shows a handful of photos, not an album."""

    code = "too_many_photos"
    message = N_("A product can have at most {most} photos. Remove one first.")

    def __init__(self) -> None:
        self.most = MAX_PHOTOS
        super().__init__()


def tidy(draft: ProductDraft) -> ProductDraft:
    """The draft with its texts as they are stored."""
    variants = tuple(
        VariantDraft(
            price_minor=v.price_minor, stock=v.stock, name=line(v.name), sku=line(v.sku), variant=v.variant,
            stock_seen=v.stock_seen, retire=v.retire,
        )
        for v in draft.variants
    )  # fmt: skip
    return ProductDraft(
        title=line(draft.title), variants=variants, description=clean_description(draft.description),
        category=line(draft.category), sold_here=draft.sold_here, source_url=draft.source_url.strip(), priced_at=draft.priced_at,
    )  # fmt: skip


def create(brand_id: int, currency: str, draft: ProductDraft, *, now: datetime) -> Product:
    """A new product with its variants; Invalid names every field that cannot be accepted."""
    draft = tidy(draft)
    _accept(brand_id, draft)
    product = Product(brand_id=brand_id, currency=currency, created_at=now)
    _write(product, draft, now)
    session().add(product)
    session().flush()
    for position, variant in enumerate(v for v in draft.variants if not v.retire):
        session().add(_new_variant(product, variant, position))
    _flush()
    return product


def edit(product: Product, draft: ProductDraft, *, now: datetime) -> Product:
    """State a product anew. Variants that the draft does not name stay as they are; order is the draft's.

    Raises Invalid by field; StockReserved or StockMoved where the shelf does not allow the new count.
    """
    draft = tidy(draft)
    _lock(product.id)
    variants = {v.public_id: v for v in live_variants(product.id)}
    if any(v.variant and v.variant not in variants for v in draft.variants):
        raise Conflict()  # retired or another product's
    _accept(product.brand_id, draft, unnamed=[v for key, v in variants.items() if key not in {d.variant for d in draft.variants}])
    _write(product, draft, now)
    _step_aside([variants[d.variant] for d in draft.variants if d.variant and _renamed(variants[d.variant], d)])
    for position, stated in enumerate(draft.variants):
        _state_variant(product, variants.get(stated.variant), stated, position, now)
    _flush()
    return product


def archive(product: Product, *, now: datetime) -> bool:
    """Take a product off every page; False where it already is. Open orders go on."""
    return _turn(product, "active", "archived", now)


def unarchive(product: Product, *, now: datetime) -> bool:
    """Show a product again; False where it already is."""
    return _turn(product, "archived", "active", now)


def add_photo(
    product: Product, *, picture_id: int, picture: str, width: int, height: int, alt: str = "", now: datetime
) -> ProductPhoto:
    """Put a picture behind the others; the same picture twice stays one photo. TooManyPhotos beyond eight."""
    _lock(product.id)
    photos = photos_of(product.id)
    known = next((photo for photo in photos if photo.picture_id == picture_id), None)
    if known is not None:
        return known
    if len(photos) >= MAX_PHOTOS:
        raise TooManyPhotos()
    position = photos[-1].position + 1 if photos else 0
    photo = ProductPhoto(
        product_id=product.id, picture_id=picture_id, picture=picture, width=width, height=height, position=position,
        alt=line(alt)[:MAX_ALT],
    )  # fmt: skip
    session().add(photo)
    product.updated_at = now
    session().flush()
    return photo


def arrange_photos(product: Product, order: Sequence[str], alts: Mapping[str, str], *, now: datetime) -> None:
    """Order and describe the photos by their pictures' ids; those not named follow as they were."""
    _lock(product.id)
    places = {picture: place for place, picture in enumerate(order)}
    photos = sorted(photos_of(product.id), key=lambda photo: places.get(photo.picture, len(places) + photo.position))
    for position, photo in enumerate(photos):
        photo.position = position
        photo.alt = line(alts.get(photo.picture, photo.alt))[:MAX_ALT]
    product.updated_at = now
    session().flush()


def remove_photo(product: Product, picture: str, *, now: datetime) -> int | None:
    """Take a photo off; the picture's id where no product shows it any more, so that the caller may forget it."""
    _lock(product.id)
    picture_id = session().scalar(
        delete(ProductPhoto)
        .where(ProductPhoto.product_id == product.id, ProductPhoto.picture == picture)
        .returning(ProductPhoto.picture_id)
    )
    if picture_id is None:
        raise NotFound()
    product.updated_at = now
    session().flush()
    left = session().scalar(select(func.count()).select_from(ProductPhoto).where(ProductPhoto.picture_id == picture_id))
    return None if left else picture_id


def read_again(product: Product, prices: Mapping[str, int], *, now: datetime) -> list[tuple[str, int, int]]:
    """Take prices read from the product's own page, by variant id; what changed as (variant, before, after)."""
    _lock(product.id)
    changed = []
    for variant in live_variants(product.id):
        price = prices.get(variant.public_id, variant.price_minor)
        if price != variant.price_minor and price > 0:
            changed.append((variant.public_id, variant.price_minor, price))
            variant.price_minor = price
    product.priced_at = product.updated_at = now
    session().flush()
    return changed


def live_variants(product_id: int) -> list[Variant]:
    """The variants that are still sold, in order."""
    query = select(Variant).where(Variant.product_id == product_id, Variant.retired_at.is_(None))
    return list(session().scalars(query.order_by(Variant.position, Variant.id)))


def photos_of(product_id: int) -> list[ProductPhoto]:
    """The photos in order."""
    query = select(ProductPhoto).where(ProductPhoto.product_id == product_id)
    return list(session().scalars(query.order_by(ProductPhoto.position, ProductPhoto.id)))


def taken_skus(brand_id: int, skus: Sequence[str]) -> dict[str, Variant]:
    """The live variants that carry these SKUs."""
    found: dict[str, Variant] = {}
    for start in range(0, len(skus), 500):
        query = select(Variant).where(
            Variant.brand_id == brand_id, Variant.retired_at.is_(None), Variant.sku.in_(skus[start : start + 500])
        )
        found.update({variant.sku: variant for variant in session().scalars(query)})
    return found


def _accept(brand_id: int, draft: ProductDraft, unnamed: Sequence[Variant] = ()) -> None:
    """Invalid with every wrong field. unnamed: live variants that stay although the draft is silent about them."""
    silent = tuple(
        VariantDraft(price_minor=v.price_minor, stock=v.stock, name=v.name, sku=v.sku, variant=v.public_id) for v in unnamed
    )
    stated = len(draft.variants)
    whole = ProductDraft(
        title=draft.title, description=draft.description, category=draft.category, sold_here=draft.sold_here,
        source_url=draft.source_url, variants=draft.variants + silent,
    )  # fmt: skip
    wrong = [error for error in check(whole) if _index(error.field) < stated]
    taken = taken_skus(brand_id, [v.sku for v in draft.variants if v.sku and not v.retire])
    named = {v.variant for v in draft.variants if v.variant}
    for i, variant in enumerate(draft.variants):
        owner = taken.get(variant.sku)
        if owner is not None and not variant.retire and owner.public_id not in named | {v.public_id for v in unnamed}:
            wrong.append(FieldError(f"variants-{i}-sku", "taken", N_("Another product has this SKU.")))
    if wrong:
        raise Invalid(fields=wrong)


def _index(field: str) -> int:
    parts = field.split("-")
    return int(parts[1]) if len(parts) == 3 else -1


def _write(product: Product, draft: ProductDraft, now: datetime) -> None:
    product.title, product.description, product.category = draft.title, draft.description, draft.category
    product.sold_here, product.source_url = draft.sold_here, draft.source_url
    if not draft.source_url:
        product.priced_at = None
    elif draft.priced_at is not None:
        product.priced_at = draft.priced_at
    product.updated_at = now


def _renamed(variant: Variant, stated: VariantDraft) -> bool:
    return (variant.name, variant.sku) != (stated.name, stated.sku)


def _step_aside(variants: list[Variant]) -> None:
    """Free the old names first, so that two variants may swap theirs."""
    if len(variants) > 1:
        for variant in variants:
            variant.name, variant.sku = variant.public_id, ""
        session().flush()


def _state_variant(product: Product, variant: Variant | None, stated: VariantDraft, position: int, now: datetime) -> None:
    if variant is None:
        if not stated.retire:
            session().add(_new_variant(product, stated, position))
        return
    if stated.retire:
        variant.retired_at = now
        return
    variant.name, variant.sku, variant.price_minor, variant.position = stated.name, stated.sku, stated.price_minor, position
    _flush()
    stock.count(
        variant, f"{product.title} ({stated.name})" if stated.name else product.title, stated.stock, seen=stated.stock_seen
    )


def _new_variant(product: Product, stated: VariantDraft, position: int) -> Variant:
    return Variant(
        brand_id=product.brand_id, product_id=product.id, name=stated.name, sku=stated.sku, price_minor=stated.price_minor,
        stock=stated.stock, reserved=0, position=position,
    )  # fmt: skip


def _flush() -> None:
    try:
        session().flush()
    except IntegrityError as error:
        raise SkuTaken() from error


def _lock(product_id: int) -> None:
    session().execute(select(Product.id).where(Product.id == product_id).with_for_update())


def _turn(product: Product, before: str, after: str, now: datetime) -> bool:
    found = session().scalar(
        update(Product)
        .where(Product.id == product.id, Product.state == before)
        .values(state=after, archived_at=now if after == "archived" else None, updated_at=now)
        .returning(Product.id)
        .execution_options(synchronize_session=False)
    )
    session().refresh(product)
    return found is not None
