"""Where a creator's money goes."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs

from ...domain import people
from ...flows import payee as stories
from ...kernel.clock import utcnow
from ...kernel.errors import Invalid
from ..access import CREATOR, actor, allow
from ..auth.current import me
from ..auth.forms import blame
from ..auth.proof import prove_recently
from . import bp

Page = str | Response | tuple[str, int]


class PayeeForm(FlaskForm):  # type: ignore[misc]  # flask-wtf is untyped
    """Bank or e-wallet, number, holder."""

    provider = SelectField(_l("Bank or e-wallet"), validate_choice=False)
    number = StringField(_l("Account or mobile number"))
    holder = StringField(_l("Name of the holder"))

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        banks = {bank.code: bank.name for bank in people.BANKS.values()}
        self.provider.choices = [SelectChoice("", gettext("Choose one"))] + [
            SelectChoice(code, name, optgroup=group)
            for group, known in ((gettext("E-wallets"), people.EWALLETS), (gettext("Banks"), banks))
            for code, name in known.items()
        ]


@bp.get("/payee")
@allow(CREATOR)
def payee() -> str:
    """Where money goes now, its number masked, and where it went before."""
    return _page()


@bp.post("/payee/number")
@allow(CREATOR)
@prove_recently
def payee_revealed() -> Page:
    """The whole number, for its owner; each look is written down."""
    return _page(number=stories.reveal_own_payee(g.creator.id, actor=actor(), now=utcnow()))


@bp.route("/payee/change", methods=["GET", "POST"])
@allow(CREATOR)
@prove_recently
def payee_change() -> Page:
    """State another account; the old one stays on record, and a letter tells of the change."""
    people.must_be_confirmed(me())
    form = PayeeForm()
    if not form.is_submitted():
        return render_template("creator/payee_change.html", form=form, first=people.payee_of(g.creator.id) is None)
    provider = form.provider.data or ""
    try:
        stories.state_payee(
            g.creator.id,
            kind="ewallet" if provider in people.EWALLETS else "bank",
            provider=provider,
            number=form.number.data or "",
            holder=form.holder.data or "",
            actor=actor(),
            now=utcnow(),
        )
    except Invalid as refusal:
        blame(form, refusal)
        return render_template("creator/payee_change.html", form=form, first=people.payee_of(g.creator.id) is None), 422
    flash(gettext("Saved. Your commissions are paid to this account from now on."), "good")
    return redirect(url_for("creator.payee"), 303)


def _page(number: str = "") -> str:
    return render_template(
        "creator/payee.html",
        current=people.payee_of(g.creator.id),
        history=[found for found in people.payee_history(g.creator.id) if found.replaced_at is not None],
        number=number,
        name_of=people.provider_name,
        masked=people.masked,
    )
