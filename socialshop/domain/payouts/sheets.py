"""From transfers and a map to the bytes of a file, the same bytes every time. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ...kernel.money import EXPONENTS, to_decimal
from .columns import DATES, SEPARATORS, TEXTS, Column, Map

_RUNS = re.compile(r"\s+")
_UNPLAIN = re.compile(r"[^A-Za-z0-9 .,/@-]")
_DANGER = "=+-@\t\r\n"
_NEVER_EMPTY = frozenset({"account_number", "account_name", "reference"})


@dataclass(frozen=True, slots=True)
class Transfer:
    """One row of a file for the bank. amount: minor units that are to arrive; reference: our payout's public id."""

    reference: str
    kind: str  # bank, ewallet
    bank_code: str
    account_number: str
    account_name: str
    amount: int
    currency: str
    email: str = ""
    bank_name: str = ""
    clearing_code: str = ""
    creator_name: str = ""
    handle: str = ""

    @property
    def payee(self) -> str:
        """Which of `columns.PAYEES` it goes to."""
        return "paypal" if self.bank_code == "PAYPAL" else self.kind


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A transfer that this map cannot pay, and why: payee, bank, currency, limit, decimals, long, letters."""

    reference: str
    reason: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One file to be: its rows, of one currency unless the map mixes them."""

    transfers: tuple[Transfer, ...]
    part: int
    parts: int

    @property
    def total(self) -> int:
        """The sum of all rows, in minor units of their currency; meaningless where currencies are mixed."""
        return sum(each.amount for each in self.transfers)

    @property
    def currencies(self) -> tuple[str, ...]:
        """The currencies in it."""
        return tuple(sorted({each.currency for each in self.transfers}))


@dataclass(frozen=True, slots=True)
class Facts:
    """What a file says beside its rows."""

    day: date
    run: str


def lay_out(map_: Map, transfers: Iterable[Transfer], facts: Facts) -> tuple[list[Sheet], list[LeftOut]]:
    """Sort transfers into files of at most so many rows, and name those that the map cannot pay."""
    fit: list[Transfer] = []
    left_out: list[LeftOut] = []
    for each in transfers:
        problem = _problem(map_, each, facts)
        if problem is None:
            fit.append(each)
        else:
            left_out.append(LeftOut(each.reference, *problem))
    groups = [fit] if map_.mixed else [[t for t in fit if t.currency == c] for c in sorted({t.currency for t in fit})]
    chunks = [group[n : n + map_.max_rows] for group in groups for n in range(0, len(group), map_.max_rows)]
    return [Sheet(tuple(chunk), part, len(chunks)) for part, chunk in enumerate(chunks, start=1)], left_out


def write(map_: Map, sheet: Sheet, facts: Facts) -> bytes:
    """The file, byte for byte the same whenever it is written again."""
    end = "\r\n" if map_.line_end == "crlf" else "\n"
    lines = [_filled(line, map_, sheet, facts) for line in map_.before]
    if map_.header:
        lines.append(_row(map_, [column.header for column in map_.columns]))
    lines += [_row(map_, cells_of(map_, each, row, facts)) for row, each in enumerate(sheet.transfers, start=1)]
    lines += [_filled(line, map_, sheet, facts) for line in map_.after]
    return "".join(line + end for line in lines).encode(map_.encoding)


def cells_of(map_: Map, transfer: Transfer, row: int, facts: Facts) -> list[str]:
    """What stands in each column of one row, before quoting."""
    return [_cell(map_, column, transfer, row, facts) for column in map_.columns]


def inert(cell: str) -> str:
    """The text as a spreadsheet shows it and never runs it."""
    return f"'{cell}" if cell[:1] and cell[0] in _DANGER else cell


def _problem(map_: Map, transfer: Transfer, facts: Facts) -> tuple[str, dict[str, Any]] | None:
    if transfer.payee not in map_.payees:
        return "payee", {"payee": transfer.payee}
    if (map_.banks and transfer.bank_code not in map_.banks) or transfer.bank_code in map_.not_banks:
        return "bank", {"bank": transfer.bank_name or transfer.bank_code}
    if map_.currency and transfer.currency != map_.currency:
        return "currency", {"currency": transfer.currency}
    if map_.limit and transfer.amount > map_.limit:
        return "limit", {"limit": map_.limit, "currency": map_.currency, "name": map_.limit_name}
    if map_.decimals == "0" and EXPONENTS[transfer.currency]:
        return "decimals", {"currency": transfer.currency}
    for column, cell in zip(map_.columns, cells_of(map_, transfer, 1, facts), strict=True):
        name = column.header or column.field
        if column.length and len(cell) > column.length:
            return "long", {"column": name, "length": column.length}
        encoding = map_.encoding if map_.letters == "as_is" else "ascii"
        if not _fits(cell, encoding) or (not cell and column.field in _NEVER_EMPTY):
            return "letters", {"column": name}
    return None


def _fits(cell: str, encoding: str) -> bool:
    try:
        cell.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _cell(map_: Map, column: Column, transfer: Transfer, row: int, facts: Facts) -> str:
    field = column.field
    if field == "amount":
        return amount_text(map_, transfer.amount, transfer.currency)
    if field == "date":
        return facts.day.strftime(DATES[map_.dates])
    if field == "row":
        return str(row)
    if field == "account_number" and transfer.account_number.isdigit():
        return {"plain": "{}", "apostrophe": "'{}", "equals": '="{}"'}[map_.digits].format(transfer.account_number)
    if field in ("", "debit_account"):
        return _guarded(map_, column.text if not field else map_.debit_account)
    said = map_.description if field == "description" else str(getattr(transfer, field))
    text = _guarded(map_, said if field in ("account_number", "email") else _cleaned(map_, said))
    return text[: column.length].rstrip() if column.length and field in TEXTS else text


def _cleaned(map_: Map, text: str) -> str:
    if map_.letters != "as_is":
        bare = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in bare if not unicodedata.combining(c))
    if map_.letters == "upper":
        text = text.upper()
    return _UNPLAIN.sub("", text) if map_.plain else text


def _guarded(map_: Map, text: str) -> str:
    text = _RUNS.sub(" ", text).strip()
    return inert(text) if map_.guard == "apostrophe" else text.lstrip(_DANGER + " ")


def amount_text(map_: Map, minor: int, currency: str) -> str:
    """The amount in major units as the map writes it: 125000, 125000.00 or 125000,00."""
    whole, _, fraction = to_decimal(minor, currency).partition(".")
    if map_.decimals == "2":
        fraction = fraction.ljust(2, "0")
    return f"{whole}{map_.point}{fraction}" if fraction and map_.decimals != "0" else whole


def _row(map_: Map, cells: Sequence[str]) -> str:
    separator = SEPARATORS[map_.separator]
    return separator.join(_quoted(map_, cell, separator) for cell in cells)


def _quoted(map_: Map, cell: str, separator: str) -> str:
    if map_.quotes == "none":
        bare = cell.replace(separator, " ")
        if map_.digits != "equals":
            bare = bare.replace('"', "")
        return bare if bare == cell else _guarded(map_, bare)  # what stood behind a quote may be a formula's sign
    if map_.quotes == "needed" and not (set(cell) & {separator, '"', "\r", "\n"}):
        return cell
    doubled = cell.replace('"', '""')
    return f'"{doubled}"'


def _filled(line: str, map_: Map, sheet: Sheet, facts: Facts) -> str:
    currency = sheet.currencies[0] if len(sheet.currencies) == 1 else ""
    said = {
        "date": facts.day.strftime(DATES[map_.dates]), "debit_account": map_.debit_account, "rows": str(len(sheet.transfers)),
        "total": amount_text(map_, sheet.total, currency) if currency else "", "currency": currency, "file": str(sheet.part),
        "files": str(sheet.parts), "run": facts.run,
    }  # fmt: skip
    return re.sub(r"\{([a-z_]+)\}", lambda hole: said[hole[1]], line)
