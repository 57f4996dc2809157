"""/creator: how it goes, and what to do next; for a new creator, the way to a published page."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import RadioField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs

from ...adapters import fetch
from ...domain import analytics, commissions, links, pages, people, social
from ...flows import page as stories
from ...kernel.clock import utcnow
from ...kernel.errors import Invalid
from ...kernel.money import Money
from ..access import CREATOR, allow
from ..local import sentence, zone
from . import bp, payout_notices
from .page import address_of, first_of, own_host
from .page_entries import read_pasted


class StartForm(FlaskForm):  # type: ignore[misc]  # flask-wtf is untyped
    """Two choices, and the page is there."""

    preset = RadioField(
        _l("Look"),
        choices=[SelectChoice(key, preset.name) for key, preset in pages.themes.PRESETS.items()],
        default=pages.themes.DEFAULT,
    )
    url = StringField(_l("A product you recommend"))


@bp.get("/")
@allow(CREATOR)
def home() -> Response | str:
    """Earnings, reach, the page's state and the next step."""
    page = pages.find_page(g.creator.id)
    if page is None:
        return _start(StartForm())
    now = utcnow()
    summary = commissions.summary_of_creator(g.creator.id, now=now)
    all_links = links.links_of(g.creator.id)
    counts = links_by_clicks(all_links, analytics.clicks_of_links([link.id for link in all_links]))
    return render_template(
        "creator/home.html",
        page=page,
        ahead=pages.is_ahead(page),
        address=address_of(page),
        earnings=list(summary.values()),
        notices=payout_notices.of(g.creator.id, summary.values(), now=now),
        recent=commissions.recent_of_creator(g.creator.id, limit=5),
        reach=analytics.reach_of_creator(g.creator.id, now=now, zone=zone()),
        best=counts[:5],
        posts_needing=social.board.needing(g.creator.id, now=now),
        steps=_steps(page),
        Money=Money,
    )


@bp.post("/start")
@allow(CREATOR)
def home_start() -> Any:
    """Make the first page: a look, and a product where one was pasted."""
    form = StartForm()
    if not form.validate():
        return _start(form), 422
    url, first = (form.url.data or "").strip(), None
    unread = ""
    if url:
        try:
            first = read_pasted(url)
        except fetch.Unreadable as refusal:
            unread = sentence(refusal)  # the page is made all the same; the product's form comes next
        except Invalid as refusal:
            form.url.errors = [first_of(refusal)]
            return _start(form), 422
    page = stories.start(g.creator.id, preset=form.preset.data, first=first, own_host=own_host(), now=utcnow())
    if unread:
        flash(unread, "warn")
        return redirect(url_for("creator.page_block_new", page=page.public_id, kind="pasted", url=url), code=303)
    return redirect(url_for("creator.page"), code=303)


def links_by_clicks(all_links: list[links.TrackedLink], counts: dict[int, int]) -> list[tuple[links.TrackedLink, int]]:
    """Links with their clicks, the most clicked first; those without any left out."""
    pairs = [(link, counts.get(link.id, 0)) for link in all_links if counts.get(link.id)]
    return sorted(pairs, key=lambda pair: (-pair[1], -pair[0].id))


def _start(form: StartForm) -> str:
    return render_template(
        "creator/start.html", form=form, presets=pages.themes.PRESETS, address=f"{request.host}/@{g.creator.handle}"
    )


def _steps(page: pages.Page) -> list[tuple[bool, str, str, str]]:
    """(done, what, why, where) of the way from a page to the first payout, in order."""
    deals = stories.deals_of(g.creator.id)
    return [
        (
            page.published_version_id is not None,
            gettext("Publish your page"),
            gettext("Then its address works for everyone."),
            url_for("creator.page"),
        ),
        (bool(deals), gettext("Join a program"), gettext("A brand pays you for sales you bring."), url_for("creator.programs")),
        (
            any(code.state == "live" for code in links.codes_of(g.creator.id)),
            gettext("Get your referral code"),
            gettext("People can type it at checkout, also without a link."),
            url_for("creator.codes"),
        ),
        (
            people.payee_of(g.creator.id) is not None,
            gettext("Say where your money goes"),
            gettext("A bank account or e-wallet in your name."),
            url_for("creator.payee"),
        ),
    ]
