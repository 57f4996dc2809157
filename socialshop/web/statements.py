"""What the statements of a creator and of a brand have in common: their sheet, and the words beside the numbers."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from flask import Response
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from ..flows import statement, statement_words
from ..kernel.clock import rfc3339
from ..kernel.money import to_decimal
from . import explain, sheets
from .local import locale, zone

HEADER = (
    *(_l("Program"), _l("Currency"), _l("Group"), _l("Kind"), _l("Written at"), _l("Happened at"), _l("About"), _l("Why")),
    *(_l("Order"), _l("Commission"), _l("Payout"), _l("Amount"), _l("Balance"), _l("Ledger entry")),
)


def sheet(found: statement.Statement) -> Response:
    """The month as CSV in the reader's language: every line with the balance after it, amounts in major units."""
    return sheets.answer(f"statement-{found.creator.handle}-{found.month}.csv", HEADER, _rows(found))


def _rows(found: statement.Statement) -> Iterator[list[object]]:
    for account in found.accounts:
        balance, name, currency = account.opening, account.program.name, account.currency
        yield _end(account, gettext("Opening balance"), account.opening, rfc3339(account.start))
        lines = [(group.name, line) for group in account.groups for line in group.lines]
        for shelf, line in sorted(lines, key=lambda each: each[1].entry):
            balance += line.minor
            yield [
                *(name, currency, group(shelf), _kind(line.kind), rfc3339(line.booked_at), rfc3339(line.at)),
                *(title(line), why(line)),
                line.order.number if line.order else "", line.commission.public_id if line.commission else "",
                line.payout.public_id if line.payout else "",
                *(_amount(line.minor, currency), _amount(balance, currency), line.entry),
            ]  # fmt: skip
        yield _end(account, gettext("Closing balance"), account.closing, rfc3339(account.end))


def _end(account: statement.Account, said: str, minor: int, at: str) -> list[object]:
    return [
        *(account.program.name, account.currency, said, said, at, at, "", "", "", "", ""),
        *("", _amount(minor, account.currency), ""),
    ]


def _kind(word: str) -> str:
    """What a step is called."""
    return str(explain.STEPS[word]) if word in explain.STEPS else word


def _amount(minor: int, currency: str) -> Decimal:
    return Decimal(to_decimal(minor, currency))


def title(line: statement.Line) -> str:
    """What a line is about."""
    return statement_words.title(line, locale())


def why(line: statement.Line) -> str:
    """What happened and why."""
    return statement_words.why(line, locale(), zone())


def month(text: str) -> str:
    """The month's name."""
    return statement_words.month(text, locale())


def group(name: str) -> str:
    """What a group of lines is called."""
    return str(explain.GROUPS[name])


def pockets(account: statement.Account) -> list[tuple[str, int]]:
    """What the closing balance consists of, in words."""
    told = explain.words_of(statement_words.POCKETS)
    return [(str(told[kind]), account.pockets[kind]) for kind in statement_words.POCKETS if kind in account.pockets]
