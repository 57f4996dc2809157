"""Orders from a CSV file, strictly: what cannot be read is named by row and column, and nothing is guessed. Pure.

One row for each line of an order; the rows of one order stand together. What belongs to the whole order is read from its
first row; a later row may leave it empty or repeat it. Only `order`, `at` and `price` are needed.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from ...kernel.errors import N_
from ...kernel.money import EXPONENTS, NotAnAmount
from ...kernel.prices import read_price
from ..replay import Refund
from ..terms import BadDocument, Click, Customer, Line, NotAnInstant, OrderFacts, check_discounts, nets_of, read_instant

# name → whether it belongs to the whole order
COLUMNS: dict[str, bool] = {
    "order": True, "at": True, "price": False, "quantity": False, "currency": True, "product": False, "category": False,
    "discount": False, "order_discount": True, "shipping": True, "tax": True, "refunded": True, "code": True, "creator": True,
    "channel": True, "customer": True, "new_customer": True,
}  # fmt: skip
NEEDED = ("order", "at", "price")
ERRORS = 20  # told at most; the rest is counted
LONGEST = 200
_LOCAL = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[ T]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?))?\Z")
_YES = {"yes": True, "true": True, "1": True, "new": True, "no": False, "false": False, "0": False, "returning": False}


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong where; `message` is an English template for `facts`. row: as spreadsheets count, the heading is 1."""

    row: int
    column: str
    message: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Filed:
    """One order of the file: as the engine takes it, the click that stands for its creator, and what was refunded."""

    order: OrderFacts
    click: Click | None
    refund: Refund | None


class BadFile(Exception):
    """The file cannot be used; `errors` are the first problems, `more` how many others there are."""

    def __init__(self, errors: list[RowError], more: int = 0) -> None:
        self.errors, self.more = errors, more
        super().__init__(f"{len(errors) + more} problems")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file is read with. creators: handle, lower case → the id that the engine knows."""

    currency: str
    zone: ZoneInfo
    creators: Mapping[str, str]


def check(text: str, reading: Reading) -> int:
    """How many orders the file holds; BadFile names what cannot be read."""
    reader = _Reader(text, reading)
    count = sum(1 for _ in reader.orders())
    if not count and not reader.errors:
        reader.wrong(2, "order", N_("There is no order in this file."))
    if reader.errors:
        raise BadFile(reader.errors, reader.more)
    return count


def orders(text: str, reading: Reading) -> Iterator[Filed]:
    """The orders of a file that was checked, one after the other; BadFile at the first problem."""
    reader = _Reader(text, reading)
    for filed in reader.orders():
        if reader.errors:
            break
        yield filed
    if reader.errors:
        raise BadFile(reader.errors, reader.more)


class _Reader:
    def __init__(self, text: str, reading: Reading) -> None:
        self.text = text.removeprefix("\ufeff")
        self.reading = reading
        self.errors: list[RowError] = []
        self.more = 0
        self._where = (1, "")

    def wrong(self, row: int, column: str, message: str, **facts: object) -> None:
        """Note a problem."""
        if len(self.errors) < ERRORS:
            self.errors.append(RowError(row, column, message, facts))
        else:
            self.more += 1

    def orders(self) -> Iterator[Filed]:
        """Every order that can be read; problems are noted on the way."""
        rows = csv.reader(self.text.splitlines(keepends=True), delimiter=self._delimiter(), strict=True)
        try:
            heading = [name.strip().lower().replace(" ", "_") for name in next(rows, [])]
            if not self._heading(heading):
                return
            yield from self._groups(rows, heading)
        except csv.Error:
            self.wrong(rows.line_num, "", N_("This row is not CSV: a quotation mark is out of place."))

    def _delimiter(self) -> str:
        first = self.text.partition("\n")[0]
        return max((",", ";", "\t"), key=first.count)

    def _heading(self, heading: list[str]) -> bool:
        for name in heading:
            if name not in COLUMNS:
                self.wrong(1, name, N_("There is no column of this name."))
        for name in sorted({name for name in heading if heading.count(name) > 1}):
            self.wrong(1, name, N_("This column is there twice."))
        for name in NEEDED:
            if name not in heading:
                self.wrong(1, name, N_("This column is missing."))
        return not self.errors

    def _groups(self, rows: Iterator[list[str]], heading: list[str]) -> Iterator[Filed]:
        seen: dict[str, int] = {}
        group: list[tuple[int, dict[str, str]]] = []
        for number, cells in enumerate(rows, start=2):
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(heading):
                message = N_("This row has {found} cells instead of {wanted}.")
                self.wrong(number, "", message, found=len(cells), wanted=len(heading))
                continue
            row = {name: cell.strip() for name, cell in zip(heading, cells, strict=True)}
            if group and row["order"] != group[0][1]["order"]:
                yield from self._order(group)
                group = []
            if not group:
                if not row["order"]:
                    self.wrong(number, "order", N_("This must not be empty."))
                    continue
                first = seen.setdefault(row["order"], number)
                if first != number:
                    message = N_("The rows of one order stand together; this order began in row {first}.")
                    self.wrong(number, "order", message, first=first)
                    continue
            group.append((number, row))
        if group:
            yield from self._order(group)

    def _order(self, group: list[tuple[int, dict[str, str]]]) -> Iterator[Filed]:
        problems = len(self.errors) + self.more
        number, head = group[0]
        for other, row in group[1:]:
            for name, value in row.items():
                if COLUMNS[name] and value and value != head[name]:
                    self.wrong(other, name, N_("This differs from the first row of the order."))
        currency = head.get("currency", "").upper() or self.reading.currency
        if currency not in EXPONENTS:
            self.wrong(number, "currency", N_("This currency is not known here."))
            return
        at = self._at(number, head["at"])
        lines = tuple(self._line(place, n, row, currency) for place, (n, row) in enumerate(group, start=1))
        discount, shipping, tax, refunded = (
            self._amount(number, name, head.get(name, ""), currency) for name in ("order_discount", "shipping", "tax", "refunded")
        )
        creator = self._creator(number, head.get("creator", ""))
        fresh = self._yes(number, head.get("new_customer", ""))
        if at is None or len(self.errors) + self.more != problems:
            return
        ref = head["order"][:LONGEST]
        try:
            check_discounts(lines, discount, "order")
        except BadDocument:
            self.wrong(number, "order_discount" if discount else "discount", N_("The discount is larger than the goods."))
            return
        click = Click(f"{ref}:click", at, creator, channel=head.get("channel") or None) if creator else None
        order = OrderFacts(
            ref, at, currency, lines, discount, shipping, tax,
            click=click.id if click else None, code=head.get("code") or None, channel=head.get("channel") or None,
            customer=Customer(id=head.get("customer") or None, new=fresh),
        )  # fmt: skip
        if refunded > sum(nets_of(order)):
            self.wrong(number, "refunded", N_("More was refunded than the goods cost."))
            return
        yield Filed(order, click, Refund(f"{ref}:refund", at, ref, amount=refunded) if refunded else None)

    def _line(self, place: int, number: int, row: dict[str, str], currency: str) -> Line:
        quantity = row.get("quantity", "") or "1"
        if not (quantity.isascii() and quantity.isdigit() and 0 < int(quantity[:10]) <= 1_000_000 and len(quantity) < 8):
            self.wrong(number, "quantity", N_("This is not a whole number from 1 to 1,000,000."))
            quantity = "1"
        if not row["price"]:
            self.wrong(number, "price", N_("This must not be empty."))
        return Line(
            str(place),
            self._amount(number, "price", row["price"], currency),
            int(quantity),
            self._amount(number, "discount", row.get("discount", ""), currency),
            product=row.get("product", "")[:LONGEST] or None,
            category=row.get("category", "")[:LONGEST] or None,
        )

    def _amount(self, number: int, column: str, text: str, currency: str) -> int:
        if not text:
            return 0
        try:
            return read_price(text, currency)
        except NotAnAmount:
            self.wrong(number, column, N_("{text} is not an amount of {currency}."), text=text[:40], currency=currency)
            return 0

    def _at(self, number: int, text: str) -> datetime | None:
        try:
            return read_instant(text)
        except NotAnInstant:
            pass
        found = _LOCAL.match(text)
        if found:
            try:
                local = datetime.fromisoformat(f"{found[1]}T{found[2] or '00:00'}")
                return local.replace(tzinfo=self.reading.zone).astimezone(UTC)
            except (ValueError, OverflowError):
                pass
        self.wrong(number, "at", N_("{text} is not a date and time such as 2026-01-31 10:00."), text=text[:40])
        return None

    def _creator(self, number: int, text: str) -> str | None:
        if not text:
            return None
        found = self.reading.creators.get(text.removeprefix("@").lower())
        if found is None:
            self.wrong(number, "creator", N_("{text} is not a creator in this program."), text=text[:40])
        return found

    def _yes(self, number: int, text: str) -> bool | None:
        if not text:
            return None
        found = _YES.get(text.lower())
        if found is None:
            self.wrong(number, "new_customer", N_("Write yes or no."))
        return found
