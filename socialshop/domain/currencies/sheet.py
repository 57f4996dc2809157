"""Rates as CSV: pure reading. A row is a rate, or says what is wrong with it.

UTF-8 with or without a mark; comma, semicolon or tab; headings in English or Indonesian.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from ...kernel.errors import N_, DomainError, Invalid
from .rules import Draft, checked, read_rate

MAX_ROWS = 500
MAX_BYTES = 200 * 1024
COLUMNS = ("base", "quote", "rate", "at", "note")
_ALIASES = {
    "base": "base", "from": "base", "dari": "base",
    "quote": "quote", "to": "quote", "ke": "quote",
    "rate": "rate", "kurs": "rate",
    "at": "at", "date": "at", "since": "at", "tanggal": "at", "sejak": "at", "berlaku": "at",
    "note": "note", "catatan": "note", "keterangan": "note",
}  # fmt: skip
_NEEDED = frozenset(("base", "quote", "rate", "at"))


class BadSheet(Invalid):
    """The file as a whole cannot be read as rates."""

    code = "bad_sheet"


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row: the rate it tells, or what is wrong with it. number: as the spreadsheet counts, headings are row 1."""

    number: int
    draft: Draft | None
    problem: DomainError | None
    column: str = ""


def read_sheet(data: bytes, *, zone: str, now: datetime) -> list[SheetRow]:
    """The file's rows; BadSheet where it is no such file. zone: in which dates without an offset are meant."""
    if len(data) > MAX_BYTES:
        raise BadSheet(N_("This file is larger than 200 KB. Please split it."))
    records = _records(data)
    columns = [_ALIASES.get(cell.strip().casefold(), "") for cell in records[0]] if records else []
    known = [column for column in columns if column]
    if len(set(known)) < len(known) or not set(known) >= _NEEDED:
        raise BadSheet(N_("The first row must have the headings base, quote, rate and at, each once."))
    numbered = [(n, cells) for n, cells in enumerate(records[1:], start=2) if any(cell.strip() for cell in cells)]
    if not numbered:
        raise BadSheet(N_("This file has headings, but no rates below them."))
    if len(numbered) > MAX_ROWS:
        raise BadSheet(N_("This file has more than {most} rows. Please split it."), most=MAX_ROWS)
    rows = [_row(number, dict(zip(columns, cells, strict=False)), zone, now) for number, cells in numbered]
    return _apart(rows)


def _records(data: bytes) -> list[list[str]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadSheet(N_("This file is not UTF-8. In your spreadsheet, choose “CSV UTF-8” when saving.")) from None
    first = text.lstrip("\r\n").split("\n", 1)[0]
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True))
    except csv.Error:
        raise BadSheet(N_("This file is not a complete CSV file: a quotation mark is missing somewhere.")) from None


def _row(number: int, cells: Mapping[str, str], zone: str, now: datetime) -> SheetRow:
    column = "rate"
    try:
        rate = read_rate(cells.get("rate", ""))
        column = "at"
        at = read_moment(cells.get("at", ""), zone)
        column = ""
        code = {name: cells.get(name, "").strip().upper() for name in ("base", "quote")}
        draft = checked(Draft(code["base"], code["quote"], rate, at, cells.get("note", ""), "file"), now=now)
    except Invalid as refusal:
        if not refusal.fields:
            return SheetRow(number, None, refusal, column)
        first = refusal.fields[0]
        return SheetRow(number, None, Invalid(first.message, code=first.code), first.field)
    return SheetRow(number, draft, None)


def read_moment(text: str, zone: str) -> datetime:
    """An instant as people write it: with an offset, or a date (its first moment) or date and time of `zone`."""
    typed = text.strip()
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", typed):
            moment = datetime.combine(date.fromisoformat(typed), datetime.min.time())
        else:
            moment = datetime.fromisoformat(typed.replace(" ", "T", 1))
        local = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))
        return local.astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError) as error:
        raise Invalid(
            N_("{text} is not a date. Write it like 2026-06-01 or 2026-06-01 09:00."), text=typed[:40] or "–"
        ) from error


def _apart(rows: list[SheetRow]) -> list[SheetRow]:
    """Two different rates for one moment are refused: nobody can say which one is meant."""
    seen: dict[tuple[frozenset[str], datetime], tuple[int, str]] = {}
    found = []
    for row in rows:
        if row.draft is not None:
            place = (frozenset((row.draft.base, row.draft.quote)), row.draft.at)
            number, key = seen.setdefault(place, (row.number, row.draft.key))
            if key != row.draft.key:
                problem = Invalid(N_("Row {number} has another rate for the same moment."), number=number)
                row = replace(row, draft=None, problem=problem, column="rate")
        found.append(row)
    return found
