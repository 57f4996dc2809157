"""All clicks there ever were, in a store that counts them fast: Parquet files read by DuckDB, or ClickHouse."""

from .parquet import ParquetStore
from .store import DIMENSIONS, VISITOR_BITS, ClickStore, Counted, Measure, Question, StoredClick, Tail, Value

__all__ = [
    "DIMENSIONS",
    "VISITOR_BITS",
    "ClickStore",
    "Counted",
    "Measure",
    "ParquetStore",
    "Question",
    "StoredClick",
    "Tail",
    "Value",
]
