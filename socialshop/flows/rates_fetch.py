"""The daily fetch of exchange rates, for brands that switched it on: ask with no transaction open, then keep what was told."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from ..adapters.rates import Latest, RateSource
from ..domain import currencies, people
from ..domain.audit import SYSTEM, Actor
from ..domain.currencies import Draft
from ..kernel import faults, jobs
from ..kernel.database import end_reading, in_transaction, transaction
from ..kernel.errors import Broken, ForeignFailure, TryLater
from . import letters, rates

MAIL_AFTER = timedelta(days=3)
AGAIN = timedelta(hours=1)
SOURCE = "frankfurter"
_sources: list[RateSource] = []


def set_up(source: RateSource) -> None:
    """Say where this process gets rates from."""
    _sources[:] = [source]


def switch(brand_id: int, on: bool, *, actor: Actor, now: datetime) -> bool:
    """Fetch this brand's rates every day from now on, the first time at once; or no more. False: it was so already."""
    with transaction():
        brand = people.get_brand(brand_id)
        changed = currencies.switch(currencies.lock(brand_id), on, tenant=brand.public_id, actor=actor, now=now)
        if changed and on:
            jobs.add("rates.fetch", {"brand": brand_id}, key=f"rates.fetch:{brand_id}:on:{now.isoformat()}", now=now)
        faults.point("rates.before_commit")
        return changed


def daily(_payload: dict[str, Any], *, now: datetime) -> None:
    """Job "rates.daily": one fetch for each brand that switched it on."""
    with transaction():
        for desk in currencies.automatic_desks():
            jobs.add("rates.fetch", {"brand": desk.brand_id}, key=f"rates.fetch:{desk.brand_id}:{now:%Y-%m-%d}", now=now)


def fetch(payload: dict[str, Any], *, now: datetime) -> None:
    """Job "rates.fetch": get the rates that the brand's terms need. Safe to repeat: a rate of a day is kept once.

    Where the source fails, it is asked again in an hour, and the brand is told once it has failed for three days.
    """
    end_reading()
    brand_id: int = payload["brand"]
    desk = currencies.desk_of(brand_id)
    pairs = rates.needed_pairs(brand_id)
    if desk is None or not desk.automatic or not pairs:
        return
    end_reading()
    told, problem = _ask(pairs)
    faults.point("rates.fetched_before_save")
    found = [draft for answer in told for draft in _drafts(answer, now)]
    known = {(draft.base, draft.quote) for draft in found}
    unknown = [] if problem else [f"{base}:{quote}" for base, quote in pairs if (base, quote) not in known]
    with transaction():
        desk = currencies.lock(brand_id)
        if not desk.automatic:
            return  # switched off while we asked
        brand = people.get_brand(brand_id)
        fresh = currencies.state(brand_id, found, tenant=brand.public_id, actor=SYSTEM, now=now)
        rates.spread(brand_id, fresh, actor=SYSTEM, now=now)
        currencies.note_fetch(desk, problem=problem, unknown=unknown, now=now)
        if problem:
            _again(desk, brand, now)
        faults.point("rates.before_commit")


def _ask(pairs: list[tuple[str, str]]) -> tuple[list[Latest], str]:
    """What the source told of each base, and in one word what kept it from telling more: later, refused or broken."""
    assert not in_transaction(), "no network while a transaction is open"
    wanted: dict[str, list[str]] = defaultdict(list)
    for base, quote in pairs:
        wanted[base].append(quote)
    told: list[Latest] = []
    for base, quotes in wanted.items():
        try:
            told.append(_sources[0].latest(base, quotes))
        except ForeignFailure as failure:
            word = "later" if isinstance(failure, TryLater) else "broken" if isinstance(failure, Broken) else "refused"
            return told, word
    return told, "" if any(answer.rates for answer in told) else "refused"


def _drafts(answer: Latest, now: datetime) -> list[Draft]:
    """The rates of an answer; they hold from the moment we know them, since nobody could have reckoned with them before."""
    at = now.replace(microsecond=0)
    return [
        Draft(answer.base, quote, rate, at, note=answer.day, source=SOURCE, of_day=answer.day)
        for quote, rate in sorted(answer.rates.items())
    ]


def _again(desk: currencies.RateDesk, brand: people.Brand, now: datetime) -> None:
    later = now + AGAIN
    jobs.add("rates.fetch", {"brand": brand.id}, key=f"rates.fetch:{brand.id}:{later:%Y-%m-%dT%H}", now=now, run_at=later)
    since = desk.failing_since
    if since is None or now - since < MAIL_AFTER:
        return
    for email, locale in people.brand_emails(brand.id, ("owner", "finance")):
        letters.post(
            to=email, kind="rates_failing", locale=locale, key=f"rates_failing:{brand.public_id}:{since.isoformat()}:{email}",
            now=now, zone=brand.timezone, facts={"brand": brand.name, "slug": brand.slug, "since": since},
        )  # fmt: skip
