"""All clicks as closed Parquet files in a folder, written by one process, read in-process by DuckDB.

DuckDB is imported by the first question of a process and let go of after a while without one: a web worker that is
asked nothing does not carry it.
"""

from __future__ import annotations

import atexit
import itertools
import json
import os
import shutil
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from .asking import Words, dressed, statement, tail_columns
from .store import NUMBERS, TEXTS, Counted, Question, SegmentsMissing, StoredClick, Tail, plain_key

if TYPE_CHECKING:
    import duckdb

IDLE = 30.0  # seconds after which DuckDB is let go of
ORDER = "creator, link, moment"  # like beside like: a creator's question reads few row groups, and columns shrink
_AT_ONCE = 20_000  # rows on their way into a segment
_FORMAT = "(FORMAT parquet, CODEC zstd, ROW_GROUP_SIZE 122880)"
_KINDS = {"moment": "INTEGER", "visitor": "BIGINT", **dict.fromkeys(NUMBERS, "INTEGER"), **dict.fromkeys(TEXTS, "VARCHAR")}
_TABLE = ", ".join(f'"{name}" {_KINDS[name]}' for name in StoredClick._fields)
_ROWS = ", ".join(f"unnest(from_json(${place}, '[\"{_KINDS[name]}\"]'))" for place, name in enumerate(StoredClick._fields, 1))

_WORDS = Words(divide=lambda number, by: f"({number} // {by})")


class ParquetStore:
    """`<folder>/<key>.parquet`; see `ClickStore`. memory: what DuckDB may take, as it writes it ("192MB")."""

    def __init__(self, folder: Path, *, memory: str = "192MB", threads: int = 2, idle: float = IDLE) -> None:
        self._folder, self._memory, self._threads, self._idle = folder, memory, threads, idle
        self._lock = threading.Lock()
        self._open: duckdb.DuckDBPyConnection | None = None
        self._asking = 0
        self._timer: threading.Timer | None = None

    def add(self, rows: Iterable[StoredClick], *, key: str) -> int:
        """See `ClickStore`."""
        with self._engine() as engine:
            engine.execute(f"CREATE OR REPLACE TEMP TABLE closing ({_TABLE})")
            try:
                for part in _parts(rows):
                    engine.execute(
                        f"INSERT INTO closing SELECT {_ROWS}", [_written(column) for column in zip(*part, strict=True)]
                    )
                return self._write(engine, "closing", key)
            finally:
                engine.execute("DROP TABLE closing")

    def adopt(self, path: Path, *, key: str) -> int:
        """Keep what lies in a Parquet file with these columns as the segment `key`; how many bytes it takes."""
        columns = ", ".join(f'CAST("{name}" AS {_KINDS[name]}) AS "{name}"' for name in StoredClick._fields)
        with self._engine() as engine:
            return self._write(engine, f"(SELECT {columns} FROM read_parquet({_quoted(str(path))}))", key)  # noqa: S608

    def join(self, keys: Sequence[str], *, key: str) -> int:
        """See `ClickStore`."""
        with self._engine() as engine:
            return self._write(engine, self._files(keys), key)

    def drop(self, keys: Collection[str]) -> None:
        """See `ClickStore`. Who is just reading a file reads it to its end."""
        for key in keys:
            self._path(key).unlink(missing_ok=True)
            self._path(key).with_suffix(".draft").unlink(missing_ok=True)

    def there(self) -> set[str]:
        """See `ClickStore`."""
        return {path.stem for kind in ("*.parquet", "*.draft") for path in self._folder.glob(kind)}

    def count(self, question: Question, keys: Collection[str], tail: Tail = Tail()) -> list[Counted]:  # noqa: B008
        """See `ClickStore`."""
        if not keys and not tail.rows:
            return dressed(question, [])
        values: list[object] = []

        def bind(value: object) -> str:
            values.append(value)
            return f"${len(values)}"

        source = self._files(sorted(keys)) if keys else ""
        said = statement(question, source, _tail(question, tail, bind) if tail.rows else "", _WORDS, bind)
        with self._engine() as engine, self._told_what_is_missing(keys):
            return dressed(question, engine.execute(said, values).fetchall())

    def close(self) -> None:
        """See `ClickStore`."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            if self._open is not None and not self._asking:
                self._open.close()
                self._open = None
                atexit.unregister(self.close)

    @property
    def is_open(self) -> bool:
        """Whether this process holds the engine just now."""
        return self._open is not None

    # --- files ---

    def _write(self, engine: duckdb.DuckDBPyConnection, source: str, key: str) -> int:
        """A file is there under its name only when all of it is on the disk."""
        path, draft = self._path(key), self._path(key).with_suffix(".draft")
        engine.execute(f"COPY (SELECT * FROM {source} ORDER BY {ORDER}) TO {_quoted(str(draft))} {_FORMAT}")  # noqa: S608
        _sync(draft)
        draft.replace(path)
        _sync(self._folder)
        return path.stat().st_size

    @contextmanager
    def _told_what_is_missing(self, keys: Iterable[str]) -> Iterator[None]:
        import duckdb

        try:
            yield
        except duckdb.IOException as error:
            missing = [key for key in keys if not self._path(key).exists()]
            if not missing:
                raise
            raise SegmentsMissing(f"{len(missing)} segments are not in {self._folder}: {', '.join(missing[:3])}") from error

    def _files(self, keys: Iterable[str]) -> str:
        names = ", ".join(_quoted(str(self._path(key))) for key in keys)
        return f"read_parquet([{names}])"

    def _path(self, key: str) -> Path:
        return self._folder / f"{plain_key(key)}.parquet"

    # --- the engine ---

    @contextmanager
    def _engine(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor of the one engine of this process, which is opened by the first and closed some time after the last."""
        with self._lock:
            self._asking += 1
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            try:
                if self._open is None:
                    self._open = self._opened()
                    atexit.register(self.close)
                engine = self._open.cursor()
            except BaseException:
                self._asking -= 1
                raise
        try:
            yield engine
        finally:
            engine.close()
            with self._lock:
                self._asking -= 1
                if not self._asking:
                    self._timer = threading.Timer(self._idle, self.close)
                    self._timer.daemon = True
                    self._timer.start()

    def _opened(self) -> duckdb.DuckDBPyConnection:
        import duckdb

        self._folder.mkdir(parents=True, exist_ok=True)
        self._clear_spills()
        return duckdb.connect(
            ":memory:",
            config={
                "memory_limit": self._memory,
                "threads": self._threads,
                "temp_directory": str(self._folder / f"spill-{os.getpid()}"),  # two engines must not share one
                "preserve_insertion_order": False,  # every answer says its own order
                "autoinstall_known_extensions": False,  # nothing is fetched from anywhere
                "autoload_known_extensions": False,
            },
        )

    def _clear_spills(self) -> None:
        """What a killed process has left."""
        for spill in self._folder.glob("spill-*"):
            try:
                os.kill(int(spill.name.partition("-")[2]), 0)
            except ProcessLookupError:
                shutil.rmtree(spill, ignore_errors=True)
            except (PermissionError, ValueError):
                continue


def _tail(question: Question, tail: Tail, bind: Callable[[object], str]) -> str:
    names = tail_columns(question)
    lists = []
    for place, column in enumerate(zip(*tail.rows, strict=True)):
        kind = "VARCHAR" if place < len(question.by) and question.by[place] in TEXTS else "BIGINT"
        lists.append(f"unnest(from_json({bind(_written(column))}, '[\"{kind}\"]')) AS {names[place]}")
    return f"(SELECT {', '.join(lists)})"


_written = json.JSONEncoder(separators=(",", ":")).encode  # a column as one text: half the time of a list of values


def _parts(rows: Iterable[StoredClick]) -> Iterator[list[StoredClick]]:
    rest = iter(rows)
    while part := list(itertools.islice(rest, _AT_ONCE)):
        yield part


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
