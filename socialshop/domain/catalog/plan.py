"""What the rows of an uploaded catalogue come to: which product each means, and what it would change.

A row means the product that has its SKU, else the one of its product_id, else the active one of its title, else a
new one. Empty cells leave things as they are. Reading only: `imports` keeps a plan and carries it out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from sqlalchemy import select

from ...kernel.database import session
from ...kernel.errors import N_, FieldError
from .actions import live_variants_of, taken_skus, tidy
from .models import Product, Variant
from .rules import ProductDraft, VariantDraft, check, clean_description, typed_description
from .sheet import BadRows, CellError, price_cell

What = Literal["new", "changed", "same"]
Row = dict[str, Any]  # {"row": number, column: value}; what `sheet.read_sheet` gives

_ABOUT_PRODUCT = ("title", "category", "description", "shop_link", "sold_at", "state")
_ABOUT_VARIANT = ("variant", "sku", "price", "stock")
_COLUMN_OF = {"source_url": "shop_link", "name": "variant", "variants": "variant"}  # fields of a draft, where they differ


@dataclass(frozen=True, slots=True)
class Planned:
    """What one product's rows come to. changes: [what, before, after] as texts for the preview."""

    what: What
    product: str  # public id, "" for a new one
    title: str
    rows: list[int]
    facts: Row  # of the product itself, as far as the rows state them
    variants: list[Row]  # with "id", the public id, where it exists
    changes: list[list[str]]

    def document(self) -> dict[str, Any]:
        """As it is kept between preview and confirmation."""
        return asdict(self)


def plan(brand_id: int, currency: str, rows: list[Row], errors: list[CellError]) -> list[Planned]:
    """What the rows come to, in their order. BadRows with every wrong cell, also those found while reading."""
    errors = [*errors, *_skus_twice(rows)]
    groups = _grouped(brand_id, rows, errors)
    current = live_variants_of([group.product.id for group in groups if group.product is not None])
    planned = [_planned(group, current.get(group.product.id, []) if group.product else [], currency, errors) for group in groups]
    if errors:
        raise BadRows(sorted(errors, key=lambda error: error.row))
    return planned


def draft_of(planned: Planned, product: Product | None, current: list[Variant]) -> ProductDraft:
    """The whole product after the import; variants that no row names stay as they are, in front."""
    facts, told = planned.facts, {row["id"]: row for row in planned.variants if "id" in row}
    variants = [_edited(variant, told.get(variant.public_id, {})) for variant in current]
    variants += [_new(row) for row in planned.variants if "id" not in row]
    if product is None:
        before: Row = {"title": "", "category": "", "description": "", "shop_link": "", "sold_at": "here"}
    else:
        before = _about(product)
    after = {**before, **facts}
    return ProductDraft(
        title=after["title"],
        description=after["description"],
        category=after["category"],
        sold_here=after["sold_at"] == "here",
        source_url=after["shop_link"],
        variants=tuple(variants),
    )


@dataclass(slots=True)
class _Group:
    """The rows of one product, existing or new."""

    product: Product | None
    rows: list[Row] = field(default_factory=list)


def _grouped(brand_id: int, rows: list[Row], errors: list[CellError]) -> list[_Group]:
    products = _Products(brand_id, rows)
    titles: dict[str, str] = {}  # a title in this file → whose rows it stands beside
    owners: dict[int, Product] = {}
    for row in rows:  # those that say whose they are come first, so that a title beside them means the same product
        owner = products.named(row, errors)
        if owner is not None:
            owners[row["row"]] = owner
            titles.setdefault(row.get("title", owner.title).casefold(), owner.public_id)
    groups: dict[str, _Group] = {}
    for row in rows:
        title = row.get("title", "").casefold()
        owner = owners.get(row["row"]) or products.by_id.get(titles.get(title, "")) or products.titled(row, errors)
        if owner is None and not title:
            errors.append(_cell(row, "title", "missing", N_("A new product needs a title.")))
            continue
        groups.setdefault(owner.public_id if owner else f"new:{title}", _Group(owner)).rows.append(row)
    return list(groups.values())


class _Products:
    """The brand's products that the rows may mean."""

    def __init__(self, brand_id: int, rows: list[Row]) -> None:
        self.skus = taken_skus(brand_id, list({row["sku"] for row in rows if "sku" in row}))
        everything = list(session().scalars(select(Product).where(Product.brand_id == brand_id).order_by(Product.id)))
        self.by_id = {product.public_id: product for product in everything}
        self.by_key = {product.id: product for product in everything}
        self.by_title: dict[str, list[Product]] = defaultdict(list)
        for product in everything:
            if product.state == "active":
                self.by_title[product.title.casefold()].append(product)

    def named(self, row: Row, errors: list[CellError]) -> Product | None:
        """The product that the row's SKU or product_id belongs to."""
        variant = self.skus.get(row.get("sku", ""))
        by_sku = None if variant is None else self.by_key[variant.product_id]
        by_id = self.by_id.get(row.get("product_id", ""))
        if "product_id" in row and by_id is None:
            errors.append(_cell(row, "product_id", "unknown", N_("There is no product “{value}” in your catalogue.")))
        elif by_id is not None and by_sku is not None and by_id is not by_sku:
            errors.append(_cell(row, "sku", "taken", N_("The SKU “{value}” belongs to another product.")))
        return by_sku or by_id

    def titled(self, row: Row, errors: list[CellError]) -> Product | None:
        """The one product that has the row's title."""
        same = self.by_title.get(row.get("title", "").casefold(), [])
        if len(same) > 1:
            message = N_("Several products are called “{value}”. Please give the SKU or the product_id.")
            errors.append(_cell(row, "title", "ambiguous", message))
        return same[0] if same else None


def _planned(group: _Group, current: list[Variant], currency: str, errors: list[CellError]) -> Planned:
    product = group.product
    facts, variants = _facts(group, errors), _match(group.rows, current, errors)
    title = facts.get("title", product.title if product else "")
    changes = _changes(product, facts, current, variants, currency) if product else []
    what: What = "new" if product is None else "changed" if changes else "same"
    planned = Planned(
        what, product.public_id if product else "", title, [row["row"] for row in group.rows], facts, variants, changes
    )
    _check(planned, group, current, errors)
    return planned


def _facts(group: _Group, errors: list[CellError]) -> Row:
    """What the rows say about the product itself; one row says it, others may repeat it."""
    facts: Row = {}
    for row in group.rows:
        for column in _ABOUT_PRODUCT:
            if column in row and facts.setdefault(column, row[column]) != row[column]:
                errors.append(_cell(row, column, "differs", N_("This differs from another row of the same product.")))
    return facts


def _match(rows: list[Row], current: list[Variant], errors: list[CellError]) -> list[Row]:
    """The variants that the rows state, with "id" where it exists: by SKU, else by name, else the only one."""
    by_sku = {variant.sku: variant for variant in current if variant.sku}
    by_name = {variant.name.casefold(): variant for variant in current}
    stated: list[Row] = []
    seen: set[str] = set()
    for row in rows:
        variant = by_sku.get(row.get("sku", "")) or by_name.get(row.get("variant", "").casefold())
        if variant is None and "variant" not in row and len(current) == 1:
            variant = current[0]
        facts: Row = {column: row[column] for column in ("row", *_ABOUT_VARIANT) if column in row}
        if variant is None:
            if "price" not in row and not _blamed(errors, row, "price"):
                errors.append(_cell(row, "price", "missing", N_("What is new needs a price.")))
        else:
            if variant.public_id in seen:
                errors.append(_cell(row, "variant", "twice", N_("Another row is about the same variant.")))
            if facts.get("stock", variant.stock) < variant.reserved:
                message = N_("{value} are reserved by open orders, so the stock cannot be lower.")
                errors.append(CellError(row["row"], "stock", "reserved", message, str(variant.reserved)))
            seen.add(variant.public_id)
            facts["id"] = variant.public_id
        stated.append(facts)
    return stated


def _changes(product: Product, facts: Row, current: list[Variant], variants: list[Row], currency: str) -> list[list[str]]:
    before = _about(product)
    after = dict(facts)
    if "description" in after:
        after["description"] = typed_description(clean_description(after["description"]))
    changes = [[c, before[c], after[c]] for c in _ABOUT_PRODUCT if c in after and after[c] != before[c]]
    known = {variant.public_id: variant for variant in current}
    for row in variants:
        variant = known.get(row.get("id", ""))
        if variant is None:
            changes.append(["variant", "", row.get("variant", "")])
            continue
        was = {"variant": variant.name, "sku": variant.sku, "price": variant.price_minor, "stock": variant.stock}
        for column in _ABOUT_VARIANT:
            if column in row and row[column] != was[column]:
                name = f"{column} ({variant.name})" if variant.name and column != "variant" else column
                changes.append([name, _shown(column, was[column], currency), _shown(column, row[column], currency)])
    return changes


def _check(planned: Planned, group: _Group, current: list[Variant], errors: list[CellError]) -> None:
    """The rules of a product, told as cells."""
    row_of = {row["id"]: row["row"] for row in planned.variants if "id" in row}
    rows = [row_of.get(variant.public_id, planned.rows[0]) for variant in current]
    rows += [row["row"] for row in planned.variants if "id" not in row]
    for error in check(tidy(draft_of(planned, group.product, current))):
        row, column = _place(error, rows, planned.rows[0])
        if not any(known.row == row and known.column == column for known in errors):
            errors.append(CellError(row, column, error.code, error.message))


def _place(error: FieldError, rows: list[int], first: int) -> tuple[int, str]:
    """`variants-1-price` is the price of the second variant's row."""
    parts = error.field.split("-")
    row = rows[int(parts[1])] if len(parts) == 3 else first
    return row, _COLUMN_OF.get(parts[-1], parts[-1])


def _about(product: Product) -> Row:
    return {
        "title": product.title,
        "category": product.category,
        "description": typed_description(product.description),
        "shop_link": product.source_url,
        "sold_at": "here" if product.sold_here else "link",
        "state": product.state,
    }


def _edited(variant: Variant, row: Row) -> VariantDraft:
    return VariantDraft(
        variant=variant.public_id,
        name=row.get("variant", variant.name),
        sku=row.get("sku", variant.sku),
        price_minor=row.get("price", variant.price_minor),
        stock=row.get("stock", variant.stock),
        stock_seen=variant.stock,
    )


def _new(row: Row) -> VariantDraft:
    # a missing price is told as its own cell; 1 keeps the rules from telling it twice
    return VariantDraft(
        name=row.get("variant", ""), sku=row.get("sku", ""), price_minor=row.get("price", 1), stock=row.get("stock", 0)
    )


def _skus_twice(rows: list[Row]) -> list[CellError]:
    count = Counter(row["sku"] for row in rows if "sku" in row)
    message = N_("The SKU “{value}” is in this file twice.")
    return [_cell(row, "sku", "twice", message) for row in rows if count[row.get("sku", "")] > 1]


def _shown(column: str, value: Any, currency: str) -> str:
    return price_cell(value, currency) if column == "price" else str(value)


def _cell(row: Row, column: str, code: str, message: str) -> CellError:
    return CellError(row["row"], column, code, message, str(row.get(column, ""))[:60])


def _blamed(errors: list[CellError], row: Row, column: str) -> bool:
    return any(error.row == row["row"] and error.column == column for error in errors)
