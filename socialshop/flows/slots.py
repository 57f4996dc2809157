"""A creator's queue: places in the week, and the next one that no post has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ..domain import audit, people, social
from ..domain.audit import Actor
from ..domain.social import QueueSlot
from ..kernel.database import transaction
from ..kernel.errors import N_, Conflict, FieldError, Invalid


class TooManySlots(Conflict):
    """More places than anybody fills."""

    code = "too_many_slots"
    message = N_("A queue has at most {most} places a week. Please remove some first.")


@dataclass(frozen=True, slots=True)
class Place:
    """One place at one instant. taken: a post is planned for that minute."""

    at: datetime
    slot: QueueSlot
    taken: bool


def add(creator_id: int, weekdays: Iterable[int], minute: int, *, zone: str, actor: Actor, now: datetime) -> int:
    """Keep a place at this minute on each of these weekdays (0: Monday); how many are new. TooManySlots, Invalid."""
    days = _checked(weekdays, minute, zone)
    with transaction():
        made = social.slots.add(creator_id, [(day, minute) for day in days], zone, now=now)
        if len(social.slots.of(creator_id)) > social.slots.MOST:
            raise TooManySlots(most=social.slots.MOST)
        if made:
            _say("slots.added", creator_id, days, minute, zone, actor=actor, now=now)
        return made


def remove(creator_id: int, weekdays: Iterable[int], minute: int, *, zone: str, actor: Actor, now: datetime) -> int:
    """Let go of places; what is planned there stays planned. How many there were."""
    days = sorted(set(weekdays))
    with transaction():
        gone = social.slots.remove(creator_id, [(day, minute) for day in days], zone)
        if gone:
            _say("slots.removed", creator_id, days, minute, zone, actor=actor, now=now)
        return gone


def next_free(creator_id: int, *, now: datetime) -> datetime | None:
    """The next place that lies ahead and that no post has; None for who has no places."""
    return social.slots.first_free(social.slots.of(creator_id), social.slots.taken_after(creator_id, now), now)


def ahead(creator_id: int, since: datetime, until: datetime, *, now: datetime) -> list[Place]:
    """The places between two instants that are still ahead, taken ones too."""
    since = max(since, now)
    taken = social.slots.taken_after(creator_id, now)
    return [
        Place(at, slot, at in taken) for at, slot in social.slots.moments(social.slots.of(creator_id), since, until) if at > now
    ]


def _checked(weekdays: Iterable[int], minute: int, zone: str) -> list[int]:
    days, wrong = sorted(set(weekdays)), []
    if not days or not all(0 <= day <= 6 for day in days):
        wrong.append(FieldError("weekdays", "required", N_("Choose at least one day.")))
    if not 0 <= minute <= 1439:
        wrong.append(FieldError("clock", "required", N_("Choose a time.")))
    if (unknown := people.zone_problem(zone, "zone")) is not None:
        wrong.append(unknown)
    if wrong:
        raise Invalid(fields=wrong)
    return days


def _say(act: str, creator_id: int, days: list[int], minute: int, zone: str, *, actor: Actor, now: datetime) -> None:
    tenant = people.get_creator(creator_id).public_id
    audit.note(act, tenant, actor=actor, tenant=tenant, now=now, after={"weekdays": days, "minute": minute, "zone": zone})
