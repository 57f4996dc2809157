"""The cart: what a visitor has picked, kept under a token in their cookie."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from ...domain import catalog, orders
from ...flows import basket as baskets
from ...kernel.clock import utcnow
from ...kernel.database import transaction
from ...kernel.errors import DomainError, NotFound
from ...kernel.vault import new_token
from ..access import ANYONE, allow
from ..limits import limiter
from ..local import sentence
from . import bp, visitor

COOKIE = "cart"
DAYS_90 = 90 * 86_400


def current() -> orders.Cart | None:
    """The cart of this browser."""
    return orders.find_cart(request.cookies.get(COOKIE, ""))


def code_for(cart: orders.Cart, basket: baskets.Basket) -> str:
    """The code to fill in: what the buyer said, else what the link carried, else the code of whoever brought them."""
    if cart.code is not None:
        return cart.code
    now, brands = utcnow(), {parcel.brand.id for parcel in basket.parcels}
    carried = visitor.code()
    if carried and baskets.judge_code(carried, brands, now=now).state == "good":
        return carried
    return baskets.code_of_click(visitor.click_id(), brands, now=now)


def basket_of(cart: orders.Cart | None) -> baskets.Basket | None:
    """What the cart comes to with the code that goes with it; None where it is empty."""
    if cart is None:
        return None
    bare = baskets.of_cart(cart.id, now=utcnow())
    if not bare.parcels:
        return None
    code = code_for(cart, bare)
    return baskets.of_cart(cart.id, code, now=utcnow()) if code else bare


@bp.get("/cart")
@allow(ANYONE)
def cart() -> str:
    """What lies in the cart, brand by brand."""
    return render_template("shop/cart.html", basket=basket_of(current()))


@bp.get("/cart/add")
@allow(ANYONE)
def cart_choose() -> Response | str:
    """A product to put in the cart, for plain links: which variant, how many."""
    product = catalog.find_product(request.args.get("product", ""))
    offer = catalog.offers_of_products([product.id]).get(product.id) if product is not None else None
    if offer is None or not offer.live or not offer.sold_here:
        raise NotFound
    return render_template("shop/cart_choose.html", offer=offer, code=visitor.code(), most=orders.MOST_OF_ONE)


@bp.post("/cart/items")
@allow(ANYONE)
@limiter.limit("120 per minute")
def cart_add() -> Response:
    """Put something in the cart; with `then=checkout` go straight on to pay."""
    variant_id = _variant_asked()
    if variant_id is None:
        return redirect(url_for("shop.cart_choose", product=request.form.get("product", "")), 303)
    offer = catalog.offers([variant_id])[variant_id]
    if not offer.buyable:
        flash(gettext("%(title)s is sold out.", title=offer.title), "bad")
        return redirect(url_for("shop.cart"), 303)
    token, now = request.cookies.get(COOKIE, ""), utcnow()
    code = request.form.get("code", "").strip().casefold()
    try:
        with transaction():
            cart = orders.find_cart(token)
            if cart is None:
                token = new_token()
                cart = orders.start_cart(token, now=now)
            orders.put(cart.id, variant_id, _quantity(), now=now)
            if code:
                orders.remember_code(cart.id, code, now=now)
    except DomainError as error:
        flash(sentence(error), "bad")
        return redirect(url_for("shop.cart"), 303)
    answer = redirect(url_for("shop.checkout" if request.form.get("then") == "checkout" else "shop.cart"), 303)
    answer.set_cookie(COOKIE, token, max_age=DAYS_90, httponly=True, samesite="Lax", secure=request.is_secure)
    return visitor.remember(answer)


@bp.post("/cart/items/<variant>")
@allow(ANYONE)
def cart_change(variant: str) -> Response:
    """Have another number of something, or none."""
    cart, found = current(), catalog.find_variant(variant)
    if cart is None or found is None:
        raise NotFound
    try:
        with transaction():
            orders.set_quantity(cart.id, found.id, _quantity(), now=utcnow())
    except DomainError as error:
        flash(sentence(error), "bad")
    return redirect(url_for("shop.cart"), 303)


def _variant_asked() -> int | None:
    """The variant named, or the product's only one; None where the buyer has to choose."""
    if request.form.get("variant"):
        variant = catalog.find_variant(request.form["variant"])
        if variant is None:
            raise NotFound
        return variant.id
    product = catalog.find_product(request.form.get("product", ""))
    offer = catalog.offers_of_products([product.id]).get(product.id) if product is not None else None
    if offer is None:
        raise NotFound
    return offer.variants[0].variant_id if len(offer.variants) == 1 else None


def _quantity() -> int:
    text = request.form.get("quantity", "1").strip()
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise orders.NotAQuantity
    return int(text)
