"""Where the links in mails lead. Opening one changes nothing, so that mail scanners cannot use it up; the button does."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from ...domain import people
from ...flows import addresses, members
from ...kernel.clock import utcnow
from ...kernel.errors import Invalid
from ..access import ANYONE, SIGNED_IN, actor, allow
from ..limits import limiter
from ..local import locale
from . import bp
from .current import browser, enter, me
from .forms import AddressForm, InvitedForm, NewPasswordForm, blame
from .hats import page_of

Page = str | Response | tuple[str, int]


@bp.get("/reset")
@allow(ANYONE)
def reset() -> Page:
    """Ask for a link to choose a new password."""
    return render_template("auth/reset.html", form=AddressForm())


@bp.post("/reset")
@allow(ANYONE)
@limiter.limit("10 per hour")
def reset_sent() -> Page:
    """The same answer for every address."""
    form = AddressForm()
    try:
        addresses.ask_reset(form.email.data or "", locale=locale(), now=utcnow())
    except Invalid as refusal:
        blame(form, refusal)
        return render_template("auth/reset.html", form=form), 422
    return render_template("auth/look_into_mail.html")


@bp.get("/reset/<token>")
@allow(ANYONE)
@limiter.limit("60 per hour")
def new_password(token: str) -> Page:
    """The form behind the link."""
    if people.find_token(token, "reset", now=utcnow()) is None:
        raise people.LinkSpent()
    return render_template("auth/new_password.html", form=NewPasswordForm())


@bp.post("/reset/<token>")
@allow(ANYONE)
@limiter.limit("30 per hour")
def new_password_sent(token: str) -> Page:
    """Keep the new password; signing in with it is the next step."""
    form = NewPasswordForm()
    try:
        addresses.reset(token, form.password.data or "", now=utcnow())
    except Invalid as refusal:
        blame(form, refusal)
        return render_template("auth/new_password.html", form=form), 422
    flash(gettext("Your new password is kept. Please sign in with it."), "good")
    return redirect(url_for("auth.sign_in"), 303)


@bp.get("/confirm/<token>")
@allow(SIGNED_IN)
def confirm(token: str) -> Page:
    """One button: this address is mine."""
    return render_template("auth/confirm.html", token=token)


@bp.post("/confirm/<token>")
@allow(SIGNED_IN)
def confirm_sent(token: str) -> Page:
    """The address is the person's own from now on."""
    addresses.confirm(me().id, token, now=utcnow())
    flash(gettext("Thank you, your address is confirmed."), "good")
    return redirect(url_for("auth.start"), 303)


@bp.get("/email/<token>")
@allow(SIGNED_IN)
def email_change(token: str) -> Page:
    """One button: this is my new address."""
    return render_template("auth/email_change.html", token=token)


@bp.post("/email/<token>")
@allow(SIGNED_IN)
def email_change_sent(token: str) -> Page:
    """The new address takes the old one's place."""
    addresses.change_email(me().id, token, actor=actor(), now=utcnow())
    flash(gettext("Your new address is kept."), "good")
    return redirect(url_for("auth.account"), 303)


@bp.get("/invitations/<token>")
@allow(ANYONE)
@limiter.limit("60 per hour")
def invitation(token: str) -> Page:
    """Who invites, to what, and the ways to accept: as who is signed in, by signing in, or with a new account."""
    return _invitation_page(token, InvitedForm())


@bp.post("/invitations/<token>")
@allow(ANYONE)
@limiter.limit("30 per hour")
def invitation_sent(token: str) -> Page:
    """Join the brand."""
    if current_user.is_authenticated:
        brand = members.accept(token, me().id, now=utcnow())
    else:
        form = InvitedForm()
        try:
            entry, brand = members.sign_up_invited(
                token, form.password.data or "", browser(), name=form.name.data or "", locale=locale(),
                timezone=current_app.config["SETTINGS"].default_timezone, now=utcnow(),
            )  # fmt: skip
        except Invalid as refusal:
            blame(form, refusal)
            return _invitation_page(token, form), 422
        enter(entry.token)
    flash(gettext("Welcome to %(brand)s!", brand=brand.name), "good")
    return redirect(page_of("brand.home", brand=brand.slug), 303)


def _invitation_page(token: str, form: InvitedForm) -> str:
    found = people.find_invitation(token, now=utcnow())
    if found is None:
        raise people.LinkSpent()
    return render_template(
        "auth/invitation.html",
        form=form,
        invitation=found,
        brand=people.get_brand(found.brand_id),
        has_account=people.find_user_by_email(found.email) is not None,
        here=request.path,
        role_words=members.ROLE_WORDS,
    )
