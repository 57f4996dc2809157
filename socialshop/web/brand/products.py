"""A brand's products: the list, one product, its form; archived and shown again."""

from __future__ import annotations

from typing import Any, cast, get_args

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext
from itsdangerous import BadSignature, URLSafeSerializer
from markupsafe import Markup
from werkzeug.wrappers import Response

from ...domain import audit, catalog
from ...kernel.clock import instant, utcnow
from ...kernel.database import transaction
from ...kernel.errors import Conflict, Invalid
from .. import paging
from ..access import BRAND_MANAGE, BRAND_VIEW, actor, allow
from . import bp
from .product_form import ProductForm, filled
from .product_photos import attach, chosen_pictures, uploaded

PAGE = 25
Page = str | Response | tuple[str, int]


@bp.app_template_filter("rich_text")
def rich_text(stored: str) -> Markup:
    """A product's description with its few safe tags."""
    return Markup(catalog.description_html(stored))  # noqa: S704  # cleaned there, once more


@bp.get("/products", endpoint="products")
@allow(BRAND_VIEW)
def products_list() -> str:
    """All products, found by name, category or SKU."""
    search = request.args.get("q", "").strip()[:100]
    asked = request.args.get("state", "active")
    state = cast(catalog.Shelf, asked if asked in get_args(catalog.Shelf) else "active")
    number = paging.page_number()
    found = catalog.products_of(g.brand.id, search=search, state=state, limit=PAGE + 1, offset=(number - 1) * PAGE)
    return render_template(
        "brand/products.html",
        products=found[:PAGE],
        more=len(found) > PAGE,
        number=number,
        search=search,
        state=state,
        counts={shelf: catalog.count_products(g.brand.id, state=shelf) for shelf in ("active", "soldout", "archived")},
    )


@bp.get("/products/<product>")
@allow(BRAND_VIEW)
def product(product: str) -> str:
    """One product as it stands, with what may be done to it."""
    row = catalog.product_of(g.brand.id, product)
    return render_template("brand/product.html", product=catalog.offers_of_products([row.id])[row.id], most=catalog.MAX_PHOTOS)


@bp.route("/products/new", methods=["GET", "POST"])
@allow(BRAND_MANAGE)
def product_new() -> Page:
    """A new product: typed here, or found at a pasted address and corrected here."""
    form = ProductForm()
    pictures = chosen_pictures()
    if not form.is_submitted():
        return show_form(form, pictures=pictures)
    try:
        pictures += uploaded()
    except Invalid as refusal:
        form.validate()
        form.blame(refusal)
        return show_form(form, pictures=pictures), 422
    if "more" in request.form:
        form.more()
        return show_form(form, pictures=pictures)
    if form.validate_on_submit():
        try:
            made = _create(form, [picture.public_id for picture in pictures])
        except (Invalid, Conflict) as refusal:
            form.blame(refusal)
        else:
            flash(gettext("%(title)s is in your catalogue now.", title=made.title), "good")
            return redirect(url_for("brand.product", product=made.public_id), 303)
    return show_form(form, pictures=pictures), 422


@bp.route("/products/<product>/edit", methods=["GET", "POST"])
@allow(BRAND_MANAGE)
def product_edit(product: str) -> Page:
    """State a product anew; stock that was not touched keeps what sales did to it meanwhile."""
    row = catalog.product_of(g.brand.id, product)
    offer = catalog.offers_of_products([row.id])[row.id]
    form = ProductForm(data=filled(offer)) if request.method == "GET" else ProductForm()
    if not form.is_submitted():
        return show_form(form, product=offer)
    if "more" in request.form:
        form.more()
        return show_form(form, product=offer)
    if form.validate_on_submit():
        try:
            _edit(form, product)
        except (Invalid, Conflict) as refusal:
            form.blame(refusal)
        else:
            flash(gettext("Saved."), "good")
            return redirect(url_for("brand.product", product=product), 303)
    return show_form(form, product=offer), 422


@bp.post("/products/<product>/archive")
@allow(BRAND_MANAGE)
def product_archive(product: str) -> Response:
    """Take it off every page; open orders go on."""
    with transaction():
        row = catalog.product_of(g.brand.id, product)
        if catalog.archive(row, now=utcnow()):
            _note("product.archived", row)
    flash(gettext("%(title)s is archived: nobody can buy it any more. Open orders go on.", title=row.title), "good")
    return redirect(url_for("brand.product", product=product), 303)


@bp.post("/products/<product>/unarchive")
@allow(BRAND_MANAGE)
def product_unarchive(product: str) -> Response:
    """Show it again."""
    with transaction():
        row = catalog.product_of(g.brand.id, product)
        if catalog.unarchive(row, now=utcnow()):
            _note("product.unarchived", row)
    flash(gettext("%(title)s is for sale again.", title=row.title), "good")
    return redirect(url_for("brand.product", product=product), 303)


def show_form(form: ProductForm, **facts: Any) -> str:
    """The form page; `found` is what was read at a pasted address."""
    return render_template("brand/product_form.html", form=form, categories=catalog.categories_of(g.brand.id), **facts)


def sealed(found: dict[str, Any]) -> str:
    """What was read at an address and when, so that the price's age survives the form unforged."""
    return str(_seal().dumps(found))


def unsealed(token: str) -> dict[str, Any]:
    """What `sealed` has sealed; empty where it is not ours."""
    try:
        return dict(_seal().loads(token))
    except (BadSignature, ValueError, TypeError):
        return {}


def facts_of(product: catalog.Product) -> dict[str, Any]:
    """What the audit keeps of a product."""
    variants = catalog.live_variants(product.id)
    return {
        "title": product.title,
        "state": product.state,
        "sold_here": product.sold_here,
        "variants": {v.public_id: {"name": v.name, "price": v.price_minor, "stock": v.stock} for v in variants},
    }


def _create(form: ProductForm, pictures: list[str]) -> catalog.Product:
    found = unsealed(request.form.get("found", ""))
    same_page = bool(found) and found.get("url") == (form.source_url.data or "").strip()
    draft = form.draft(g.brand.currency, priced_at=instant(found["at"]) if same_page else None)
    with transaction():
        made = catalog.create(g.brand.id, g.brand.currency, draft, now=utcnow())
        attach(made, pictures)
        _note("product.created", made, after=facts_of(made))
    return made


def _edit(form: ProductForm, public_id: str) -> None:
    draft = form.draft(g.brand.currency)
    with transaction():
        row = catalog.product_of(g.brand.id, public_id)
        before = facts_of(row)
        catalog.edit(row, draft, now=utcnow())
        _note("product.edited", row, before=before, after=facts_of(row))


def _note(act: str, row: catalog.Product, **facts: Any) -> None:
    audit.note(act, row.public_id, actor=actor(), tenant=g.brand.public_id, now=utcnow(), **facts)


def _seal() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="found-product")


from . import product_csv, product_link  # noqa: E402, F401
