"""Rows as JSON: amounts in minor units of the currency beside them, instants in UTC, public ids only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ...domain import commissions, orders, payouts, people, programs
from ...flows import money_words, statement, statement_words
from ...kernel import words
from ...kernel.instants import rfc3339
from ..door import holder, language

Document = dict[str, Any]


def at(moment: datetime | None) -> str | None:
    """An instant, or null."""
    return None if moment is None else rfc3339(moment)


def _say(text: str) -> str:
    """A sentence in the language that was asked for."""
    return words.say(text, language())


def _why(row: commissions.Commission) -> str:
    """Why it is held, as whoever asks may read it."""
    side = "brand" if holder().brand else "creator"
    return money_words.why(row.held_why, _say, quote=side == "brand" or not row.level, side=side)


def creator(person: people.Creator) -> Document:
    """Who, as everybody may know them."""
    return {"id": person.public_id, "handle": person.handle}


def program(found: programs.Program, brand: people.Brand) -> Document:
    """A program and whose it is."""
    return {"id": found.public_id, "name": found.name, "brand": {"id": brand.public_id, "slug": brand.slug, "name": brand.name}}


def order(found: orders.Order) -> Document:
    """An order, without anything about its buyer."""
    return {"id": found.public_id, "number": found.number, "placed_at": at(found.placed_at), "currency": found.currency}


class Shelf:
    """The rows beside a list of commissions or payouts, read once for all of it."""

    def __init__(self, rows: list[commissions.Commission] | list[payouts.Payout]) -> None:
        ids = {row.creator_id for row in rows}
        ids |= {row.of_creator_id for row in rows if isinstance(row, commissions.Commission) and row.of_creator_id}
        self.creators = people.creators_by_id(ids)
        self.programs = programs.programs_by_id({row.program_id for row in rows})
        self.brands = people.brands_by_id({found.brand_id for found in self.programs.values()})
        self.orders = orders.orders_by_id([row.order_id for row in rows if isinstance(row, commissions.Commission)])

    def program(self, program_id: int) -> Document:
        """The program of a row."""
        found = self.programs[program_id]
        return program(found, self.brands[found.brand_id])

    def commission(self, row: commissions.Commission, now: datetime) -> Document:
        """What one creator has of one order."""
        return {
            "id": row.public_id,
            "order": order(self.orders[row.order_id]),
            "program": self.program(row.program_id),
            "creator": creator(self.creators[row.creator_id]),
            "level": row.level,
            "of": creator(self.creators[row.of_creator_id]) if row.of_creator_id else None,
            "via": row.via,
            "state": row.state_at(now),
            "currency": row.currency,
            "original": row.original_minor,
            "amount": row.amount_minor,
            "pay_currency": row.pay_currency,
            "worth": row.worth_minor,
            "paid": row.given_minor,
            "open": row.open_minor,
            "owed_back": row.owed_back_minor,
            "rate": row.rate or None,
            "no_rate": row.no_rate,
            "held": row.held,
            "held_why": _why(row) if row.held else "",
            "due_at": at(row.due_at),
            "terms_from": at(row.version_at),
            "accrued_at": at(row.accrued_at),
        }

    def payout(self, row: payouts.Payout) -> Document:
        """One payout; of the account only its end."""
        return {
            "id": row.public_id,
            "program": self.program(row.program_id),
            "creator": creator(self.creators[row.creator_id]),
            "currency": row.currency,
            "amount": row.amount_minor,
            "fee": row.fee_minor,
            "state": row.state,
            "why": row.why,
            "reference": row.reference,
            "account": {"kind": row.payee_kind, "provider": row.payee_provider, "ending": row.payee_number[-4:]},
            "drawn_at": at(row.drawn_at),
            "closed_at": at(row.closed_at),
        }


def items(payout_id: int) -> list[Document]:
    """What a payout settles, commission by commission."""
    rows = payouts.items_of(payout_id)
    found = commissions.by_ids([row.commission_id for row in rows])
    return [{"commission": found[row.commission_id].public_id, "amount": row.minor, "state": row.state} for row in rows]


def month(row: statement.Month) -> Document:
    """One month of one program and currency."""
    return {
        "month": row.month, "program": program(row.program, row.brand), "currency": row.currency, "opening": row.opening,
        "closing": row.closing, "moves": row.moves,
    }  # fmt: skip


def statement_of(found: statement.Statement, locale: str) -> Document:
    """A month with every line of it."""
    return {
        "month": found.month,
        "over": found.over,
        "creator": creator(found.creator),
        "accounts": [_account(account, locale) for account in found.accounts],
    }


def _account(account: statement.Account, locale: str) -> Document:
    zone = account.program.timezone
    return {
        "program": program(account.program, account.brand),
        "currency": account.currency,
        "timezone": zone,
        "from": at(account.start),
        "until": at(account.end),
        "opening": account.opening,
        "closing": account.closing,
        "pockets": {kind: account.pockets.get(kind, 0) for kind in ("held", "payable", "in_transit", "owed_back")},
        "groups": [
            {"group": group.name, "total": group.total, "lines": [_line(line, locale, zone) for line in group.lines]}
            for group in account.groups
        ],
    }


def _line(line: statement.Line, locale: str, zone: str) -> Document:
    return {
        "kind": line.kind,
        "reason": line.reason or None,
        "amount": line.minor,
        "written_at": at(line.booked_at),
        "happened_at": at(line.at),
        "ledger_entry": line.entry,
        "commission": line.commission.public_id if line.commission else None,
        "order": line.order.number if line.order else None,
        "payout": line.payout.public_id if line.payout else None,
        "text": f"{statement_words.title(line, locale)}: {statement_words.why(line, locale, zone)}",
    }
