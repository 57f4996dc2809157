"""Many clicks on top of the demo, so that its numbers can be looked at where a year has a million of them.

They are written in bulk: all of them into segments of the store, the newest into the database too, and what they add up to.
Nobody's real numbers are mixed with them: where anyone but the demo's people is known, it refuses.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
from sqlalchemy import func, select, text

from ..adapters.clicks import ParquetStore, StoredClick
from ..domain import catalog, clicks, links, pages, people, programs, segments
from ..flows import all_clicks, archive, recount
from ..kernel.database import end_reading, session, transaction, write_rows
from . import likely

DAYS = 365
RECENT = (50, 120)  # days that stay in the database, at least and at most
RECENT_CLICKS = 1_000_000  # about so many of them
_LINKS = 8
_MARK = "@demo.test"  # the end of every address of the demo's people

_NAMES = (
    "sari", "dewi", "putri", "ayu", "wulan", "nadia", "maya", "tari", "lestari", "kirana", "salsa", "nabila", "citra", "amel", "vania",
    "agus", "budi", "dimas", "fajar", "gilang", "reza", "yoga", "bayu", "arya", "hendra", "joko", "teguh", "surya", "rendy", "farhan",
)  # fmt: skip
_TOPICS = (
    "ngopi", "dapur", "jalan", "masak", "kebun", "rumah", "buku", "senja", "kamera", "sepeda", "kota", "pagi", "musik", "gerobak",
    "keluarga", "kampus", "teh", "roti", "gunung", "pantai", "pasar", "sketsa", "rasa", "cerita", "hemat", "kerja", "langit", "hujan",
    "sore", "kuliner", "ibu", "papa", "desa",
)  # fmt: skip


class NotOnlyTheDemo(Exception):
    """There are people here whom nobody made up."""


@dataclass(frozen=True, slots=True)
class Made:
    """What was written."""

    clicks: int
    creators: int
    first_id: int
    last_id: int


def make(count: int, *, zone: str, now: datetime, say: Callable[[str], object], creators: int = 0) -> Made:
    """Write so many clicks of the last year. creators: among how many; 0 for as many as fit the number."""
    _refuse_where_anybody_is_real()
    end_reading()
    ways = _cast(creators or min(len(_NAMES) * len(_TOPICS), max(30, count // 8000)), now)
    _close_what_is_here(now)
    today = now.astimezone(ZoneInfo(zone)).date()
    begin = datetime.combine(today, time.min, ZoneInfo(zone))
    per_day = likely.shares(today - timedelta(days=DAYS - 1), DAYS, count, of_last=max(0.02, (now - begin) / timedelta(days=1)))
    recent = datetime.combine(today - timedelta(days=_recent_days(per_day)), time.min, ZoneInfo(zone))
    base = (session().scalar(select(func.max(clicks.Click.id))) or 0) + 1
    end_reading()
    written = 0
    with tempfile.TemporaryDirectory(prefix="many-clicks") as folder:
        for month in likely.months(ways, per_day, zone, Path(folder), before=now, seed=base):
            _write(month, recent=recent, now=now)
            written += month.count
            say(f"  {month.begin:%Y-%m}: {written:>10,} of {count:,} clicks")
    with transaction() as current:
        current.get_one(segments.Progress, 1).let_go_before = recent.astimezone(UTC)
        if current.get_bind().dialect.name == "postgresql":
            current.execute(text("SELECT setval(pg_get_serial_sequence('clicks', 'id'), (SELECT max(id) FROM clicks))"))
        _look_at_pages(base)
    say("  the visitors of each day …")
    recount.close_days({}, now=now)
    return Made(written, len({way.creator for way in ways}), base, base + written - 1)


def _refuse_where_anybody_is_real() -> None:
    """The demo's people all have addresses that end alike; so have those added here, which keeps them marked."""
    strangers = session().scalar(select(func.count()).select_from(people.User).where(people.User.email.not_like(f"%{_MARK}")))
    if strangers:
        raise NotOnlyTheDemo(
            f"{strangers} people here are not of the demo. Made-up clicks are never mixed with real ones; use a fresh instance folder."
        )


def _recent_days(per_day: Sequence[tuple[Any, int]]) -> int:
    """How many days of clicks the database itself keeps."""
    least, most = RECENT
    days, so_far = 0, 0
    for _, count in reversed(per_day[-most:]):
        so_far += count
        if days >= least and so_far > RECENT_CLICKS:
            break
        days += 1
    return days


# --- who is tapped ---------------------------------------------------------------------------------


def _cast(count: int, now: datetime) -> list[likely.Way]:
    """Each creator's links by rank: the demo's two first, then as many more as are needed, made once."""
    born = now - timedelta(days=DAYS)
    offer = session().scalars(select(programs.Program).order_by(programs.Program.id)).first()
    if offer is None:
        raise NotOnlyTheDemo("Make the demo first.")
    goods = list(session().scalars(select(catalog.Product).order_by(catalog.Product.id).limit(_LINKS)))
    own = sorted(program.id for program in programs.programs_of_brand(offer.brand_id))
    end_reading()
    with transaction() as current:
        there = list(current.scalars(select(people.Creator).order_by(people.Creator.id)))
        for n in range(len(there), count):
            handle = f"{_NAMES[n % len(_NAMES)]}-{_TOPICS[n // len(_NAMES)]}"
            name = handle.replace("-", " ").title()
            user = people.User(
                email=f"{handle}{_MARK}", email_confirmed_at=born, password_hash="!", name=name, created_at=born  # noqa: S106  # nobody signs in
            )  # fmt: skip
            current.add(user)
            current.flush()
            creator = people.Creator(user_id=user.id, handle=handle, name=name, created_at=born)
            current.add(creator)
            current.flush()
            current.add_all(
                programs.Enrollment(
                    program_id=program_id, creator_id=creator.id, state="enrolled", groups=[], applied_at=born, enrolled_at=born
                )
                for program_id in sorted(set(_programs_of(n + 1, own)))
            )
            there.append(creator)
        current.flush()
        return [
            way
            for rank, creator in enumerate(there[:count], 1)
            for way in _links(creator, rank, _programs_of(rank, own), goods, born)
        ]


def _programs_of(rank: int, own: Sequence[int]) -> list[int]:
    """The program of each of a creator's links: every third creator is in the brand's second one too, with two of them."""
    second = own[1] if len(own) > 1 and rank % 3 == 0 else own[0]
    return [own[0]] * (_LINKS - 2) + [second] * 2


def _links(
    creator: people.Creator, rank: int, program_ids: Sequence[int], goods: Sequence[catalog.Product], born: datetime
) -> Iterator[likely.Way]:
    current = session()
    mine = {
        link.slug: link
        for link in current.scalars(select(links.TrackedLink).where(links.TrackedLink.creator_id == creator.id))
        if link.slug.startswith("ramai-")
    }
    made = []
    for n in range(_LINKS):
        slug = f"ramai-{creator.handle}-{'abcdefgh'[n]}"
        link = mine.get(slug)
        if link is None:
            product = goods[n % len(goods)] if n % 4 != 3 else None
            channel, placement = likely.channel_of(n + rank)
            link = links.TrackedLink(
                slug=slug, creator_id=creator.id, program_id=program_ids[n], product_id=product.id if product else None,
                target_key=f"product:{product.id}" if product else f"url:ramai-{n}",
                url=f"/@{creator.handle}/p/{product.public_id}" if product else f"/@{creator.handle}",
                channel=channel, placement=f"{placement or channel}-{n}", title=product.title if product else f"@{creator.handle}",
                created_at=born,
            )  # fmt: skip
            current.add(link)
        made.append(link)
    current.flush()
    for n, link in enumerate(made, 1):
        yield likely.Way(rank, n, creator.id, link.program_id or 0, link.id, link.product_id or 0, link.channel, link.placement)


def _close_what_is_here(now: datetime) -> None:
    """What has been tapped before goes into a segment of its own, so that all ids after it are ours."""
    newest = session().scalar(select(func.max(clicks.Click.id))) or 0
    end_reading()
    archive.close_to(newest, now=now)


def _look_at_pages(first_click: int) -> None:
    """Who taps on a page has looked at it, and others looked without tapping: five views for two clicks."""
    click = clicks.Click
    page_of = {page.creator_id: page.id for page in session().scalars(select(pages.Page).order_by(pages.Page.id.desc()))}
    tapped = session().execute(
        select(click.id, click.creator_id, click.visitor, click.at).where(
            click.id >= first_click, click.channel == "page", click.kind == "payable", click.creator_id.in_(page_of)
        )
    )
    for some in tapped.partitions(20_000):
        views = [
            {
                "page_id": page_of[creator], "creator_id": creator, "visitor": visitor if n == 0 else f"{visitor}-{n}",
                "at": at - timedelta(seconds=20 + 97 * n), "kind": "payable",
            }
            for i, creator, visitor, at in some
            for n in range(2 + i % 2)
        ]  # fmt: skip
        write_rows(pages.PageView, views)


# --- what they tap ---------------------------------------------------------------------------------


def _write(month: likely.Month, *, recent: datetime, now: datetime) -> None:
    """One month: the file into the store, then its segment, its newest clicks and its sums in one commit."""
    key = f"{now.astimezone(UTC):%Y%m%dT%H%M%S}-{month.first}-{month.first + month.count - 1}-{secrets.token_hex(4)}"
    engine = duckdb.connect(":memory:", config={"memory_limit": "256MB", "threads": 2})
    try:
        size = _store(engine, month, key)
        since, until = engine.execute(f"SELECT min(moment), max(moment) FROM '{month.path}'").fetchall()[0]  # noqa: S608
        with transaction():
            segment = segments.Segment(
                key=key, level="month", first_id=month.first, last_id=month.first + month.count - 1,
                since=datetime.fromtimestamp(since, UTC), until=datetime.fromtimestamp(until, UTC),
                clicks=month.count, bytes=size, closed_at=now,
            )  # fmt: skip
            if not segments.close(segment):
                raise RuntimeError("somebody else closes clicks here")
            if month.end > recent:
                for rows in _recent(engine, month, recent):
                    write_rows(clicks.Click, rows)
            clicks.book(_sums(engine, month, recent))
    finally:
        engine.close()


def _store(engine: duckdb.DuckDBPyConnection, month: likely.Month, key: str) -> int:
    store = all_clicks.store()
    if isinstance(store, ParquetStore):
        return store.adopt(month.path, key=key)
    names = ", ".join(StoredClick._fields)
    asked = engine.execute(f"SELECT {names} FROM '{month.path}'")  # noqa: S608
    return store.add((StoredClick(*row) for row in _fetched(asked)), key=key)


def _fetched(asked: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while rows := asked.fetchmany(20_000):
        yield from rows


_TEXTS = (
    "kind", "reason", "channel", "placement", "country", "device", "system", "browser", "inside", "language", "referrer", "utm_source",
    "utm_medium", "utm_campaign",
)  # fmt: skip


def _recent(engine: duckdb.DuckDBPyConnection, month: likely.Month, recent: datetime) -> Iterator[list[dict[str, Any]]]:
    """The newest clicks as rows of the database, in the order in which they came."""
    asked = engine.execute(
        f"SELECT i, moment, link, creator, program, visitor, {', '.join(_TEXTS)} FROM '{month.path}' WHERE moment >= $1 ORDER BY i",  # noqa: S608
        [int(recent.timestamp())],
    )
    while rows := asked.fetchmany(20_000):
        yield [_row(*row) for row in rows]


def _row(i: int, moment: int, link: int, creator: int, program: int, visitor: int, *texts: str) -> dict[str, Any]:
    at, name = datetime.fromtimestamp(moment, UTC), f"vis_demo{visitor:012x}" if visitor else ""
    return {
        "id": i, "public_id": f"clk_demo{i:x}", "link_id": link, "creator_id": creator, "program_id": program, "visitor": name, "at": at,
        **dict(zip(_TEXTS, texts, strict=True)), "repeats": "", "agent": "", "post_id": None, "destination": "",
        "trace": clicks.trace_of(name, at, payable=texts[0] == "payable"),
    }  # fmt: skip


def _sums(engine: duckdb.DuckDBPyConnection, month: likely.Month, recent: datetime) -> clicks.Tally:
    """What `clicks` keeps by day, in bulk; visitors of days whose clicks are not in the database, for nobody can count them later."""
    day = "CAST(DATE '1970-01-01' + CAST(day AS INT) AS VARCHAR)"
    engine.execute(f"CREATE OR REPLACE TEMP VIEW month AS SELECT *, {day} AS d FROM '{month.path}'")  # noqa: S608
    tally = clicks.Tally()
    for whose in ("creator", "0", "-program"):
        _add(engine, tally, whose, "kind", "kind", "TRUE")
        for dimension in clicks.BY_CREATOR if whose != "-program" else sorted(clicks.BY_PROGRAM - {"creator"}):
            if dimension in StoredClick._fields:
                known = f"{dimension} <> 0" if dimension in ("post", "program") else f"{dimension} <> ''"
                _add(engine, tally, whose, dimension, dimension, f"kind = 'payable' AND {known}")
        if whose != "creator":
            _add(engine, tally, whose, "creator", "creator", "kind = 'payable'")
        old = f"kind = 'payable' AND visitor <> 0 AND moment < {int(recent.timestamp())}"
        _add(engine, tally, whose, "visitors", "''", old, "count(DISTINCT visitor)")
    _add_brands(engine, tally, int(recent.timestamp()))
    for link, day, payable, count in engine.execute(
        "SELECT link, d, kind = 'payable', count(*) FROM month GROUP BY ALL"
    ).fetchall():
        tally.links[link, day, payable] = count
    first = int(recent.timestamp())
    tally.days = {row[0] for row in engine.execute("SELECT DISTINCT d FROM month WHERE moment >= $1", [first]).fetchall()}
    return tally


def _add_brands(engine: duckdb.DuckDBPyConnection, tally: clicks.Tally, before: int) -> None:
    """Visitors by brand of the same days, as `clicks.visitors_by_brand` finds them."""
    pairs = ", ".join(f"({program}, {brand})" for program, brand in programs.brands_of_several().items())
    if not pairs:
        return
    several = engine.execute(
        f"WITH homes(program, brand) AS (VALUES {pairs}) SELECT brand, d, count(DISTINCT nullif(visitor, 0)) "  # noqa: S608
        f"FROM month JOIN homes USING (program) WHERE kind = 'payable' AND moment < {before} "
        "GROUP BY brand, d HAVING min(program) < max(program)"
    ).fetchall()
    for brand, day, count in several:
        tally.counts[brand, clicks.OF_BRANDS, day, ""] = count
        tally.counts[clicks.SITE, clicks.OF_BRANDS, day, ""] += 1


def _add(
    engine: duckdb.DuckDBPyConnection,
    tally: clicks.Tally,
    whose: str,
    dimension: str,
    value: str,
    where: str,
    number: str = "count(*)",
) -> None:
    said = f"SELECT {whose} AS whose, d, CAST({value} AS VARCHAR) AS v, {number} FROM month WHERE {where} GROUP BY whose, d, v"  # noqa: S608
    for asked_for, day, text_, count in engine.execute(said).fetchall():
        tally.counts[asked_for, dimension, day, text_] = count
