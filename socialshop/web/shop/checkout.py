"""Checkout: one page from cart to order. Whoever ordered here before finds their details filled in."""

from __future__ import annotations

import json
import secrets
from datetime import timedelta
from typing import Any

from cryptography.fernet import InvalidToken
from flask import current_app, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import BooleanField, EmailField, HiddenField, StringField, TelField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from ...domain import orders, people
from ...domain.audit import Actor
from ...flows import basket as baskets
from ...flows import checkout as flow
from ...kernel import vault
from ...kernel.clock import utcnow
from ...kernel.database import transaction
from ...kernel.errors import DomainError, Invalid
from ..access import ANYONE, allow
from ..limits import limiter
from ..local import locale, sentence
from . import bp, in_app, visitor
from . import cart as carts

COOKIE = "buyer"
DAYS_180 = 180 * 86_400
BUYER = Actor("buyer", "checkout")


def _strip(text: str | None) -> str | None:
    return text.strip() if text else text


class CheckoutForm(FlaskForm):  # type: ignore[misc]
    """Five fields for someone new; `key` makes two taps on the button one checkout."""

    name = StringField(_l("Name"), [DataRequired(_l("Please tell us your name.")), Length(max=120)], filters=[_strip])
    phone = TelField(_l("WhatsApp or phone"), [DataRequired(_l("Please give a number for the courier."))], filters=[_strip])
    email = EmailField(_l("E-mail"), [DataRequired(_l("Please give an address: your order link goes there."))], filters=[_strip])
    address = TextAreaField(_l("Address"), [DataRequired(_l("Where shall it go?")), Length(min=10, max=600)], filters=[_strip])
    note = StringField(_l("Note for the seller"), [Optional(), Length(max=300)], filters=[_strip])
    code = StringField(_l("Referral code"), [Optional(), Length(max=30)], filters=[_strip])
    remember = BooleanField(_l("Remember me in this browser"))
    key = HiddenField()
    filled = HiddenField()  # the code that was filled in for the buyer

    def validate_email(self, field: Any) -> None:
        """What an account's address may be; so what somebody signed in with is good here too."""
        if people.normal_email(field.data or "") is None:
            raise ValidationError(gettext("This is not an e-mail address."))

    def validate_phone(self, field: Any) -> None:
        """Digits of a real length, in whatever way they are written."""
        if not orders.phone(field.data or ""):
            raise ValidationError(gettext("This is not a phone number."))


@bp.get("/checkout")
@allow(ANYONE)
def checkout() -> Response:
    """The page on which everything is said once."""
    cart = carts.current()
    basket = carts.basket_of(cart)
    if cart is None or basket is None:
        return redirect(url_for("shop.cart"))
    form = CheckoutForm(formdata=None, data=_known() | _code(cart, basket) | {"key": secrets.token_urlsafe(12), "remember": True})
    return carts.keep(make_response(_page(form, basket)))


@bp.post("/checkout")
@allow(ANYONE)
@limiter.limit("30 per minute")
def checkout_send() -> Response | tuple[str, int]:
    """Order, or look at the total with another code first."""
    cart, form = carts.current(), CheckoutForm()
    if cart is None:
        return redirect(url_for("shop.cart"), 303)
    code = (form.code.data or "").casefold()
    if "apply" in request.form:
        return _with_code(cart, code, form) if _typed(form) else _again(cart, form, status=200)
    if not form.validate():
        return _again(cart, form)
    try:
        placed = flow.place(_wish(cart, form), pay_within=_pay_within(), now=utcnow(), actor=BUYER)
    except flow.CartEmpty:
        return redirect(url_for("shop.cart"), 303)
    except DomainError as error:
        return _refused(cart, form, error)
    answer = redirect(url_for("shop.order", token=placed[0].token), 303)
    return visitor.remember(_remember(answer, form))


@bp.post("/checkout/forget")
@allow(ANYONE)
def checkout_forget() -> Response:
    """Take the remembered details out of this browser."""
    answer = redirect(url_for("shop.checkout"), 303)
    answer.delete_cookie(COOKIE, path="/checkout", httponly=True, samesite="Lax", secure=request.is_secure)
    return answer


def _code(cart: orders.Cart, basket: baskets.Basket) -> dict[str, str]:
    """The code's field, and what of it nobody typed."""
    return {"code": basket.code.text, "filled": "" if cart.code_typed else basket.code.text}


def _typed(form: CheckoutForm) -> bool:
    """Whether the buyer wrote the code, or took one out."""
    return (form.code.data or "").casefold() != (form.filled.data or "").casefold()


def _with_code(cart: orders.Cart, code: str, form: CheckoutForm) -> tuple[str, int]:
    with transaction():
        orders.remember_code(cart.id, code, typed=True, now=utcnow())
    basket = baskets.of_cart(cart.id, code, now=utcnow())
    if basket.code.state in ("unknown", "elsewhere"):
        return _refused(cart, form, flow.CodeRefused(basket.code))
    return _page(form, basket), 200


def _refused(cart: orders.Cart, form: CheckoutForm, error: DomainError) -> tuple[str, int]:
    """The form once more, saying what was in the way: beside its field where there is one, else on top."""
    if isinstance(error, flow.NotEnough):
        for line in error.short:
            flash(_left(line), "bad")
    elif isinstance(error, flow.CodeRefused):
        form.code.errors = [*form.code.errors, sentence(error)]
        return _again(cart, form, code="")
    elif not (isinstance(error, Invalid) and error.fields):
        flash(sentence(error), "warn")
    wrong = {field.field: sentence(error) for field in error.fields} if isinstance(error, Invalid) else {}
    return _again(cart, form, wrong=wrong, status=409 if not wrong else 422)


def _again(
    cart: orders.Cart, form: CheckoutForm, *, code: str | None = None, wrong: dict[str, str] | None = None, status: int = 422
) -> tuple[str, int]:
    basket = baskets.of_cart(cart.id, (form.code.data or "") if code is None else code, now=utcnow())
    return _page(form, basket, wrong), status


def _page(form: CheckoutForm, basket: baskets.Basket, wrong: dict[str, str] | None = None) -> str:
    chosen = {
        p.brand.public_id: request.form.get(f"method-{p.brand.public_id}", p.methods[0] if p.methods else "")
        for p in basket.parcels
    }
    return render_template(
        "shop/checkout.html", form=form, basket=basket, chosen=chosen, wrong=wrong or {}, known=bool(_known().get("address")),
        payable=all(parcel.methods for parcel in basket.parcels),
        by_transfer=any("transfer" in parcel.methods for parcel in basket.parcels),
        pay_hours=round(_pay_within() / timedelta(hours=1)),
        carried=in_app.parameters(), outside=in_app.offer(),
    )  # fmt: skip


def _wish(cart: orders.Cart, form: CheckoutForm) -> flow.Wish:
    sent = request.form
    seen = {name.removeprefix("seen-"): value for name, value in sent.items() if name.startswith("seen-")}
    return flow.Wish(
        cart_id=cart.id,
        key=(form.key.data or secrets.token_urlsafe(12))[:40],
        buyer=orders.Buyer(
            name=form.name.data or "",
            email=people.normal_email(form.email.data or "") or "",
            phone=orders.phone(form.phone.data or ""),
            address=form.address.data or "",
            note=form.note.data or "",
            locale=locale(),
        ),
        methods={name.removeprefix("method-"): value for name, value in sent.items() if name.startswith("method-")},
        seen={brand: int(value) for brand, value in seen.items() if value.isascii() and value.isdigit() and len(value) < 16},
        code=form.code.data or "",
        code_from="typed" if _typed(form) else "filled",
        visitor=visitor.of_order(),
        click_id=visitor.click_id(),
    )


def _left(line: baskets.Line) -> str:
    if line.available == 0:
        return str(gettext("%(title)s is sold out. Please take it out of your cart.", title=line.full_title))
    left = gettext("Only %(left)s of %(title)s are left.", left=line.available, title=line.full_title)
    then = gettext("Please change the number in your cart.")
    return f"{left} {then}"


def _pay_within() -> timedelta:
    return timedelta(minutes=current_app.config["SETTINGS"].order_hold_minutes)


def _known() -> dict[str, str]:
    """What this browser remembers of its buyer, or what we know of who is signed in."""
    sealed = request.cookies.get(COOKIE, "")
    if sealed:
        try:
            kept = json.loads(vault.unseal(sealed))
        except (InvalidToken, ValueError):
            kept = {}  # sealed with a key that is no longer ours, or tampered with
        if isinstance(kept, dict):
            return {name: str(kept.get(name, "")) for name in ("name", "phone", "email", "address")}
    if current_user.is_authenticated:
        return {"name": current_user.user.name, "email": current_user.user.email}
    return {}


def _remember(answer: Response, form: CheckoutForm) -> Response:
    if not form.remember.data:
        answer.delete_cookie(COOKIE, path="/checkout", httponly=True, samesite="Lax", secure=request.is_secure)
        return answer
    kept = {name: form[name].data for name in ("name", "phone", "email", "address")}
    sealed = vault.seal(json.dumps(kept, ensure_ascii=False))
    if len(sealed) < 3800:  # browsers drop larger cookies
        answer.set_cookie(
            COOKIE, sealed, max_age=DAYS_180, path="/checkout", httponly=True, samesite="Lax", secure=request.is_secure
        )
    return answer
