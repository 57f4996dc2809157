"""What a bank's result file says about each transfer, row by row; nothing is guessed. Pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from ...kernel.errors import N_, FieldError, Invalid
from ...kernel.money import NotAnAmount
from ...kernel.prices import read_price
from .rules import EDGES

COLUMNS = ("reference", "account", "amount", "status", "reason", "fee", "bank_reference")
EVERY_ROW = "*"  # instead of a status column: the file lists only what was paid
MOST_ROWS, MOST_COLUMNS, MOST_SKIPPED = 10_000, 60, 20
PAID = ("paid", "success", "succeeded", "successful", "sukses", "berhasil", "completed", "ok", "done")
RETURNED = ("returned", "failed", "gagal", "rejected", "reject", "ditolak", "retur", "unclaimed", "blocked")
UNCLEAR = ("unknown", "pending", "diproses", "suspect")
_KNOWN_HEADERS: dict[str, tuple[str, ...]] = {
    "reference": (
        "reference", "our reference", "customer reference", "referensi", "no referensi", "paymentreference", "remark", "berita",
        "customer id", "unique id", "catatan",
    ),
    "account": (
        "account_number", "account number", "account", "rekening", "no rekening", "nomor rekening", "rekening tujuan",
        "to account", "beneficiary account", "recipient",
    ),
    "amount": ("amount", "nominal", "jumlah", "nilai", "jumlah transfer"),
    "status": ("result", "status", "hasil", "transaction status", "status transaksi"),
    "reason": ("reason", "alasan", "keterangan", "message", "error", "note"),
    "fee": ("fee", "biaya", "biaya transfer", "charge"),
    "bank_reference": ("bank_reference", "bank reference", "transaction id", "transaction number", "no transaksi", "ref bank"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read a result file: which column is what (by name, or by number where there is no header), and the words."""

    columns: Mapping[str, str]
    header: bool = True
    skip: int = 0  # rows above the table
    paid: tuple[str, ...] = PAID
    returned: tuple[str, ...] = RETURNED
    unclear: tuple[str, ...] = UNCLEAR
    strangers: bool = False  # rows about other transfers are passed over

    def to_document(self) -> dict[str, Any]:
        """The reading as JSON."""
        document = asdict(self)
        return {key: [*value] if isinstance(value, tuple) else value for key, value in document.items()}


@dataclass(frozen=True, slots=True)
class Table:
    """A result file taken apart: names of columns, and rows with their number in the file."""

    columns: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Expected:
    """A payout as the bank knows it. amount: what was sent, minor units."""

    reference: str
    account: str
    amount: int
    currency: str
    state: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """One row: what it does ("paid", "returned", "unclear"), that it does nothing ("known", "stranger"), or what is wrong."""

    row: int
    does: str
    reference: str = ""  # of ours, once it is found
    said: str = ""  # the cell that decided, or that cannot be used
    reason: str = ""
    bank_reference: str = ""
    fee: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def wrong(self) -> bool:
        """Whether this row keeps the file from being taken."""
        return self.does not in ("paid", "returned", "unclear", "known", "stranger")


def read_reading(document: Mapping[str, Any]) -> Reading:
    """The reading that a document describes; Invalid names what cannot be accepted."""
    columns = {name: str(document.get("columns", {}).get(name, "")).strip() for name in COLUMNS}
    skip = document.get("skip", 0)
    wrong: list[FieldError] = []
    if type(skip) is not int or not 0 <= skip <= MOST_SKIPPED:
        wrong.append(FieldError("skip", "number", N_("Enter a number from 0 to 20.")))
    words = {name: _words(document.get(name, ())) for name in ("paid", "returned", "unclear")}
    twice = [word for word in words["paid"] if word in (*words["returned"], *words["unclear"])]
    if twice or set(words["returned"]) & set(words["unclear"]):
        wrong.append(FieldError("paid", "twice", N_("A word can mean one thing only.")))
    if wrong:
        raise Invalid(fields=wrong)
    return Reading(
        columns, bool(document.get("header", True)), skip, words["paid"], words["returned"], words["unclear"],
        bool(document.get("strangers")),
    )  # fmt: skip


def guess(content: bytes) -> Reading:
    """The reading that the file's own first row suggests."""
    table = read_table(content, header=True, skip=0)
    lower = {column.casefold(): column for column in reversed(table.columns)}
    return Reading({name: next((lower[k] for k in known if k in lower), "") for name, known in _KNOWN_HEADERS.items()})


def read_table(content: bytes, *, header: bool, skip: int) -> Table:
    """The file as rows and named columns; Invalid where it is no CSV."""
    text = _decoded(content)
    lines = text.splitlines()
    first = next((line for line in lines[skip:] if line.strip()), "")
    separator = max(",;\t|", key=first.count)
    try:
        cells = list(csv.reader(io.StringIO(text), delimiter=separator))
    except csv.Error as error:
        raise _not_csv() from error
    rows = [(n, tuple(cell.strip() for cell in row)) for n, row in enumerate(cells, start=1) if any(c.strip() for c in row)]
    rows = [(n, row) for n, row in rows if n > skip]
    if not rows:
        raise Invalid(fields=[FieldError("file", "empty", N_("The file is empty."))])
    if len(rows) > MOST_ROWS + 1:
        raise Invalid(fields=[FieldError("file", "too_long", N_("The file has too many rows."))])
    width = max(len(row) for _, row in rows)
    if width > MOST_COLUMNS:
        raise _not_csv()
    names = rows[0][1] if header else ()
    columns = tuple((names[n] if n < len(names) else "") or str(n + 1) for n in range(width))
    return Table(columns, tuple(rows[1:] if header else rows))


def judge(table: Table, reading: Reading, expected: Iterable[Expected]) -> list[Verdict]:
    """What each row does, in the order of the file."""
    mine = list(expected)
    index = {name: _index(table, wanted) for name, wanted in reading.columns.items()}
    by_key = {_key(each.reference): each for each in mine}
    found: list[Verdict] = []
    told: dict[str, Verdict] = {}
    for number, row in table.rows:
        verdict = _verdict(number, _Cells(row, index), reading, by_key, mine)
        earlier = told.get(verdict.reference) if verdict.reference and not verdict.wrong else None
        if earlier is not None and (earlier.does, earlier.fee) != (verdict.does, verdict.fee):
            verdict = Verdict(number, "twice", verdict.reference, verdict.said, facts={"row": earlier.row})
        elif earlier is not None:
            verdict = Verdict(number, "known", verdict.reference, verdict.said)
        elif verdict.reference and not verdict.wrong:
            told[verdict.reference] = verdict
        found.append(verdict)
    return found


@dataclass(frozen=True, slots=True)
class _Cells:
    row: Sequence[str]
    index: Mapping[str, int | None]

    def __getitem__(self, name: str) -> str:
        place = self.index.get(name)
        return self.row[place].lstrip("'") if place is not None and place < len(self.row) else ""


def _verdict(number: int, cells: _Cells, reading: Reading, by_key: Mapping[str, Expected], mine: Sequence[Expected]) -> Verdict:
    payout = _payout_of(cells, by_key, mine)
    if not isinstance(payout, Expected):
        said = cells["reference"] or cells["account"]
        return Verdict(number, "stranger" if reading.strangers and payout == "unknown" else payout, said=said)
    ours = payout.reference
    account, known = re.sub(r"\D", "", cells["account"]), re.sub(r"\D", "", payout.account)
    if account and known and account[-4:] != known[-4:]:
        return Verdict(number, "account", ours, cells["account"])
    if cells["amount"]:
        amount = _amount(cells["amount"], payout.currency)
        if amount is None:
            return Verdict(number, "amount_unreadable", ours, cells["amount"])
        if amount != payout.amount:
            return Verdict(number, "amount", ours, cells["amount"], facts={"sent": payout.amount, "currency": payout.currency})
    fee = _amount(cells["fee"], payout.currency) if cells["fee"] else None
    if cells["fee"] and fee is None:
        return Verdict(number, "fee_unreadable", ours, cells["fee"])
    does = _does(cells["status"], reading)
    if does == "word":
        return Verdict(number, does, ours, cells["status"])
    if does == payout.state or (does, payout.state) == ("unclear", "unknown"):
        return Verdict(number, "known", ours, cells["status"])
    if {"unclear": "unknown"}.get(does, does) not in EDGES[payout.state]:
        return Verdict(number, "state", ours, cells["status"], facts={"state": payout.state})
    return Verdict(number, does, ours, cells["status"], cells["reason"][:300], cells["bank_reference"][:120], fee)


def _payout_of(cells: _Cells, by_key: Mapping[str, Expected], mine: Sequence[Expected]) -> Expected | str:
    """The payout that a row is about; "unknown", or "ambiguous" where account and amount fit several."""
    reference = _key(cells["reference"])
    if reference:
        if reference in by_key:
            return by_key[reference]
        inside = [each for key, each in by_key.items() if key in reference]  # banks put words around a remark
        return inside[0] if len(inside) == 1 else "unknown"
    account = re.sub(r"\s", "", cells["account"]).casefold()
    if not account or not cells["amount"]:
        return "unknown"
    fits = [
        each for each in mine if each.account.casefold() == account and _amount(cells["amount"], each.currency) == each.amount
    ]
    return fits[0] if len(fits) == 1 else "ambiguous" if fits else "unknown"


def _does(said: str, reading: Reading) -> str:
    if reading.columns.get("status") == EVERY_ROW:
        return "paid"
    word = " ".join(said.casefold().split())
    for does in ("paid", "returned", "unclear"):
        if word in getattr(reading, does):
            return does
    return "word"


def _amount(text: str, currency: str) -> int | None:
    try:
        return read_price(text.lstrip("-−"), currency)
    except NotAnAmount:
        return None


def _key(reference: str) -> str:
    """References as they survive a bank: upper-cased, without the mark in the middle."""
    return re.sub(r"[^a-z0-9]", "", reference.casefold())


def _index(table: Table, wanted: str) -> int | None:
    names = [column.casefold() for column in table.columns]
    return names.index(wanted.casefold()) if wanted and wanted.casefold() in names else None


def _words(listed: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(" ".join(word.casefold().split())[:60] for word in listed if word.strip()))[:40]


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16", "replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1252", "replace")
    if "\0" in text:
        raise _not_csv()
    return text


def _not_csv() -> Invalid:
    message = N_("This is not a CSV file. In your spreadsheet, choose “CSV UTF-8” when saving.")
    return Invalid(fields=[FieldError("file", "not_csv", message)])
