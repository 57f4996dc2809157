"""A creator writes a post once for several channels: tried on, kept as a draft, scheduled, changed until it is sent.

What it would be on each channel is `compose_look`; what it shows to buy is `offered`; how a post that is there is changed is
`compose_change`. Codes and each channel's own links are made in the commit that schedules the post.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from ..adapters.social import Options
from ..domain import audit, people, social
from ..domain.audit import Actor
from ..domain.social import Aim, Count, Form, Offered, Picked, Post, PostDraft
from ..kernel import faults
from ..kernel.database import transaction
from ..kernel.errors import N_, Conflict, Invalid
from . import compose_change, compose_look, slots
from .compose_change import ChangedMeanwhile, NotChanged, change, form_of, open_form
from .compose_look import NotFit, Shown, Told, set_up

MOMENT = timedelta(minutes=2)  # in which the same form is the same post


class SentAlready(Conflict):
    """The form was sent before, and said something else: its post is `post`."""

    code = "sent_already"
    message = N_("This post is scheduled already. Open it to change it.")

    def __init__(self, post: str) -> None:
        self.post = post
        super().__init__()


def show(
    creator_id: int, form: Form, *, now: datetime, locale: str = "", options: Mapping[str, Options] | None = None, post: str = ""
) -> tuple[Shown, ...]:  # fmt: skip
    """What the post will be on each of its channels. Nothing is made: links that are not there yet end in dots.

    locale: of the sentences, "" the creator's. options: what channels (public id) told of themselves a moment ago. post: the
    one that the form changes (public id); what of it was sent is not shown again.
    """
    form = social.forms.tidy(form)
    if post:
        return compose_change.show(creator_id, post, form, now=now, locale=locale, options=options)
    seen = _sight(creator_id, form, now=now)
    return tuple(
        compose_look.shown(
            seen, aim, row, compose_look.promised(seen), locale=locale or seen.language,
            options=(options or {}).get(aim.channel),
        )
        for aim, row in seen.channels
    )  # fmt: skip


def complaints(creator_id: int, form: Form, *, now: datetime, locale: str = "", post: str = "") -> tuple[Told, ...]:
    """What stops the post on all channels alike: no file, no channel, a product that is gone, a time that is over."""
    return compose_look.general(_sight(creator_id, form, now=now, post=post), locale=locale, stops=True)


def warnings(creator_id: int, form: Form, *, now: datetime, locale: str = "", post: str = "") -> tuple[Told, ...]:
    """What its creator should know on all channels alike: something that is sold out."""
    return compose_look.general(_sight(creator_id, form, now=now, post=post), locale=locale, stops=False)


def schedule(
    creator_id: int, form: Form, *, actor: Actor, now: datetime, draft: str | None = None, key: str = "", locale: str = "",
    options: Mapping[str, Options] | None = None, queued: bool = False,
) -> Post:  # fmt: skip
    """Keep the post with its codes, links, words and jobs, in one commit; its draft goes with it. Safe to repeat.

    key: of the form, so that pressed twice it is one post; without one, the same form within two minutes is. queued: at the next
    place of the queue, whatever time the form has. NotFit, SentAlready.
    """
    form = social.forms.tidy(form)
    kept, pressed = social.forms.document(form), sha256(f"{creator_id}:{key}".encode()).hexdigest() if key else ""
    with transaction():
        creator = people.get_creator(creator_id)
        people.lock_user(creator.user_id)  # two presses at once: the second one finds the first one's post
        known = social.pressed(creator_id, pressed, kept, since=now - MOMENT)
        if known is not None:
            if not _is_same(known.form, kept, queued):
                raise SentAlready(known.public_id)
            return known
        if queued and (place := slots.next_free(creator_id, now=now)) is not None:  # another tab may have taken the one shown
            form = replace(form, publish_at=place)
            kept = social.forms.document(form)
        seen = _sight(creator_id, form, now=now)
        compose_look.demand(seen, seen.channels, locale=locale, options=options)
        at = max(form.publish_at or now, now)
        post, made = social.compose(
            creator_id, kind=seen.kind, caption=social.plain.text(form.caption), title=social.plain.line(form.title)[:90],
            promotes=seen.promotes, media=seen.media, publish_at=at, now=now,
            targets=[compose_look.facts_of(aim, row, (options or {}).get(aim.channel)) for aim, row in seen.channels],
        )  # fmt: skip
        post.form, post.form_key, post.disclosure = kept, pressed, seen.disclosure
        for target, (aim, row) in zip(made, seen.channels, strict=True):
            compose_look.write(seen, post, target, aim, row, among=made, actor=actor, now=now)
        if draft:
            social.drop_draft(creator_id, draft)
        audit.note(
            "post.scheduled", post.public_id, actor=actor, tenant=creator.public_id, now=now,
            after={"at": at.isoformat(), "targets": [target.public_id for target in made], "promotes": post.promotes},
        )  # fmt: skip
        faults.point("compose.before_commit")
        return post


def _is_same(known: Mapping[str, Any] | None, kept: Mapping[str, Any], queued: bool) -> bool:
    """Whether two forms say the same; of those for the queue only the place differs."""
    if known is None or not queued:
        return known == kept
    return {**known, "publish_at": None} == {**kept, "publish_at": None}


def _sight(creator_id: int, form: Form, *, now: datetime, post: str = "") -> compose_look.Sight:
    form = social.forms.tidy(form)
    if post:
        return compose_change.sight(creator_id, social.post_of(creator_id, post), form, now=now)
    return compose_look.sight(creator_id, form, compose_look.files_of(creator_id, form), now=now)


# --- drafts ----------------------------------------------------------------------------------------


def save_draft(creator_id: int, form: Form, *, now: datetime, draft: str = "") -> PostDraft:
    """Keep what was typed so far, however unfinished; draft: the one it replaces (public id). NotFound, Invalid."""
    form = social.forms.tidy(form)
    if compose_look.too_long(form):
        raise Invalid(N_("This is longer than any channel takes. Please shorten it."))
    with transaction():
        people.lock_user(people.get_creator(creator_id).user_id)
        return social.keep_draft(creator_id, social.forms.document(form), public_id=draft, now=now)


def drafts_of(creator_id: int) -> Sequence[tuple[PostDraft, Form]]:
    """What a creator is writing, the newest first."""
    return [(row, social.forms.read(row.form)) for row in social.drafts_of(creator_id)]


def draft_of(creator_id: int, public_id: str) -> Form:
    """A draft as it was typed; NotFound."""
    return social.forms.read(social.draft_of(creator_id, public_id).form)


def drop_draft(creator_id: int, public_id: str) -> bool:
    """Forget a draft; False where there is none."""
    with transaction():
        return social.drop_draft(creator_id, public_id)


def again(creator_id: int, public_id: str) -> Form:
    """A post's form to begin another one with: its time and what was chosen for TikTok is to be chosen anew. NotFound."""
    form = form_of(creator_id, public_id)
    return replace(form, publish_at=None, targets=tuple(replace(aim, privacy="", draft=False) for aim in form.targets))


__all__ = [
    "Aim", "ChangedMeanwhile", "Count", "Form", "NotChanged", "NotFit", "Offered", "Picked", "SentAlready", "Shown", "Told",
    "again", "change", "complaints", "draft_of", "drafts_of", "drop_draft", "form_of", "open_form", "save_draft", "schedule",
    "set_up", "show", "warnings",
]  # fmt: skip
