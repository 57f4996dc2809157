"""Terms come into force and programs end, and the creators concerned are told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from ..domain import commissions, currencies, people, programs
from ..domain.audit import Actor
from ..kernel import faults, jobs, words
from ..kernel.database import end_reading, transaction
from ..kernel.errors import N_, FieldError, Invalid
from . import letters, rates

BATCH = 100  # letters noted in one transaction
AHEAD = timedelta(days=1)  # how far a store's clock may be ahead before somebody has to look


def publish(
    brand_id: int, program: str, document: Mapping[str, Any], *, seen: int, from_at: datetime | None, actor: Actor, now: datetime
) -> programs.Version:
    """Put terms in force from an instant on (None: now); everybody enrolled is told. Safe to repeat; see `programs.publish`."""
    with transaction():
        found, brand = programs.program_of(brand_id, program), people.get_brand(brand_id)
        converts_to = document.get("payout_currency")
        if converts_to:
            currencies.lock(brand_id)  # before the program: see `rates`
        from_at = _after_orders(found.id, from_at, now)
        version = programs.publish(found.id, document, seen=seen, from_at=from_at, tenant=brand.public_id, actor=actor, now=now)
        if converts_to:
            rates.take_along(found.id, str(converts_to), actor=actor, now=now)
        if version.number > 1:
            _news("terms", found, now, version=version.public_id)
        faults.point("program.before_commit")
        return version


def _after_orders(program_id: int, from_at: datetime | None, now: datetime) -> datetime | None:
    """When terms may begin: after every order that has arrived, also one whose store's clock is ahead of ours.

    Such an order was judged by the terms before; had the new ones begun earlier, they would have been its terms.
    """
    programs.lock(program_id)  # nothing arrives until these terms are published
    newest = commissions.newest_order_at(program_id)
    if newest is None or newest < (from_at or now):
        return from_at
    if from_at is None and newest - now <= AHEAD:
        return newest + timedelta(microseconds=1)
    raise Invalid(
        fields=[FieldError("from_at", "order_there", N_("An order of a later moment is here already. Terms begin after it."))],
    )


def withdraw(brand_id: int, program: str, version: str, *, actor: Actor, now: datetime) -> bool:
    """Take back terms that have not begun; everybody enrolled is told. TooLate once they have."""
    with transaction():
        found, brand = programs.program_of(brand_id, program), people.get_brand(brand_id)
        taken = programs.version_of(found.id, version)
        done = programs.withdraw(found.id, taken, tenant=brand.public_id, actor=actor, now=now)
        if done and taken.number > 1:
            _news("withdrawn", found, now, version=taken.public_id)
        faults.point("program.before_commit")
        return done


def pause(brand_id: int, program: str, *, actor: Actor, now: datetime) -> bool:
    """Nobody joins from now on; whoever is enrolled goes on earning."""
    with transaction():
        found, brand = programs.program_of(brand_id, program), people.get_brand(brand_id)
        return programs.pause(found.id, tenant=brand.public_id, actor=actor, now=now)


def resume(brand_id: int, program: str, *, actor: Actor, now: datetime) -> bool:
    """Open to creators again."""
    with transaction():
        found, brand = programs.program_of(brand_id, program), people.get_brand(brand_id)
        return programs.resume(found.id, tenant=brand.public_id, actor=actor, now=now)


def end(brand_id: int, program: str, *, actor: Actor, now: datetime) -> bool:
    """End a program and every enrollment in it, for good; whoever was enrolled or waiting is told. False: ended already."""
    with transaction():
        found, brand = programs.program_of(brand_id, program), people.get_brand(brand_id)
        ended = programs.end(found.id, tenant=brand.public_id, actor=actor, now=now)
        if ended:
            _news("ended", found, now)
        faults.point("program.before_commit")
        return ended


def tell_creators(payload: dict[str, Any], *, now: datetime) -> None:
    """Job "program.news": one letter for each creator concerned. Safe to repeat: each letter has a key of its own."""
    end_reading()
    program = programs.get(payload["program"])
    brand = people.get_brand(program.brand_id)
    kind = f"program_{payload['news']}"
    version = programs.version_of(program.id, payload["version"]) if "version" in payload else None
    if kind == "program_terms" and (version is None or version.withdrawn_at is not None):
        return  # taken back before anybody was told
    if kind == "program_ended":
        stays = [
            e for e in programs.enrollments_of_program(program.id, ("ended", "declined")) if e.ended_at == program.changed_at
        ]
    else:
        stays = programs.enrollments_of_program(program.id, ("enrolled",))
    creator_ids = sorted({stay.creator_id for stay in stays})
    for first in range(0, len(creator_ids), BATCH):
        with transaction():
            for creator_id in creator_ids[first : first + BATCH]:
                _tell(kind, program, brand, version, creator_id, now)
        faults.point("program.news.mid")


def _tell(
    kind: str, program: programs.Program, brand: people.Brand, version: programs.Version | None, creator_id: int, now: datetime
) -> None:
    email, locale = people.creator_email(creator_id)
    facts: dict[str, letters.Fact] = {
        "program": program.name,
        "brand": brand.name,
        "program_id": program.public_id,
        "when": program.changed_at,
    }
    key = f"{kind}:{program.public_id}:{creator_id}"
    if version is not None:
        told = programs.sentences(version.terms, program.currency, locale, zone=program.timezone)
        facts |= {
            "when": version.from_at,
            "terms": "\n".join(f"• {text}" for text in told),
            "changes": _what_changes(program, version, locale),
        }
        key = f"{kind}:{version.public_id}:{creator_id}"
    letters.post(to=email, kind=kind, locale=locale, key=key, now=now, zone=program.timezone, facts=facts)


def _what_changes(program: programs.Program, version: programs.Version, locale: str) -> str:
    """What a version takes away and brings, against the one before it, and whom a notice protects how long; "" of a first one."""
    earlier = [each for each in programs.versions_of(program.id) if each.from_at < version.from_at]
    if not earlier:
        return ""
    before = max(earlier, key=lambda each: each.from_at)
    lines = []
    for change in programs.changes(before.terms, version.terms, program.currency, locale, zone=program.timezone):
        lines += [words.say(N_("• No longer: {text}"), locale, text=change.before)] if change.before else []
        lines += [words.say(N_("• From now on: {text}"), locale, text=change.after)] if change.after else []
    protected = programs.notice(before.terms, version.from_at)
    if protected is not None:
        until = words.when(protected.ends, locale, program.timezone)
        text = N_("You are in the program already, so until {until} the better of the old and the new terms counts for you.")
        lines.append(words.say(text, locale, until=until))
    return words.say(N_("What changes:\n{lines}"), locale, lines="\n".join(lines)) + "\n\n" if lines else ""


def _news(news: str, program: programs.Program, now: datetime, version: str = "") -> None:
    payload: dict[str, Any] = {"program": program.id, "news": news} | ({"version": version} if version else {})
    jobs.add("program.news", payload, key=f"program.news:{news}:{version or program.public_id}", now=now)
