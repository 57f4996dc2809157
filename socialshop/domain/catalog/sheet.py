"""A catalogue as CSV, in and out: pure reading and writing; what the rows come to is `imports`' business.

In: UTF-8 (with or without a mark) or UTF-16, comma, semicolon or tab, headings in English or Indonesian.
Out: UTF-8 with a mark, and every cell that a spreadsheet would run as a formula is disarmed by an apostrophe,
which the way in takes off again, so that a catalogue survives the round trip unchanged.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ...kernel.errors import N_, FieldError, Invalid
from ...kernel.money import to_decimal
from ...kernel.prices import NotAPrice, read_price
from .rules import MAX_CATEGORY, MAX_NAME, MAX_PRICE, MAX_SKU, MAX_STOCK, MAX_TEXT, MAX_TITLE, MAX_URL, is_web_address, line

COLUMNS = ("product_id", "title", "variant", "sku", "price", "stock", "category", "description", "shop_link", "sold_at", "state")
MAX_ROWS = 2_000
MAX_BYTES = 2 * 1024 * 1024

_ALIASES = {
    "product_id": "product_id", "id_produk": "product_id", "product": "product_id",
    "title": "title", "name": "title", "product_name": "title", "judul": "title", "nama": "title", "nama_produk": "title",
    "variant": "variant", "varian": "variant", "variasi": "variant", "option": "variant",
    "sku": "sku", "kode": "sku", "kode_sku": "sku",
    "price": "price", "harga": "price",
    "stock": "stock", "stok": "stock", "quantity": "stock", "jumlah": "stock",
    "category": "category", "kategori": "category",
    "description": "description", "deskripsi": "description",
    "shop_link": "shop_link", "link": "shop_link", "url": "shop_link", "tautan": "shop_link", "tautan_toko": "shop_link",
    "sold_at": "sold_at", "dijual_di": "sold_at",
    "state": "state", "status": "state",
}  # fmt: skip
HEADINGS_ID = {
    "product_id": "id_produk", "title": "nama", "variant": "varian", "sku": "sku", "price": "harga", "stock": "stok",
    "category": "kategori", "description": "deskripsi", "shop_link": "tautan_toko", "sold_at": "dijual_di", "state": "status",
}  # fmt: skip
_WORDS = {
    "sold_at": {"here": "here", "socialshop": "here", "sini": "here", "di sini": "here", "link": "link", "tautan": "link"},
    "state": {"active": "active", "aktif": "active", "archived": "archived", "arsip": "archived", "diarsipkan": "archived"},
}
_LENGTHS = {
    "title": MAX_TITLE,
    "variant": MAX_NAME,
    "sku": MAX_SKU,
    "category": MAX_CATEGORY,
    "description": MAX_TEXT,
    "shop_link": MAX_URL,
}
_FORMULA = re.compile(r"'*[=+\-@\t\r＝＋－＠]")
_STOCK = re.compile(r"[0-9]{1,3}(?:[.,]?[0-9]{3})*\Z")


class BadSheet(Invalid):
    """The file as a whole cannot be read as a catalogue."""

    code = "bad_sheet"


class BadRows(Invalid):
    """Single cells are wrong: `cells` says where."""

    code = "bad_rows"
    message = N_("Nothing was imported yet. Please mend these cells and upload the file again.")

    def __init__(self, cells: list[CellError]) -> None:
        self.cells = cells
        super().__init__(fields=[FieldError(f"/{c.row}/{c.column}", c.code, c.message) for c in cells])


@dataclass(frozen=True, slots=True)
class CellError:
    """One cell that cannot be accepted. row: as the spreadsheet counts, headings are row 1. facts fill the message."""

    row: int
    column: str
    code: str
    message: str
    value: str = ""
    example: str = ""

    @property
    def facts(self) -> dict[str, object]:
        """What the message's names stand for."""
        return {"value": self.value, "example": self.example}


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows that were read, the cells that could not be, and headings we do not know."""

    rows: list[dict[str, Any]]
    errors: list[CellError]
    unused: list[str]


def read_sheet(data: bytes, currency: str) -> Sheet:
    """Rows as {"row": number, column: value}, empty cells left out; price in minor units, stock as a number. BadSheet."""
    if len(data) > MAX_BYTES:
        raise BadSheet(N_("This file is larger than 2 MB. Please split it."))
    records = _records(_text(data))
    columns, unused = _headings(records[0][1] if records else [])
    if len(records) - 1 > MAX_ROWS:
        raise BadSheet(N_("This file has more than 2,000 rows. Please split it."))
    rows, errors = [], []
    for number, record in records[1:]:
        row, wrong = _row(number, record, columns, currency)
        rows.append(row)
        errors.extend(wrong)
    if not rows:
        raise BadSheet(N_("This file has headings, but no products below them."))
    return Sheet(rows, errors, unused)


def write_sheet(rows: Iterable[Mapping[str, Any]], headings: Mapping[str, str] | None = None) -> bytes:
    """Rows of texts by column as CSV that spreadsheets open without running anything in it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([(headings or {}).get(column, column) for column in COLUMNS])
    for row in rows:
        writer.writerow([_disarmed(str(row.get(column, ""))) for column in COLUMNS])
    return ("\ufeff" + out.getvalue()).encode()


def price_cell(minor: int, currency: str) -> str:
    """A price as it is written out: plain digits, "149000" or "49.90"."""
    return to_decimal(minor, currency)


def _text(data: bytes) -> str:
    utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = data.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError:
        raise BadSheet(N_("This file is not UTF-8. In your spreadsheet, choose “CSV UTF-8” when saving.")) from None
    if "\0" in text:
        raise BadSheet(N_("This is not a CSV file. In your spreadsheet, choose “CSV UTF-8” when saving."))
    return text


def _records(text: str) -> list[tuple[int, list[str]]]:
    """The records that are not blank, with their row numbers."""
    first = text.lstrip("\r\n").split("\n", 1)[0]
    if found := re.match(r"sep=([,;\t])\r?\Z", first):  # a hint that Excel writes for itself
        text, delimiter = text.lstrip("\r\n").partition("\n")[2], found[1]
    else:
        delimiter = max(",;\t", key=first.count)
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        raise BadSheet(N_("This file is not a complete CSV file: a quotation mark is missing somewhere.")) from None
    return [(number, record) for number, record in enumerate(records, start=1) if any(cell.strip() for cell in record)]


def _headings(record: list[str]) -> tuple[list[str], list[str]]:
    """The column of each cell ("" for headings we do not know), and those headings."""
    columns, unused = [], []
    for heading in record:
        name = re.sub(r"[\s_-]+", "_", line(heading).casefold()).strip("_")
        column = _ALIASES.get(name, "")
        if column and column in columns:
            raise BadSheet(N_("The heading “{heading}” is there twice."), heading=heading)
        columns.append(column)
        if not column and heading.strip():
            unused.append(line(heading)[:60])
    if not {"title", "sku", "product_id"} & set(columns):
        raise BadSheet(N_("The first row must have headings, at least “title” and “price”. The template shows them all."))
    return columns, unused


def _row(number: int, record: list[str], columns: list[str], currency: str) -> tuple[dict[str, Any], list[CellError]]:
    row: dict[str, Any] = {"row": number}
    errors: list[CellError] = []
    if any(cell.strip() for cell in record[len(columns) :]):
        errors.append(CellError(number, "", "too_wide", N_("This row has more cells than there are headings.")))
    for column, cell in zip(columns, record, strict=False):
        text = _armed(cell) if column == "description" else line(_armed(cell))
        if not column or not text.strip():
            continue
        value, error = _value(number, column, text, currency)
        if error is None:
            row[column] = value
        else:
            errors.append(error)
    return row, errors


def _value(number: int, column: str, text: str, currency: str) -> tuple[Any, CellError | None]:
    def wrong(code: str, message: str, example: str = "") -> tuple[None, CellError]:
        return None, CellError(number, column, code, message, text[:60], example)

    if len(text) > _LENGTHS.get(column, 100):
        return wrong("too_long", N_("This is too long."))
    if column == "price":
        try:
            minor = read_price(text, currency)
        except NotAPrice as error:
            return wrong("not_a_price", N_("“{value}” is not a price. Write it like {example}."), error.example)
        return (minor, None) if 0 < minor <= MAX_PRICE else wrong("out_of_range", N_("The price must be more than zero."))
    if column == "stock":
        digits = re.sub(r"[.,]", "", text)
        if not _STOCK.match(text) or int(digits) > MAX_STOCK:
            return wrong("not_a_count", N_("“{value}” is not a whole number from 0 to 1,000,000."))
        return int(digits), None
    if column == "shop_link" and not is_web_address(text):
        return wrong("bad_url", N_("“{value}” is not a full address that begins with https://."))
    if column in _WORDS:
        word = _WORDS[column].get(text.casefold())
        return (
            (word, None) if word else wrong("unknown_word", N_("“{value}” is not known here. Write {example}."), _choices(column))
        )
    return text, None


def _choices(column: str) -> str:
    return " / ".join(dict.fromkeys(_WORDS[column].values()))


def _disarmed(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(unicodedata.normalize("NFC", cell)) else cell


def _armed(cell: str) -> str:
    stripped = cell.strip(" ")
    return stripped[1:] if stripped.startswith("'") and _FORMULA.match(stripped) else cell
