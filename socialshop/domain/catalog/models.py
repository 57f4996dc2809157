"""Products as buyers see them, and what is on the shelf."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ...kernel.database import Model, UtcDateTime, primary_key, public_key

_LIVE = text("retired_at IS NULL")
_LIVE_SKU = text("retired_at IS NULL AND sku <> ''")


class Product(Model):
    """Something a brand sells; the price and stock are its variants'."""

    __tablename__ = "products"
    __table_args__ = (
        CheckConstraint("state IN ('active', 'archived')", name="state"),
        CheckConstraint("sold_here OR source_url <> ''", name="sold_somewhere"),
    )

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("prd")
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text, default="")  # few tags, cleaned on the way in
    category: Mapped[str] = mapped_column(String(80), default="")
    currency: Mapped[str] = mapped_column(String(3))
    state: Mapped[str] = mapped_column(String(10), default="active")
    archived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sold_here: Mapped[bool] = mapped_column(default=True)  # else only at source_url
    source_url: Mapped[str] = mapped_column(String(2000), default="")  # the brand's own shop page
    priced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when the price was read from source_url
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Variant(Model):
    """One size or colour: price, shelf and what is reserved of it. `reserved` never exceeds `stock`."""

    __tablename__ = "variants"
    __table_args__ = (
        Index("uq_variants_live_name", "product_id", "name", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
        Index("uq_variants_live_sku", "brand_id", "sku", unique=True, sqlite_where=_LIVE_SKU, postgresql_where=_LIVE_SKU),
        CheckConstraint("price_minor >= 0", name="price"),
        CheckConstraint("reserved >= 0 AND reserved <= stock", name="reserved"),
    )

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("var")
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))  # the product's, so that a SKU is unique in a brand
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), index=True)
    name: Mapped[str] = mapped_column(String(120), default="")  # "" where there is only one
    sku: Mapped[str] = mapped_column(String(80), default="")
    price_minor: Mapped[int]
    stock: Mapped[int] = mapped_column(default=0)  # on the shelf, reserved ones included
    reserved: Mapped[int] = mapped_column(default=0)  # held by orders not yet paid or shipped
    position: Mapped[int] = mapped_column(default=0)
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ProductPhoto(Model):
    """A picture of a product, in order. Id and size of the picture are kept here, so that lists need no other room."""

    __tablename__ = "product_photos"
    __table_args__ = (UniqueConstraint("product_id", "picture_id"),)

    id: Mapped[int] = primary_key()
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    picture_id: Mapped[int] = mapped_column(ForeignKey("pictures.id"), index=True)
    picture: Mapped[str] = mapped_column(String(40))  # public id
    width: Mapped[int]
    height: Mapped[int]
    position: Mapped[int] = mapped_column(default=0)
    alt: Mapped[str] = mapped_column(String(200), default="")


class CatalogImport(Model):
    """An uploaded CSV between preview and confirmation: what was shown is exactly what gets imported."""

    __tablename__ = "catalog_imports"
    __table_args__ = (CheckConstraint("state IN ('preview', 'imported', 'dropped')", name="state"),)

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("imp")
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"), index=True)
    filename: Mapped[str] = mapped_column(String(200), default="")
    rows: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # the cells as read
    plan: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # what they come to, as previewed
    unused: Mapped[list[str]] = mapped_column(JSON, default=list)  # columns we do not know
    state: Mapped[str] = mapped_column(String(10), default="preview")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    imported_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
