"""How a brand shows itself to buyers, and the accounts that they transfer to."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import BooleanField, EmailField, SelectField, StringField, TelField, TextAreaField

from ...domain import people
from ...flows import payee as stories
from ...kernel.clock import utcnow
from ...kernel.database import transaction
from ...kernel.errors import N_, FieldError, Invalid, NotFound
from ...kernel.money import NotAnAmount, to_decimal
from ...kernel.prices import read_price
from ..access import BRAND_MONEY, BRAND_OWN, BRAND_VIEW, actor, allow
from ..auth.current import me
from ..auth.forms import ZONES, blame, choices
from ..auth.proof import prove_recently
from . import bp

Page = str | Response | tuple[str, int]


class StorefrontForm(FlaskForm):  # type: ignore[misc]  # flask-wtf is untyped
    """What buyers see and pay beside the goods."""

    name = StringField(_l("Brand name"))
    about = TextAreaField(_l("About the brand"))
    contact_email = EmailField(_l("Contact e-mail"))
    whatsapp = TelField(_l("WhatsApp number"))
    shipping = StringField(_l("Shipping, flat rate for one order"))
    cod = BooleanField(_l("Offer cash on delivery"))
    timezone = SelectField(_l("Time zone"), choices=choices(ZONES))


class AccountForm(FlaskForm):  # type: ignore[misc]
    """A bank account that buyers transfer to."""

    provider = SelectField(_l("Bank"), validate_choice=False)
    number = StringField(_l("Account number"))
    holder = StringField(_l("Account holder"))

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        banks = [(bank.code, bank.name) for bank in people.BANKS.values()]
        self.provider.choices = choices([("", gettext("Choose a bank")), *banks])


@bp.get("/settings", endpoint="settings")
@allow(BRAND_VIEW)
def settings_page() -> str:
    """What buyers see; only owners may change it."""
    return render_template("brand/settings.html", form=_filled(g.brand))


@bp.post("/settings")
@allow(BRAND_OWN)
def settings_changed() -> Page:
    """Take over what was typed."""
    form = StorefrontForm()
    wrong: list[FieldError] = []
    shipping = 0
    try:
        shipping = read_price(form.shipping.data or "0", g.brand.currency)
    except NotAnAmount:
        wrong.append(FieldError("shipping", "not_an_amount", N_("This is not an amount of money.")))
    asked = people.Storefront(
        name=form.name.data or "",
        about=form.about.data or "",
        contact_email=form.contact_email.data or "",
        whatsapp=form.whatsapp.data or "",
        timezone=form.timezone.data or "",
        shipping_minor=shipping,
        cod=bool(form.cod.data),
    )
    try:
        with transaction():
            people.change_storefront(people.get_brand(g.brand.id), asked, actor=actor(), now=utcnow())
            if wrong:
                raise Invalid(fields=wrong)
    except Invalid as refusal:
        refusal.fields = [*refusal.fields, *(error for error in wrong if error not in refusal.fields)]
        blame(form, refusal)
        return render_template("brand/settings.html", form=form), 422
    flash(gettext("Saved."), "good")
    return redirect(url_for("brand.settings"), 303)


@bp.get("/settings/accounts")
@allow(BRAND_MONEY)
def settings_accounts() -> str:
    """The accounts that buyers are shown, and those that they no longer are."""
    return render_template(
        "brand/settings_accounts.html",
        accounts=people.receiving_accounts_of(g.brand.id),
        retired=people.retired_accounts_of(g.brand.id),
        name_of=people.provider_name,
    )


@bp.route("/settings/accounts/new", methods=["GET", "POST"])
@allow(BRAND_MONEY)
@prove_recently
def settings_account_new() -> Page:
    """State an account; whoever does gives the password first, and owners and finance are told."""
    people.must_be_confirmed(me())
    form = AccountForm()
    if not form.is_submitted():
        return render_template("brand/settings_account.html", form=form)
    try:
        stories.state_account(
            g.brand.id,
            provider=form.provider.data or "",
            number=form.number.data or "",
            holder=form.holder.data or "",
            by=me().id,
            actor=actor(),
            now=utcnow(),
        )
    except Invalid as refusal:
        blame(form, refusal)
        return render_template("brand/settings_account.html", form=form), 422
    flash(gettext("Buyers are shown this account from now on."), "good")
    return redirect(url_for("brand.settings_accounts"), 303)


@bp.route("/settings/accounts/<account>/retirement", methods=["GET", "POST"])
@allow(BRAND_MONEY)
@prove_recently
def settings_account_retired(account: str) -> Page:
    """Show an account to no more buyers; what that does is said before it is done."""
    own = {found.public_id: found for found in people.receiving_accounts_of(g.brand.id)}
    form = FlaskForm()
    if form.is_submitted():
        stories.retire_account(g.brand.id, account, actor=actor(), now=utcnow())
        flash(gettext("Buyers are no longer shown this account."), "good")
        return redirect(url_for("brand.settings_accounts"), 303)
    if account not in own:
        raise NotFound()
    return render_template(
        "brand/settings_account_retire.html", found=own[account], last=len(own) == 1, name_of=people.provider_name
    )


def _filled(brand: people.Brand) -> StorefrontForm:
    form = StorefrontForm(obj=brand)
    form.whatsapp.data = f"+{brand.whatsapp}" if brand.whatsapp else ""
    form.shipping.data = to_decimal(brand.shipping_minor, brand.currency)
    return form
