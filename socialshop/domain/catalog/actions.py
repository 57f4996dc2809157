"""What a brand does with its products. Called inside a transaction; nothing here commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from ...kernel.database import session
from ...kernel.errors import N_, Conflict, FieldError, Invalid
from . import stock
from .models import Product, Variant
from .rules import ProductDraft, VariantDraft, check, clean_description, line


class SkuTaken(Conflict):
    """Somebody else gave this SKU, or this variant name, at the same moment."""

    code = "sku_taken"
    message = N_("Another product was given the same SKU at this moment. Please check and save again.")


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
    _accept(brand_id, draft, taken_skus(brand_id, _skus(draft)))
    return _create([draft], brand_id, currency, now)[0]


def create_many(brand_id: int, currency: str, drafts: Sequence[ProductDraft], *, now: datetime) -> list[Product]:
    """Many new products in a few statements, so that an import holds the database only briefly."""
    drafts = [tidy(draft) for draft in drafts]
    taken = taken_skus(brand_id, [sku for draft in drafts for sku in _skus(draft)])
    for draft in drafts:
        _accept(brand_id, draft, taken)
    return _create(drafts, brand_id, currency, now)


def edit(product: Product, draft: ProductDraft, *, now: datetime) -> Product:
    """State a product anew. Variants that the draft does not name stay as they are; order is the draft's.

    Raises Invalid by field; StockReserved or StockMoved where the shelf does not allow the new count.
    """
    draft = tidy(draft)
    lock(product.id)
    variants = {v.public_id: v for v in live_variants(product.id)}
    if any(v.variant and v.variant not in variants for v in draft.variants):
        raise Conflict()  # retired or another product's
    named = {d.variant for d in draft.variants}
    known = {v.sku for v in variants.values()}
    taken = taken_skus(product.brand_id, [sku for sku in _skus(draft) if sku not in known])
    _accept(product.brand_id, draft, taken, unnamed=[v for key, v in variants.items() if key not in named])
    _write(product, draft, now)
    _step_aside([variants[d.variant] for d in draft.variants if d.variant and _renamed(variants[d.variant], d)])
    for position, stated in enumerate(draft.variants):
        _state_variant(product, variants.get(stated.variant), stated, position, now)
    _flush()
    for stated in draft.variants:
        if stated.variant and not stated.retire:
            title = f"{product.title} ({stated.name})" if stated.name else product.title
            stock.count(variants[stated.variant], title, stated.stock, seen=stated.stock_seen)
    return product


def archive(product: Product, *, now: datetime) -> bool:
    """Take a product off every page; False where it already is. Open orders go on."""
    return _turn(product, "active", "archived", now)


def unarchive(product: Product, *, now: datetime) -> bool:
    """Show a product again; False where it already is."""
    return _turn(product, "archived", "active", now)


def read_again(product: Product, prices: Mapping[str, int], *, now: datetime) -> list[tuple[str, int, int]]:
    """Take prices read from the product's own page, by variant id; what changed as (variant, before, after)."""
    lock(product.id)
    changed = []
    for variant in live_variants(product.id):
        price = prices.get(variant.public_id, variant.price_minor)
        if price != variant.price_minor and price > 0:
            changed.append((variant.public_id, variant.price_minor, price))
            variant.price_minor = price
    product.priced_at = product.updated_at = now
    session().flush()
    return changed


def lock(product_id: int) -> None:
    """Let nobody else edit this product until the transaction ends."""
    session().execute(select(Product.id).where(Product.id == product_id).with_for_update())


def live_variants(product_id: int) -> list[Variant]:
    """The variants that are still sold, in order."""
    query = select(Variant).where(Variant.product_id == product_id, Variant.retired_at.is_(None))
    return list(session().scalars(query.order_by(Variant.position, Variant.id)))


def live_variants_of(product_ids: Sequence[int]) -> dict[int, list[Variant]]:
    """The same for many products at once."""
    found: dict[int, list[Variant]] = {product_id: [] for product_id in product_ids}
    for start in range(0, len(product_ids), 500):
        query = select(Variant).where(Variant.product_id.in_(product_ids[start : start + 500]), Variant.retired_at.is_(None))
        for variant in session().scalars(query.order_by(Variant.position, Variant.id)):
            found[variant.product_id].append(variant)
    return found


def taken_skus(brand_id: int, skus: Sequence[str]) -> dict[str, Variant]:
    """The live variants that carry these SKUs."""
    found: dict[str, Variant] = {}
    for start in range(0, len(skus), 500):
        query = select(Variant).where(
            Variant.brand_id == brand_id, Variant.retired_at.is_(None), Variant.sku.in_(skus[start : start + 500])
        )
        found.update({variant.sku: variant for variant in session().scalars(query)})
    return found


def _create(drafts: Sequence[ProductDraft], brand_id: int, currency: str, now: datetime) -> list[Product]:
    made = [Product(brand_id=brand_id, currency=currency, created_at=now) for _ in drafts]
    for product, draft in zip(made, drafts, strict=True):
        _write(product, draft, now)
    session().add_all(made)
    session().flush()
    for product, draft in zip(made, drafts, strict=True):
        stated = [variant for variant in draft.variants if not variant.retire]
        session().add_all(_new_variant(product, variant, position) for position, variant in enumerate(stated))
    _flush()
    return made


def _skus(draft: ProductDraft) -> list[str]:
    return [variant.sku for variant in draft.variants if variant.sku and not variant.retire]


def _accept(brand_id: int, draft: ProductDraft, taken: Mapping[str, Variant], unnamed: Sequence[Variant] = ()) -> None:
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
