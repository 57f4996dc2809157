"""All live links in memory, so that a redirect needs no database: read once, then told of changes.

At most two seconds behind what other processes change (a thread asks every second), and right at once in a process
that calls `stale()` after its own commits. Every question is asked beside: who follows a link waits a moment for the
answer, never for a database that is locked or away, which leaves the table as it is. Slugs that are not in the table
are asked for one by one, with a short memory for those that never were.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Protocol

from ..kernel import forks
from ..kernel.addresses import bare
from .way import BY_ALIAS, BY_SLUG, LINKS, Way, way_of

MOST = 200_000  # links kept; the newest, for a link is tapped most when it is young
POLL = 1.0  # seconds
RELOAD = 300.0  # seconds between complete reloads, the net under the changes
KEPT = 10_000  # changes that are surely still there; who has missed more reads all links anew
OPEN = 3600.0  # seconds that a number which is missing may still come: its transaction may commit later than higher ones
MANY = 500  # changed links; of more than these all are read at once
UNKNOWN_FOR = 2.0  # seconds that an unknown slug stays unknown
MOST_UNKNOWN = 10_000
MOMENT = 0.05  # seconds that a redirect waits for news of a change in its own process
FIRST = 2.0  # and for the first reading of all
LOOK_UP = 1.0  # and for a link that is not in memory

Ask = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]


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
        self._aliases: dict[str, int] = {}
        self._limited: dict[int, int] = {}  # link → payable clicks after which it is spent, while it is not
        self._unknown: dict[str, float] = {}
        self._last = 0  # number of the newest change that was followed
        self._missing: dict[int, float] = {}  # lower numbers that nobody has seen → since when they are missing
        self._loaded_at = self._asked_at = float("-inf")
        self._away = False
        self._watched_by = 0
        self._wished, self._tried = 1, 0  # refreshes that were wished for; the newest that was tried since
        self._set_up()

    def _set_up(self) -> None:
        self._turn = threading.Lock()
        self._news = threading.Condition()
        self._wake = threading.Event()
        self._questions: queue.SimpleQueue[tuple[str, queue.SimpleQueue[Any]] | None] = queue.SimpleQueue()

    def find(self, slug: str) -> Way | None:
        """The way of a folded slug; None for one that never was; Away where that cannot be known."""
        self._watch()
        if self._tried < self._wished:
            self._hear()
        way = self._ways.get(slug)
        return way if way is not None else self._look_up(slug)

    def stale(self) -> None:
        """Something was committed in this process: ask for changes before the next answer."""
        with self._news:
            self._wished += 1
        self._unknown.clear()

    @property
    def age(self) -> float:
        """Seconds since the database was last heard; infinite before the first time."""
        return self._clock() - self._asked_at

    def refresh(self) -> bool:
        """Bring the table up to date; False where the database cannot be asked."""
        with self._turn:
            wished = self._wished
            try:
                if self._clock() - self._loaded_at >= RELOAD:
                    self._load()
                else:
                    self._follow_changes()
                self._look_for_spent()
                self._away, self._asked_at = False, self._clock()
            except Exception:  # whatever the driver raises: yesterday's way is better than none
                self._away = True
        with self._news:
            self._tried = max(self._tried, wished)
            self._news.notify_all()
        return not self._away

    def _hear(self) -> None:
        """Wait for a refresh that began after the newest wish, a moment at most and once for each wish."""
        self._wake.set()
        with self._news:
            wished = self._wished
            patience = MOMENT if self._loaded_at > float("-inf") else FIRST
            if not self._news.wait_for(lambda: self._tried >= wished, patience):
                self._tried = max(self._tried, wished)

    def close(self) -> None:
        """Let go of the connections and end the watching threads, until somebody asks again."""
        self._watched_by = 0
        self._wake.set()
        self._questions.put(None)
        self._let_go()  # whoever has asked for a refresh in this thread

    def _watch(self) -> None:
        """One watching thread and one that looks up per process, also after a fork."""
        pid = forks.pid
        if self._watched_by == pid:
            return
        self._set_up()
        self._watched_by = pid
        threading.Thread(target=self._keep_fresh, args=(pid, self._wake), daemon=True, name="links").start()
        threading.Thread(target=self._keep_looking_up, args=(self._questions,), daemon=True, name="links-ask").start()

    def _keep_fresh(self, pid: int, wake: threading.Event) -> None:
        while forks.pid == pid == self._watched_by and wake is self._wake:
            self.refresh()
            wake.wait(POLL)
            wake.clear()
        self._let_go()

    def _keep_looking_up(self, questions: queue.SimpleQueue[tuple[str, queue.SimpleQueue[Any]] | None]) -> None:
        while (question := questions.get()) is not None:
            slug, box = question
            try:
                box.put(self._ask(LINKS + BY_SLUG, (slug,)) or self._ask(LINKS + BY_ALIAS, (slug,)))
            except Exception as error:  # as in `refresh`
                box.put(error)
        self._let_go()

    def _let_go(self) -> None:
        if isinstance(self._ask, Asking):
            self._ask.let_go()

    def _load(self) -> None:
        last = self._ask("SELECT COALESCE(MAX(id), 0) FROM link_changes", ())[0][0]
        # Asked before the links: what commits after this is not among the seen, and is read again, whatever its number.
        there = self._ask("SELECT id FROM link_changes WHERE id > %s AND id <= %s", (last - KEPT, last))
        rows = self._ask(LINKS + "ORDER BY l.id DESC LIMIT %s", (MOST,))[::-1]  # the oldest first: they are let go first
        ways = {row[1]: way_of(row) for row in rows}
        self._aliases = {row[0]: row[1] for row in self._ask("SELECT slug, link_id FROM link_aliases", ())}
        self._limited = {row[0]: row[15] for row in rows if _may_be_spent(row)}
        self._slugs = {row[0]: row[1] for row in rows}
        self._ways = ways
        now, seen = self._clock(), {row[0] for row in there}
        self._missing = {one: self._missing.get(one, now) for one in range(max(1, last - KEPT + 1), last) if one not in seen}
        self._last = last
        self._loaded_at = self._clock()
        self._unknown.clear()

    def _follow_changes(self) -> None:
        """Read anew what was changed since the last time."""
        last, now = self._last, self._clock()
        rows = self._ask("SELECT id, link_id FROM link_changes WHERE id >= %s ORDER BY id", (last,))
        newest = rows[-1][0] if rows else 0
        if (last and (not rows or rows[0][0] != last)) or newest > last + KEPT:  # some were tidied away unseen, or very many came
            self._load()
            return
        fresh = [row for row in rows if row[0] > last] + self._late(now)
        changed = {row[1] for row in fresh}
        if len(changed) > MANY:
            self._load()
            return
        for link_id in changed:
            self._read_anew(link_id)
        seen = {row[0] for row in fresh}
        for one in seen:
            self._missing.pop(one, None)
        self._missing.update((one, now) for one in range(last + 1, newest) if one not in seen)
        self._last = max(last, newest)

    def _late(self, now: float) -> list[tuple[Any, ...]]:
        """(number, link) of changes that committed after higher ones had been followed."""
        found: list[tuple[Any, ...]] = []
        for part in _in_parts([one for one, since in self._missing.items() if now - since < OPEN]):
            marks = ", ".join(["%s"] * len(part))
            found += self._ask(f"SELECT id, link_id FROM link_changes WHERE id IN ({marks})", part)  # noqa: S608
        return found

    def _read_anew(self, link_id: int) -> None:
        rows = self._ask(LINKS + "WHERE l.id = %s", (link_id,))
        slugs = self._ask("SELECT slug FROM link_aliases WHERE link_id = %s", (link_id,))
        self._forget(link_id)
        for row in rows:
            self._keep(row)
        for (slug,) in slugs:
            self._aliases[slug] = link_id
            self._unknown.pop(slug, None)

    def _look_for_spent(self) -> None:
        """Let links that have had their clicks lead where they lead when they are over."""
        for part in _in_parts(list(self._limited)):
            marks = ", ".join(["%s"] * len(part))
            asked = f"SELECT link_id, SUM(payable) FROM link_days WHERE link_id IN ({marks}) GROUP BY link_id"  # noqa: S608
            for link_id, count in self._ask(asked, part):
                slug = self._slugs.get(link_id, "")
                if count >= self._limited[link_id] and slug in self._ways:
                    self._ways[slug] = replace(self._ways[slug], live=False)
                    del self._limited[link_id]

    def _look_up(self, mangled: str) -> Way | None:
        slug = bare(mangled)
        way = self._ways.get(slug) or self._ways.get(self._slugs.get(self._aliases.get(slug, 0), ""))
        if way is not None:
            return way
        now = self._clock()
        if self._unknown.get(slug, now) > now:
            return None
        rows = self._asked_beside(slug)
        if rows:
            return self._keep(rows[0])
        if len(self._unknown) >= MOST_UNKNOWN:
            self._unknown.clear()
        self._unknown[slug] = now + UNKNOWN_FOR
        return None

    def _asked_beside(self, slug: str) -> list[tuple[Any, ...]]:
        """The rows of a slug. Once the database did not answer, nobody waits for it until the watching thread has heard it."""
        if self._away:
            raise Away(slug)
        box: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._questions.put((slug, box))
        try:
            answer = box.get(timeout=LOOK_UP)
        except queue.Empty as error:
            answer = error
        if isinstance(answer, Exception):
            self._away = True
            raise Away(slug) from answer
        found: list[tuple[Any, ...]] = answer
        return found

    def _keep(self, row: tuple[Any, ...]) -> Way:
        if len(self._ways) >= MOST + MOST // 10:
            oldest = next(iter(self._slugs))
            self._forget(oldest)
        way = way_of(row)
        self._ways[row[1]] = way
        self._slugs[row[0]] = row[1]
        if _may_be_spent(row):
            self._limited[row[0]] = row[15]
        self._unknown.pop(row[1], None)
        return way

    def _forget(self, link_id: int) -> None:
        slug = self._slugs.pop(link_id, None)
        self._limited.pop(link_id, None)
        if slug is not None:
            self._ways.pop(slug, None)


class AskedLinks:
    """slug → Way, asked for each time. What was once told is good enough while the database cannot be asked."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._told: dict[str, Way] = {}

    def find(self, slug: str) -> Way | None:
        """The way of a folded slug; None for one that never was; Away where that cannot be known."""
        slug = bare(slug)
        try:
            rows = self._ask(LINKS + BY_SLUG, (slug,)) or self._ask(LINKS + BY_ALIAS, (slug,))
        except Exception as error:  # as in `Links`
            if slug in self._told:
                return self._told[slug]
            raise Away(slug) from error
        if len(self._told) >= MOST_UNKNOWN:
            self._told.clear()
        for row in rows:
            self._told[slug] = way_of(row)
            return self._told[slug]
        return None


def _may_be_spent(row: tuple[Any, ...]) -> bool:
    return row[15] is not None and row[16] < row[15]


def _in_parts(ids: list[int]) -> Iterator[list[int]]:
    """Short enough for one `IN (…)`."""
    return (ids[start : start + 500] for start in range(0, len(ids), 500))


class Asking:
    """Asks the database at a SQLAlchemy URL (`sqlite:///path`, `postgresql+psycopg://…`), read-only, by its bare driver.

    Connections are per thread, made when first needed and again after one broke; each question waits 2 s at most.
    """

    def __init__(self, url: str) -> None:
        self._here = threading.local()
        self._connect = _sqlite(url) if url.startswith("sqlite") else _postgresql(url)
        self._mark = "?" if url.startswith("sqlite") else "%s"

    def __call__(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        here = self._here
        if getattr(here, "pid", None) != forks.pid:
            here.connection, here.pid = None, forks.pid
        try:
            if here.connection is None:
                here.connection = self._connect()
            return list(here.connection.execute(sql.replace("%s", self._mark), values).fetchall())
        except Exception:
            self.let_go()
            raise

    def let_go(self) -> None:
        """Close this thread's connection."""
        old, self._here.connection = getattr(self._here, "connection", None), None
        with suppress(Exception):
            old.close()  # type: ignore[union-attr]  # None has nothing to close


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

        return psycopg.connect(
            address, autocommit=True, connect_timeout=2, options="-c statement_timeout=2000", tcp_user_timeout=5000
        )

    return connect
