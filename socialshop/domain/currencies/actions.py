"""Rates come in. Inside the caller's transaction, with the brand's desk locked; rooms never commit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite

from ...kernel.database import session
from ...kernel.errors import N_, FieldError, Invalid
from .. import audit
from ..audit import Actor
from .models import Rate, RateDesk
from .queries import known_among
from .rules import Draft, checked


def lock(brand_id: int) -> RateDesk:
    """The brand's desk, kept for this transaction.

    Locked before any program, so that no rate slips past one that begins to convert.
    """
    kind = sqlite if session().get_bind().dialect.name == "sqlite" else postgresql
    session().execute(
        kind.insert(RateDesk).values(brand_id=brand_id, automatic=False, problem="", unknown=[]).on_conflict_do_nothing()
    )
    return (
        session()
        .scalars(
            select(RateDesk).where(RateDesk.brand_id == brand_id).with_for_update().execution_options(populate_existing=True)
        )
        .one()
    )


def state(brand_id: int, drafts: Sequence[Draft], *, tenant: str, actor: Actor, now: datetime) -> list[Rate]:
    """Append the rates that are not known yet, in their order; those that are change nothing. The desk is locked.

    Invalid: a rate that was known before, but is not the newest word on its moment any more, so that repeating it would
    do nothing: it needs a later moment.
    """
    last = session().scalar(select(func.max(Rate.number)).where(Rate.brand_id == brand_id)) or 0
    told = {draft.key: draft for draft in (checked(draft, now=now) for draft in drafts)}
    known = {rate.key: rate for rate in known_among(brand_id, told)}
    for key in known:
        if told[key].source == "hand" and _overruled(known[key]):
            raise Invalid(fields=[FieldError("at", "overruled", _OVERRULED)])
    fresh = [
        Rate(
            brand_id=brand_id, number=number, key=key, base=draft.base, quote=draft.quote, rate=draft.rate, at=draft.at,
            source=draft.source, note=draft.note, entered_by=f"{actor.kind}:{actor.name}", known_at=now,
        )
        for number, (key, draft) in enumerate(((k, d) for k, d in told.items() if k not in known), start=last + 1)
    ]  # fmt: skip
    if fresh:
        session().add_all(fresh)
        session().flush()
        audit.note(
            "rates.stated", tenant, actor=actor, tenant=tenant, now=now,
            after={"rates": [[rate.number, rate.base, rate.quote, rate.rate, rate.at.isoformat()] for rate in fresh]},
        )  # fmt: skip
    return fresh


def switch(desk: RateDesk, on: bool, *, tenant: str, actor: Actor, now: datetime) -> bool:
    """Fetch this brand's rates every day from now on, or no more. False: it was so already."""
    if desk.automatic == on:
        return False
    desk.automatic, desk.switched_at, desk.failing_since, desk.problem = on, now, None, ""
    session().flush()
    audit.note("rates.automatic", tenant, actor=actor, tenant=tenant, now=now, before={"on": not on}, after={"on": on})
    return True


def note_fetch(desk: RateDesk, *, problem: str, unknown: Sequence[str], now: datetime) -> None:
    """Note how a fetch ended. problem: "" where every rate that the source has was told; unknown: pairs it has not."""
    desk.tried_at, desk.problem, desk.unknown = now, problem, sorted(unknown)
    if problem:
        desk.failing_since = desk.failing_since or now
    else:
        desk.fetched_at, desk.failing_since = now, None
    session().flush()


def _overruled(known: Rate) -> bool:
    later = select(Rate.id).where(
        Rate.brand_id == known.brand_id, Rate.base.in_((known.base, known.quote)), Rate.quote.in_((known.base, known.quote)),
        Rate.at == known.at, Rate.number > known.number,
    )  # fmt: skip
    return session().scalar(later.limit(1)) is not None


_OVERRULED = N_("This rate was entered before and then replaced by another one for the same moment. Give it a later moment.")
