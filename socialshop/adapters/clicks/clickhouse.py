"""All clicks in ClickHouse, for more of them than one machine should hold.

A segment is a partition: written anew it is dropped first, so that what half an `add` left behind is never counted beside
the whole. The driver and the engine in the tests' process (`chdb://`) take the same statements through the same client.
"""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ...kernel.errors import TryLater
from .asking import Words, dressed, statement, tail_columns
from .store import NUMBERS, TEXTS, Counted, Question, StoredClick, Tail, plain_key

_AT_ONCE = 100_000  # rows of one insert
_KINDS = {
    "moment": "UInt32 CODEC(Delta, ZSTD)",
    "visitor": "Int64 CODEC(ZSTD)",
    **dict.fromkeys(NUMBERS, "UInt32 CODEC(ZSTD)"),
    **dict.fromkeys(TEXTS, "LowCardinality(String) CODEC(ZSTD)"),
}
_COLUMNS = ", ".join(f'"{name}" {_KINDS[name]}' for name in StoredClick._fields)
_TABLE = (
    f"CREATE TABLE IF NOT EXISTS all_clicks (segment String, {_COLUMNS}) "
    "ENGINE = MergeTree PARTITION BY segment ORDER BY (creator, link, moment)"
)
_NAMES = ", ".join(f'"{name}"' for name in StoredClick._fields)
_WORDS = Words(divide=lambda number, by: f"toInt64(intDiv({number}, {by}))")
_SETTINGS = {"max_query_size": 64 * 2**20, "max_partitions_per_insert_block": 1000}


class ClickHouseStore:
    """The table `all_clicks` of one database; see `ClickStore`."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._open: Any = None
        self._lock = threading.Lock()

    def add(self, rows: Iterable[StoredClick], *, key: str) -> int:
        """See `ClickStore`."""
        self.drop([plain_key(key)])
        sent = 0
        for part in _parts(rows):
            block = b"\n".join(_line((key, *row)) for row in part)
            with _told_in_our_words():
                self._client().raw_insert("all_clicks", ["segment", *StoredClick._fields], block, fmt="JSONCompactEachRow")
            sent += len(part)
        return self._check(key, sent)

    def join(self, keys: Sequence[str], *, key: str) -> int:
        """See `ClickStore`."""
        self.drop([plain_key(key)])
        chosen = f"segment IN ({_list(keys)})"
        self._do(f"INSERT INTO all_clicks (segment, {_NAMES}) SELECT {_text(key)}, {_NAMES} FROM all_clicks WHERE {chosen}")  # noqa: S608
        wanted = self._rows(f"SELECT count() FROM all_clicks WHERE {chosen}")  # noqa: S608
        return self._check(key, int(wanted[0][0]))

    def drop(self, keys: Collection[str]) -> None:
        """See `ClickStore`."""
        for key in keys:
            self._do(f"ALTER TABLE all_clicks DROP PARTITION {_text(plain_key(key))}")

    def there(self) -> set[str]:
        """See `ClickStore`."""
        return {row[0] for row in self._rows(f"SELECT DISTINCT partition FROM system.parts WHERE {_OURS}")}  # noqa: S608

    def count(self, question: Question, keys: Collection[str], tail: Tail = Tail()) -> list[Counted]:  # noqa: B008
        """See `ClickStore`."""
        if not keys and not tail.rows:
            return dressed(question, [])
        source = f"(SELECT * FROM all_clicks WHERE segment IN ({_list(sorted(keys))}))" if keys else ""  # noqa: S608
        said = statement(question, source, _tail(question, tail) if tail.rows else "", _WORDS, _literal)
        return dressed(question, self._rows(said))

    def close(self) -> None:
        """See `ClickStore`."""
        with self._lock:
            if self._open is not None:
                self._open.close()
                self._open = None

    # --- the client ---

    def _check(self, key: str, wanted: int) -> int:
        """How many bytes a segment takes; TryLater where it does not hold every click once."""
        there = self._rows(f"SELECT count() FROM all_clicks WHERE segment = {_text(key)}")  # noqa: S608
        if int(there[0][0]) != wanted:
            raise TryLater(f"of {wanted} clicks the store has {there[0][0]}")
        parts = f"SELECT sum(bytes_on_disk) FROM system.parts WHERE partition = {_text(key)} AND {_OURS}"  # noqa: S608
        return int(self._rows(parts)[0][0])

    def _rows(self, said: str) -> list[tuple[Any, ...]]:
        with _told_in_our_words():
            lines = self._client().raw_query(said, fmt="JSONCompactEachRow").splitlines()
        return [tuple(json.loads(line)) for line in lines]

    def _do(self, said: str) -> None:
        with _told_in_our_words():
            self._client().command(said)

    def _client(self) -> Any:
        with self._lock:
            if self._open is None:
                import clickhouse_connect

                # a session would let only one question at a time through
                alone: dict[str, Any] = {} if self._address.startswith("chdb:") else {"autogenerate_session_id": False}
                self._open = clickhouse_connect.get_client(dsn=self._address, settings=_SETTINGS, **alone)
                self._open.command(_TABLE)
            return self._open


@contextmanager
def _told_in_our_words() -> Iterator[None]:
    from clickhouse_connect.driver.exceptions import ClickHouseError

    try:
        yield
    except ClickHouseError as error:
        raise TryLater(f"ClickHouse: {error}") from error


_OURS = "database = currentDatabase() AND table = 'all_clicks' AND active"


def _tail(question: Question, tail: Tail) -> str:
    names = tail_columns(question)
    texts = {name for name, said in zip(names, question.by, strict=False) if said in TEXTS}
    kinds = ", ".join(f"{name} {'String' if name in texts else 'Int64'}" for name in names)
    lines = "\n".join(_line(row).decode() for row in tail.rows)
    return f"format(JSONCompactEachRow, {_text(kinds)}, {_text(lines)})"


def _parts(rows: Iterable[StoredClick]) -> Iterator[list[StoredClick]]:
    rest = iter(rows)
    while part := list(itertools.islice(rest, _AT_ONCE)):
        yield part


def _line(row: Sequence[str | int]) -> bytes:
    return json.dumps(row, separators=(",", ":")).encode()


def _literal(value: str | int) -> str:
    return _text(value) if isinstance(value, str) else str(int(value))


def _list(keys: Iterable[str]) -> str:
    return ", ".join(_text(key) for key in keys) or "''"


def _text(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
