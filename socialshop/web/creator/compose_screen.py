"""What the composer shows: files, channels with what is said of each, counts, and how it will look there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import format_decimal, gettext, ngettext

from ...adapters.social import Options
from ...domain import people, social, uploads
from ...domain.social import Channel
from ...flows import compose
from ...flows.compose import Aim, Count, Form, Picked, Shown, Told
from ...kernel import words
from ..local import locale
from . import compose_shelf, compose_tiktok, post_looks
from .compose_form import Typed

_PLACES = {  # field of a remark → where it stands in the form
    "uploads": "media", "kind": "kind", "caption": "caption", "title": "caption", "offers": "offers", "disclose": "disclosure",
    "commercial": "disclosure", "note": "disclosure", "publish_at": "when", "targets": "channels",
}  # fmt: skip
_MISSING = {"no_file", "no_channel", "no_privacy"}  # said once somebody tried to send it off, not while it is being filled in
Line = tuple[str, str, str]  # tone, sentence, why


@dataclass(frozen=True, slots=True)
class File:
    """A file that was sent, or that a post has. size: bytes; thumb, src: "" where there is none to show."""

    kind: str
    name: str
    size: int
    width: int
    height: int
    milliseconds: int
    thumb: str
    src: str
    why: str = ""  # it was not taken


@dataclass(frozen=True, slots=True)
class Shot:
    """A file in the form."""

    upload: str
    kind: str
    name: str
    facts: str
    thumb: str
    alt: str
    film: str = ""
    said: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A channel in the form. options: what TikTok lets it choose, None where it was not asked; stop: it cannot post now."""

    channel: Channel
    aim: Aim
    ticked: bool
    options: Options | None = None
    stop: str = ""
    privacies: Sequence[tuple[str, str]] = ()
    drafts_only: bool = False
    label: str = ""
    said: Mapping[str, Sequence[Line]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Counted:
    """One count in words."""

    text: str
    over: bool


@dataclass(slots=True)
class Notes:
    """What is said, by where it stands; `wrong` again on top, with where it leads."""

    by_place: dict[str, list[Line]] = field(default_factory=dict)
    wrong: list[tuple[str, str]] = field(default_factory=list)

    def add(self, place: str, anchor: str, tone: str, text: str, why: str = "") -> None:
        """Say it once."""
        lines = self.by_place.setdefault(place, [])
        if all(line[1] != text for line in lines):
            lines.append((tone, text, why))
            if tone == "bad":
                self.wrong.append((anchor, text))

    def of(self, place: str) -> list[Line]:
        """What is said there."""
        return self.by_place.get(place, [])


def page(
    creator: people.Creator, typed: Typed, told: Mapping[str, Options | str], *, now: datetime, post: str = "",
    untimed: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """All that the template shows."""
    form = typed.form
    mine = [row for row in social.channels_of(creator.id) if row.state != "off"]
    shown = compose.show(creator.id, form, now=now, locale=locale(), options=compose_tiktok.options_in(told), post=post)
    notes = Notes()
    _tell(notes, compose.complaints(creator.id, form, now=now, locale=locale(), post=post), "bad", typed)
    _tell(notes, compose.warnings(creator.id, form, now=now, locale=locale(), post=post), "info", typed)
    for each in shown:
        _tell(notes, each.complaints, "bad", typed, channel=each.channel)
        _tell(notes, each.warnings, "info", typed, channel=each.channel)
    for public_id, answer in told.items():
        if isinstance(answer, str) and any(aim.channel == public_id for aim in form.targets):
            notes.wrong.append((f"aim-{public_id}", answer))
    if typed.commerce_open:
        notes.add("disclosure", "disclosure", "bad", gettext("Say whose brand it is: yours, another one, or both."))
    if untimed and (typed.tried or typed.at):
        notes.add("when", "at", "bad", gettext("Choose a date and a time."))
    files = files_of(creator.id, form, post)
    shots = [_shot(each, files[each.upload], notes) for each in form.uploads if each.upload in files]
    views = [_look(each, form, files) for each in shown if each.kind]
    promotes = shown[0].promotes if shown else {"both": "brand"}.get(form.commercial, form.commercial) or "nothing"
    return {
        "typed": typed, "notes": notes, "wrong": notes.wrong if typed.tried else [], "shots": shots, "shown": shown,
        "rows": [_row(row, form, told, shown, notes) for row in mine],
        "kinds": _kinds(form, files, mine), "counts": [(each, _counts(each)) for each in shown],
        "chosen": compose_shelf.chosen(creator.id, form.offers, now=now),
        "found": compose_shelf.found(creator, typed) if typed.q else None,
        "put_in": _put_in(shown), "has_title": any(count.name == "title" for each in shown for count in each.counts),
        "photos": bool(form.uploads) and all(each.kind == "image" for each in files.values()),
        "default_note": social.wording.disclosure_of("own" if promotes == "own" else "brand", _language(creator)),
        "commerce": compose_tiktok.commerce(form, shown, typed), "branded": promotes == "brand", "promotes": promotes,
        "views": views, "look": typed.look if typed.look in [view.key for view in views] else views[0].key if views else "",
        "problems": len(notes.wrong),
    }  # fmt: skip


def _tell(notes: Notes, said: Iterable[Told], tone: str, typed: Typed, *, channel: str = "") -> None:
    for each in said:
        if (each.code in _MISSING and not typed.tried) or (each.code == "chosen_less" and typed.commerce_open):
            continue
        place = anchor = _PLACES.get(each.field, "channels")
        if channel and (each.field in ("targets", "draft", "privacy") or tone == "info"):
            place, anchor = f"{channel}:{'privacy' if each.field == 'privacy' else 'all'}", f"aim-{channel}"
            if each.field == "privacy":
                anchor = f"privacy-{channel}"
        notes.add(place, {"caption": "caption", "when": "at"}.get(anchor, anchor), tone, each.text, each.why)


def files_of(creator_id: int, form: Form, post: str = "") -> dict[str, File]:
    """The files of a form by upload: as they were sent, or as the post has them once the upload is tidied away."""
    found = {
        row.public_id: File(
            row.kind, row.name, row.kept or row.size, row.width, row.height, row.milliseconds,
            url_for("creator.upload_thumb", sent=row.public_id) if row.kind == "image" and row.state == "ready" else "",
            url_for("creator.upload_file", sent=row.public_id) if row.state == "ready" else "",
            words.say(uploads.WHY.get(row.why, ""), locale()) if row.state == "refused" else "",
        )
        for row in uploads.named(creator_id, [each.upload for each in form.uploads]).values()
    }  # fmt: skip
    if post:
        has = zip(compose.form_of(creator_id, post).uploads, social.media_of(social.post_of(creator_id, post).id), strict=False)
        for number, (picked, item) in enumerate(has, 1):
            found.setdefault(
                picked.upload,
                File(
                    item.kind, gettext("File %(number)s", number=number), item.size, item.width, item.height, item.milliseconds,
                    url_for("creator.post_thumb", item=item.public_id) if item.kind == "image" else "",
                    url_for("creator.post_file", item=item.public_id),
                ),
            )  # fmt: skip
    return found


def _shot(picked: Picked, row: File, notes: Notes) -> Shot:
    said: tuple[Line, ...] = ()
    if row.why:
        notes.wrong.append(("media", row.why))
        said = (("bad", row.why, ""),)
    elif not row.src:
        said = (("info", gettext("Still on its way."), ""),)
    return Shot(
        picked.upload, row.kind, row.name, _facts(row), row.thumb, picked.alt_text, row.src if row.kind == "video" else "", said
    )


def _facts(row: File) -> str:
    mega = gettext("%(size)s MB", size=format_decimal(max(row.size / 1_000_000, 0.1), format="#,##0.#"))
    if row.kind == "video" and row.milliseconds:
        seconds = round(row.milliseconds / 1000)
        return f"{seconds // 60}:{seconds % 60:02} · {mega}"
    return f"{row.width} × {row.height} · {mega}" if row.width else mega


def _row(
    row: Channel, form: Form, told: Mapping[str, Options | str], shown: Sequence[Shown], notes: Notes
) -> Row:  # fmt: skip
    aim = next((each for each in form.targets if each.channel == row.public_id), None)
    here = next((each for each in shown if each.channel == row.public_id), None)
    answer = told.get(row.public_id)
    labels = {"paid": gettext("Paid partnership"), "promotional": gettext("Promotional content")}
    return Row(
        row, aim or Aim(row.public_id), aim is not None,
        options=answer if isinstance(answer, Options) else None, stop=answer if isinstance(answer, str) else "",
        privacies=compose_tiktok.audiences(answer) if isinstance(answer, Options) else (),
        drafts_only=social.standing.drafts_only(row), label=labels.get(here.label, "") if here else "",
        said={"privacy": notes.of(f"{row.public_id}:privacy"), "all": notes.of(f"{row.public_id}:all")},
    )  # fmt: skip


def _kinds(form: Form, files: Mapping[str, File], mine: Sequence[Channel]) -> list[tuple[str, str, str]]:
    """What a single file may become on Instagram; all else follows from the files."""
    ticked = {aim.channel for aim in form.targets}
    instagram = any(row.provider == "instagram" and row.public_id in ticked for row in mine)
    if len(form.uploads) != 1 or not (instagram or form.kind == "story"):
        return []
    film = any(row.kind == "video" for row in files.values())
    first = ("", gettext("Reel"), gettext("It stays on your profile and reaches new people.")) if film else (
        "", gettext("Post"), gettext("It stays on your profile.")
    )  # fmt: skip
    return [first, ("story", gettext("Story"), gettext("Seen for 24 hours, full screen, without a caption."))]


def _counts(each: Shown) -> list[Counted]:
    counted = [count for count in each.counts if count.name == "characters" or count.used]
    return [
        Counted(
            f"{format_decimal(count.used)}{f'/{format_decimal(count.most)}' if count.most else ''} {_unit(count)}",
            count.most is not None and count.used > count.most,
        )
        for count in counted
    ]


def _unit(count: Count) -> str:
    many = count.most or count.used
    named: dict[str, str] = {
        "characters": gettext("characters"), "hashtags": ngettext("hashtag", "hashtags", many),
        "mentions": ngettext("mention", "mentions", many), "title": gettext("in the title"),
    }  # fmt: skip
    return named.get(count.name, "")


def _put_in(shown: Sequence[Shown]) -> list[tuple[str, str]]:
    """Codes and links as they will stand there."""
    codes = list(dict.fromkeys(code for each in shown for code in each.codes))
    rows = [("tag", gettext("Code %(code)s", code=code)) for code in codes]
    for each in shown:
        if each.links:
            where = f"@{each.username}"
            count = ngettext("%(num)s link of its own", "%(num)s links of its own", len(each.links))
            if each.provider == "instagram":
                said = gettext("%(links)s, behind “link in bio”: your page shows it", links=count)
            else:
                said = gettext("%(links)s, as text", links=count)
            rows.append((f"brand-{each.provider}", f"{where}: {said}"))
    return rows


def _look(each: Shown, form: Form, files: Mapping[str, File]) -> post_looks.Look:
    slides = [
        post_looks.Slide(
            row.kind, row.src, alt=picked.alt_text, width=row.width, height=row.height
        )
        for picked in form.uploads
        if (row := files.get(picked.upload)) is not None
    ]  # fmt: skip
    labels = {"paid": gettext("Paid partnership"), "promotional": gettext("Promotional content")}
    kind = post_looks.look_kind(each.provider, each.kind)
    return post_looks.Look(
        each.channel,
        each.provider,
        kind,
        each.username,
        tuple(slides),
        each.caption,
        labels.get(each.label, ""),
        each.draft,
        title=each.title,
    )


def _language(creator: people.Creator) -> str:
    return people.creator_email(creator.id)[1]
