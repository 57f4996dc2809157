"""The result document (specification, section 7)."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from ..terms import PricedLine, write_instant
from .book import OrderBook, Row
from .postings import Posting
from .scenario import BUCKETS
from .world import PaidOut, World


def result_document(world: World, now: datetime) -> dict[str, object]:
    """What the facts come to at that instant, as plain JSON; every list in the order that the specification names."""
    books = sorted(world.books.values(), key=lambda book: (book.arrival.order.at, book.arrival.order.id))
    return {
        "commissions": [commission_document(row, now) for book in books for row in book.rows],
        "declined": [row for book in books for row in _declined_documents(book)],
        "postings": [_posting_document(posting) for posting in world.postings],
        "payouts": [_payout_document(paid) for paid in world.payouts],
        "balances": _balances(world, books, now),
        "parked": world.parked,
    }


def commission_document(row: Row, now: datetime) -> dict[str, object]:
    """One commission as it stands."""
    quote = row.quote
    payout = quote and {"currency": row.pay_currency, "amount": row.worth, "rate": quote.rate, "fx": quote.id}
    return {
        "order": row.order.id,
        "creator": row.key.creator,
        "level": row.key.level,
        "of": row.key.of,
        "via": row.via,
        "currency": row.currency,
        "original": row.original,
        "amount": row.amount,
        "payout": payout,
        "no_rate": row.stake.no_rate,
        "state": row.state(now),
        "due_at": write_instant(row.due_at),
        "version": None if row.version is None else write_instant(row.version),
        "lines": [_line_document(line) for line in row.lines],
    }


def _line_document(line: PricedLine) -> dict[str, object]:
    return {"line": line.line, "base": line.base, "rule": line.rule, "bonus": list(line.bonus), "amount": line.amount}


def _declined_documents(book: OrderBook) -> list[dict[str, object]]:
    rows = sorted(book.declined, key=lambda row: row.creator or "")
    return [{"order": book.arrival.order.id, "creator": row.creator, "reason": row.reason} for row in rows]


def _posting_document(posting: Posting) -> dict[str, object]:
    return {
        "event": posting.event,
        "order": posting.order,
        "creator": posting.creator,
        "level": posting.level,
        "kind": posting.kind,
        "currency": posting.currency,
        "amount": posting.amount,
        "reason": posting.reason,
    }


def _payout_document(paid: PaidOut) -> dict[str, object]:
    return {
        "payout": paid.payout,
        "creator": paid.creator,
        "currency": paid.currency,
        "amount": paid.amount,
        "failed": paid.failed,
    }


def _balances(world: World, books: list[OrderBook], now: datetime) -> dict[str, dict[str, dict[str, int]]]:
    """Per creator and currency with any posting, what each bucket holds."""
    sums: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: dict.fromkeys(BUCKETS, 0))
    posted = {(posting.creator, posting.currency) for posting in world.postings}
    for key in sorted(posted):
        sums[key]
    for book in books:
        for row in book.rows:
            key = (row.key.creator, row.pay_currency)
            if key in posted:
                sums[key]["held" if row.held else "due" if row.due_at <= now else "pending"] += row.open
                sums[key]["owed_back"] += row.owed_back
    for paid in world.payouts:
        if not paid.failed:
            sums[paid.creator, paid.currency]["paid"] += paid.amount
    balances: dict[str, dict[str, dict[str, int]]] = {}
    for (creator, currency), buckets in sums.items():
        balances.setdefault(creator, {})[currency] = buckets
    return balances
