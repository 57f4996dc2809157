"""What a file for a bank looks like: a map that a brand can change. Pure.

A map is a document (JSON); `read_map` is the only way to one, and says for each field what is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ...kernel.errors import N_, FieldError, Invalid
from ...kernel.money import EXPONENTS

FIELDS: dict[str, str] = {
    "account_number": N_("Account number, wallet number or PayPal e-mail"),
    "account_name": N_("Account holder"),
    "amount": N_("Amount"),
    "currency": N_("Currency"),
    "reference": N_("Our reference"),
    "description": N_("Text for the creator's statement"),
    "bank_code": N_("Short name of the bank or e-wallet"),
    "clearing_code": N_("Clearing code of the bank, three digits"),
    "bank_name": N_("Name of the bank or e-wallet"),
    "email": N_("The creator's e-mail"),
    "creator_name": N_("The creator's name"),
    "handle": N_("The creator's handle"),
    "date": N_("Date of the file"),
    "row": N_("Row number"),
    "debit_account": N_("Your account that is debited"),
}
TEXTS = frozenset({"account_name", "description", "bank_name", "creator_name"})  # these may be cut to a column's length
PLACEHOLDERS = ("date", "debit_account", "rows", "total", "currency", "file", "files", "run")
DATES = {
    "YYYY-MM-DD": "%Y-%m-%d", "YYYYMMDD": "%Y%m%d", "DD/MM/YYYY": "%d/%m/%Y", "DD-MM-YYYY": "%d-%m-%Y",
    "DDMMYYYY": "%d%m%Y", "MM/DD/YYYY": "%m/%d/%Y",
}  # fmt: skip
SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
ENCODINGS = ("utf-8-sig", "utf-8", "cp1252", "ascii")
CHOICES: dict[str, tuple[str, ...]] = {
    "separator": tuple(SEPARATORS),
    "dates": tuple(DATES),
    "decimals": ("own", "0", "2"),
    "point": (".", ","),
    "quotes": ("all", "needed", "none"),
    "encoding": ENCODINGS,
    "line_end": ("crlf", "lf"),
    "letters": ("as_is", "ascii", "upper"),
    "guard": ("apostrophe", "strip"),
    "digits": ("plain", "apostrophe", "equals"),
    "currency": ("", *EXPONENTS),
}
PAYEES = ("bank", "ewallet", "paypal")
MOST_COLUMNS, MOST_LINES, MOST_ROWS = 40, 5, 10_000
_HOLE = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: a field of the transfer or a fixed text. length: at most so many characters, 0 for any."""

    header: str = ""
    field: str = ""  # "" for a fixed text
    text: str = ""
    length: int = 0


@dataclass(frozen=True, slots=True)
class Map:
    """How a file is written and whom it is for. limit, fee: minor units of `currency`, 0 for none; currency "": any."""

    columns: tuple[Column, ...]
    separator: str = "comma"
    header: bool = True
    before: tuple[str, ...] = ()  # lines above and below the table, with {placeholders}
    after: tuple[str, ...] = ()
    dates: str = "YYYY-MM-DD"
    decimals: str = "own"  # as many as the currency has
    point: str = "."
    quotes: str = "all"
    encoding: str = "utf-8-sig"
    line_end: str = "crlf"
    max_rows: int = 5000
    mixed: bool = False  # several currencies in one file
    letters: str = "as_is"
    plain: bool = False  # only letters, digits, space and . , - /
    guard: str = "apostrophe"  # against formulas: put ' in front, or take the sign away
    digits: str = "plain"  # account numbers: 0123, '0123 or ="0123"
    currency: str = ""
    limit: int = 0
    limit_name: str = ""
    fee: int = 0
    payees: tuple[str, ...] = PAYEES
    banks: tuple[str, ...] = ()  # only these; () for all
    not_banks: tuple[str, ...] = ()
    debit_account: str = ""
    description: str = ""

    def to_document(self) -> dict[str, Any]:
        """The map as JSON."""
        document = asdict(self)
        return {key: [*value] if isinstance(value, tuple) else value for key, value in document.items()}


def read_map(document: Mapping[str, Any]) -> Map:
    """The map that a document describes; Invalid names every field that cannot be accepted."""
    wrong: list[FieldError] = []
    for field, allowed in CHOICES.items():
        if document.get(field, getattr(_PLAIN, field)) not in allowed:
            wrong.append(FieldError(field, "choose", N_("Please choose one.")))
    columns = _columns(document.get("columns"), wrong)
    before, after = (_lines(document.get(name, ()), name, wrong) for name in ("before", "after"))
    numbers = {
        name: _whole(document.get(name, getattr(_PLAIN, name)), name, low, high, wrong)
        for name, low, high in (("max_rows", 1, MOST_ROWS), ("limit", 0, 2**53), ("fee", 0, 2**53))
    }
    payees = tuple(kind for kind in PAYEES if kind in document.get("payees", PAYEES))
    if not payees:
        wrong.append(FieldError("payees", "none", N_("Choose whom this file can pay.")))
    currency = str(document.get("currency", ""))
    wrong += [
        FieldError("currency", "needed", N_("Choose the currency that the fee and the limit are in."))
        for name in ("limit", "fee")
        if numbers[name] and not currency
    ][:1]
    if document.get("decimals") == "0" and EXPONENTS.get(currency, 0) > 0:
        wrong.append(FieldError("decimals", "too_few", N_("Amounts in this currency need their decimals.")))
    texts = {name: _text(document.get(name, ""), name, 120, wrong) for name in ("limit_name", "debit_account", "description")}
    found = Map(
        columns=columns, before=before, after=after, payees=payees, header=bool(document.get("header", True)),
        mixed=bool(document.get("mixed")), plain=bool(document.get("plain")),
        banks=tuple(map(str, document.get("banks", ()))), not_banks=tuple(map(str, document.get("not_banks", ()))),
        max_rows=numbers["max_rows"], limit=numbers["limit"], fee=numbers["fee"], limit_name=texts["limit_name"],
        debit_account=texts["debit_account"], description=texts["description"],
        **{field: str(document.get(field, getattr(_PLAIN, field))) for field in CHOICES},
    )  # fmt: skip
    _fits(found, wrong)
    if wrong:
        raise Invalid(fields=wrong)
    return found


def _columns(listed: Any, wrong: list[FieldError]) -> tuple[Column, ...]:
    columns = []
    for number, each in enumerate(listed or ()):
        place = f"columns-{number}"
        field, length = str(each.get("field", "")), _whole(each.get("length", 0), place, 0, 1000, wrong)
        if field and field not in FIELDS:
            wrong.append(FieldError(place, "choose", N_("Please choose one.")))
        header, text = (_text(each.get(name, ""), place, 120, wrong) for name in ("header", "text"))
        columns.append(Column(header, field, text, length))
    fields = {column.field for column in columns}
    if not {"account_number", "amount"} <= fields:
        wrong.append(FieldError("columns", "needed", N_("A file needs a column for the account number and one for the amount.")))
    if len(columns) > MOST_COLUMNS:
        wrong.append(FieldError("columns", "many", N_("A file has 40 columns at most.")))
    return tuple(columns)


def _lines(listed: Any, name: str, wrong: list[FieldError]) -> tuple[str, ...]:
    lines = tuple(_text(line, name, 300, wrong) for line in listed)
    holes = [hole for line in lines for hole in _HOLE.findall(line)]
    bare = "".join(_HOLE.sub("", line) for line in lines)
    if any(hole not in PLACEHOLDERS for hole in holes) or "{" in bare or "}" in bare:
        wrong.append(FieldError(name, "placeholder", N_("Between { and } only the words of the hint can stand.")))
    if len(lines) > MOST_LINES:
        wrong.append(FieldError(name, "many", N_("Five lines at most.")))
    return lines


def _text(value: Any, name: str, longest: int, wrong: list[FieldError]) -> str:
    text = str(value or "")
    if len(text) > longest or any(ord(c) < 32 and c != "\t" for c in text):
        wrong.append(FieldError(name, "too_long", N_("This is too long, or has a line break in it.")))
        return ""
    return text


def _whole(value: Any, name: str, low: int, high: int, wrong: list[FieldError]) -> int:
    if type(value) is not int or not low <= value <= high:
        wrong.append(FieldError(name, "number", N_("Enter a whole number that makes sense here.")))
        return low
    return value


def _fits(found: Map, wrong: list[FieldError]) -> None:
    """What the brand typed itself can be written in the file's letters, and stays one cell where nothing is quoted."""
    separator = SEPARATORS.get(found.separator, ",")
    typed = {
        "columns": [c.header for c in found.columns] + [c.text for c in found.columns],
        "before": found.before, "after": found.after, "debit_account": [found.debit_account],
    }  # fmt: skip
    for name, texts in typed.items():
        try:
            "".join(texts).encode(found.encoding if found.encoding in ENCODINGS else "utf-8")
        except UnicodeEncodeError:
            wrong.append(FieldError(name, "letters", N_("This has letters that the file cannot hold in this encoding.")))
    if found.quotes == "none" and found.point == separator and found.decimals != "0":
        wrong.append(FieldError("point", "separator", N_("The decimal sign cannot be the separator where nothing is quoted.")))
    if found.quotes == "none" and any(separator in text or '"' in text for text in typed["columns"]):
        wrong.append(FieldError("columns", "separator", N_("Without quotes, a cell cannot hold the separator or a quote.")))


_PLAIN = Map(columns=())
