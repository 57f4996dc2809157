"""Many new rows of `clicks` at once, by the driver's own way for many, all of them or none. Nothing here commits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.exc import DataError, IntegrityError, InterfaceError, ProgrammingError

from ...kernel.database import in_parts, session
from .models import Click
from .noted import Columns

COLUMNS = (
    "public_id", "link_id", "creator_id", "program_id", "visitor", "at", "kind", "reason", "repeats", "channel", "placement",
    "agent", "referrer", "post_id", "country", "device", "system", "browser", "inside", "language", "utm_source", "utm_medium",
    "utm_campaign", "destination", "trace",
)  # fmt: skip
_AT = COLUMNS.index("at")
_SAYS_NOTHING = ({""}, {None})


def stored(rows: Columns) -> bool:
    """Store all of these, or none: False where one of them is there already, or is refused by the table."""
    connection = session().connection()
    dbapi = connection.dialect.loaded_dbapi
    mine = connection.begin_nested()
    try:
        columns = [rows[name] for name in COLUMNS]
        everything = _inserted(connection, columns) if connection.dialect.name == "sqlite" else _copied(connection, columns)
    except (
        IntegrityError,
        DataError,
        ProgrammingError,
        InterfaceError,
        dbapi.IntegrityError,
        dbapi.DataError,
        ValueError,
        OverflowError,
    ):
        everything = False
    if everything:
        mine.commit()
    else:
        mine.rollback()
    return everything


def _inserted(connection: Connection, columns: Sequence[Sequence[Any]]) -> bool:
    """A column that says nothing in any row is not handed over row by row."""
    silent = [set(column) in _SAYS_NOTHING for column in columns]
    told = [column for column, nothing in zip(columns, silent, strict=True) if not nothing]
    values = [
        "?" if not nothing else "''" if column[0] == "" else "NULL" for column, nothing in zip(columns, silent, strict=True)
    ]
    statement = f"INSERT INTO clicks ({', '.join(COLUMNS)}) VALUES ({', '.join(values)}) ON CONFLICT (public_id) DO NOTHING"  # noqa: S608
    return connection.exec_driver_sql(statement, list(zip(*told, strict=True))).rowcount == len(columns[0])


def _copied(connection: Connection, columns: Sequence[Sequence[Any]]) -> bool:
    """The same by PostgreSQL's own way for many rows, https://www.postgresql.org/docs/current/sql-copy.html"""
    written = [_as_text(column) for column in columns]
    written[_AT] = [f"{at}+00" for at in columns[_AT]]
    driver: Any = connection.connection
    with driver.cursor() as cursor, cursor.copy(f"COPY clicks ({', '.join(COLUMNS)}) FROM STDIN") as copy:
        copy.write("\n".join(map("\t".join, zip(*written, strict=True))).encode())
    return True


_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _as_text(column: Sequence[Any]) -> Sequence[str]:
    values = set(column)
    if all(type(value) is str for value in values):
        if any(sign in "".join(values) for sign in "\\\t\n\r"):
            return [value.translate(_ESCAPES) for value in column]
        return column
    return ["\\N" if value is None else str(value) for value in column]


def new_ones(clicks: Sequence[str]) -> list[int]:
    """The places of those that are not in the table, each once."""
    seen = set()
    for part in in_parts(clicks):
        seen |= set(session().scalars(select(Click.public_id).where(Click.public_id.in_(part))))
    places = []
    for place, click in enumerate(clicks):
        if click not in seen:
            seen.add(click)
            places.append(place)
    return places
