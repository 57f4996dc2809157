"""The provider that sends a brand's payouts: connect it, say which channel pays which bank, disconnect it."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, g, redirect, render_template, url_for
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import PasswordField, SelectField

from ...domain import people, programs, sending
from ...flows import send_account
from ...kernel.clock import utcnow
from ...kernel.errors import Invalid
from ..access import BRAND_MONEY, actor, allow
from ..auth.forms import blame, choices
from ..auth.proof import prove_recently
from ..local import sentence
from . import bp

Page = str | Response | tuple[str, int]
_KINDS = {"bank": _l("Banks"), "ewallet": _l("E-wallets")}


class AccountForm(FlaskForm):  # type: ignore[misc]  # flask-wtf is untyped
    """The secrets of an account; never shown again, and never sent back with the form."""

    api_key = PasswordField(_l("Secret API key"))
    token = PasswordField(_l("Webhook verification token"))


@bp.get("/settings/sending", endpoint="settings_sending")
@allow(BRAND_MONEY)
def settings_sending() -> str:
    """What is connected, where its messages go, and which banks it pays."""
    row = sending.account_of(g.brand.id)
    under_way = 0 if row is None else len(sending.open_of_account(row.id))
    return render_template(
        "brand/settings_sending.html", row=row, address=_address(row), under_way=under_way, name_of=people.provider_name,
        channels={} if row is None else {channel.code: channel for channel in sending.channels_of(row)},
    )  # fmt: skip


@bp.route("/settings/sending/account", methods=["GET", "POST"], endpoint="settings_sending_account")
@allow(BRAND_MONEY)
@prove_recently
def settings_sending_account() -> Page:
    """Connect an account, or change its key or token; the key is tried before it is kept."""
    row, form = sending.account_of(g.brand.id), AccountForm()
    if not form.is_submitted():
        return render_template("brand/settings_sending_account.html", form=form, row=row)
    try:
        form.validate()
        api_key, token = (form.api_key.data or "").strip(), (form.token.data or "").strip()
        send_account.connect(g.brand.id, api_key=api_key, token=token, actor=actor(), now=utcnow())
    except Invalid as refusal:
        blame(form, refusal)
        return render_template("brand/settings_sending_account.html", form=form, row=row), 422
    flash(gettext("Connected. Xendit has accepted the key."), "good")
    return redirect(url_for("brand.settings_sending_channels" if row is None else "brand.settings_sending"), 303)


@bp.post("/settings/sending/check", endpoint="settings_sending_check")
@allow(BRAND_MONEY)
def settings_sending_check() -> Response:
    """Try the key and take over what Xendit lists now."""
    try:
        count = send_account.check(g.brand.id, actor=actor(), now=utcnow())
    except Invalid as refusal:
        flash(gettext(refusal.fields[0].message) if refusal.fields else sentence(refusal), "bad")
    else:
        flash(
            ngettext("The key works. Xendit lists %(num)s channel.", "The key works. Xendit lists %(num)s channels.", count),
            "good",
        )
    return redirect(url_for("brand.settings_sending"), 303)


@bp.route("/settings/sending/channels", methods=["GET", "POST"], endpoint="settings_sending_channels")
@allow(BRAND_MONEY)
@prove_recently
def settings_sending_channels() -> Page:
    """Which of Xendit's channels pays which bank or e-wallet."""
    row = sending.account_of(g.brand.id)
    if row is None:
        return redirect(url_for("brand.settings_sending"), 303)
    form = _channels_form(row)
    if form.is_submitted():
        try:
            form.validate()
            chosen = {code: form[code].data or "" for code in send_account.kinds()}
            send_account.choose_channels(g.brand.id, chosen, actor=actor(), now=utcnow())
        except Invalid as refusal:
            blame(form, refusal)
            return _channels_page(form, row), 422
        flash(gettext("Saved."), "good")
        return redirect(url_for("brand.settings_sending"), 303)
    return _channels_page(form, row)


@bp.route("/settings/sending/disconnection", methods=["GET", "POST"], endpoint="settings_sending_off")
@allow(BRAND_MONEY)
@prove_recently
def settings_sending_off() -> Page:
    """Forget the key; what that does is said before it is done."""
    row = sending.account_of(g.brand.id)
    if FlaskForm().is_submitted():
        if send_account.disconnect(g.brand.id, actor=actor(), now=utcnow()):
            flash(gettext("Disconnected. The key and the token are deleted here."), "good")
        return redirect(url_for("brand.settings_sending"), 303)
    if row is None:
        return redirect(url_for("brand.settings_sending"), 303)
    open_ = sending.open_of_account(row.id)
    waiting = sum(each.state == "waiting" and each.first_called_at is None for each in open_)
    return render_template("brand/settings_sending_off.html", row=row, waiting=waiting, under_way=len(open_) - waiting)


def _address(row: sending.PayoutAccount | None) -> str:
    """Where Xendit sends its messages."""
    base = str(current_app.config["SETTINGS"].base_url)
    return "" if row is None else base + url_for("payout_hooks.receive", payout_account=row.public_id)


def _channels_form(row: sending.PayoutAccount) -> Any:
    """One choice for each of our banks and e-wallets, among the provider's channels of that kind."""
    channels = sending.channels_of(row)
    fields = {}
    for code, kind in send_account.kinds().items():
        fitting = sorted((each for each in channels if each.kind in (kind, "other")), key=lambda each: each.name.lower())
        offered = [("", gettext("Not by Xendit")), *((each.code, f"{each.name} ({each.code})") for each in fitting)]
        fields[code] = SelectField(
            people.provider_name(code), choices=choices(offered), default=row.chosen.get(code, ""), validate_choice=False
        )
    return type("ChannelsForm", (FlaskForm,), fields)()


def _channels_page(form: Any, row: sending.PayoutAccount) -> str:
    """The banks and e-wallets that the brand's creators are paid at come first."""
    stays = (stay for program in programs.programs_of_brand(g.brand.id) for stay in programs.enrollments_of_program(program.id))
    payees = people.payees_of({stay.creator_id for stay in stays})
    used = {payee.provider for payee in payees.values()} | row.chosen.keys()
    groups = {
        kind: ([code for code, its in send_account.kinds().items() if its == kind and code in used],
               [code for code, its in send_account.kinds().items() if its == kind and code not in used])
        for kind in ("ewallet", "bank")
    }  # fmt: skip
    return render_template("brand/settings_sending_channels.html", form=form, row=row, groups=groups, kinds=_KINDS)
