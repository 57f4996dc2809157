"""/creator/page: the page editor. Every edit is a plain form post; a script sends it in place and swaps the answer in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import format_date, gettext
from werkzeug.wrappers import Response

from ...domain import analytics, links, pages
from ...flows import page as stories
from ...flows import share as sharing
from ...kernel import clock
from ...kernel.clock import utcnow
from ...kernel.database import transaction
from ...kernel.errors import Invalid
from ..access import CREATOR, actor, allow
from ..local import day_filter, sentence
from ..security import inline_style
from ..shop import page as public
from ..shop import showcase
from . import bp, share
from .page_forms import EditorForm, said

WEEK = timedelta(days=7)
Answer = Response | str | tuple[str, int]


@bp.record_once
def _filters(state: Any) -> None:
    state.app.add_template_filter(lambda text: day_filter(clock.instant(text)), "day_of")
    state.app.add_template_filter(lambda day: format_date(day, "EEE d MMM"), "day_name")
    state.app.jinja_env.globals.update(accent_on=pages.themes.accent_for)


@bp.get("/page")
@allow(CREATOR)
def page() -> Answer:
    """The editor of the page at /@handle; a new creator makes it first."""
    found = pages.find_page(g.creator.id)
    return redirect(url_for("creator.home")) if found is None else _editor(found)


@bp.get("/pages/<page>")
@allow(CREATOR)
def page_edit(page: str) -> Answer:
    """The editor of any of the creator's pages."""
    return _editor(pages.page_of(g.creator.id, page))


@bp.get("/pages/<page>/preview")
@allow(CREATOR)
def page_preview(page: str) -> str:
    """The draft as visitors would see it; only the editor may frame it."""
    row = pages.page_of(g.creator.id, page)
    g.framed_by_self = True
    latest = public.latest_for(g.creator.id, row.slug, row.draft)
    return public.render(g.creator, row.draft, {}, address=address_of(row), draft=True, latest=latest)


@bp.post("/pages")
@allow(CREATOR)
def page_new() -> Answer:
    """One more page, with the look of the first."""
    now = utcnow()
    slug = links.folded(request.form.get("slug", ""))
    first = pages.find_page(g.creator.id)
    if first is None or not slug:
        return redirect(url_for("creator.page"))
    document = {**first.draft, "blocks": []}
    try:
        with transaction():
            made = pages.make(g.creator.id, slug=slug, document=document, now=now)
    except Invalid as refusal:
        flash(gettext(refusal.fields[0].message), "bad")
        return redirect(url_for("creator.page"))
    return redirect(url_for("creator.page_edit", page=made.public_id))


@bp.post("/pages/<page>/latest")
@allow(CREATOR)
def page_latest(page: str) -> Answer:
    """What the newest posts show becomes a block like others, where it stands by itself now: to be moved, named or hidden."""
    identity = pages.new_block_id()
    return _deed(page, lambda draft: pages.edits.placing_latest(draft, identity), f"#block-{identity}")


@bp.post("/pages/<page>/blocks/<block>/place")
@allow(CREATOR)
def page_block_move(page: str, block: str) -> Answer:
    """One up or one down."""
    by = -1 if request.form.get("by") == "up" else 1
    return _deed(page, lambda draft: pages.edits.moved(draft, block, by), f"#block-{block}")


@bp.post("/pages/<page>/order")
@allow(CREATOR)
def page_order(page: str) -> Answer:
    """All blocks in a new order, after a drag."""
    ids = request.form.get("ids", "").split()[:200]
    return _deed(page, lambda draft: pages.edits.ordered(draft, ids))


@bp.post("/pages/<page>/blocks/<block>/visibility")
@allow(CREATOR)
def page_block_hide(page: str, block: str) -> Answer:
    """Hidden, or shown again."""
    hide = request.form.get("hidden") == "yes"
    return _deed(page, lambda draft: pages.edits.hidden(draft, block, hide), f"#block-{block}")


@bp.post("/pages/<page>/blocks/<block>/removal")
@allow(CREATOR)
def page_block_remove(page: str, block: str) -> Answer:
    """Away with it; undo brings it back."""
    return _deed(page, lambda draft: pages.edits.without_block(draft, block))


@bp.post("/pages/<page>/undo")
@allow(CREATOR)
def page_undo(page: str) -> Answer:
    """Take the last edit back."""
    row, now = pages.page_of(g.creator.id, page), utcnow()
    try:
        with transaction():
            row = pages.page_of(g.creator.id, page)
            done = pages.undo(row, EditorForm().seen(), now=now)
        flash(gettext("Taken back.") if done else gettext("There is nothing to take back."), "info")
    except pages.StalePage as stale:
        flash(gettext(stale.message), "warn")
    return back(row)


@bp.post("/pages/<page>/publication")
@allow(CREATOR)
def page_publish(page: str) -> Answer:
    """Show the draft to the world."""
    row = pages.page_of(g.creator.id, page)
    try:
        stories.publish(g.creator.id, page, EditorForm().seen(), own_host=own_host(), actor=actor(), now=utcnow())
    except (pages.StalePage, stories.NothingToShow) as refusal:
        flash(gettext(refusal.message), "warn")
        return back(row)
    except Invalid as refusal:
        flash(first_of(refusal), "bad")
        return back(row)
    return redirect(url_for("creator.page_share", page=page))


@bp.get("/pages/<page>/share")
@allow(CREATOR)
def page_share(page: str) -> Answer:
    """It is live: the address to copy, its QR, and where to put it."""
    row = pages.page_of(g.creator.id, page)
    if row.published_version_id is None:
        return back(row)
    found = sharing.page_of(g.creator.id, page)
    return render_template("creator/page_share.html", page=row, address=address_of(row), thing=found, ways=share.ways_of(found))


@bp.post("/pages/<page>/takedown")
@allow(CREATOR)
def page_take_down(page: str) -> Answer:
    """Show it to nobody any more; the draft stays."""
    row = pages.page_of(g.creator.id, page)
    with transaction():
        pages.take_down(pages.page_of(g.creator.id, page))
    flash(gettext("Your page is offline. Publish it again whenever you like."), "info")
    return back(row)


@bp.get("/pages/<page>/versions")
@allow(CREATOR)
def page_versions(page: str) -> Answer:
    """What was published, newest first."""
    row = pages.page_of(g.creator.id, page)
    return render_template("creator/page_versions.html", page=row, versions=pages.versions_of(row.id))


@bp.post("/pages/<page>/versions/<int:number>/restoration")
@allow(CREATOR)
def page_restore(page: str, number: int) -> Answer:
    """Make the draft what that version was."""
    now = utcnow()
    try:
        with transaction():
            pages.restore(pages.page_of(g.creator.id, page), number, EditorForm().seen(), now=now)
        flash(gettext("Version %(number)s is your draft now. Publish it when you are ready.", number=number), "good")
    except pages.StalePage as stale:
        flash(gettext(stale.message), "warn")
    return redirect(url_for("creator.page_edit", page=page))


# --- shared ----------------------------------------------------------------------------------------


def own_host() -> str:
    """The install's host, with port where there is one."""
    base: str = current_app.config["SETTINGS"].base_url
    return base.partition("://")[2]


def address_of(row: pages.Page) -> str:
    """Where the world finds this page."""
    return public.absolute(f"/@{g.creator.handle}" + (f"/{row.slug}" if row.slug else ""))


def _editor(row: pages.Page) -> str:
    now = utcnow()
    deals = stories.deals_of(g.creator.id)
    latest = public.latest_for(g.creator.id, row.slug, row.draft)
    shown = {
        block.id: block
        for block in showcase.build(row.draft, {}, creator_id=g.creator.id, deals=deals, now=now, draft=True, latest=latest)
    }
    theme = row.draft["theme"]
    return render_template(
        "creator/page.html",
        page=row,
        pages_all=pages.pages_of(g.creator.id),
        blocks=row.draft["blocks"],
        shown=shown,
        profile=row.draft["profile"],
        avatar=showcase.avatar(row.draft),
        numbers=analytics.page_blocks(g.creator.id, row.id, since=now - WEEK, until=now),
        ahead=pages.is_ahead(row),
        address=address_of(row),
        theme_style=inline_style(pages.themes.variables(theme["preset"], theme["accent"], root=".pg")),
        networks=pages.NETWORKS,
        latest_placed=any(block["type"] == "latest" for block in row.draft["blocks"]),
    )


def edit_draft(row: pages.Page, seen: int, change: Callable[[pages.Document], pages.Document]) -> None:
    now, public_id = utcnow(), row.public_id
    with transaction():
        pages.edit(pages.page_of(g.creator.id, public_id), seen, change, now=now)


def _deed(page: str, change: Callable[[pages.Document], pages.Document], anchor: str = "") -> Answer:
    row = pages.page_of(g.creator.id, page)
    try:
        edit_draft(row, EditorForm().seen(), change)
    except pages.StalePage as stale:
        flash(gettext(stale.message), "warn")
    return back(row, anchor)


def back(row: pages.Page, anchor: str = "") -> Response:
    where = url_for("creator.page_edit", page=row.public_id) if row.slug else url_for("creator.page")
    return redirect(where + anchor, code=303)


def first_of(refusal: Invalid) -> str:
    return said(refusal.fields[0], refusal) if refusal.fields else sentence(refusal)
