"""What a creator types in the composer, as plain values and as the document that is kept of it. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

KINDS = ("image", "carousel", "reel", "story", "video", "photos")
COMMERCIAL = ("", "both", "brand", "own", "nothing")
OFFER_KINDS = ("product", "page", "link")


@dataclass(frozen=True, slots=True)
class Picked:
    """A file that was uploaded, in its place."""

    upload: str  # public id
    alt_text: str = ""


@dataclass(frozen=True, slots=True)
class Offered:
    """What is shown: a product, a page or one of the creator's links, by its public id. program: "" the one that fits."""

    kind: str
    id: str
    program: str = ""


@dataclass(frozen=True, slots=True)
class Aim:
    """A channel, and what was chosen there. caption: "" the form's own."""

    channel: str  # public id
    caption: str = ""
    privacy: str = ""
    comments: bool = False
    duet: bool = False
    stitch: bool = False
    draft: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """A post as it was typed.

    kind: "" by the files. commercial: "" by what is offered; "both" is for a brand, and for one's own as well. disclose: whether
    the captions begin with a disclosure. note: its text, "" the default. names: whether the captions name what is offered.
    publish_at: None at once.
    """

    kind: str = ""
    caption: str = ""
    title: str = ""
    uploads: tuple[Picked, ...] = ()
    offers: tuple[Offered, ...] = ()
    targets: tuple[Aim, ...] = ()
    commercial: str = ""
    disclose: bool = True
    note: str = ""
    names: bool = False
    publish_at: datetime | None = None


def promotes_both(kept: Mapping[str, Any] | None) -> bool:
    """Whether a kept form says that the post is for a brand, and for the creator's own goods as well."""
    return kept is not None and kept.get("commercial") == "both"


def document(form: Form) -> dict[str, Any]:
    """As it is kept."""
    return {
        "kind": form.kind, "caption": _kept(form.caption), "title": _kept(form.title),
        "uploads": [{"upload": _kept(each.upload), "alt_text": _kept(each.alt_text)} for each in form.uploads],
        "offers": [{"kind": each.kind, "id": _kept(each.id), "program": _kept(each.program)} for each in form.offers],
        "targets": [
            {
                "channel": _kept(each.channel), "caption": _kept(each.caption), "privacy": _kept(each.privacy),
                "comments": each.comments, "duet": each.duet, "stitch": each.stitch, "draft": each.draft,
            }
            for each in form.targets
        ],
        "commercial": form.commercial, "disclose": form.disclose, "note": _kept(form.note), "names": form.names,
        "publish_at": None if form.publish_at is None else form.publish_at.astimezone(UTC).isoformat(),
    }  # fmt: skip


def mark(form: Form) -> str:
    """A short mark of a form as it is; any change changes it, that of its time too."""
    return hashlib.sha256(json.dumps(document(form), sort_keys=True).encode()).hexdigest()[:16]


def read(kept: Mapping[str, Any]) -> Form:
    """A form from its document; what another version of us kept and this one cannot read is left out."""
    return Form(
        _one_of(kept, "kind", KINDS, ""), _text(kept, "caption"), _text(kept, "title"),
        tuple(Picked(_text(each, "upload"), _text(each, "alt_text")) for each in _list(kept, "uploads")),
        tuple(
            Offered(_one_of(each, "kind", OFFER_KINDS, "product"), _text(each, "id"), _text(each, "program"))
            for each in _list(kept, "offers")
        ),
        tuple(
            Aim(
                _text(each, "channel"), _text(each, "caption"), _text(each, "privacy"), each.get("comments") is True,
                each.get("duet") is True, each.get("stitch") is True, each.get("draft") is True,
            )
            for each in _list(kept, "targets")
        ),
        _one_of(kept, "commercial", COMMERCIAL, ""), kept.get("disclose") is not False, _text(kept, "note"),
        kept.get("names") is True, _moment(kept.get("publish_at")),
    )  # fmt: skip


def tidy(form: Form) -> Form:
    """As it will be read again, without what was chosen twice: a channel, a file, an offer."""
    form = read(document(form))
    return replace(
        form,
        uploads=tuple({each.upload: each for each in form.uploads}.values()),
        offers=tuple({(each.kind, each.id): each for each in form.offers}.values()),
        targets=tuple({each.channel: each for each in form.targets}.values()),
    )


def _kept(typed: str) -> str:
    """What a database takes."""
    return typed.encode("utf-8", "ignore").decode().replace("\0", "")


def _text(kept: Mapping[str, Any], name: str) -> str:
    found = kept.get(name)
    return found if isinstance(found, str) else ""


def _one_of(kept: Mapping[str, Any], name: str, words: Sequence[str], default: str) -> str:
    found = _text(kept, name)
    return found if found in words else default


def _list(kept: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = kept.get(name)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def _moment(found: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(found)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo is not None else None
