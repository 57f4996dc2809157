"""One database, SQLite or PostgreSQL, and one way to write to it.

Reading needs no ceremony and never waits for a writer. Writing happens inside `transaction()`, which
commits once at its end; on SQLite it begins IMMEDIATE, so that read-then-write never loses an update.
Only this module knows Flask-SQLAlchemy.
"""

from __future__ import annotations

import itertools
import json
import os
import sqlite3
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, ClassVar, TypeVar

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, Connection, DateTime, Dialect, Engine, Integer, MetaData, String, event, func, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.types import TypeDecorator, TypeEngine

from .database_url import url_of as url_of

SAFE_SQLITE = (3, 51, 3)
_ID_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

Part = TypeVar("Part")
BigKey = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    """What every table shares: names for constraints, so that migrations can address them."""

    type_annotation_map: ClassVar = {int: BigKey}  # money and counters never meet a 32-bit column
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(metadata=Base.metadata, session_options={"expire_on_commit": False})
Model = Base


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: takes and returns aware UTC; refuses a time without an offset."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without an offset cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def new_id(prefix: str) -> str:
    """A public id such as "ord_7hK2…": 16 random characters without look-alikes."""
    number, letters = int.from_bytes(os.urandom(16)), ""
    for _ in range(16):
        number, place = divmod(number, len(_ID_ALPHABET))
        letters += _ID_ALPHABET[place]
    return f"{prefix}_{letters}"


def primary_key() -> Mapped[int]:
    """The internal key of a row; never shown to anyone."""
    return mapped_column(BigKey, primary_key=True)


def public_key(prefix: str) -> Mapped[str]:
    """The id that people and machines see, with its kind in front."""
    return mapped_column(String(40), unique=True, default=lambda: new_id(prefix))


def session() -> Session:
    """The session of this request or job."""
    return db.session()


@contextmanager
def transaction() -> Iterator[Session]:
    """Everything inside is committed together at the end, or not at all. Blocks do not nest.

    What was read before is read anew inside, so no decision rests on an old row.
    """
    current = session()
    if current.info.get("writing"):
        raise RuntimeError("a transaction is already open; whoever starts the story commits")
    current.commit()
    current.expire_all()
    current.info["writing"] = True
    try:
        current.connection(execution_options={"writing": True})
        yield current
        current.commit()
    except BaseException:
        current.rollback()
        raise
    finally:
        current.info["writing"] = False


def in_transaction() -> bool:
    """Whether a writing block is open (no network may be used then)."""
    return bool(session().info.get("writing"))


def write_rows(model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert many rows by one statement; all name the same columns, and every one that has no default in the database.

    Money is written like this, never row by row. What the session has not written yet goes first.
    """
    if not rows:
        return
    current = session()
    if not current.info.get("writing", False):
        raise RuntimeError("a write outside transaction()")
    current.flush()
    connection = current.connection()
    names = tuple(rows[0])
    statement, processors = _insert(model, names, connection.dialect)
    columns = [
        [row[name] for row in rows] if process is None else [process(row[name]) for row in rows]
        for name, process in zip(names, processors, strict=True)
    ]
    connection.exec_driver_sql(statement, list(zip(*columns, strict=True)))


_Processor = Callable[[Any], Any]
_inserts: dict[tuple[str, tuple[str, ...], str], tuple[str, list[_Processor | None]]] = {}


def _insert(model: type[Base], names: tuple[str, ...], dialect: Dialect) -> tuple[str, list[_Processor | None]]:
    """The statement, and what turns each column's values into the driver's: made once per table and columns."""
    table = model.__table__
    key = (str(table.name), names, dialect.name)  # type: ignore[attr-defined]
    if key not in _inserts:
        quote = dialect.identifier_preparer.quote
        mark = "?" if dialect.paramstyle == "qmark" else "%s"
        marks = ", ".join(mark for _ in names)
        statement = f"INSERT INTO {quote(key[0])} ({', '.join(map(quote, names))}) VALUES ({marks})"  # noqa: S608 (our own names)
        _inserts[key] = statement, [_processor(table.c[name].type, dialect) for name in names]
    return _inserts[key]


def _processor(kind: TypeEngine[Any], dialect: Dialect) -> _Processor | None:
    process = kind.dialect_impl(dialect).bind_processor(dialect)
    if isinstance(kind, UtcDateTime) and process is not None:
        return lru_cache(maxsize=2048)(process)  # rows of one batch name few instants, and many of them the same
    return process


def next_ids(model: type[Base], count: int) -> Sequence[int]:
    """The ids of rows to come, in rising order, for rows that name each other: taken from the sequence, or, on SQLite with
    its one writer, the next free ones."""
    if count == 0:
        return ()
    table = model.__table__
    current = session()
    if current.get_bind().dialect.name == "postgresql":
        query = text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)")
        return sorted(current.scalars(query, {"name": str(table.name), "count": count}))  # type: ignore[attr-defined]
    last = current.scalar(select(func.max(table.c.id))) or 0
    return range(last + 1, last + 1 + count)


def in_parts(values: Iterable[Part], size: int = 500) -> Iterator[list[Part]]:
    """The same values in lists short enough for one `IN (…)`."""
    rest = iter(values)
    while part := list(itertools.islice(rest, size)):
        yield part


def end_reading() -> None:
    """Let go of the snapshot that reading has opened; the next read sees the newest state."""
    current = session()
    if not current.info.get("writing"):
        current.commit()
        current.expire_all()


@event.listens_for(Session, "before_flush")
def _refuse_stray_writes(current: Session, _context: Any, _instances: Any) -> None:
    if not current.info.get("writing", False) and not current.info.get("unguarded", False):
        raise RuntimeError("a write outside transaction()")


# --- engines ---------------------------------------------------------------------------------------


def sqlite_module() -> Any:
    """The DB-API module for SQLite: pysqlite3 where it is new enough, else the standard one with a warning."""
    try:
        from pysqlite3 import dbapi2
    except ImportError:
        dbapi2 = sqlite3
    version = tuple(int(part) for part in dbapi2.sqlite_version.split("."))
    if version < SAFE_SQLITE:
        warnings.warn(
            f"SQLite {dbapi2.sqlite_version} has a write-ahead-log race that can lose committed data; "
            "install pysqlite3 (SQLite 3.51.3 or newer).",
            RuntimeWarning,
            stacklevel=2,
        )
    return dbapi2


def engine_options(url: str) -> dict[str, Any]:
    """What create_engine needs for this URL."""
    # documents are made of plain values and cannot contain themselves: not looking for that takes half the time
    json_serializer = json.JSONEncoder(check_circular=False).encode
    if url.startswith("sqlite"):
        connect = {"timeout": 5.0, "check_same_thread": False}
        return {"module": sqlite_module(), "connect_args": connect, "json_serializer": json_serializer}
    return {"pool_pre_ping": True, "connect_args": {"connect_timeout": 5}, "json_serializer": json_serializer}


def init_app(app: Flask) -> None:
    """Bind the database to the app; pragmas and BEGIN are ours on SQLite."""
    db.init_app(app)
    with app.app_context():
        prepare(db.engine)


def prepare(engine: Engine) -> None:
    """Make an engine safe: see `dependencies.md`, "SQLite is the default"."""
    if engine.dialect.name != "sqlite" or event.contains(engine, "connect", _on_sqlite_connect):
        return
    event.listen(engine, "connect", _on_sqlite_connect)
    event.listen(engine, "begin", _on_sqlite_begin)


def _on_sqlite_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin transactions on its own
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "busy_timeout=5000", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")


def _on_sqlite_begin(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
