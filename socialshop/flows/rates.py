"""Exchange rates come in, by hand, by a file or from a source, and go to every program of the brand that converts.

Whoever writes here locks the brand's desk first and programs after it, so a rate and a program that begins to convert
never miss each other. Rates keep their own moment; a program takes each one once, in its order of arrival.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import select

from ..domain import commissions, currencies, people, programs
from ..domain.audit import Actor
from ..domain.currencies import Draft, Rate
from ..domain.terms import FxQuote
from ..kernel import faults
from ..kernel.database import session, transaction
from ..kernel.errors import N_, Invalid

Wrong = tuple[str, str, str]


class FarApart(Invalid):
    """The rate is far from the one before; whoever means it says so."""

    code = "far_apart"
    message = N_("This is more than a fifth away from the rate before it, {before}. If it is right, say so below.")


def enter(brand_id: int, draft: Draft, *, sure: bool, actor: Actor, now: datetime) -> Rate:
    """Take a rate that a person typed; the same one a second time is the first.

    FarApart: it differs from the one before by more than a fifth, and nobody said that this is meant.
    """
    with transaction():
        brand = people.get_brand(brand_id)
        currencies.lock(brand_id)
        known = currencies.find_known(brand_id, draft)
        before = currencies.find_newest(brand_id, draft.base, draft.quote, draft.at)
        if known is None and before is not None and not sure and is_far(draft, before):
            raise FarApart(before=f"1 {before.base} = {before.rate} {before.quote}")
        fresh = currencies.state(brand_id, [draft], tenant=brand.public_id, actor=actor, now=now)
        spread(brand_id, fresh, actor=actor, now=now)
        faults.point("rates.before_commit")
        found = fresh[0] if fresh else currencies.find_known(brand_id, draft)
        assert found is not None
        return found


def is_far(draft: Draft, before: Rate) -> bool:
    """Whether a rate is more than a fifth away from an earlier one of its pair."""
    return currencies.far_apart(draft.rate, before.rate, turned=before.base != draft.base)


def take_in(brand_id: int, drafts: Sequence[Draft], *, actor: Actor, now: datetime) -> list[Rate]:
    """Take the rates of a file, all or none; those that are known change nothing. The new ones."""
    with transaction():
        brand = people.get_brand(brand_id)
        currencies.lock(brand_id)
        fresh = currencies.state(brand_id, drafts, tenant=brand.public_id, actor=actor, now=now)
        spread(brand_id, fresh, actor=actor, now=now)
        faults.point("rates.before_commit")
        return fresh


def spread(brand_id: int, fresh: Sequence[Rate], *, actor: Actor, now: datetime) -> None:
    """Tell new rates to every program that converts, in the caller's transaction, the desk being locked."""
    if not fresh:
        return
    for program in sorted(programs.programs_of_brand(brand_id), key=lambda each: each.id):
        _tell(program.id, told_to(program, fresh), actor=actor, now=now)


def take_along(program_id: int, currency: str, *, actor: Actor, now: datetime) -> None:
    """Tell a program that begins to pay in this currency what is known now, in the caller's transaction with the desk locked.

    For each pair the newest rate, and those for later moments: older ones can serve no order under terms that begin now.
    """
    program = programs.get(program_id)
    newest: dict[frozenset[str], Rate] = {}
    later: list[Rate] = []
    for rate in currencies.touching(program.brand_id, currency):
        pair = frozenset((rate.base, rate.quote))
        if rate.at > now:
            later.append(rate)
        elif pair not in newest or (rate.at, rate.number) > (newest[pair].at, newest[pair].number):
            newest[pair] = rate
    _tell(program_id, sorted([*newest.values(), *later], key=lambda each: each.number), actor=actor, now=now)


def _tell(program_id: int, told: Sequence[Rate], *, actor: Actor, now: datetime) -> None:
    if told:
        programs.lock(program_id)
        quotes = [quote_of(rate) for rate in told]
        commissions.take_quotes(program_id, quotes, now=now, actor=f"{actor.kind}:{actor.name}")


def told_to(program: programs.Program, rates: Iterable[Rate]) -> list[Rate]:
    """Those of the rates that can convert a commission of this program, in their order of entry."""
    wanted = pays_in(program.id)
    ended = program.changed_at if program.state == "ended" else None
    return [rate for rate in rates if {rate.base, rate.quote} & wanted and (ended is None or rate.at <= ended)]


def pays_in(program_id: int) -> set[str]:
    """The currencies that any terms of the program convert to."""
    paid = {version.terms.get("payout_currency") for version in programs.versions_of(program_id)}
    return {str(currency) for currency in paid if currency}


def quote_of(rate: Rate) -> FxQuote:
    """The engine's fact."""
    return FxQuote(rate.event_id, rate.at, rate.base, rate.quote, rate.rate)


def needed_pairs(brand_id: int) -> list[tuple[str, str]]:
    """The pairs that the terms in force or to come need, for the currencies in which the brand sells or has sold."""
    brand, pairs = people.get_brand(brand_id), set()
    for program in programs.programs_of_brand(brand_id):
        if program.state == "ended":
            continue
        sold_in = {brand.currency, program.currency} | commissions.currencies_of(program.id)
        pairs |= set(currencies.needed(sold_in, pays_in(program.id)))
    return sorted(pairs)


def missing_pairs(brand_id: int, currency: str, *, program: programs.Program, now: datetime) -> list[tuple[str, str]]:
    """Of the pairs that terms paying in this currency would need, those of which no rate is known now."""
    sold_in = {people.get_brand(brand_id).currency, program.currency} | commissions.currencies_of(program.id)
    pairs = currencies.needed(sold_in, [currency])
    return [pair for pair in pairs if currencies.find_newest(brand_id, *pair, now) is None]


def discrepancies() -> Iterator[Wrong]:
    """Rates against the facts of programs: each one is told unchanged, and to everybody who converted when it came (I-4)."""
    for brand_id in currencies.brands_with_rates():
        rates = currencies.all_of(brand_id)
        for program in programs.programs_of_brand(brand_id):
            known = _facts(program.id, [rate.event_id for rate in rates])
            begun = _begun(program.id)
            for rate in rates:
                row, document = f"rates {rate.id}", known.get(rate.event_id)
                if document is not None and document != quote_of(rate).to_document():
                    yield "I-4", row, f"program {program.id} was told something else"
                owed = any(c in begun and begun[c] < rate.known_at for c in (rate.base, rate.quote))
                if document is None and owed and told_to(program, [rate]):
                    yield "I-4", row, f"program {program.id} converts and was not told"


def _facts(program_id: int, event_ids: Sequence[str]) -> dict[str, dict[str, object]]:
    rows = session().execute(
        select(commissions.ProgramEvent.event_id, commissions.ProgramEvent.document).where(
            commissions.ProgramEvent.program_id == program_id, commissions.ProgramEvent.type == "fx"
        )
    )
    wanted = set(event_ids)
    return {event_id: document for event_id, document in rows if event_id in wanted}


def _begun(program_id: int) -> dict[str, datetime]:
    """Since when terms that convert to each currency have been published."""
    found: dict[str, datetime] = {}
    for version in programs.versions_of(program_id):
        currency = version.terms.get("payout_currency")
        if currency:
            found[currency] = min(version.published_at, found.get(currency, version.published_at))
    return found
