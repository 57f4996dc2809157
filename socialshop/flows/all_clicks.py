"""A question about any clicks there ever were: closed segments from the store, the newest clicks from the database.

What lies in segments ends at one click id, and what is in the database counts from there, so that nothing is counted
twice or left out; a visitor who is on both sides of that line today is one.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

from sqlalchemy import select, text

from ..adapters.clicks import VISITOR_BITS, ClickStore, Counted, Question, SegmentsMissing, StoredClick, Tail, asking
from ..domain import clicks, links, segments
from ..kernel.database import end_reading, in_transaction, session

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_AT_ONCE = 5000  # rows read at a time
_store: list[ClickStore] = []


def set_up(chosen: ClickStore) -> None:
    """Say which store this process asks."""
    for before in _store:
        before.close()
    _store[:] = [chosen]


def store() -> ClickStore:
    """The install's store of all clicks."""
    return _store[0]


def count(question: Question) -> list[Counted]:
    """The answer over all clicks that have been stored until now."""
    try:
        return _count(question)
    except SegmentsMissing:  # joined into another and cleared away since we read which ones count
        return _count(question)


def _count(question: Question) -> list[Counted]:
    standing = segments.standing(question.since, question.until)
    tail = Tail(_tail(question, standing))
    if not in_transaction():
        end_reading()  # the store may take a while
    return store().count(question, standing.keys, tail)


def mark(visitor: str, key: bytes) -> int:
    """What a segment keeps of a visitor: not reversible without the key. 0 for one who is unknown."""
    if not visitor:
        return 0
    return int.from_bytes(blake2b(visitor.encode(), digest_size=VISITOR_BITS // 8, key=key).digest()) or 1


def closed(first_id: int, last_id: int, key: bytes) -> Iterator[StoredClick]:
    """The clicks from one id to another, as the store keeps them."""
    row, link = clicks.Click, links.TrackedLink
    columns = (
        row.id, row.at, row.creator_id, row.program_id, row.link_id, link.product_id, row.post_id, row.visitor,
        row.kind, row.reason, row.channel, row.placement, row.country, row.device, row.system, row.browser, row.inside,
        row.language, row.referrer, row.utm_source, row.utm_medium, row.utm_campaign, row.destination,
    )  # fmt: skip
    question = select(*columns).join(link, link.id == row.link_id).order_by(row.id).limit(_AT_ONCE)
    done = first_id - 1
    while rows := session().execute(question.where(row.id > done, row.id <= last_id)).all():
        for _, at, creator, program, link_id, product, post, visitor, *texts in rows:
            moment = (at - _EPOCH) // timedelta(seconds=1)
            yield StoredClick(moment, creator, program or 0, link_id, product or 0, post or 0, mark(visitor, key), *texts)
        done = rows[-1][0]
        end_reading()


# --- the newest, from the database -----------------------------------------------------------------


def _tail(question: Question, standing: segments.Standing) -> list[tuple[str | int, ...]]:
    """The clicks after the last closed one, as rows of `asking.tail_columns`."""
    sqlite = session().get_bind().dialect.name == "sqlite"
    values: dict[str, Any] = {"closed_to": standing.closed_to}

    def bind(value: str | int) -> str:
        values[f"p{len(values)}"] = value
        return f":p{len(values) - 1}"

    said = asking.counting(
        question,
        "clicks AS c JOIN tracked_links AS l ON l.id = c.link_id",
        _SQLITE if sqlite else _POSTGRESQL,
        bind,
        also="c.id > :closed_to",
    )
    people = question.measure == "visitors"
    asked = text(said.replace("SELECT ", "SELECT DISTINCT ", 1) if people else said)
    rows = session().execute(asked, values)
    if people:
        return [(*row[:-1], mark(row[-1], standing.visitor_key)) for row in rows]
    return [tuple(row) for row in rows if row[-1]]


_NUMBERS = {"creator": "c.creator_id", "link": "c.link_id"} | {
    name: f"COALESCE({column}, 0)"
    for name, column in (("program", "c.program_id"), ("product", "l.product_id"), ("post", "c.post_id"))
}


def _column(name: str) -> str:
    return _NUMBERS.get(name, f'c."{name}"')


_SQLITE = asking.Words(
    divide=lambda number, by: f"({number} / {by})",
    moment="CAST(strftime('%s', substr(c.at, 1, 19)) AS INTEGER)",
    visitor="c.visitor",
    known_visitor="c.visitor <> ''",
    columns=_column,
)
_POSTGRESQL = asking.Words(
    divide=lambda number, by: f"({number} / {by})",
    moment="CAST(floor(extract(epoch FROM c.at)) AS BIGINT)",
    visitor="c.visitor",
    known_visitor="c.visitor <> ''",
    columns=_column,
)
