"""An order's arrival: attributed and priced once, with every fact that later events reckon with again.

The live system stores `Arrival.to_document()` beside the order and calls the same functions as the replay.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..attribution import Declined, TouchSeen, Verdict
from ..terms import (
    BadDocument,
    CreatorFacts,
    Creators,
    Frozen,
    FxQuote,
    History,
    OrderFacts,
    Priced,
    Program,
    Share,
    Version,
    days,
    freeze,
    open_versions,
    price,
    write_instant,
)
from .plain import priced_document, share_document


@dataclass(frozen=True, slots=True)
class Stake:
    """What one credited creator has in an order, under the version of the terms that gives them most.

    candidates: every version that was open to them and what it would have given. recruiters: who follows, nearest first.
    pay_currency: what postings and payouts are in. no_rate: it should be another one, but there was no quote.
    """

    creator: CreatorFacts
    share: Share
    version: Version
    candidates: tuple[tuple[datetime | None, int], ...]
    frozen: Frozen
    recruiters: tuple[str, ...]
    pay_currency: str
    quote: FxQuote | None
    no_rate: bool
    priced: Priced

    def to_document(self) -> dict[str, object]:
        """Plain JSON; the version is named by its start."""
        frozen = self.frozen
        return {
            "creator": self.creator.to_document(),
            "share": share_document(self.share),
            "version": _instant(self.version.starts_at),
            "candidates": [{"version": _instant(starts_at), "amount": amount} for starts_at, amount in self.candidates],
            "frozen": {
                "volumes": dict(frozen.volumes),
                "payments": frozen.payments,
                "first_period_start": _instant(frozen.first_period_start),
                "budget_left": frozen.budget_left,
            },
            "recruiters": list(self.recruiters),
            "pay_currency": self.pay_currency,
            "quote": self.quote and self.quote.to_document(),
            "no_rate": self.no_rate,
            "priced": priced_document(self.priced),
        }


@dataclass(frozen=True, slots=True)
class Arrival:
    """An order as it arrived: the verdict, the stakes, the rows of those who got nothing, and what later events need."""

    order: OrderFacts
    channel: str | None
    due_at: datetime
    minimum: int | None
    declined: tuple[Declined, ...]
    touches: tuple[TouchSeen, ...]
    stakes: tuple[Stake, ...]
    zone_name: str

    def to_document(self, order: dict[str, Any] | None = None) -> dict[str, Any]:
        """Plain JSON that `arrival_from_document` reads back. order: the order's own document, where it is at hand."""
        return {
            "order": order or self.order.to_document(),
            "channel": self.channel,
            "due_at": write_instant(self.due_at),
            "minimum": self.minimum,
            "declined": [{"creator": row.creator, "reason": row.reason} for row in self.declined],
            "touches": [
                {"kind": t.kind, "id": t.id, "creator": t.creator, "at": _instant(t.at), "won": t.won, "why": t.why}
                for t in self.touches
            ],
            "stakes": [stake.to_document() for stake in self.stakes],
            "timezone": self.zone_name,
        }


def arrive(order: OrderFacts, verdict: Verdict, program: Program, creators: Creators, history: History) -> Arrival:
    """Price an order for everybody who is credited, each under the version that gives them the largest direct commission."""
    current = program.version_at(order.at)
    if current is None:
        return Arrival(order, verdict.channel, order.at, None, verdict.declined, verdict.touches, (), program.timezone)
    minimum = current.terms.minimum_order.get(order.currency)
    stakes = tuple(_stake(order, share, verdict.channel, minimum, program, creators, history) for share in verdict.shares)
    empty = tuple(Declined(stake.creator.id, stake.priced.reason) for stake in stakes if stake.priced.reason is not None)
    due_at = _due_at(order, current)
    return Arrival(order, verdict.channel, due_at, minimum, verdict.declined + empty, verdict.touches, stakes, program.timezone)


def _stake(
    order: OrderFacts,
    share: Share,
    channel: str | None,
    minimum: int | None,
    program: Program,
    creators: Creators,
    history: History,
) -> Stake:
    """Compare the versions that are open to this creator, newest first; a tie stays with the newer."""
    creator = creators.creator(share.creator)
    offers: list[tuple[Version, Frozen, Priced]] = []
    for version in open_versions(program, creator, order.at):
        frozen = freeze(order, creator, version.terms, history, program.zone)
        priced = price(order, creator, share, channel, version.terms, frozen, minimum=minimum, zone=program.zone)
        offers.append((version, frozen, priced))
    version, frozen, priced = max(offers, key=lambda offer: offer[2].total)
    wanted = version.terms.payout_currency
    foreign = wanted if wanted != order.currency else None
    quote = history.newest_quote(order.currency, foreign, order.at) if foreign else None
    return Stake(
        creator=creator,
        share=share,
        version=version,
        candidates=tuple((each.starts_at, offered.total) for each, _, offered in offers),
        frozen=frozen,
        recruiters=_recruiters(creator, len(version.terms.overrides), creators, order.at),
        pay_currency=foreign if foreign and quote else order.currency,
        quote=quote,
        no_rate=foreign is not None and quote is None,
        priced=priced,
    )


def _recruiters(creator: CreatorFacts, levels: int, creators: Creators, ordered_at: datetime) -> tuple[str, ...]:
    """The recruiter, the recruiter's recruiter, ...; one who is not enrolled ends the chain."""
    chain: list[str] = []
    recruiter_id = creator.recruited_by
    while recruiter_id is not None and len(chain) < levels:
        recruiter = creators.creator(recruiter_id)
        if not recruiter.enrolled(ordered_at):
            break
        chain.append(recruiter_id)
        recruiter_id = recruiter.recruited_by
    return tuple(chain)


def _due_at(order: OrderFacts, version: Version) -> datetime:
    try:
        return order.at + days(version.terms.hold_days)
    except OverflowError as error:
        raise BadDocument(f'order "{ascii(order.id)[1:-1]}".at', "its commissions would be due beyond the year 9999") from error


def _instant(at: datetime | None) -> str | None:
    return None if at is None else write_instant(at)
