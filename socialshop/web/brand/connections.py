"""A brand's own stores: connect by steps, renew the secret, see what came and why it stands where it stands."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs
from wtforms.validators import InputRequired, Length

from ...domain import audit, connections, orders, programs
from ...domain.connections import Connection
from ...flows import inbound
from ...kernel.clock import utcnow
from ...kernel.database import transaction
from .. import paging
from ..access import BRAND_MANAGE, BRAND_VIEW, actor, allow
from . import bp, store_words

PER_PAGE = 30


class ConnectionForm(FlaskForm):  # type: ignore[misc]
    """Which store."""

    name = StringField(_l("Name of the store"), [InputRequired(_l("Give the store a name.")), Length(max=120)])
    shop = StringField(_l("Its address"), [InputRequired(_l("Enter the store’s address.")), Length(max=300)])
    program = SelectField(_l("Program"), choices=[])

    def __init__(self, *args: Any, **facts: Any) -> None:
        super().__init__(*args, **facts)
        self.program.choices = [SelectChoice("", gettext("As the click or code says"))] + [
            SelectChoice(program.public_id, program.name) for program in programs.programs_of_brand(g.brand.id)
        ]

    def domain(self) -> str | None:
        """The store's domain, or None and an error on the field."""
        found = connections.shop_domain(self.shop.data or "")
        if found is None:
            self.shop.errors = [gettext("Enter an address like toko.example.")]
        return found

    def program_id(self) -> int | None:
        """The chosen program of this brand."""
        return programs.program_of(g.brand.id, self.program.data).id if self.program.data else None


class NewConnectionForm(ConnectionForm):
    """Which kind of store, and which one."""

    provider = RadioField(
        _l("Where do you sell?"),
        [InputRequired(_l("Choose one."))],
        choices=[SelectChoice("shopify", "Shopify"), SelectChoice("woocommerce", "WooCommerce")],
    )


class SecretForm(FlaskForm):  # type: ignore[misc]
    """The secret that Shopify shows."""

    secret = StringField(_l("Secret from Shopify"), [InputRequired(_l("Paste the secret that Shopify shows."))])


@bp.get("/connections", endpoint="connections")
@allow(BRAND_VIEW)
def connections_list() -> str:
    """All stores, when each was last heard of, and what waits."""
    rows = connections.of_brand(g.brand.id)
    ids = [row.id for row in rows]
    return render_template(
        "brand/connections.html", rows=rows, heard=connections.last_heard(ids), providers=store_words.PROVIDERS,
        counts={row.id: connections.counts_of(row.id) for row in rows}, open_reviews=connections.open_reviews(g.brand.id),
    )  # fmt: skip


@bp.route("/connections/new", methods=["GET", "POST"])
@allow(BRAND_MANAGE)
def connection_new() -> str | Response | tuple[str, int]:
    """Name the store; address and secret follow on its own page."""
    form = NewConnectionForm()
    if request.method == "GET":
        return render_template("brand/connection_new.html", form=form)
    valid = form.validate_on_submit()
    shop = form.domain() if form.shop.data else None
    if not valid or shop is None:
        return render_template("brand/connection_new.html", form=form), 422
    now = utcnow()
    with transaction():
        made = connections.connect(
            g.brand.id,
            provider=form.provider.data,
            name=str(form.name.data).strip(),
            shop=shop,
            program_id=form.program_id(),
            now=now,
        )
        _note("connection.made", made, after={"provider": made.provider, "shop": made.shop})
    return redirect(url_for("brand.connection", connection=made.public_id), 303)


@bp.get("/connections/<connection>")
@allow(BRAND_VIEW)
def connection(connection: str) -> str:
    """The steps still to do, and what came."""
    return _page(connections.connection_of(g.brand.id, connection), SecretForm())


@bp.route("/connections/<connection>/edit", methods=["GET", "POST"])
@allow(BRAND_MANAGE)
def connection_edit(connection: str) -> str | Response | tuple[str, int]:
    """Another name, address or program."""
    row = connections.connection_of(g.brand.id, connection)
    program = "" if row.program_id is None else programs.get(row.program_id).public_id
    form = ConnectionForm(name=row.name, shop=row.shop, program=program)
    if request.method == "GET":
        return render_template("brand/connection_edit.html", row=row, form=form)
    valid = form.validate_on_submit()
    shop = form.domain() if form.shop.data else None
    if not valid or shop is None:
        return render_template("brand/connection_edit.html", row=row, form=form), 422
    before = {"name": row.name, "shop": row.shop, "program": program}
    with transaction():
        connections.change(row.id, name=str(form.name.data).strip(), shop=shop, program_id=form.program_id())
        _note(
            "connection.changed", row, before=before, after={"name": form.name.data, "shop": shop, "program": form.program.data}
        )
    flash(gettext("Saved."), "good")
    return redirect(url_for("brand.connection", connection=row.public_id), 303)


@bp.post("/connections/<connection>/secret")
@allow(BRAND_MANAGE)
def connection_secret(connection: str) -> str | Response | tuple[str, int]:
    """WooCommerce: make a secret and show it this once. Shopify: take the one that it shows."""
    row = connections.connection_of(g.brand.id, connection)
    form, now, made = SecretForm(), utcnow(), ""
    if row.provider == "shopify":
        if not form.validate_on_submit() or not connections.is_secret(str(form.secret.data).strip()):
            if form.secret.data:
                form.secret.errors = [gettext("This is not a secret as Shopify shows it: 8 to 200 characters without blanks.")]
            return _page(row, form), 422
        with transaction():
            connections.set_secret(row.id, str(form.secret.data).strip(), now=now)
            _note("connection.secret_set", row)
        flash(gettext("The secret is kept, encrypted. It is not shown again."), "good")
        return redirect(url_for("brand.connection", connection=row.public_id), 303)
    with transaction():
        made = connections.make_secret(row.id, now=now)
        _note("connection.secret_made", row)
    return _page(connections.connection_of(g.brand.id, connection), form, made=made)


@bp.post("/connections/<connection>/state")
@allow(BRAND_MANAGE)
def connection_state(connection: str) -> Response:
    """Switch the store off, or on again."""
    row = connections.connection_of(g.brand.id, connection)
    wanted = "off" if request.form.get("state") == "off" else "live"
    with transaction():
        if connections.turn(row.id, wanted):
            _note(f"connection.{'turned_off' if wanted == 'off' else 'turned_on'}", row)
    off = gettext("Switched off. Its messages are refused until you switch it on again.")
    flash(off if wanted == "off" else gettext("Switched on."), "good")
    return redirect(url_for("brand.connection", connection=row.public_id), 303)


@bp.post("/connections/<connection>/events/<event>/again")
@allow(BRAND_MANAGE)
def connection_event_again(connection: str, event: str) -> Response:
    """Let a message that could not be used be read again."""
    row = connections.connection_of(g.brand.id, connection)
    found = connections.event_of(row.id, event)
    again = inbound.let_again(row, found, actor=actor(), tenant=g.brand.public_id, now=utcnow())
    flash(gettext("It is being read again.") if again else gettext("It was read in the meantime."), "info")
    return redirect(url_for("brand.connection", connection=row.public_id) + "#events", 303)


def _page(row: Connection, form: SecretForm, *, made: str = "") -> str:
    state = request.args.get("state", "")
    state = state if state in store_words.STATES else ""
    before = paging.before()
    events = connections.events_of(row.id, state=state, before=before, limit=PER_PAGE + 1)
    booked = {event.object_id: orders.find_outside(row.id, event.object_id) for event in events[:PER_PAGE] if event.object_id}
    parameter = _parameter(row)
    return render_template(
        "brand/connection.html",
        row=row,
        form=form,
        made=made,
        state=state,
        events=events[:PER_PAGE],
        booked=booked,
        older=events[PER_PAGE - 1].id if len(events) > PER_PAGE else None,
        words=store_words,
        counts=connections.counts_of(row.id),
        heard=connections.last_heard([row.id]).get(row.id),
        address=f"{current_app.config['SETTINGS'].base_url}/hooks/{row.public_id}",
        parameter=parameter,
        snippet=store_words.snippet(row.provider, parameter),
        now=utcnow(),
    )


def _parameter(row: Connection) -> str:
    """The name under which our click id travels: the store's program's, else the first one's, else the usual."""
    if row.program_id is not None:
        return programs.get(row.program_id).click_parameter
    every = programs.programs_of_brand(g.brand.id)
    return every[0].click_parameter if every else inbound.DEFAULT_CLICK_PARAMETER


def _note(act: str, row: Connection, **facts: Any) -> None:
    audit.note(act, row.public_id, actor=actor(), tenant=g.brand.public_id, now=utcnow(), **facts)
