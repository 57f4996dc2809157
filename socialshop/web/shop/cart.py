"""The cart: what a visitor has picked, kept under a token in their cookie."""

from __future__ import annotations

from flask import flash, make_response, redirect, render_template, request, url_for
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
from . import bp, in_app, visitor

COOKIE = in_app.CART
DAYS_90 = 90 * 86_400


def current() -> orders.Cart | None:
    """The cart of this browser; where that is empty, the one that the address brought along from an app's browser."""
    own = orders.find_cart(request.cookies.get(COOKIE, ""))
    carried = orders.find_cart(in_app.carried_cart())
    if carried is None or (own is not None and (own.id == carried.id or basket_of(own) is not None)):
        return own
    return carried


def keep(answer: Response) -> Response:
    """Let this browser keep the cart that the address brought along."""
    token = in_app.carried_cart()
    cart, carried = current(), orders.find_cart(token)
    if cart is not None and carried is not None and cart.id == carried.id and token != request.cookies.get(COOKIE, ""):
        _set_cookie(answer, token)
    return answer


def code_for(cart: orders.Cart, basket: baskets.Basket) -> str:
    """The code to fill in: what the buyer said, else what they came with, else the code of whoever brought them."""
    if cart.code_typed:
        return cart.code or ""
    now, brands = utcnow(), {parcel.brand.id for parcel in basket.parcels}
    if cart.code:
        return baskets.code_that_stands(cart.code, cart.code_at, visitor.click_id(), brands, now=now)
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
def cart() -> Response:
    """What lies in the cart, brand by brand."""
    basket = basket_of(current())
    html = render_template(
        "shop/cart.html", basket=basket, carried=in_app.parameters(), outside=in_app.offer() if basket else None
    )
    return keep(make_response(html))


@bp.get("/cart/add")
@allow(ANYONE)
def cart_choose() -> Response | str:
    """A product to put in the cart, for plain links: which variant, how many."""
    product = catalog.find_product(request.args.get("product", ""))
    offer = catalog.offers_of_products([product.id]).get(product.id) if product is not None else None
    if offer is None or not offer.live or not offer.sold_here:
        raise NotFound
    return render_template(
        "shop/cart_choose.html", offer=offer, code=visitor.code(), most=orders.MOST_OF_ONE, carried=in_app.parameters()
    )


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
    token, now = request.cookies.get(COOKIE, "") or in_app.carried_cart(), utcnow()
    code = request.form.get("code", "").strip().casefold()
    try:
        with transaction():
            cart = orders.find_cart(token)
            if cart is None:
                token = new_token()
                cart = orders.start_cart(token, now=now)
            orders.put(cart.id, variant_id, _quantity(), now=now)
            if code:
                orders.remember_code(cart.id, code, typed=False, now=now)
    except DomainError as error:
        flash(sentence(error), "bad")
        return redirect(url_for("shop.cart"), 303)
    page = "shop.checkout" if request.form.get("then") == "checkout" else "shop.cart"
    answer = redirect(in_app.with_parameters(url_for(page), token), 303)
    _set_cookie(answer, token)
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
    return redirect(in_app.with_parameters(url_for("shop.cart")), 303)


def _set_cookie(answer: Response, token: str) -> None:
    answer.set_cookie(COOKIE, token, max_age=DAYS_90, httponly=True, samesite="Lax", secure=request.is_secure)


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
