"""/creator/posts/new and …/edit: one form, several channels. Small buttons bring the form back with everything in it; a script
sends the same form and swaps in what differs. What is right, and what the post will say, is decided in `flows/compose`."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from ...domain import social
from ...flows import compose, slots
from ...flows.compose import Form, NotFit, SentAlready
from ...kernel.clock import utcnow
from ...kernel.errors import Conflict, DomainError, NotFound
from .. import bodies, carried
from ..access import CREATOR, actor, allow
from ..local import locale, sentence, when_filter, zone
from . import bp, compose_form, compose_screen, compose_tiktok, upload_files
from .compose_form import Typed

Answer = Response | str | tuple[str, int]
EVENING = "T19:00"  # a day was chosen, and no time


@bp.route("/posts/new", methods=["GET", "POST"])
@allow(CREATOR)
@bodies.takes(upload_files.a_form)
@carried.over_sign_in(do="look")
def post_new() -> Answer:
    """One more post: empty, from a draft (`draft`), like another one (`copy`), for a day (`at`) or a thing (`offer`)."""
    return _sent() if request.method == "POST" else _page(_begun(utcnow()))


@bp.route("/posts/<post>/edit", methods=["GET", "POST"])
@allow(CREATOR)
@bodies.takes(upload_files.a_form)
@carried.over_sign_in(do="look")
def post_edit(post: str) -> Answer:
    """Change what was not sent yet."""
    try:
        form = compose.open_form(g.creator.id, post)
    except Conflict as refusal:
        flash(sentence(refusal), "warn")
        return redirect(url_for("creator.post", post=post), 303)
    if request.method == "POST":
        return _sent(post)
    return _page(compose_form.fresh(form, zone(), seen=social.forms.mark(form)), post=post)


@bp.post("/posts/drafts/<draft>/removal")
@allow(CREATOR)
def post_draft_removal(draft: str) -> Response:
    """Forget what was begun."""
    if not compose.drop_draft(g.creator.id, draft):
        raise NotFound()
    flash(gettext("The draft is gone."), "info")
    return redirect(url_for("creator.posts", show="drafts"), 303)


def _begun(now: datetime) -> Typed:
    """The form to begin with."""
    asked, creator_id = request.args, g.creator.id
    if asked.get("draft"):
        return compose_form.fresh(compose.draft_of(creator_id, asked["draft"]), zone(), draft=asked["draft"])
    if asked.get("copy"):
        return compose_form.fresh(compose.again(creator_id, asked["copy"]), zone())
    offer = compose_form.offered(asked.get("offer", ""))
    aims = compose_form.first_aims(social.channels_of(creator_id))
    typed = compose_form.fresh(Form(kind="", offers=(offer,) if offer else (), targets=aims), zone())
    at = asked.get("at", "")
    if not at:
        return typed
    typed = replace(typed, when="at", at=at[:16] if len(at) > 10 else at + EVENING)
    moment = typed.moment(zone())
    if moment is not None and moment > now:
        return typed
    soon = (now + timedelta(hours=1)).astimezone(ZoneInfo(zone())).strftime("%Y-%m-%dT%H:00")
    return replace(typed, at=soon)  # that evening is over, or it was no day


def _sent(post: str = "") -> Answer:
    """The form came: to be planned, kept, or to be shown again after one of its small buttons."""
    typed, deed, now = compose_form.read(request.form), request.form.get("do", "go"), utcnow()
    refused: list[tuple[str, str]] = []
    files = [file for file in request.files.getlist("files") if file.filename]
    if files:
        taken, refused = upload_files.take(files)
        typed = compose_form.with_uploads(typed, [row.public_id for row in taken])
    live = request.headers.get("X-Live") == "1"
    typed = _timed(compose_form.do(typed, deed), now)
    if deed == "keep" and not post and not live:
        return _keep(typed, refused, now)
    if deed == "go" and not live:
        return _go(replace(typed, tried=True), post, refused, now)
    wanted = request.form.get("ask", "").split() if live else None
    return _page(typed, post=post, refused=refused, wanted=wanted, live=live)


def _go(typed: Typed, post: str, refused: list[tuple[str, str]], now: datetime) -> Answer:
    """Plan it, or say all that is missing."""
    told = compose_tiktok.asked(g.creator.id, typed.form.targets, now=now)
    stopped = refused or typed.commerce_open or any(isinstance(each, str) for each in told.values())
    if stopped or _untimed(typed, now):
        return _page(typed, post=post, refused=refused, told=told), 422
    facts: dict[str, Any] = {
        "actor": actor(), "now": now, "locale": locale(), "options": compose_tiktok.options_in(told),
    }  # fmt: skip
    try:
        if post:
            made = compose.change(g.creator.id, post, typed.form, seen=typed.seen or None, **facts)
        else:
            key = typed.draft or typed.once  # a draft that is open in two tabs is one post
            made = compose.schedule(
                g.creator.id, typed.form, draft=typed.draft or None, key=key, queued=typed.when == "queue", **facts
            )
    except NotFit:
        return _page(typed, post=post, told=told), 422
    except SentAlready as known:
        flash(sentence(known), "info")
        return redirect(url_for("creator.post", post=known.post), 303)
    except compose.ChangedMeanwhile as other:
        text = gettext(
            "This post was changed in the meantime, and its time is %(when)s now. Nothing of what stands here is saved yet: save"
            " again if it is to count.",
            when=when_filter(other.at),
        )
        flash(text, "warn")
        return _page(replace(typed, seen=other.seen), post=post, told=told), 409
    except DomainError as refusal:
        flash(sentence(refusal), "bad")
        return _page(typed, post=post, told=told), 422
    if made.publish_at <= now:
        flash(gettext("It is on its way. This page tells how far it has come."), "good")
    else:
        flash(gettext("Planned for %(when)s.", when=when_filter(made.publish_at)), "good")
    return redirect(url_for("creator.post", post=made.public_id), 303)


def _keep(typed: Typed, refused: list[tuple[str, str]], now: datetime) -> Answer:
    """As a draft, however unfinished."""
    creator_id = g.creator.id
    newest = social.drafts_of(creator_id)[:1]
    try:
        if not newest or newest[0].form != social.forms.document(social.forms.tidy(typed.form)):  # pressed twice it is one
            known = any(row.public_id == typed.draft for row in social.drafts_of(creator_id))
            compose.save_draft(creator_id, typed.form, now=now, draft=typed.draft if known else "")
    except DomainError as refusal:
        flash(sentence(refusal), "bad")
        return _page(typed, refused=refused), 422
    for name, why in refused:
        flash(f"{name}: {why}", "bad")
    flash(gettext("Kept as a draft."), "good")
    return redirect(url_for("creator.posts", show="drafts"), 303)


def _timed(typed: Typed, now: datetime) -> Typed:
    """With the moment that was chosen."""
    at = None
    if typed.when == "at":
        at = typed.moment(zone())
    elif typed.when == "queue":
        at = slots.next_free(g.creator.id, now=now)
    return replace(typed, form=replace(typed.form, publish_at=at))


def _untimed(typed: Typed, now: datetime) -> bool:
    """Whether a later time was wanted, and none is known."""
    return typed.when != "now" and typed.form.publish_at is None


def _page(
    typed: Typed, *, post: str = "", refused: list[tuple[str, str]] | None = None, told: dict[str, Any] | None = None,
    wanted: list[str] | None = None, live: bool = False,
) -> str:  # fmt: skip
    """The form as it stands. wanted: channels to ask what they may choose; None: those that are ticked."""
    now = utcnow()
    if told is None:
        aims = typed.form.targets if wanted is None else [aim for aim in typed.form.targets if aim.channel in wanted]
        told = compose_tiktok.asked(g.creator.id, aims, now=now)
    shown = compose_screen.page(g.creator, typed, told, now=now, post=post, untimed=_untimed(typed, now))
    return render_template(
        "creator/compose.html", **shown, post=post, live=live, refused=refused or [],
        next_slot=slots.next_free(g.creator.id, now=now), ways_out=_ways_out(), queue_page=url_for("creator.posts_slots"),
        title=gettext("Change post") if post else gettext("New post"),
        back=url_for("creator.post", post=post) if post else url_for("creator.posts"),
        here=url_for("creator.post_edit", post=post) if post else url_for("creator.post_new"),
    )  # fmt: skip


def _ways_out() -> str:
    return url_for("creator.share") if "creator.share" in current_app.view_functions else ""
