"""The composer's form: what was typed as plain values, and what its small buttons do to it. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from ...domain.social import Channel
from ...flows.compose import Aim, Form, Offered, Picked
from ...kernel.vault import new_token

WHENS = ("now", "queue", "at")
MOST = 40  # of one thing in one form; no channel takes more
_MINUTE = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True, slots=True)
class Typed:
    """The form as it stands, right or wrong. at: the date and time as typed, on the creator's clock; once: the form's own name.

    seen: the mark of the post that is changed, as it was when this form was made of it; tried: it was sent off already, so what
    is missing is said on top as well.
    """

    form: Form
    when: str = "now"
    at: str = ""
    q: str = ""
    draft: str = ""
    once: str = ""
    seen: str = ""
    look: str = ""
    tried: bool = False
    commerce_open: bool = False  # switched on over there, with nothing ticked yet

    def moment(self, zone: str) -> datetime | None:
        """The chosen time; None where it is none."""
        try:
            local = datetime.strptime(self.at.strip()[:16], _MINUTE)  # on the creator's clock
        except ValueError:
            return None
        if not 1971 <= local.year <= 9998:
            return None
        return local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def read(sent: MultiDict[str, str]) -> Typed:
    """What was sent."""
    on = {name for name in sent if name.partition(":")[0] in ("comments", "duet", "stitch", "draft")}
    own, brand = "commerce_own" in sent, "commerce_brand" in sent
    switched = "commerce" in sent
    boxes = {(True, True): "both", (True, False): "own", (False, True): "brand"}
    stands = boxes.get((own, brand), "nothing") if switched else "nothing"
    by_itself = stands == sent.get("commerce_auto", "nothing")
    uploads = tuple(Picked(each, sent.get(f"alt:{each}", "").strip()) for each in _some(sent, "upload"))
    form = Form(
        kind=_kind(sent.get("kind", ""), uploads),
        caption=sent.get("caption", ""),
        title=sent.get("title", "").strip(),
        uploads=uploads,
        offers=tuple(offer for key in _some(sent, "offer") if (offer := offered(key)) is not None),
        targets=tuple(
            Aim(
                each, caption=sent.get(f"caption:{each}", ""), privacy=sent.get(f"privacy:{each}", "")[:40],
                comments=f"comments:{each}" in on, duet=f"duet:{each}" in on, stitch=f"stitch:{each}" in on,
                draft=f"draft:{each}" in on,
            )
            for each in _some(sent, "aim")
        ),
        commercial="" if by_itself else stands,
        disclose="disclose" in sent,
        note=sent.get("note", "").strip(),
        names="names" in sent,
    )  # fmt: skip
    when = sent.get("when", "")
    return Typed(
        form, when=when if when in WHENS else "now", at=sent.get("at", "").strip(), q=sent.get("q", "").strip()[:80],
        draft=sent.get("draft", "")[:40], once=sent.get("once", "")[:64] or new_token(), look=sent.get("look", "")[:40],
        seen=sent.get("seen", "")[:40], tried="tried" in sent, commerce_open=switched and not own and not brand,
    )  # fmt: skip


def fresh(form: Form, zone: str, *, draft: str = "", seen: str = "") -> Typed:
    """A form to begin with: empty, a draft, a post that is changed or copied."""
    at = form.publish_at
    local = "" if at is None else at.astimezone(ZoneInfo(zone)).strftime(_MINUTE)
    form = replace(form, kind=_kind(form.kind, form.uploads))
    return Typed(form, when="at" if local else "now", at=local, draft=draft, once=new_token(), seen=seen)


def first_aims(channels: Sequence[Channel]) -> tuple[Aim, ...]:
    """Ticked to begin with: what is live, where there is no choice between several of one kind."""
    live = [row for row in channels if row.state == "live"]
    alone = [row for row in live if sum(other.provider == row.provider for other in live) == 1]
    return tuple(Aim(row.public_id) for row in alone)


def offered(key: str) -> Offered | None:
    """What is named by "kind:id:program"."""
    kind, _, rest = key.partition(":")
    found, _, program = rest.partition(":")
    return Offered(kind, found[:40], program[:40]) if kind in ("product", "page", "link") and found else None


def key_of(offer: Offered) -> str:
    """The name that `offered` reads."""
    return f"{offer.kind}:{offer.id}:{offer.program}"


def do(typed: Typed, deed: str) -> Typed:
    """What a small button does: "up:<upload>", "down:…", "remove:…", "more:<offer>", "less:…"."""
    name, _, subject = deed.partition(":")
    form = typed.form
    if name in ("up", "down", "remove"):
        return replace(typed, form=replace(form, uploads=_moved(form.uploads, subject, name)))
    offer = offered(subject)
    if name not in ("more", "less") or offer is None:
        return typed
    others = tuple(each for each in form.offers if (each.kind, each.id) != (offer.kind, offer.id))
    return replace(typed, form=replace(form, offers=(*others, offer) if name == "more" else others))


def with_uploads(typed: Typed, uploads: Sequence[str]) -> Typed:
    """Files that came along with the form, after those that are there."""
    added = tuple(Picked(each) for each in uploads)
    return replace(typed, form=replace(typed.form, uploads=(*typed.form.uploads, *added)))


def _moved(uploads: tuple[Picked, ...], upload: str, deed: str) -> tuple[Picked, ...]:
    rows = list(uploads)
    place = next((number for number, each in enumerate(rows) if each.upload == upload), None)
    if place is None:
        return uploads
    row = rows.pop(place)
    if deed != "remove":
        rows.insert(max(0, place - 1) if deed == "up" else place + 1, row)
    return tuple(rows)


def _kind(asked: str, uploads: Sequence[Picked]) -> str:
    """Only a single file can be a story; all else follows from the files ("")."""
    return "story" if asked == "story" and len(uploads) == 1 else ""


def _some(sent: MultiDict[str, str], name: str) -> list[str]:
    """The values of a field, each once, in their order."""
    return list(dict.fromkeys(value[:120] for value in sent.getlist(name) if value))[:MOST]
