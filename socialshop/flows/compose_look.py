"""What a post would be on each of its channels, if it were scheduled now: for the composer, and before anything is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from ..adapters.social import Options
from ..domain import people, social
from ..domain.audit import Actor
from ..domain.social import Aim, Channel, Count, Form, MediaFacts, Picked, Post, Remark, Target, TargetFacts, remark
from ..kernel import words
from ..kernel.errors import N_, Conflict, FieldError, Invalid, NotFound
from . import offered, upload
from .offered import Thing

WEIGHT = social.remarks.WEIGHT

LATE, FAR = timedelta(minutes=5), timedelta(days=366)  # what is a little past means at once


@dataclass(frozen=True, slots=True)
class Ground:
    """What this install says: hashtags on Instagram, whether TikTok has checked its app, its own host."""

    hashtags: int
    audited: bool
    host: str


class NotFit(Invalid):
    """The post cannot go out like this: everything that stops it, each beside its field ("privacy:<channel>", "uploads")."""

    code = "post_not_fit"
    message = N_("This post cannot be scheduled yet. Please look at what is marked.")


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that is said, in a person's language. field: of the form; why: for whoever asks, or ""."""

    code: str
    field: str
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A post as it will be on one channel. kind: "" it cannot be there. before, after: what stands around the typed text.

    label: what the channel itself puts on it, "paid" or "promotional", "" none. links: as they can be read; those that are
    not made yet end in dots.
    """

    channel: str  # public id
    provider: str
    via: str
    username: str
    name: str
    kind: str
    caption: str
    title: str
    before: str
    after: str
    counts: tuple[Count, ...]
    complaints: tuple[Told, ...]
    warnings: tuple[Told, ...]
    disclosure: str
    label: str
    promotes: str
    codes: tuple[str, ...]
    links: tuple[str, ...]
    draft: bool
    only_draft: bool  # nothing else is possible there now


@dataclass(frozen=True, slots=True)
class Sight:
    """All that is the same on every channel."""

    creator: people.Creator
    language: str  # of the captions
    form: Form
    kind: str
    channels: tuple[tuple[Aim, Channel], ...]
    media: tuple[MediaFacts, ...]
    things: tuple[Thing, ...]
    needs: str
    remarks: tuple[Remark, ...]

    @property
    def promotes(self) -> str:
        """What holds: what was chosen, or at least what is shown."""
        chosen = "brand" if self.form.commercial == "both" else self.form.commercial
        return chosen if WEIGHT[chosen] > WEIGHT[self.needs] else self.needs

    @property
    def disclosure(self) -> str:
        """What every caption begins with; "" where none is needed, or none was wanted."""
        return (
            social.wording.disclosure_of(self.promotes, self.language, self.form.note, earns=self.needs == "brand")
            if self.form.disclose
            else ""
        )


_ground: list[Ground] = [Ground(5, False, "")]


def set_up(*, hashtags: int, audited: bool, base_url: str) -> None:
    """Say what this install is to the channels."""
    _ground[:] = [Ground(hashtags, audited, urlsplit(base_url).netloc)]


def sight(
    creator_id: int, form: Form, files: Sequence[MediaFacts] | None, *, now: datetime, at: datetime | None = None
) -> Sight:  # fmt: skip
    """What a form comes to. files: None where one is gone; at: a time that it may stay at although it is over."""
    creator = people.get_creator(creator_id)
    language = people.creator_email(creator_id)[1]
    mine = {row.public_id: row for row in social.channels_of(creator_id)}
    channels = tuple((aim, mine[aim.channel]) for aim in form.targets if aim.channel in mine)
    things = offered.things(creator_id, form.offers[: offered.MOST], now=now)
    typed = "\n".join(text[: social.wording.MOST_TYPED] for text in _texts(form))
    needs = [*(thing.needs for thing in things), offered.needs_of(creator_id, typed, _ground[0].host, now=now)]
    kind = form.kind if form.kind in social.forms.KINDS else social.wording.kind_of_files([each.kind for each in files or ()])
    found = _general(form, now, at)
    if len(channels) < len(form.targets):
        found.append(remark("not_yours"))
    if files is None:
        found.append(remark("file_gone"))
    return Sight(
        creator, language, form, kind, channels, tuple(files or ()), tuple(things), max(needs, key=WEIGHT.__getitem__),
        (*found, *(one for thing in things for one in thing.remarks)),
    )  # fmt: skip


def final(seen: Sight, aim: Aim, row: Channel, ends: Sequence[str]) -> tuple[social.wording.Words, str]:
    """The final words on one channel, and the kind that it is there. ends: of the channel's own links, one for each thing."""
    kind = kind_on(seen, row)
    showing = [
        social.wording.Showing(thing.name, thing.seller, thing.code, f"{_ground[0].host}/l/{end}")
        for thing, end in zip(seen.things, ends, strict=True)
        if thing.target is not None
    ]
    typed = aim.caption if social.plain.text(aim.caption[: social.wording.MOST_TYPED]) else seen.form.caption
    made = social.wording.words(
        row.provider, kind, typed=typed[: social.wording.MOST_TYPED + 1], title=seen.form.title[: social.wording.MOST_TYPED],
        disclosure=seen.disclosure,
        showing=showing, language=seen.language, names=seen.form.names,
    )  # fmt: skip
    return made, kind


def case_of(
    seen: Sight, aim: Aim, row: Channel, made: social.wording.Words, *, options: Options | None = None
) -> social.remarks.Case:  # fmt: skip
    """What decides about it on one channel."""
    kind = kind_on(seen, row)
    return social.remarks.Case(
        row.provider, row.via, kind, made, social.wording.limits_of(row.provider, kind, hashtags=_ground[0].hashtags),
        seen.promotes, seen.form.commercial, seen.needs, seen.disclosure, row.state, aim.privacy, aim.draft, _ground[0].audited,
        options.privacy if options is not None else (),
    )  # fmt: skip


def remarks_of(seen: Sight, case: social.remarks.Case, *, options: Options | None = None) -> list[Remark]:
    """All that is to be said of it on one channel, its files too."""
    longest = options.longest if options is not None else None
    of_files = social.fits.complaints(case.provider, case.kind, seen.media, longest=longest) if case.kind else []
    return [*social.remarks.remarks(case), *(each.remark for each in of_files)]


def shown(
    seen: Sight, aim: Aim, row: Channel, ends: Sequence[str], *, locale: str, options: Options | None = None
) -> Shown:  # fmt: skip
    """What a person sees of it."""
    made, kind = final(seen, aim, row, ends)
    case = case_of(seen, aim, row, made, options=options)
    said = remarks_of(seen, case, options=options)
    things = [(thing, end) for thing, end in zip(seen.things, ends, strict=True) if thing.target is not None]
    return Shown(
        row.public_id, row.provider, row.via, row.username, row.name, kind, made.caption, made.title, made.before, made.after,
        social.remarks.counts(made, case.limits),
        tuple(told(one, locale) for one in said if one.saying.stops),
        tuple(told(one, locale) for one in said if not one.saying.stops),
        seen.disclosure, social.remarks.label(case), seen.promotes,
        tuple(dict.fromkeys(thing.code.upper() for thing, _ in things if thing.code)),
        tuple(f"{_ground[0].host}/l/{end}" for _, end in things), aim.draft, social.remarks.needs_draft(case),
    )  # fmt: skip


def general(seen: Sight, *, locale: str, stops: bool) -> tuple[Told, ...]:
    """What is to be said wherever the post goes."""
    return tuple(told(one, locale or seen.language) for one in seen.remarks if one.saying.stops == stops)


def demand(
    seen: Sight, channels: Sequence[tuple[Aim, Channel]], *, locale: str, options: Mapping[str, Options] | None = None
) -> None:  # fmt: skip
    """NotFit where anything stops the post, everything said at once."""
    found = [(one, "") for one in seen.remarks]
    for aim, row in channels:
        told_by = (options or {}).get(aim.channel)
        made, _ = final(seen, aim, row, promised(seen))
        found += [
            (one, f":{aim.channel}") for one in remarks_of(seen, case_of(seen, aim, row, made, options=told_by), options=told_by)
        ]
    language = locale or seen.language
    fields = [
        FieldError(f"{one.saying.field}{where}", one.saying.code, told(one, language).text.replace("{", "{{").replace("}", "}}"))
        for one, where in found
        if one.saying.stops
    ]
    if fields:
        raise NotFit(fields=fields)


def write(
    seen: Sight, post: Post, target: Target, aim: Aim, row: Channel, *, among: Sequence[Target], actor: Actor, now: datetime
) -> None:  # fmt: skip
    """Make the code and the channel's own links, and write down its final words; in the caller's transaction."""
    first = min(each.id for each in among if social.channel(each.channel_id).provider == row.provider)
    placement = f"post:{post.public_id}" + ("" if target.id == first else f":{row.public_id}")
    made = [
        offered.ensured(seen.creator.id, thing, provider=row.provider, placement=placement, post_id=post.id, actor=actor, now=now)
        for thing in seen.things
    ]
    social.show_offers(post.id, target.id, [facts for facts, _ in made])
    codes = {thing.program_id: facts.code for thing, (facts, _) in zip(seen.things, made, strict=True)}
    known = replace(seen, things=tuple(replace(thing, code=codes[thing.program_id]) for thing in seen.things))
    final_words, _ = final(known, aim, row, [end for _, end in made])
    target.caption, target.title = final_words.caption, final_words.title


def facts_of(aim: Aim, row: Channel, options: Options | None) -> TargetFacts:
    """What was chosen for a channel, as far as the account lets one choose."""
    told = options or Options("")
    return TargetFacts(
        row.id, aim.privacy[:40], aim.comments and told.comments, aim.duet and told.duet, aim.stitch and told.stitch, aim.draft
    )


def promised(seen: Sight) -> list[str]:
    """Ends of links that are not made yet."""
    return [social.wording.PROMISED] * len(seen.things)


def kind_on(seen: Sight, row: Channel) -> str:
    """What the post is on a channel; "" it cannot be there."""
    return social.wording.kind_on(row.provider, seen.kind, len(seen.form.uploads))


def told(one: Remark, locale: str) -> Told:
    """A remark in a person's language."""
    return Told(
        one.saying.code, one.saying.field, words.say(one.saying.message, locale, **one.facts),
        words.say(one.saying.why, locale, **one.facts) if one.saying.why else "",
    )  # fmt: skip


def files_of(creator_id: int, form: Form) -> list[MediaFacts] | None:
    """The files of a form; None where one is gone, or not ready yet."""
    found = [file_of(creator_id, each) for each in form.uploads]
    return None if None in found else [facts for facts in found if facts is not None]


def file_of(creator_id: int, picked: Picked) -> MediaFacts | None:
    """A file that was uploaded; None where it is gone, or not ready yet."""
    try:
        [found] = upload.facts_of(creator_id, [picked.upload])
    except (NotFound, Conflict):
        return None
    return replace(found, alt_text=alt_text(picked))


def alt_text(picked: Picked) -> str:
    """What is said of a file to those who cannot see it."""
    return social.plain.line(picked.alt_text)[:1000]


def _general(form: Form, now: datetime, at: datetime | None) -> list[Remark]:
    """What is to be said of a form wherever it goes."""
    found = [] if form.targets else [remark("no_channel")]
    if not form.uploads:
        found.append(remark("no_file"))
    if form.publish_at is not None and form.publish_at != at:
        if form.publish_at < now - LATE:
            found.append(remark("past"))
        elif form.publish_at > now + FAR:
            found.append(remark("far"))
    if len(form.offers) > offered.MOST:
        found.append(remark("many_offers", most=offered.MOST))
    if too_long(form):
        found.append(remark("long_text"))
    return found


def too_long(form: Form) -> bool:
    """Whether anything typed is longer than any channel takes."""
    return any(len(text) > social.wording.MOST_TYPED for text in (*_texts(form), form.note))


def _texts(form: Form) -> list[str]:
    """All that is typed for others to read."""
    return [form.caption, form.title, *(aim.caption for aim in form.targets), *(each.alt_text for each in form.uploads)]
