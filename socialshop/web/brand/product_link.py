"""A product from a pasted address: read there, corrected here; and its price read again later."""

from __future__ import annotations

from flask import current_app, flash, g, redirect, render_template, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from ...adapters.fetch import Fetcher, Unreadable
from ...adapters.pages_read import FoundProduct, read_product
from ...domain import audit, catalog, media
from ...kernel.clock import rfc3339, utcnow
from ...kernel.database import end_reading, transaction
from ...kernel.errors import Invalid, NotFound
from ..access import BRAND_MANAGE, actor, allow
from ..limits import limiter
from ..local import money_filter, sentence
from . import bp
from .product_form import ProductForm, price_text
from .products import Page, facts_of, sealed, show_form

PHOTOS = 4
PHOTO_SECONDS = 4.0


class LinkForm(FlaskForm):  # type: ignore[misc]  # flask-wtf is untyped
    """One address."""

    url = StringField(_l("Address of the product page"), [InputRequired(_l("Please paste an address.")), Length(max=2000)])


@bp.route("/products/link", methods=["GET", "POST"])
@limiter.limit("20 per minute", methods=["POST"])
@allow(BRAND_MANAGE)
def product_link() -> Page:
    """Ask for an address, read it, and show what was found in the product form."""
    form = LinkForm()
    if not form.is_submitted():
        return render_template("brand/product_link.html", form=form)
    if not form.validate_on_submit():
        return render_template("brand/product_link.html", form=form), 422
    fetcher = _fetcher()
    end_reading()  # no transaction stays open while the network is asked
    try:
        found = read_product(form.url.data or "", fetcher)
    except Unreadable as refusal:
        form.url.errors = [sentence(refusal)]
        return render_template("brand/product_link.html", form=form), 422
    pictures = _photos(found, fetcher)
    return show_form(
        _form_of(found),
        pictures=pictures,
        found=found,
        missed=len(found.images[:PHOTOS]) - len(pictures),
        token=sealed({"url": found.url, "at": rfc3339(utcnow())}),
    )


@bp.post("/products/<product>/price")
@limiter.limit("20 per minute")
@allow(BRAND_MANAGE)
def product_price(product: str) -> Response:
    """Read the price at the product's own address again."""
    row = catalog.product_of(g.brand.id, product)
    source, variants = row.source_url, catalog.live_variants(row.id)
    if not source:
        raise NotFound()
    back = redirect(url_for("brand.product", product=product), 303)
    end_reading()
    try:
        found = read_product(source, _fetcher())
    except Unreadable as refusal:
        flash(sentence(refusal), "bad")
        return back
    prices = _prices(found, variants)
    if not prices:
        flash(gettext("No price in %(currency)s was found on that page.", currency=g.brand.currency), "warn")
        return back
    with transaction():
        row = catalog.product_of(g.brand.id, product)
        before = facts_of(row)
        changed = catalog.read_again(row, prices, now=utcnow())
        note = {"actor": actor(), "tenant": g.brand.public_id, "now": utcnow(), "before": before, "after": facts_of(row)}
        audit.note("product.price_read", row.public_id, **note)
    if changed:
        first = changed[0]
        was, now = money_filter(first[1], g.brand.currency), money_filter(first[2], g.brand.currency)
        flash(gettext("The price changed from %(before)s to %(after)s.", before=was, after=now), "good")
    else:
        flash(gettext("The price is still the same."), "good")
    return back


def _fetcher() -> Fetcher:
    return Fetcher(loopback=current_app.config["SETTINGS"].fetch_loopback)


def _photos(found: FoundProduct, fetcher: Fetcher) -> list[media.Picture]:
    """The page's first photos, re-encoded and kept for the brand; those that cannot be had are left out."""
    prepared = []
    folder = current_app.config["SETTINGS"].media_folder
    for address in found.images[:PHOTOS]:
        try:
            prepared.append(media.prepare(fetcher.image(address, seconds=PHOTO_SECONDS), folder))
        except Invalid:  # not to be fetched, or no picture: the person sees what is there and adds others
            continue
    if not prepared:
        return []
    with transaction():
        kept = [media.keep(picture, brand_id=g.brand.id, now=utcnow()) for picture in prepared]
    return list(dict.fromkeys(kept))


def _form_of(found: FoundProduct) -> ProductForm:
    currency = g.brand.currency
    variants = [
        {"name": v.name, "sku": v.sku, "price": price_text(v.price if v.price and v.price.currency == currency else None)}
        for v in found.variants[: catalog.MAX_VARIANTS]
    ]
    single = {"price": price_text(found.price if found.price and found.price.currency == currency else None)}
    data = {
        "title": found.title,
        "description": found.description,
        "sold_at": "link",
        "source_url": found.url,
        "variants": variants or [single],
    }
    return ProductForm(formdata=MultiDict(), data=data)


def _prices(found: FoundProduct, variants: list[catalog.Variant]) -> dict[str, int]:
    """Which of our variants the page names a price for, in our currency: by SKU, by name, or the only one."""
    told = {v.sku: v.price for v in found.variants if v.sku} | {v.name.casefold(): v.price for v in found.variants if v.name}
    prices = {}
    for variant in variants:
        price = told.get(variant.sku) or told.get(variant.name.casefold()) or (found.price if len(variants) == 1 else None)
        if price is not None and price.currency == g.brand.currency:
            prices[variant.public_id] = price.minor
    return prices
