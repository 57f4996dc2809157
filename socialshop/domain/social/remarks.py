"""What is wrong with a post on one channel, and what its creator should know. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from . import plain
from .sayings import SAYINGS, Saying
from .wording import NOTE_LONGEST, SELF_ONLY, Limits, Words

NAMES = {"instagram": "Instagram", "tiktok": "TikTok"}
WEIGHT = {"": 0, "nothing": 0, "own": 1, "brand": 2, "both": 2}


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to say, with its facts."""

    saying: Saying
    facts: Mapping[str, object] = field(default_factory=dict)


def remark(code: str, **facts: object) -> Remark:
    """One of the sayings."""
    return Remark(SAYINGS[code], facts)


@dataclass(frozen=True, slots=True)
class Case:
    """A post on one channel, with all that decides about it. kind: as `wording.kind_on` says it, "" it cannot be there.

    needs: what it promotes by what it shows; chosen: what the creator said, "" nothing; promotes: what holds.
    audited: whether TikTok has checked this install's app. offered: the audiences that the account has now, () unknown.
    """

    provider: str
    via: str
    kind: str
    words: Words
    limits: Limits
    promotes: str = "nothing"
    chosen: str = ""
    needs: str = "nothing"
    disclosure: str = ""
    state: str = "live"
    privacy: str = ""
    draft: bool = False
    audited: bool = False
    offered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Count:
    """How much of something there is, and how much may be; None: no limit is known."""

    name: str  # "characters", "hashtags", "mentions", "title"
    used: int
    most: int | None


def counts(words: Words, limits: Limits) -> tuple[Count, ...]:
    """What a page counts as one types."""
    found = (
        Count("characters", limits.length(words.caption), limits.characters),
        Count("hashtags", plain.hashtags(words.caption), limits.hashtags),
        Count("mentions", plain.mentions(words.caption), limits.mentions),
    )
    return (*found, Count("title", limits.length(words.title), limits.title)) if limits.title else found


def remarks(case: Case) -> list[Remark]:
    """Everything that is to be said of a post on one channel."""
    if not case.kind:
        return [remark("kind_not_here")]
    found = [] if case.state == "live" else [remark("lost")]
    found += [
        remark(f"many_{count.name}", channel=NAMES.get(case.provider, case.provider), most=count.most, used=count.used)
        for count in counts(case.words, case.limits)
        if count.most is not None and count.used > count.most
    ]
    found += _disclosed(case)
    return found + (_tiktok(case) if case.provider == "tiktok" else _instagram(case))


def needs_draft(case: Case) -> bool:
    """Whether it can only go into the person's inbox over there: branded content of an app that TikTok has not checked."""
    return case.provider == "tiktok" and case.promotes == "brand" and not case.audited


def label(case: Case) -> str:
    """Which label the channel itself puts on it: "paid", "promotional", "" none that we can set."""
    if case.draft or (case.provider == "instagram" and case.via != "facebook"):
        return ""
    if case.promotes == "brand":
        return "paid"
    return "promotional" if case.promotes == "own" and case.provider == "tiktok" else ""


def _disclosed(case: Case) -> list[Remark]:
    found: list[Remark] = []
    if case.chosen and WEIGHT[case.chosen] < WEIGHT[case.needs]:
        found.append(remark("chosen_less"))
    elif case.promotes != "nothing" and not case.disclosure:
        found.append(remark("no_disclosure"))
    if len(case.disclosure) > NOTE_LONGEST:
        found.append(remark("long_note", most=NOTE_LONGEST))
    return found


def _tiktok(case: Case) -> list[Remark]:
    if case.draft:
        told = [remark("draft_label")] if case.promotes != "nothing" else []
        return [*told, remark("draft_caption")] if case.kind == "video" else told
    if needs_draft(case):
        return [remark("only_draft")]
    if not case.privacy:
        return [remark("no_privacy")]
    if case.offered and case.privacy not in case.offered:
        return [remark("privacy_gone")]
    if case.promotes == "brand" and case.privacy == SELF_ONLY:
        return [remark("private_ad")]
    return [remark("unaudited")] if not case.audited and case.privacy != SELF_ONLY else []


def _instagram(case: Case) -> list[Remark]:
    found: list[Remark] = []
    if case.kind == "story" and case.promotes != "nothing":
        found.append(remark("story_words"))
    if case.promotes == "brand" and case.via != "facebook":
        found.append(remark("label_by_hand"))
    if case.kind != "story" and plain.ADDRESS.search(case.words.caption):
        found.append(remark("dead_address"))
    return found
