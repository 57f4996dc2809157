"""One's own account: name, language, zone, address, password, and the browsers that are signed in."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from ...domain import people
from ...flows import addresses
from ...flows import people as stories
from ...kernel import words
from ...kernel.clock import utcnow
from ...kernel.database import transaction
from ...kernel.errors import N_, FieldError, Invalid
from .. import local
from ..access import SIGNED_IN, actor, allow
from . import bp
from .current import enter, me, my_session
from .forms import AccountForm, ChangePasswordForm, NewAddressForm, blame
from .proof import prove_recently

Page = str | Response | tuple[str, int]


@bp.get("/account")
@allow(SIGNED_IN)
def account() -> Page:
    """Everything about the account on one page."""
    return _page()


@bp.post("/account")
@allow(SIGNED_IN)
def account_sent() -> Page:
    """Keep name, language and zone."""
    form = AccountForm()
    chosen, zone = form.locale.data or "", form.timezone.data or ""
    wrong = [people.zone_problem(zone)]
    if chosen not in words.LOCALES:
        wrong.append(FieldError("locale", "unknown", N_("Please choose a language.")))
    if any(wrong):
        blame(form, Invalid(fields=[problem for problem in wrong if problem]))
        return _page(details=form), 422
    with transaction():
        user = people.lock_user(me().id)
        user.name, user.locale, user.timezone = people.clean_name(form.name.data or "", 120), chosen, zone
    flash(words.say(N_("Saved."), chosen), "good")
    answer = redirect(url_for("auth.account"), 303)
    answer.set_cookie(local.COOKIE, chosen, max_age=31536000, samesite="Lax", secure=request.is_secure, httponly=True)
    return answer


@bp.post("/password")
@allow(SIGNED_IN)
def password_sent() -> Page:
    """Change the password; the other browsers are signed out."""
    form = ChangePasswordForm()
    try:
        token = stories.change_password(
            me().id, my_session().id, form.current.data or "", form.new.data or "", actor=actor(), now=utcnow()
        )
    except Invalid as refusal:
        blame(form, refusal)
        return _page(password=form), 422
    enter(token)
    flash(gettext("Your password is changed. All other browsers were signed out."), "good")
    return redirect(url_for("auth.account"), 303)


@bp.post("/email")
@allow(SIGNED_IN)
@prove_recently
def email_sent() -> Page:
    """Ask for another address: its mailbox gets a link, the old one a notice."""
    form = NewAddressForm()
    try:
        addresses.ask_email_change(me().id, form.email.data or "", actor=actor(), now=utcnow())
    except Invalid as refusal:
        blame(form, refusal)
        return _page(address=form), 422
    flash(gettext("We have sent a link to the new address. Your address changes when you follow it."), "info")
    return redirect(url_for("auth.account"), 303)


@bp.post("/confirmation")
@allow(SIGNED_IN)
def confirmation_sent() -> Page:
    """Send the confirmation mail once more."""
    addresses.ask_confirmation(me().id, now=utcnow())
    flash(gettext("We have sent you another link."), "info")
    return redirect(url_for("auth.account"), 303)


@bp.post("/sessions/<session>/ending")
@allow(SIGNED_IN)
def session_ended(session: str) -> Page:
    """Sign one browser out."""
    with transaction():
        people.end_session(me().id, session, now=utcnow())
    flash(gettext("That browser is signed out."), "good")
    return redirect(url_for("auth.account"), 303)


@bp.post("/sessions/others/ending")
@allow(SIGNED_IN)
def sessions_ended() -> Page:
    """Sign every browser out but this one."""
    with transaction():
        people.end_sessions(me().id, now=utcnow(), but=my_session().id)
    flash(gettext("All other browsers are signed out."), "good")
    return redirect(url_for("auth.account"), 303)


def _page(
    *, details: AccountForm | None = None, password: ChangePasswordForm | None = None, address: NewAddressForm | None = None
) -> str:
    user = me()
    # forms that were not sent show what is kept, not what another form on the page brought
    details = details or AccountForm(formdata=None, name=user.name, locale=user.locale, timezone=user.timezone)
    return render_template(
        "auth/account.html",
        details=details,
        password=password or ChangePasswordForm(formdata=None),
        address=address or NewAddressForm(formdata=None),
        sessions=people.live_sessions_of(user.id, now=utcnow()),
        here=my_session().public_id,
    )
