"""Secrets that an earlier key has sealed are sealed by the newest one, so that the earlier key can be taken away."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Column, Table, Text, select, type_coerce, update

from ..kernel import vault
from ..kernel.database import Model, session, transaction

log = structlog.get_logger("vault")
AT_ONCE = 500


def nightly(_payload: dict[str, Any], *, now: datetime) -> None:
    """Job "secrets.reseal": nothing to do where there is one key. Safe to repeat and to be cut off."""
    if not vault.has_earlier_keys():
        return
    done = left = 0
    for table in Model.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, vault.Sealed):
                anew, unread = _column(table, column)
                done, left = done + anew, left + unread
    log.info("secrets sealed anew", done=done, left=left)


def _column(table: Table, column: Column[Any]) -> tuple[int, int]:
    """How many were sealed anew, and how many no key of ours opens."""
    key, raw = table.primary_key.columns[0], type_coerce(column, Text)
    done, left, last = 0, 0, 0
    while True:
        with transaction():
            query = select(key, raw).where(column.is_not(None), key > last).order_by(key).limit(AT_ONCE)
            rows = session().execute(query).all()
            for number, sealed in rows:
                last = number
                anew = vault.sealed_anew(sealed)
                left += anew is None
                if anew and anew != sealed:  # only what it was: who writes meanwhile writes with the newest key
                    changed = update(table).where(key == number, raw == sealed).values({column.name: type_coerce(anew, Text)})
                    session().execute(changed)
                    done += 1
        if len(rows) < AT_ONCE:
            return done, left
