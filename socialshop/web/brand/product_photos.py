"""Photos of products: several at once, in order, each said in words."""

from __future__ import annotations

from flask import current_app, flash, g, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from ...domain import audit, catalog, media
from ...kernel.clock import utcnow
from ...kernel.database import transaction
from ...kernel.errors import Conflict, FieldError, Invalid, NotFound
from ..access import BRAND_MANAGE, actor, allow
from ..local import sentence
from . import bp


def uploaded() -> list[media.Picture]:
    """The pictures of the form's `photos` field, kept for the brand. Invalid names the file that is none."""
    files = [file for file in request.files.getlist("photos") if file.filename]
    folder = current_app.config["SETTINGS"].media_folder
    prepared = []
    for file in files[: catalog.MAX_PHOTOS]:
        try:
            prepared.append(media.prepare(file.read(), folder))
        except media.NotAPicture as refusal:
            message = f"{file.filename}: {sentence(refusal)}"
            raise Invalid(fields=[FieldError("photos", refusal.code, message)]) from refusal
    if not prepared:
        return []
    with transaction():
        return [media.keep(picture, brand_id=g.brand.id, now=utcnow()) for picture in prepared]


def chosen_pictures() -> list[media.Picture]:
    """Pictures uploaded earlier that the form still names; a stranger's is passed over."""
    found = []
    for public_id in dict.fromkeys(request.form.getlist("picture")[: catalog.MAX_PHOTOS]):
        try:
            found.append(media.of_brand(g.brand.id, public_id))
        except NotFound:
            continue
    return found


def attach(product: catalog.Product, pictures: list[str]) -> None:
    """Show the brand's pictures with the product, behind those it has; inside a transaction."""
    for public_id in pictures:
        picture = media.of_brand(g.brand.id, public_id)
        catalog.add_photo(
            product,
            picture_id=picture.id,
            picture=picture.public_id,
            width=picture.width,
            height=picture.height,
            now=utcnow(),
        )


@bp.post("/products/<product>/photos")
@allow(BRAND_MANAGE)
def product_photos(product: str) -> Response:
    """Add photos."""
    catalog.product_of(g.brand.id, product)  # before any work is done for a stranger
    try:
        pictures = uploaded()
        with transaction():
            attach(catalog.product_of(g.brand.id, product), [picture.public_id for picture in pictures])
    except Invalid as refusal:
        flash(refusal.fields[0].message, "bad")
    except Conflict as refusal:
        flash(sentence(refusal), "bad")
    else:
        flash(gettext("Photos added.") if pictures else gettext("Please choose a photo first."), "good" if pictures else "warn")
    return redirect(url_for("brand.product", product=product, _anchor="photos"), 303)


@bp.post("/products/<product>/photos/order")
@allow(BRAND_MANAGE)
def product_photos_order(product: str) -> Response:
    """Words, order, and which photo goes: one form, so that nothing typed is lost by a tap on a button."""
    order = request.form.getlist("photo")[: catalog.MAX_PHOTOS]
    alts = {picture: request.form.get(f"alt-{picture}", "") for picture in order}
    verb, _, target = request.form.get("do", "").partition(":")
    if verb in ("earlier", "later") and target in order:
        _swap(order, order.index(target), -1 if verb == "earlier" else 1)
    forgotten = None
    with transaction():
        row = catalog.product_of(g.brand.id, product)
        catalog.arrange_photos(row, order, alts, now=utcnow())
        if verb == "remove":
            unused = catalog.remove_photo(row, target, now=utcnow())
            forgotten = media.forget(media.of_brand(g.brand.id, target)) if unused else None
            note = {"actor": actor(), "tenant": g.brand.public_id, "now": utcnow(), "before": {"picture": target}}
            audit.note("product.photo_removed", row.public_id, **note)
    if forgotten:
        media.erase(forgotten, current_app.config["SETTINGS"].media_folder)
    flash(gettext("Photo removed.") if verb == "remove" else gettext("Saved."), "good")
    return redirect(url_for("brand.product", product=product, _anchor="photos"), 303)


def _swap(order: list[str], place: int, step: int) -> None:
    if 0 <= place + step < len(order):
        order[place], order[place + step] = order[place + step], order[place]
