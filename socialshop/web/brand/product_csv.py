"""The catalogue as CSV: a template, an upload with preview, and the way out."""

from __future__ import annotations

from flask import Response as Answer
from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import FileField

from ...domain import audit, catalog
from ...kernel.clock import utcnow
from ...kernel.database import transaction
from ...kernel.money import from_decimal
from ..access import BRAND_MANAGE, BRAND_VIEW, actor, allow
from ..local import locale, money_filter, sentence
from . import bp
from .products import Page

SHOWN = 200
_EXAMPLE = (
    {"title": "Kopi Gayo", "variant": "250 g", "sku": "KG-250", "price": "95000", "stock": "20", "category": "Kopi",
     "description": "Arabika dari Aceh.", "sold_at": "here"},
    {"title": "Kopi Gayo", "variant": "500 g", "sku": "KG-500", "price": "180000", "stock": "8"},
    {"title": "Gelas Senja", "sku": "GL-1", "price": "45.000", "category": "Dapur", "shop_link": "https://example.com/gelas",
     "sold_at": "link"},
)  # fmt: skip


class UploadForm(FlaskForm):  # type: ignore[misc]  # flask-wtf is untyped
    """One CSV file."""

    file = FileField(_l("CSV file"))


@bp.route("/products/import", methods=["GET", "POST"])
@allow(BRAND_MANAGE)
def product_import() -> Page:
    """Upload a file: it is read and shown, and nothing happens yet."""
    form = UploadForm()
    if not form.is_submitted():
        return render_template("brand/product_import.html", form=form)
    file = request.files.get("file")
    if not form.validate_on_submit() or file is None or not file.filename:
        form.file.errors = [gettext("Please choose a file.")]
        return render_template("brand/product_import.html", form=form), 422
    try:
        sheet = catalog.read_sheet(file.read(), g.brand.currency)
        with transaction():
            kept = catalog.preview_import(g.brand.id, g.brand.currency, file.filename, sheet, now=utcnow())
    except catalog.BadRows as refusal:
        cells = [(cell, gettext(cell.message).format(**cell.facts)) for cell in refusal.cells]
        facts = {"cells": cells[:SHOWN], "wrong": len(cells), "name": file.filename, "headings": _headings()}
        return render_template("brand/product_import.html", form=form, **facts), 422
    except catalog.BadSheet as refusal:
        form.file.errors = [sentence(refusal)]
        return render_template("brand/product_import.html", form=form), 422
    return redirect(url_for("brand.product_import_preview", upload=kept.public_id), 303)


@bp.get("/products/import/<upload>")
@allow(BRAND_MANAGE)
def product_import_preview(upload: str) -> str:
    """What the upload would do, product by product."""
    kept = catalog.import_of(g.brand.id, upload)
    if kept.state != "preview":
        raise catalog.PreviewOver()
    counts = {what: sum(product["what"] == what for product in kept.plan) for what in ("new", "changed", "same")}
    order = {"new": 0, "changed": 1, "same": 2}
    plan = sorted(kept.plan, key=lambda product: order[product["what"]])
    return render_template("brand/product_import_preview.html", upload=kept, counts=counts, plan=plan[:SHOWN], said=_said)


@bp.post("/products/import/<upload>")
@allow(BRAND_MANAGE)
def product_import_confirm(upload: str) -> Response:
    """Import exactly what was shown, or nothing."""
    try:
        with transaction():
            kept = catalog.import_of(g.brand.id, upload)
            counts = catalog.confirm_import(kept, g.brand.currency, now=utcnow())
            after: dict[str, object] = {"file": kept.filename, "new": counts["new"], "changed": counts["changed"]}
            audit.note("catalogue.imported", kept.public_id, actor=actor(), tenant=g.brand.public_id, now=utcnow(), after=after)
    except (catalog.CatalogueMoved, catalog.PreviewOver, catalog.SkuTaken, catalog.StockMoved, catalog.StockReserved) as refusal:
        flash(sentence(refusal), "bad")
        return redirect(url_for("brand.product_import"), 303)
    told = gettext(
        "Imported: %(new)s new, %(changed)s changed, %(same)s as before.",
        new=counts["new"],
        changed=counts["changed"],
        same=counts["same"],
    )
    flash(told, "good")
    return redirect(url_for("brand.products"), 303)


@bp.post("/products/import/<upload>/drop")
@allow(BRAND_MANAGE)
def product_import_drop(upload: str) -> Response:
    """Put the upload away."""
    with transaction():
        catalog.drop_import(catalog.import_of(g.brand.id, upload))
    flash(gettext("Nothing was imported."), "info")
    return redirect(url_for("brand.products"), 303)


@bp.get("/products/template.csv")
@allow(BRAND_MANAGE)
def product_template() -> Answer:
    """Headings and three examples, in the viewer's language."""
    return _csv(catalog.write_sheet(_EXAMPLE, _headings()), gettext("product-template"))


@bp.get("/products/export.csv")
@allow(BRAND_VIEW)
def product_export() -> Answer:
    """The whole catalogue; uploaded again it changes nothing."""
    return _csv(catalog.write_sheet(catalog.rows_of(g.brand.id, g.brand.currency), _headings()), f"{g.brand.slug}-products")


def _said(column: str, text: str) -> str:
    """A value of the plan as people read it."""
    if column == "price":
        return money_filter(from_decimal(text, g.brand.currency), g.brand.currency)
    words = {
        "here": gettext("Here, in socialshop's checkout"),
        "link": gettext("At your own shop"),
        "active": gettext("For sale"),
        "archived": gettext("Archived"),
    }
    if column in ("sold_at", "state"):
        return str(words.get(text, text))
    return text if len(text) <= 60 else f"{text[:60]}…"


def _headings() -> dict[str, str] | None:
    return catalog.HEADINGS_ID if locale() == "id" else None


def _csv(content: bytes, name: str) -> Answer:
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "no-store"}
    return Answer(content, mimetype="text/csv", headers=headers)
