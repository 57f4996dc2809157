"""All live links in memory, so that a redirect needs no database: read once, then told of changes.

At most two seconds behind what other processes change (a thread asks every second), and right at once in a process
that calls `stale()` after its own commits. A database that is away leaves the table as it is. Slugs that are not in
the table are asked for one by one, with a short memory for those that never were.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from ..kernel.addresses import utm_parameters, with_parameters

MOST = 200_000  # links kept; the newest, for a link is tapped most when it is young
POLL = 1.0  # seconds
RELOAD = 300.0  # seconds between complete reloads, the net under the changes
OVERLAP = 500  # changes read again: one that committed late may have a lower number than the last one seen
UNKNOWN_FOR = 2.0  # seconds that an unknown slug stays unknown
MOST_UNKNOWN = 10_000

_COLUMNS = (
    "SELECT l.id, l.slug, l.creator_id, l.program_id, l.channel, l.placement, l.url, l.utm, l.state, l.expires_at, "
    "l.fallback_url, c.handle, p.click_parameter FROM tracked_links l JOIN creators c ON c.id = l.creator_id "
    "LEFT JOIN programs p ON p.id = l.program_id "
)

_CLICK = "-the-click-id-"  # holds its place in an address

Ask = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Way:
    """One link, ready to be followed. expires: seconds since 1970, None never.

    around: what stands before and after the click id in the address, None where the address carries none.
    """

    link_id: int
    creator_id: int
    program_id: int | None
    channel: str
    placement: str
    url: str
    fallback: str
    live: bool
    expires: float | None
    around: tuple[str, str] | None

    def leads_to(self, moment: float, click: str) -> str:
        """The address at a moment, with the click's id where it carries one and there is one."""
        if not self.live or (self.expires is not None and moment >= self.expires):
            return self.fallback
        if self.around is None or not click:
            return self.url
        return f"{self.around[0]}{click}{self.around[1]}"


class Away(Exception):
    """The link is not in memory and the database cannot be asked."""


class Finds(Protocol):
    """Knows links by their slug."""

    def find(self, slug: str) -> Way | None:
        """The way of a folded slug; None for one that never was; Away where that cannot be known."""


class Links:
    """slug → Way. `ask` runs one SQL question (`%s` for values) on a connection of its own, and raises what its driver does."""

    def __init__(self, ask: Ask, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._ask, self._clock = ask, clock
        self._ways: dict[str, Way] = {}
        self._slugs: dict[int, str] = {}
        self._unknown: dict[str, float] = {}
        self._seen: set[int] = set()
        self._last = 0
        self._loaded_at = self._asked_at = float("-inf")
        self._stale = False
        self._turn = threading.Lock()
        self._watched_by = 0

    def find(self, slug: str) -> Way | None:
        """The way of a folded slug; None for one that never was; Away where that cannot be known."""
        self._watch()
        if self._stale or self._loaded_at == float("-inf"):
            self.refresh()
        way = self._ways.get(slug)
        return way if way is not None else self._look_up(slug)

    def stale(self) -> None:
        """Something was committed in this process: ask for changes before the next answer."""
        self._stale = True
        self._unknown.clear()

    def refresh(self) -> bool:
        """Bring the table up to date; False where the database cannot be asked."""
        with self._turn:
            self._stale = False
            try:
                if self._clock() - self._loaded_at >= RELOAD:
                    self._load()
                else:
                    self._follow_changes()
            except Exception:  # whatever the driver raises: yesterday's way is better than none
                self._stale = self._loaded_at == float("-inf")
                return False
            self._asked_at = self._clock()
            return True

    def _watch(self) -> None:
        """One watching thread per process, also after a fork."""
        if self._watched_by == os.getpid():
            return
        self._watched_by = os.getpid()
        self._turn = threading.Lock()
        threading.Thread(target=self._keep_fresh, args=(os.getpid(),), daemon=True, name="links").start()

    def _keep_fresh(self, pid: int) -> None:
        while os.getpid() == pid:
            time.sleep(POLL)
            self.refresh()

    def _load(self) -> None:
        last = self._ask("SELECT COALESCE(MAX(id), 0) FROM link_changes", ())[0][0]
        rows = self._ask(_COLUMNS + "ORDER BY l.id DESC LIMIT %s", (MOST,))
        ways = {row[1]: _way(row) for row in rows}
        self._slugs = {row[0]: row[1] for row in rows}
        self._ways = ways
        self._last, self._seen = last, set()
        self._loaded_at = self._clock()
        self._unknown.clear()

    def _follow_changes(self) -> None:
        rows = self._ask("SELECT id, link_id FROM link_changes WHERE id > %s ORDER BY id", (max(0, self._last - OVERLAP),))
        fresh = [row for row in rows if row[0] > self._last or (self._seen and row[0] not in self._seen)]
        if rows:
            self._last = max(self._last, rows[-1][0])
            self._seen = {row[0] for row in rows}
        for link_id in {row[1] for row in fresh}:
            self._forget(link_id)
            for row in self._ask(_COLUMNS + "WHERE l.id = %s", (link_id,)):
                self._keep(row)

    def _look_up(self, slug: str) -> Way | None:
        now = self._clock()
        if self._unknown.get(slug, now) > now:
            return None
        try:
            rows = self._ask(_COLUMNS + "WHERE l.slug = %s", (slug,))
        except Exception as error:
            raise Away(slug) from error
        if rows:
            return self._keep(rows[0])
        if len(self._unknown) >= MOST_UNKNOWN:
            self._unknown.clear()
        self._unknown[slug] = now + UNKNOWN_FOR
        return None

    def _keep(self, row: tuple[Any, ...]) -> Way:
        if len(self._ways) >= MOST + MOST // 10:
            oldest = next(iter(self._slugs))
            self._forget(oldest)
        way = _way(row)
        self._ways[row[1]] = way
        self._slugs[row[0]] = row[1]
        self._unknown.pop(row[1], None)
        return way

    def _forget(self, link_id: int) -> None:
        slug = self._slugs.pop(link_id, None)
        if slug is not None:
            self._ways.pop(slug, None)


class AskedLinks:
    """slug → Way, asked for each time. What was once told is good enough while the database cannot be asked."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._told: dict[str, Way] = {}

    def find(self, slug: str) -> Way | None:
        """The way of a folded slug; None for one that never was; Away where that cannot be known."""
        try:
            rows = self._ask(_COLUMNS + "WHERE l.slug = %s", (slug,))
        except Exception as error:  # as in `Links`
            if slug in self._told:
                return self._told[slug]
            raise Away(slug) from error
        if len(self._told) >= MOST_UNKNOWN:
            self._told.clear()
        for row in rows:
            self._told[slug] = _way(row)
            return self._told[slug]
        return None


def _way(row: tuple[Any, ...]) -> Way:
    link_id, _slug, creator_id, program_id, channel, placement, url, utm, state, expires, fallback, handle, parameter = row
    tags = utm_parameters(json.loads(utm) if isinstance(utm, str) else utm or {})
    tagged = with_parameters(url, tags)
    carries = bool(parameter) and not url.startswith("/")
    before, _, after = with_parameters(tagged, {parameter: _CLICK}).rpartition(_CLICK) if carries else ("", "", "")
    return Way(
        link_id, creator_id, program_id, channel, placement,
        url=tagged,
        fallback=with_parameters(fallback or f"/@{handle}", tags),
        live=state == "live",
        expires=_seconds(expires),
        around=(before, after) if carries else None,
    )  # fmt: skip


def _seconds(moment: str | datetime | None) -> float | None:
    if moment is None:
        return None
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def asking(url: str) -> Ask:
    """Ask the database at a SQLAlchemy URL (`sqlite:///path`, `postgresql+psycopg://…`), read-only, by its bare driver.

    Connections are per thread, made when first needed and again after one broke; each question waits 2 s at most.
    """
    here = threading.local()
    connect = _sqlite(url) if url.startswith("sqlite") else _postgresql(url)
    mark = "?" if url.startswith("sqlite") else "%s"

    def ask(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        if getattr(here, "pid", None) != os.getpid():
            here.connection, here.pid = None, os.getpid()
        try:
            if here.connection is None:
                here.connection = connect()
            return list(here.connection.execute(sql.replace("%s", mark), values).fetchall())
        except Exception:
            broken, here.connection = here.connection, None
            with suppress(Exception):
                broken.close()
            raise

    return ask


def _sqlite(url: str) -> Callable[[], Any]:
    path = url.removeprefix("sqlite:///")

    def connect() -> Any:
        try:
            from pysqlite3 import dbapi2
        except ImportError:
            import sqlite3 as dbapi2
        return dbapi2.connect(f"file:{path}?mode=ro", uri=True, timeout=2.0, isolation_level=None, check_same_thread=False)

    return connect


def _postgresql(url: str) -> Callable[[], Any]:
    address = url.replace("postgresql+psycopg://", "postgresql://")

    def connect() -> Any:
        import psycopg

        return psycopg.connect(address, autocommit=True, connect_timeout=2, options="-c statement_timeout=2000")

    return connect
