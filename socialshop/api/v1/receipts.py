"""A receipt as JSON: the facts of the page with their words for machines, and beside each the sentence that the page says."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ...domain.terms import FxQuote
from ...flows import receipt
from ...flows.receipt import Audience, Entry, Receipt, Told
from .documents import Document, Shelf, at, creator, order, program


def document(found: Receipt, audience: Audience, *, locale: str, now: datetime) -> Document:
    """Everything that the page says. Dates in sentences are told on the program's clock."""
    told = receipt.tell(found, audience=audience, locale=locale, zone=found.program.timezone, now=now)
    row = found.commission
    return {
        "order": order(found.order),
        "program": program(found.program, found.brand),
        "creator": creator(found.creator),
        "commission": Shelf([row]).commission(row, now) if row else None,
        "reason": None if row else found.reason or None,
        "arrived_at": at(found.arrived_at),
        "texts": list(told.result),
        "touches": _touches(found, told, audience),
        "share": {"via": found.via, "percent": found.percent, "texts": list(told.share)} if found.percent else None,
        "terms": _terms(found, told),
        "lines": [_line(found, told, n) for n in range(len(found.lines))],
        "sum": _sum(found, told),
        "override": _override(found, told),
        "rounding": {"rule": found.rounding, "texts": list(told.notes)},
        "conversion": _conversion(found.quote, told),
        "steps": [_step(found, told, n) for n in range(len(found.steps))],
        "payouts": [
            {"id": payout.public_id, "state": payout.state, "amount": item.minor, "text": _said(entry)}
            for (item, payout), entry in zip(found.paid_by, told.payouts, strict=True)
        ],
    }


def _touches(found: Receipt, told: Told, audience: Audience) -> list[Document]:
    rows = []
    for touch, text in zip(found.touches, told.touches, strict=True):
        known = touch.who and (touch.mine or audience == "brand")
        rows.append(
            {
                "kind": touch.kind, "creator": touch.who if known else None, "mine": touch.mine, "code": touch.text or None,
                "at": at(touch.at), "channel": touch.channel or None, "won": touch.won, "why": touch.why,
                "text": f"{text.title}. {text.why}",
            }
        )  # fmt: skip
    return rows


def _terms(found: Receipt, told: Told) -> Document | None:
    if found.terms is None or found.ordered_under is None:
        return None
    counts = found.terms.starts_at
    return {
        "version": found.terms.number,
        "from": at(counts),
        "version_of_order": found.ordered_under.number,
        "candidates": [{"from": at(starts), "amount": amount, "counts": starts == counts} for starts, amount in found.candidates],
        "texts": list(told.terms),
        "clauses": [{"rule": clause.rule or None, "text": clause.text} for clause in told.clauses],
    }


def _line(found: Receipt, told: Told, n: int) -> Document:
    line = found.lines[n]
    return {
        "key": line.key, "title": line.title, "quantity": line.quantity, "price": line.price, "gross": line.gross,
        "discount": line.discount, "order_discount": line.order_discount, "net": line.net, "shipping": line.shipping,
        "tax": line.tax, "base": line.base, "excluded": line.excluded, "amount": line.amount,
        "earned": [
            {
                "rule": each.rule, "bonus": each.bonus, "form": each.form, "per": each.per, "rate": each.rate,
                "exact": each.exact or None, "amount": each.amount, "after_cap": each.capped, "cap": each.cap,
                "volume": each.volume if each.form == "tiers" else None,
                "tiers": [
                    {"percent": part.percent, "base": part.base, "from": part.begins, "up_to": part.up_to} for part in each.parts
                ],
            }
            for each in line.earned
        ],
        "entries": [_entry(entry) for entry in told.lines[n].entries] if told.lines else [],
    }  # fmt: skip


def _sum(found: Receipt, told: Told) -> Document | None:
    if found.sum is None:
        return None
    return {
        "earned": found.sum.earned, "after_rule_caps": found.sum.after_rule_caps, "after_order_cap": found.sum.after_order_cap,
        "after_budget": found.sum.after_budget, "total": found.sum.total, "order_cap": found.sum.order_cap,
        "budget": found.sum.budget, "budget_left": found.sum.budget_left, "exact_share": found.sum.exact_share or None,
        "entries": [_entry(entry) for entry in told.sum],
    }  # fmt: skip


def _override(found: Receipt, told: Told) -> Document | None:
    override = found.override
    if override is None:
        return None
    facts = {"of": override.handle, "level": override.level, "percent": override.percent, "direct": override.direct}
    return {**facts, "texts": list(told.arithmetic)}


def _conversion(quote: FxQuote | None, told: Told) -> Document | None:
    if not told.conversion:
        return None
    facts: dict[str, Any] = {"base": None, "quote": None, "rate": None, "quoted_at": None}
    if quote is not None:
        facts = {"base": quote.base, "quote": quote.quote, "rate": quote.rate, "quoted_at": at(quote.at)}
    return {**facts, "texts": list(told.conversion)}


def _step(found: Receipt, told: Told, n: int) -> Document:
    step, text = found.steps[n], told.steps[n]
    legs = step.entry.legs if step.entry else ()
    return {
        "kind": step.row.kind, "reason": step.row.reason or None, "amount": step.row.minor, "worth_after": step.worth,
        "at": at(step.row.at), "state": step.row.state, "words": text.quoted, "ledger_entry": text.entry,
        "moves": [{"pocket": leg.pocket.kind, "amount": leg.minor, "currency": leg.currency} for leg in legs],
        "payout": step.payout.public_id if step.payout else None, "text": text.title, "texts": list(text.sentences),
    }  # fmt: skip


def _entry(entry: Entry) -> Document:
    return {
        "text": entry.label,
        "amount": entry.minor,
        "notes": list(entry.notes),
        "total": entry.total,
        "rule": entry.rule or None,
    }


def _said(entry: Entry) -> str:
    return ". ".join((entry.label, *entry.notes))
