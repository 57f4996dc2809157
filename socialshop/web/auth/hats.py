"""The hub: what one is here already, and what one can become."""

from __future__ import annotations

from typing import Any

from flask import current_app, redirect, render_template, url_for
from werkzeug.wrappers import Response

from ...domain import people
from ...flows import members
from ...flows import people as stories
from ...kernel.clock import utcnow
from ...kernel.errors import Invalid
from .. import invites
from ..access import SIGNED_IN, actor, allow
from . import bp
from .current import me
from .forms import BrandForm, HandleForm, blame

Page = str | Response | tuple[str, int]


@bp.get("/start")
@allow(SIGNED_IN)
def start() -> Page:
    """All hats, worn and possible."""
    return _hub()


@bp.post("/start/creator")
@allow(SIGNED_IN)
def creator_started() -> Page:
    """Become a creator."""
    form = HandleForm()
    try:
        stories.start_creator(me().id, handle=form.handle.data or "", name=me().name, actor=actor(), now=utcnow())
    except Invalid as refusal:
        blame(form, refusal)
        return _hub(handle=form), 422
    return redirect(invites.onward(page_of("creator.page")), 303)


@bp.post("/start/brand")
@allow(SIGNED_IN)
def brand_started() -> Page:
    """Start a brand."""
    form = BrandForm()
    try:
        brand = stories.start_brand(me().id, name=form.brand_name.data or "", actor=actor(), now=utcnow())
    except Invalid as refusal:
        blame(form, refusal)
        return _hub(brand=form), 422
    return redirect(page_of("brand.products", brand=brand.slug), 303)


def page_of(endpoint: str, **values: Any) -> str:
    """The address of a desk's first page, or the hub where this install lacks it."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else url_for("auth.start")


def _hub(*, handle: HandleForm | None = None, brand: BrandForm | None = None) -> str:
    user = me()
    creator = people.creator_of(user.id)
    if handle is None:
        handle = HandleForm(formdata=None, handle="" if creator else people.suggest_handle(user.name, user.email))
    return render_template(
        "auth/start.html",
        creator=creator,
        brands=people.memberships_of(user.id),
        handle=handle,
        brand=brand or BrandForm(formdata=None),
        role_words=members.ROLE_WORDS,
        page_of=page_of,
    )
