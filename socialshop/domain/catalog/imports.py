"""An uploaded catalogue: kept with what it would do, and then done exactly so, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select, update

from ...kernel.database import session
from ...kernel.errors import N_, Conflict, Gone
from .actions import archive, create_many, edit, live_variants_of, unarchive
from .models import CatalogImport, Product
from .plan import Planned, What, draft_of, plan
from .queries import products_of
from .rules import typed_description
from .sheet import BadRows, Sheet, price_cell

KEPT = timedelta(days=1)


class CatalogueMoved(Conflict):
    """Between preview and confirmation somebody changed what the preview was about."""

    code = "catalogue_moved"
    message = N_("Your catalogue changed since this preview, so nothing was imported. Please upload the file again.")


class PreviewOver(Gone):
    """A preview is used once, and for a day."""

    code = "preview_over"
    message = N_("This preview is no longer open. Please upload the file again.")


def preview(brand_id: int, currency: str, filename: str, sheet: Sheet, *, now: datetime) -> CatalogImport:
    """Keep an upload with what it would do. BadRows names every wrong cell, and then nothing is kept.

    A newer preview of the brand replaces the older ones.
    """
    planned = plan(brand_id, currency, sheet.rows, sheet.errors)
    session().execute(
        update(CatalogImport)
        .where(CatalogImport.brand_id == brand_id, CatalogImport.state == "preview")
        .values(state="dropped", rows=[], plan=[])
        .execution_options(synchronize_session=False)
    )
    kept = CatalogImport(
        brand_id=brand_id,
        filename=filename[:200],
        rows=sheet.rows,
        plan=[product.document() for product in planned],
        unused=sheet.unused,
        created_at=now,
    )
    session().add(kept)
    session().flush()
    return kept


def confirm(upload: CatalogImport, currency: str, *, now: datetime) -> dict[What, int]:
    """Do what the preview showed, all of it; how many products were new, changed, the same.

    Raises PreviewOver for one that is used or old, CatalogueMoved where it would no longer do what was shown.
    """
    claimed = session().scalar(
        update(CatalogImport)
        .where(CatalogImport.id == upload.id, CatalogImport.state == "preview", CatalogImport.created_at > now - KEPT)
        .values(state="imported", imported_at=now)
        .returning(CatalogImport.id)
        .execution_options(synchronize_session=False)
    )
    if claimed is None:
        raise PreviewOver()
    try:
        planned = plan(upload.brand_id, currency, upload.rows, [])
    except BadRows as error:
        raise CatalogueMoved() from error
    if [product.document() for product in planned] != upload.plan:
        raise CatalogueMoved()
    _carry_out(upload.brand_id, currency, planned, now)
    count: dict[What, int] = {"new": 0, "changed": 0, "same": 0}
    for product in planned:
        count[product.what] += 1
    return count


def drop(upload: CatalogImport) -> None:
    """Put a preview away without importing it."""
    session().execute(
        update(CatalogImport)
        .where(CatalogImport.id == upload.id, CatalogImport.state == "preview")
        .values(state="dropped", rows=[], plan=[])
        .execution_options(synchronize_session=False)
    )


def rows_of(brand_id: int, currency: str) -> Iterator[dict[str, str]]:
    """The whole catalogue as rows of texts, archived products too; `read_sheet` reads it back unchanged."""
    start, step = 0, 200
    while page := products_of(brand_id, state="all", limit=step, offset=start):
        start += step
        for offer in page:
            for variant in offer.variants:
                yield {
                    "product_id": offer.product,
                    "title": offer.title,
                    "variant": variant.variant_name,
                    "sku": variant.sku,
                    "price": price_cell(variant.price.minor, currency),
                    "stock": str(variant.stock),
                    "category": offer.category,
                    "description": typed_description(offer.description),
                    "shop_link": offer.source_url,
                    "sold_at": "here" if offer.sold_here else "link",
                    "state": "active" if offer.live else "archived",
                }


def _carry_out(brand_id: int, currency: str, planned: list[Planned], now: datetime) -> None:
    fresh = [product for product in planned if product.what == "new"]
    made = create_many(brand_id, currency, [draft_of(product, None, []) for product in fresh], now=now)
    done = list(zip(fresh, made, strict=True))
    changed = [product for product in planned if product.what == "changed"]
    known = {product.public_id: product for product in _products(brand_id, [product.product for product in changed])}
    variants = live_variants_of([product.id for product in known.values()])
    for product in changed:
        row = known[product.product]
        done.append((product, edit(row, draft_of(product, row, variants[row.id]), now=now)))
    for product, row in done:
        state = product.facts.get("state", row.state)
        if state != row.state:
            (archive if state == "archived" else unarchive)(row, now=now)


def _products(brand_id: int, public_ids: list[str]) -> list[Product]:
    found: list[Product] = []
    for start in range(0, len(public_ids), 500):
        names = public_ids[start : start + 500]
        found.extend(session().scalars(select(Product).where(Product.brand_id == brand_id, Product.public_id.in_(names))))
    return found
