"""Runs by the calendar: each slot of a brand's schedule is taken once, drawn up, and then waits for a person."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, time
from typing import Any

from ..domain import audit, payouts, people, programs
from ..domain.audit import Actor
from ..kernel import faults, jobs, words
from ..kernel.database import end_reading, session, transaction
from ..kernel.errors import N_, FieldError, Invalid
from ..kernel.money import Money
from . import letters, payout

SCHEDULE = Actor("system", "schedule")
FINANCE = ("owner", "finance")


def look(_payload: dict[str, Any], *, now: datetime) -> None:
    """A job for every slot that has come and was not taken; a job of the timetable, safe to repeat."""
    waiting: list[tuple[str, int, str]] = []
    for settings in payouts.scheduled():
        brand = people.get_brand(settings.brand_id)
        come = payouts.slots(payouts.rhythm_of(settings), brand.timezone, since=settings.since, until=now)
        taken = payouts.taken_slots(brand.id, [slot.name for slot in come])
        waiting += [(brand.public_id, brand.id, slot.name) for slot in come if slot.name not in taken]
    end_reading()
    if waiting:
        with transaction():
            for tenant, brand_id, slot in waiting:
                payload = {"brand": brand_id, "slot": slot}
                jobs.add("payout.slot", payload, key=f"payout.slot:{tenant}:{slot}", now=now, tenant=tenant)


def take_slot(payload: dict[str, Any], *, now: datetime) -> None:
    """Claim one slot and draw its run up, in one commit; where somebody has the slot, nothing. Job "payout.slot".

    Nothing due, or nobody who can be paid: the slot counts as taken all the same, and there is no run.
    """
    brand_id, slot = int(payload["brand"]), str(payload["slot"])
    with transaction():
        claimed = payouts.take_slot(brand_id, slot, now=now)
        if claimed is None:
            return
        faults.point("scheduler.after_slot_claim")
        try:
            with session().begin_nested():
                run = payout.draw_run(brand_id, f"slot:{slot}", actor=SCHEDULE, now=now, slot=slot)
        except payout.NobodyPayable:
            _tell_finance(brand_id, slot, None, now=now)
        except payout.NothingDue:
            return
        else:
            payouts.note_run(claimed, run.id)
            _tell_finance(brand_id, slot, run, now=now)


def next_slot(brand: people.Brand, *, now: datetime) -> payouts.Slot | None:
    """When the brand's next run is drawn up by itself; None where runs are started by hand."""
    return payouts.next_slot(payouts.rhythm_of(payouts.settings_of(brand.id)), brand.timezone, after=now)


def settle(brand_id: int, rhythm: payouts.Rhythm, fee_bearer: str, *, actor: Actor, now: datetime) -> None:
    """Settle when runs are drawn up and who bears the transfer fee. Creators who will bear it get a letter."""
    if fee_bearer not in payouts.BEARERS:
        raise Invalid(fields=[FieldError("fee_bearer", "choose", N_("Please choose one."))])
    with transaction():
        brand = people.get_brand(brand_id)
        before = payouts.settings_of(brand_id)
        told = _told(payouts.rhythm_of(before), payouts.fee_bearer_of(brand_id))
        payouts.change_settings(brand_id, rhythm, fee_bearer, now=now)
        after = _told(rhythm, fee_bearer)
        if after == told:
            return
        audit.note("payout.settled", brand.public_id, actor=actor, tenant=brand.public_id, now=now, before=told, after=after)
        if fee_bearer == "creator" and told["fee_bearer"] != "creator":
            key = f"payout.fee_news:{brand.public_id}:{now:%Y%m%dT%H%M%S}"
            jobs.add("payout.fee_news", {"brand": brand_id, "at": now.isoformat()}, key=key, now=now, tenant=brand.public_id)


def tell_creators(payload: dict[str, Any], *, now: datetime) -> None:
    """Tell everybody in the brand's programs that the transfer fee comes off their payouts. Job "payout.fee_news"."""
    brand_id = int(payload["brand"])
    if payouts.fee_bearer_of(brand_id) != "creator":
        return
    creators = sorted(
        {
            enrollment.creator_id
            for program in programs.programs_of_brand(brand_id)
            for enrollment in programs.enrollments_of_program(program.id, states=("enrolled",))
        }
    )
    end_reading()
    with transaction():
        brand = people.get_brand(brand_id)
        for creator_id in creators:
            creator, (email, locale) = people.get_creator(creator_id), people.creator_email(creator_id)
            facts: letters.Facts = {"name": creator.name, "brand": brand.name, "contact": brand.contact_email or brand.name}
            key = f"payout_fee_news:{brand.public_id}:{creator.public_id}:{payload['at']}"
            letters.post(to=email, kind="payout_fee_news", locale=locale, facts=facts, key=key, now=now)


def _tell_finance(brand_id: int, slot: str, run: payouts.PayoutRun | None, *, now: datetime) -> None:
    """Write to the brand's owners and finance people, in the same transaction. run: None where nobody could be paid."""
    brand = people.get_brand(brand_id)
    sums: dict[str, int] = defaultdict(int)
    for each in payouts.of_run(run.id) if run else ():
        sums[each.currency] += each.amount_minor
    kind, about = ("payout_run_waiting", run.public_id) if run else ("payout_run_nobody", f"{brand.public_id}:{slot}")
    day = datetime.combine(date.fromisoformat(slot), time(12), UTC)
    for number, (email, locale) in enumerate(people.brand_emails(brand.id, FINANCE)):
        facts: letters.Facts = {
            "brand": brand.name, "handle": brand.slug, "run": run.public_id if run else "",
            "slot": words.day(day, locale, "UTC"),
            "amounts": " + ".join(words.money(Money(minor, currency), locale) for currency, minor in sorted(sums.items())),
        }  # fmt: skip
        letters.post(to=email, kind=kind, locale=locale, facts=facts, key=f"{kind}:{about}:{number}", now=now)


def _told(rhythm: payouts.Rhythm, fee_bearer: str) -> dict[str, Any]:
    return {
        "kind": rhythm.kind, "weekday": rhythm.weekday, "day": rhythm.day, "second": rhythm.second, "hour": rhythm.hour,
        "fee_bearer": fee_bearer,
    }  # fmt: skip
