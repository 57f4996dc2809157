"""A post that is scheduled is changed until it is sent: words, files, channels, what it shows, its time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from ..adapters.social import Options
from ..domain import audit, links, people, social
from ..domain.audit import Actor
from ..domain.social import Aim, Channel, Form, Post, Target
from ..kernel import faults
from ..kernel.database import transaction
from ..kernel.errors import N_, Conflict
from . import compose_look

OPEN = ("waiting", "ready", "failed", "cancelled")  # where nothing was seen by anybody, and no call is on its way
CALLED = ("preparing", "calling")  # where a call is on its way
ASKING = (*CALLED, "unknown", "underway")  # where the provider may still fetch, or be sent, what it is made of


class NotChanged(Conflict):
    """All of it was sent, or called back."""

    code = "post_not_changed"
    message = N_("This post was sent already, or called back, and cannot be changed any more.")


class OnItsWay(Conflict):
    """A call is on its way, or what became of one is not known yet: its files and its kind stay."""

    code = "post_on_its_way"
    message = N_("A part of this post is just being sent. Please try again in a few minutes.")


class ChangedMeanwhile(Conflict):
    """Its creator changed it in another tab. at: when it goes out now; seen: the mark of what it says now."""

    code = "post_changed_meanwhile"

    def __init__(self, at: datetime, seen: str) -> None:
        self.at, self.seen = at, seen
        super().__init__()


def form_of(creator_id: int, public_id: str) -> Form:
    """A post as it was typed, at the time that it has now. NotFound; NotChanged: no form made it."""
    return _form(social.post_of(creator_id, public_id))


def open_form(creator_id: int, public_id: str) -> Form:
    """The same, where something of the post can still be changed. NotFound; NotChanged."""
    post = social.post_of(creator_id, public_id)
    rows = social.targets_of(post.id)
    if post.cancelled_at is not None or (rows and all(row.state not in OPEN for row in rows)):
        raise OnItsWay() if any(row.state in CALLED for row in rows) else NotChanged()
    return _form(post)


def show(
    creator_id: int, public_id: str, form: Form, *, now: datetime, locale: str = "", options: Mapping[str, Options] | None = None
) -> tuple[compose_look.Shown, ...]:  # fmt: skip
    """What a change would make of a post on each channel where nothing was sent, with the links that it has. NotFound."""
    post = social.post_of(creator_id, public_id)
    rows = {row.channel_id: row for row in social.targets_of(post.id)}
    seen = sight(creator_id, post, form, now=now)
    return tuple(
        compose_look.shown(
            seen, aim, row, _ends(post, seen, rows.get(row.id)), locale=locale or seen.language,
            options=(options or {}).get(aim.channel),
        )
        for aim, row in seen.channels
        if row.id not in rows or rows[row.id].state in OPEN
    )  # fmt: skip


def change(
    creator_id: int, public_id: str, form: Form, *, actor: Actor, now: datetime, locale: str = "",
    options: Mapping[str, Options] | None = None, seen: str | None = None,
) -> Post:  # fmt: skip
    """Let a post be as this form says, wherever nothing of it was sent; what failed there is tried anew. Safe to repeat.

    Channels that are not in the form any more get nothing; those where it was sent stay as they are. seen: the mark of the form
    that was changed. NotFound, NotChanged, OnItsWay, NotFit; ChangedMeanwhile: the post says something else by now.
    """
    form = social.forms.tidy(form)
    with transaction():
        post = social.board.held(creator_id, public_id)
        before, kept = _form(post), social.forms.document(form)
        rows = {row.channel_id: social.target(row.id, lock=True) for row in social.targets_of(post.id)}
        changing = {channel_id: row for channel_id, row in rows.items() if row.state in OPEN}
        if post.cancelled_at is None and _says_the_same(post, form, now) and all(row.state != "failed" for row in rows.values()):
            return post
        if post.cancelled_at is not None:
            raise NotChanged()
        if any(row.state in CALLED for row in rows.values()):  # it may end as if it had not begun, and be made again as it was
            raise OnItsWay()
        if not changing:
            raise NotChanged()
        if seen is not None and seen != social.forms.mark(before):
            raise ChangedMeanwhile(post.publish_at, social.forms.mark(before))
        what = sight(creator_id, post, form, now=now)
        _keep_what_is_sent(post, what, before, rows)
        todo = [(aim, row) for aim, row in what.channels if row.id not in rows or row.id in changing]
        compose_look.demand(what, todo, locale=locale, options=options)
        at = max(form.publish_at or now, now)
        tenant = people.get_creator(creator_id).public_id
        if form.uploads != before.uploads:
            social.change_files(post.id, what.media)
        post.kind, post.caption, post.title = what.kind, social.plain.text(form.caption), _title(form)
        post.promotes, post.disclosure, post.publish_at = what.promotes, what.disclosure, at
        post.form, post.set_aside_at = kept, None  # whoever changes it wants it after all
        wanted = {row.id for _, row in todo}
        for channel_id in changing.keys() - wanted:
            _take_out(post, changing[channel_id])
        among = _put_in(post, todo, changing, at, options)
        for target, (aim, row) in zip(among, todo, strict=True):
            compose_look.write(what, post, target, aim, row, among=[*rows.values(), *among], actor=actor, now=now)
        audit.note(
            "post.changed", public_id, actor=actor, tenant=tenant, now=now, before={"form": social.forms.document(before)},
            after={"form": kept, "targets": [target.public_id for target in among]},
        )  # fmt: skip
        if before.publish_at is not None and at != before.publish_at:
            audit.note(
                "post.moved", public_id, actor=actor, tenant=tenant, now=now, before={"at": before.publish_at.isoformat()},
                after={"at": at.isoformat()},
            )  # fmt: skip
        faults.point("compose.before_commit")
        return post


def _says_the_same(post: Post, form: Form, now: datetime) -> bool:
    """Whether a change was made already: the same form, at the time that the post has."""
    at = post.publish_at <= now if form.publish_at is None else post.publish_at == form.publish_at
    return at and post.form == social.forms.document(form)


def _form(post: Post) -> Form:
    if post.form is None:
        raise NotChanged()
    return replace(social.forms.read(post.form), publish_at=post.publish_at)


def sight(creator_id: int, post: Post, form: Form, *, now: datetime) -> compose_look.Sight:
    """What the form comes to. Files that the post has already it keeps, also where they are gone from the uploads."""
    before = _form(post)
    has = dict(zip((each.upload for each in before.uploads), social.files_of(post.id), strict=False))
    found = [compose_look.file_of(creator_id, each) or has.get(each.upload) for each in form.uploads]
    files = [
        replace(facts, alt_text=compose_look.alt_text(each))
        for facts, each in zip(found, form.uploads, strict=True)
        if facts is not None
    ]
    known = files if len(files) == len(form.uploads) else None
    return compose_look.sight(creator_id, form, known, now=now, at=post.publish_at)


def _keep_what_is_sent(post: Post, seen: compose_look.Sight, before: Form, rows: Mapping[int, Target]) -> None:
    """Where a part was sent, the kind stays; where one may have to be sent again, so does all that it shares with the others."""
    states = {row.state for row in rows.values()}
    shared = (before.uploads, post.promotes, post.title)
    if shared != (seen.form.uploads, seen.promotes, _title(seen.form)) and states & set(ASKING):
        raise OnItsWay()
    if seen.kind != post.kind and states - set(OPEN):
        raise OnItsWay()


def _title(form: Form) -> str:
    return social.plain.line(form.title)[:90]


def _take_out(post: Post, row: Target) -> None:
    """Not on this channel after all."""
    social.show_offers(post.id, row.id, [])
    if row.state == "failed":
        social.move(row.id, "waiting")
    if row.state != "cancelled":
        social.move(row.id, "cancelled", next_at=None, why="", code="")


def _put_in(
    post: Post, todo: Sequence[tuple[Aim, Channel]], changing: Mapping[int, Target], at: datetime,
    options: Mapping[str, Options] | None,
) -> list[Target]:  # fmt: skip
    """The targets of these channels, waiting for their time with nothing prepared."""
    found = []
    for aim, row in todo:
        facts = compose_look.facts_of(aim, row, (options or {}).get(aim.channel))
        target = changing.get(row.id)
        found.append(social.add_target(post.id, facts, at) if target is None else social.begin_anew(target.id, facts, at))
    return found


def _ends(post: Post, seen: compose_look.Sight, row: Target | None) -> list[str]:
    """The ends of the links that a channel has for these things already; of the others, dots."""
    shown = [] if row is None else [each for each in social.offers_of(post.id) if each.target_id == row.id]
    known = links.links_by_id({each.link_id for each in shown})
    by_key = {link.target_key: link.slug for link in known.values()}
    dots = compose_look.promised(seen)
    return [by_key.get(thing.target.key, dot) if thing.target else dot for thing, dot in zip(seen.things, dots, strict=True)]


__all__ = ["ChangedMeanwhile", "NotChanged", "OnItsWay", "change", "form_of", "open_form", "show", "sight"]
