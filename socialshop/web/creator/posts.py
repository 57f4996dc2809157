"""/creator/posts: what is planned, posted or waits for its creator; and one post with all that can be done about it."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, cast

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from ...adapters.social import REASONS
from ...domain import social
from ...flows import compose, post_aside, publish
from ...flows import upload as stories
from ...kernel.clock import utcnow
from ...kernel.errors import Conflict, NotFound
from .. import paging
from ..access import CREATOR, actor, allow
from ..local import sentence
from . import bp, post_history
from .post_cards import KINDS, Card, cards_of, composer, day_said, editor, local_of

PAGE = 20
SOON = timedelta(minutes=2)
CHANGES = ("media", "text", "audience")  # matters of reasons that another post would mend
MAY_APPEAR = ("calling", "unknown", "underway")  # where a post that is called back may come to stand after all


@bp.record_once
def _words(state: Any) -> None:
    state.app.jinja_env.globals.update(composer=composer, editor=editor)


@bp.get("/posts", endpoint="posts")
@allow(CREATOR)
def all_posts() -> str:
    """One shelf of posts; drafts beside them."""
    asked, number, now = request.args.get("show", "planned"), paging.page_number(), utcnow()
    shelf = asked if asked in (*social.board.SHELVES, "drafts") else "planned"
    drafts = social.drafts_of(g.creator.id)
    rows: list[Any] = []
    if shelf != "drafts":
        rows = list(
            social.board.page_of(
                g.creator.id, cast("social.board.Shelf", shelf), now=now, limit=PAGE + 1, offset=(number - 1) * PAGE
            )
        )  # fmt: skip
    cards = cards_of(rows[:PAGE], now=now)
    return render_template(
        "creator/posts.html", shelf=shelf, counts=social.board.counts_of(g.creator.id, now=now), drafts=drafts,
        days=_days(cards, now), number=number, more=len(rows) > PAGE, channels=social.channels_of(g.creator.id), kinds=KINDS,
        text_of=lambda draft: _first_line(str(draft.form.get("caption", "") or draft.form.get("title", ""))),
    )  # fmt: skip


@bp.get("/posts/<post>")
@allow(CREATOR)
def post(post: str) -> str:
    """One post: where it stands on each channel, what can be done, what it brought, what happened."""
    row, now = social.post_of(g.creator.id, post), utcnow()
    return _shown(row, now)


@bp.post("/posts/<post>/cancellation")
@allow(CREATOR)
def post_cancel(post: str) -> Response:
    """Call back what has not begun."""
    try:
        publish.cancel(g.creator.id, post, actor=actor(), now=utcnow())
    except Conflict as refused:
        flash(sentence(refused), "warn")
    else:
        if any(row.state in MAY_APPEAR for row in social.targets_of(social.post_of(g.creator.id, post).id)):
            flash(
                gettext("Called back where nothing was sent yet. A part of it was just being sent and may still appear."), "warn"
            )
        else:
            flash(gettext("Called back. Nothing more of it will be posted."), "info")
    return redirect(url_for("creator.post", post=post), 303)


@bp.post("/posts/<post>/targets/<target>/again")
@allow(CREATOR)
def post_again(post: str, target: str) -> Response:
    """Try once more, where it surely was not posted."""
    now = utcnow()
    try:
        publish.try_again(g.creator.id, post, target, actor=actor(), now=now)
    except Conflict as refused:
        flash(sentence(refused), "warn")
    else:
        post_aside.take_up(g.creator.id, post, actor=actor(), now=now)
        flash(gettext("We are trying again. This page tells what came of it."), "info")
    return redirect(url_for("creator.post", post=post), 303)


@bp.post("/posts/<post>/targets/<target>/decision")
@allow(CREATOR)
def post_decide(post: str, target: str) -> Any:
    """Somebody looked into the app and says whether it is there."""
    row, now = social.post_of(g.creator.id, post), utcnow()
    if target not in {each.public_id for each in social.targets_of(row.id)}:
        raise NotFound()
    posted, note = request.form.get("posted", ""), request.form.get("note", "").strip()[:500]
    wrong = ""
    if posted not in ("yes", "no"):
        wrong = gettext("Say whether you see it there.")
    elif not note:
        wrong = gettext("Write in a few words how you know; it is kept in the history.")
    if wrong:
        return _shown(row, now, wrong=(target, wrong, posted, note)), 422
    try:
        publish.decide(g.creator.id, post, target, posted=posted == "yes", note=note, actor=actor(), now=now)
    except Conflict as refused:
        flash(sentence(refused), "warn")
    else:
        flash(
            gettext("Thank you. It counts as posted.") if posted == "yes" else gettext("Thank you. You can try it again now."),
            "good",
        )
    return redirect(url_for("creator.post", post=post), 303)


@bp.post("/posts/<post>/aside")
@allow(CREATOR)
def post_let_be(post: str) -> Response:
    """Leave it as it is, or take it up again."""
    if request.form.get("aside") == "no":
        post_aside.take_up(g.creator.id, post, actor=actor(), now=utcnow())
    else:
        post_aside.put(g.creator.id, post, actor=actor(), now=utcnow())
        flash(gettext("Left as it is. It is no longer among what needs you."), "info")
    return redirect(url_for("creator.post", post=post), 303)


def _shown(row: social.Post, now: datetime, wrong: tuple[str, str, str, str] | None = None) -> str:
    [card] = cards_of([row], now=now)
    mendable, shut = _mendable(card), _shut(row)
    undecided = {part.target.public_id for part in card.parts if social.undecided(part.target, part.channel, now)}
    return render_template(
        "creator/post.html", card=card, post=row, media=[(item, _kept(item)) for item in social.media_of(row.id)], wrong=wrong,
        recallable=[part for part in card.parts if part.target.state in social.CANCELLABLE], now=now, undecided=undecided,
        history=post_history.of(g.creator.public_id, row, card.parts), said=_said(card), moving=_moving(card, now),
        editable=card.movable and not shut, mendable=() if shut else mendable, shut=shut if card.movable or mendable else "",
    )  # fmt: skip


def _moving(card: Card, now: datetime) -> bool:
    """Whether something is about to happen by itself, so that it is worth looking again and again."""
    return any(
        part.target.state in social.OPEN and not part.needs and (part.target.next_at or now) <= now + SOON for part in card.parts
    )


def _shut(row: social.Post) -> str:
    """Why it cannot be edited now; "" where it can."""
    if row.form is None:
        return str(
            gettext("This post was not written here, so its words and pictures cannot be changed. Write a new one instead.")
        )
    try:
        compose.open_form(g.creator.id, row.public_id)
    except Conflict as refusal:
        return sentence(refusal)
    return ""


def _kept(item: social.PostMedia) -> str:
    """What of a file is still here: "file"; "thumb" and "" some time after it went out."""
    for what, place in (("file", social.files.path_of), ("thumb", social.files.thumb_of)):
        if place(item.sha256, stories.folder()).is_file():
            return what
    return ""


def _mendable(card: Card) -> set[str]:
    """Where it failed by what the post says or shows, so that changing it helps."""
    if card.post.cancelled_at is not None:
        return set()
    failed = [part.target for part in card.parts if part.target.state == "failed" and part.channel.state != "off"]
    ours = ("product_gone", "left_program", "privacy")
    return {
        each.public_id for each in failed if each.why in ours or (each.why in REASONS and REASONS[each.why].matter in CHANGES)
    }


def _said(card: Card) -> list[tuple[str, str]]:
    """The words of each channel, those that say the same together: (names, words)."""
    found: dict[str, list[str]] = {}
    for part in card.parts:
        found.setdefault(part.target.caption or card.post.caption, []).append(part.told.channel)
    return [(", ".join(names), text) for text, names in found.items()] or [("", card.post.caption)]


def _days(cards: list[Card], now: datetime) -> list[tuple[str, list[Card]]]:
    """Cards by their day, in the order they come in, each day with its name."""
    today = local_of(now).date()
    return [(day_said(day, today), list(those)) for day, those in groupby(cards, key=lambda card: card.local.date())]


def _first_line(text: str) -> str:
    text = text.strip()
    return text.splitlines()[0][:120] if text else ""
