"""How a payout may move, and what a run's file and the bank's answer look like. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ...kernel.errors import N_, FieldError, Invalid
from ...kernel.money import to_decimal

State = Literal["ready", "sent", "unknown", "paid", "returned"]

EDGES: dict[str, frozenset[str]] = {
    "ready": frozenset({"sent", "paid", "returned", "unknown"}),
    "sent": frozenset({"paid", "returned", "unknown"}),
    "unknown": frozenset({"paid", "returned", "sent"}),  # only by a look-up (which may find it under way), or a person with a reason
    "paid": frozenset({"returned"}),  # banks return money days later
    "returned": frozenset(),
}
OPEN = ("ready", "sent", "unknown")

COLUMNS = ("bank_code", "account_number", "account_name", "amount", "currency", "reference", "email")
RESULT_COLUMNS = ("reference", "result", "reason")
_WORDS: dict[str, Literal["paid", "returned", "unknown"]] = {
    "paid": "paid", "success": "paid", "succeeded": "paid", "sukses": "paid", "berhasil": "paid", "completed": "paid",
    "ok": "paid",
    "returned": "returned", "failed": "returned", "gagal": "returned", "rejected": "returned", "ditolak": "returned",
    "retur": "returned", "unknown": "unknown", "pending": "unknown", "diproses": "unknown",
}  # fmt: skip
MOST_ROWS = 5000


@dataclass(frozen=True, slots=True)
class Transfer:
    """One row of the file for the bank. amount in minor units; reference: our payout's public id."""

    bank_code: str
    account_number: str
    account_name: str
    amount: int
    currency: str
    reference: str
    email: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the bank says about one transfer."""

    reference: str
    result: Literal["paid", "returned", "unknown"]
    reason: str


def bank_file(transfers: Iterable[Transfer]) -> str:
    """The neutral export as CSV text: account numbers as text so that leading zeros stay, amounts in major units.

    A cell that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    sheet = io.StringIO()
    writer = csv.writer(sheet, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for each in transfers:
        amount = to_decimal(each.amount, each.currency)
        writer.writerow(
            [
                inert(each.bank_code), inert(each.account_number), inert(each.account_name), amount, each.currency,
                each.reference, inert(each.email),
            ]
        )  # fmt: skip
    return sheet.getvalue()


def inert(cell: str) -> str:
    """The text as a spreadsheet shows it and never runs it."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") else cell


def read_results(text: str) -> list[Outcome]:
    """What a result CSV says, or Invalid with every row that cannot be read; nothing is guessed.

    Needs the columns `reference` and `result` (paid, returned or unknown, or what banks write for these); `reason` may follow.
    """
    try:
        rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";" if _semicolons(text) else ","))
    except csv.Error as error:
        message = N_("This is not a CSV file. In your spreadsheet, choose “CSV UTF-8” when saving.")
        raise Invalid(fields=[FieldError("file", "not_csv", message)]) from error
    if not rows:
        raise Invalid(fields=[FieldError("file", "empty", N_("The file is empty."))])
    head = [cell.strip().lower() for cell in rows[0]]
    missing = [column for column in RESULT_COLUMNS[:2] if column not in head]
    if missing:
        raise Invalid(
            fields=[FieldError("file", "columns", N_("The file needs the columns reference and result in its first row."))]
        )
    if len(rows) - 1 > MOST_ROWS:
        raise Invalid(fields=[FieldError("file", "too_long", N_("The file has too many rows."))])
    found: dict[str, Outcome] = {}
    wrong: list[int] = []
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        cells = dict(zip(head, (cell.strip() for cell in row), strict=False))
        result = _WORDS.get(cells.get("result", "").lower())
        reference = cells.get("reference", "").lstrip("'")
        earlier = found.get(reference)
        if result is None or not reference or (earlier is not None and earlier.result != result):
            wrong.append(number)
        else:
            found[reference] = Outcome(reference, result, cells.get("reason", "")[:300])
    if wrong:
        raise _rows_wrong(wrong)
    return list(found.values())


def _semicolons(text: str) -> bool:
    first = text.split("\n", 1)[0]
    return first.count(";") > first.count(",")


def _rows_wrong(rows: list[int]) -> Invalid:
    shown = ", ".join(map(str, rows[:10])) + (" …" if len(rows) > 10 else "")
    return Invalid(
        N_("These rows say neither paid, returned nor unknown, or say two things about one payout: {rows}. Nothing was changed."),
        code="rows_wrong", rows=shown,
    )  # fmt: skip
