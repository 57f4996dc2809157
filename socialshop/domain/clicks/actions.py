"""Keeping a click. Nothing here commits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from ...kernel.database import new_id, session
from .models import Click
from .rules import REPEAT, Judgement, Tap, judge


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored click: `counts_as` is the public id of the click that can win an order, which for a repeat is the first one's."""

    public_id: str
    counts_as: str
    kind: str


def keep(
    *,
    link_id: int,
    creator_id: int,
    program_id: int | None,
    visitor: str,
    tap: Tap,
    channel: str,
    placement: str,
    now: datetime,
) -> Kept:
    """One row with its class and reason; a repeat within seconds is kept as a duplicate of the first."""
    judgement = judge(tap)
    first = _same_tap(link_id, visitor, now) if judgement.kind == "payable" and visitor else None
    if first is not None:
        judgement = Judgement("duplicate", "repeat_within_10s")
    row = Click(
        public_id=new_id("clk"),
        link_id=link_id,
        creator_id=creator_id,
        program_id=program_id,
        visitor=visitor,
        at=now,
        kind=judgement.kind,
        reason=judgement.reason,
        repeats=first or "",
        channel=channel,
        placement=placement,
        agent=_plain(tap.agent, 300),
        referrer=_plain(tap.referrer, 120),
    )
    session().add(row)
    session().flush()
    return Kept(row.public_id, first or row.public_id, row.kind)


def _same_tap(link_id: int, visitor: str, now: datetime) -> str | None:
    return session().scalar(
        select(Click.public_id)
        .where(
            Click.link_id == link_id, Click.visitor == visitor, Click.kind == "payable", Click.at > now - REPEAT, Click.at <= now
        )
        .order_by(Click.id.desc())
        .limit(1)
    )


def _plain(text: str, longest: int) -> str:
    return "".join(c for c in text if c.isprintable())[:longest]
