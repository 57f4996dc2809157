"""All clicks there ever were, in a store that counts them fast: Parquet files read by DuckDB, or ClickHouse."""

from importlib.util import find_spec
from pathlib import Path

from . import asking
from .parquet import ParquetStore
from .store import DIMENSIONS, VISITOR_BITS, ClickStore, Counted, Measure, Question, SegmentsMissing, StoredClick, Tail, Value

__all__ = [
    "DIMENSIONS",
    "VISITOR_BITS",
    "ClickStore",
    "Counted",
    "Measure",
    "ParquetStore",
    "Question",
    "SegmentsMissing",
    "StoredClick",
    "Tail",
    "Value",
    "asking",
    "open_store",
]


def open_store(address: str, folder: Path, *, memory: str) -> ClickStore:
    """The store at this address ("clickhouse://user:password@host:8123/database"), or without one in this folder.

    memory: what DuckDB may take while it answers.
    """
    if not address:
        return ParquetStore(folder, memory=memory)
    if find_spec("clickhouse_connect") is None:
        raise LookupError("CLICK_STORE wants ClickHouse's client; install it: pip install 'socialshop[clickhouse]'")
    from .clickhouse import ClickHouseStore

    return ClickHouseStore(address)
