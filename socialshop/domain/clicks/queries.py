"""Questions about clicks. A number of clicks always means payable ones: people's taps, a repeat counted once."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select

from ...kernel.database import in_parts, session
from . import traces
from .models import Click


def find(public_id: str) -> Click | None:
    """The click with this id, of whatever class."""
    return session().scalar(select(Click).where(Click.public_id == public_id)) if public_id else None


def firsts(public_ids: Collection[str]) -> dict[str, str]:
    """Of these click ids, each repeat → the click that counts for it."""
    found: dict[str, str] = {}
    for part in in_parts(click for click in public_ids if click):
        rows = session().execute(select(Click.public_id, Click.repeats).where(Click.public_id.in_(part), Click.repeats != ""))
        found.update({row[0]: row[1] for row in rows})
    return found


def of(program_id: int, visitor: str, click_id: str) -> list[Click]:
    """All clicks in a program that have this visitor or this click id ("" for unknown), oldest first, of every class."""
    known = [and_(Click.id.in_(part), Click.visitor == visitor) for part in in_parts(_ids_of([visitor]))] if visitor else []
    if click_id:
        known.append(Click.public_id == click_id)
    if not known:
        return []
    return list(session().scalars(select(Click).where(Click.program_id == program_id, or_(*known)).order_by(Click.at, Click.id)))


@dataclass(frozen=True, slots=True)
class Touch:
    """What an order may go back to of a click."""

    id: int
    public_id: str
    program_id: int | None
    creator_id: int
    visitor: str
    at: datetime
    kind: str
    channel: str


def of_many(program_ids: Collection[int], visitors: Collection[str], click_ids: Collection[str]) -> list[Touch]:
    """The clicks in these programs that have one of these visitors or ids, oldest first, of every class."""
    columns = (
        Click.id, Click.public_id, Click.program_id, Click.creator_id, Click.visitor, Click.at, Click.kind, Click.channel,
    )  # fmt: skip
    mine = select(*columns).where(Click.program_id.in_(program_ids))
    people = {visitor for visitor in visitors if visitor}
    parts = [mine.where(Click.id.in_(part)) for part in in_parts(_ids_of(people))]
    found = {row.id: Touch(*row) for part in parts for row in session().execute(part) if row.visitor in people}
    parts = [mine.where(Click.public_id.in_(part)) for part in in_parts(click_id for click_id in click_ids if click_id)]
    found |= {row.id: Touch(*row) for part in parts for row in session().execute(part)}
    return sorted(found.values(), key=lambda click: (click.at, click.id))


def newest_of_visitor(visitor: str) -> Click | None:
    """The visitor's newest payable click."""
    if not visitor:
        return None
    found: list[Click] = []
    for part in in_parts(_ids_of([visitor], payable_only=True)):
        mine = select(Click).where(Click.id.in_(part), Click.visitor == visitor, Click.kind == "payable")
        found += session().scalars(mine.order_by(Click.at.desc(), Click.id.desc()).limit(1))
    return max(found, key=lambda click: (click.at, click.id), default=None)


def counts_by_placement(creator_id: int, channel: str, since: datetime) -> dict[str, int]:
    """Clicks by placement in one channel; on a page the placement is the block's id."""
    rows = session().execute(
        select(Click.placement, func.count())
        .where(Click.creator_id == creator_id, Click.channel == channel, Click.kind == "payable", Click.at >= since)
        .group_by(Click.placement)
    )
    return {row[0]: row[1] for row in rows}


def _ids_of(visitors: Collection[str], *, payable_only: bool = False) -> list[int]:
    """The rows that may be theirs: those with their traces. Another visitor's may be among them."""
    begin, end = (session().scalar(select(which(Click.at))) for which in (func.min, func.max))
    if begin is None or end is None:
        return []
    weeks = traces.week_of(int(begin.timestamp())), traces.week_of(int(end.timestamp()))
    spans = [span for visitor in visitors for span in traces.ranges(visitor, *weeks, payable_only=payable_only)]
    return [row[0] for row in near(spans, ("id",))]


def near(spans: Collection[tuple[int, int]], columns: tuple[str, ...]) -> list[Any]:
    """These columns of the clicks whose traces lie in these spans, as the driver gives them."""
    if not spans:
        return []
    session().flush()
    connection = session().connection()
    names = ", ".join(f"c.{name}" for name in columns)
    if connection.dialect.name == "sqlite":
        query = f"""SELECT {names} FROM json_each(?) AS span CROSS JOIN clicks AS c
            ON c.trace BETWEEN json_extract(span.value, '$[0]') AND json_extract(span.value, '$[1]')"""  # noqa: S608
        return list(connection.exec_driver_sql(query, (json.dumps(list(spans)),)).fetchall())
    query = f"""SELECT {names} FROM unnest(%s::bigint[], %s::bigint[]) AS span(first, last)
        CROSS JOIN LATERAL (SELECT * FROM clicks WHERE trace BETWEEN span.first AND span.last) AS c"""  # noqa: S608
    return list(connection.exec_driver_sql(query, ([first for first, _ in spans], [last for _, last in spans])).fetchall())
