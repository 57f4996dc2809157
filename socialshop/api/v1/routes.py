"""What machines may read of money: commissions, receipts, statements, payouts. Nothing here writes."""

from __future__ import annotations

from typing import Any

from flask import Response

from ...domain import commissions, orders, payouts, people, programs
from ...flows import receipt, statement
from ...kernel.clock import utcnow
from ...kernel.errors import N_, FieldError, Invalid, NotFound
from ...policy import READS_MONEY, allow
from ..door import holder, language
from . import bp
from . import documents as say
from .answers import answer, describe, page
from .query import CREATOR, CURSOR, LIMIT, Field, bad_cursor, read
from .receipts import document as receipt_document

STATE = Field(
    "state", "Only those in this state now.", words=("pending", "held", "due", "paid", "reversed", "rejected", "owed_back")
)
PAYOUT_STATE = Field("state", "Only those in this state.", words=("ready", "sent", "unknown", "paid", "returned"))
PROGRAM = Field("program", "Only of this program, by id.")


@bp.get("/commissions")
@allow(READS_MONEY)
@describe("CommissionList", LIMIT, CURSOR, STATE, PROGRAM, CREATOR)
def list_commissions() -> Response:
    """Commissions, the newest first."""
    asked, now = read((LIMIT, CURSOR, STATE, PROGRAM, CREATOR)), utcnow()
    creator_id, program_ids = _whose(asked)
    last = _commission(asked["cursor"]).id if asked["cursor"] else None
    found = commissions.before(
        last, creator_id=creator_id, program_ids=program_ids, state=asked["state"] or "", now=now, limit=asked["limit"] + 1
    )
    rows = found[: asked["limit"]]
    shelf = say.Shelf(rows)
    return page([shelf.commission(row, now) for row in rows], len(found) > len(rows))


@bp.get("/commissions/<commission>")
@allow(READS_MONEY)
@describe("Commission")
def get_commission(commission: str) -> Response:
    """One commission."""
    read(())
    row = _commission(commission, missing=NotFound())
    return answer(say.Shelf([row]).commission(row, utcnow()))


@bp.get("/commissions/<commission>/receipt")
@allow(READS_MONEY)
@describe("Receipt")
def get_receipt(commission: str) -> Response:
    """Why a commission is what it is, with the sentences that the page says."""
    read(())
    found = receipt.of_commission(_commission(commission, missing=NotFound()))
    return answer(_receipt(found))


@bp.get("/orders/<order>/receipts")
@allow(READS_MONEY)
@describe("ReceiptList", CREATOR)
def list_receipts(order: str) -> Response:
    """The receipts of an order: of every commission in it, and of every creator who was considered and earned nothing."""
    asked = read((CREATOR,))
    creator_id, program_ids = _whose(asked)
    found = orders.find(order)
    if found is None:
        raise NotFound
    told = []
    for each in receipt.considered(found.id):
        if creator_id not in (None, each.creator.id):
            continue
        if program_ids is None or _program_of(found.id) in program_ids:
            told.append(
                receipt.of_commission(each.commission) if each.commission else receipt.of_order(found.id, each.creator.id)
            )
    if not told:
        raise NotFound
    return answer({"data": [_receipt(each) for each in told], "next_cursor": None})


@bp.get("/statements")
@allow(READS_MONEY)
@describe("MonthList", CREATOR)
def list_statements() -> Response:
    """Every month in which something moved or was owed, by program and currency, the newest first."""
    person, program_ids = _person(read((CREATOR,)))
    months = statement.months_of(person.id, now=utcnow(), program_ids=program_ids)
    return answer({"data": [say.month(row) for row in months], "next_cursor": None})


@bp.get("/statements/<month>")
@allow(READS_MONEY)
@describe("Statement", CREATOR)
def get_statement(month: str) -> Response:
    """One month, line by line; month: "2026-06"."""
    person, program_ids = _person(read((CREATOR,)))
    return answer(say.statement_of(statement.of_month(person.id, month, now=utcnow(), program_ids=program_ids), language()))


@bp.get("/payouts")
@allow(READS_MONEY)
@describe("PayoutList", LIMIT, CURSOR, PAYOUT_STATE, PROGRAM, CREATOR)
def list_payouts() -> Response:
    """Payouts, the newest first."""
    asked = read((LIMIT, CURSOR, PAYOUT_STATE, PROGRAM, CREATOR))
    creator_id, program_ids = _whose(asked)
    last = _payout(asked["cursor"]).id if asked["cursor"] else None
    found = payouts.before(
        last, creator_id=creator_id, program_ids=program_ids, state=asked["state"] or "", limit=asked["limit"] + 1
    )
    rows = found[: asked["limit"]]
    shelf = say.Shelf(rows)
    return page([shelf.payout(row) for row in rows], len(found) > len(rows))


@bp.get("/payouts/<payout>")
@allow(READS_MONEY)
@describe("Payout")
def get_payout(payout: str) -> Response:
    """One payout, with what it settles."""
    read(())
    row = _payout(payout, missing=NotFound())
    return answer({**say.Shelf([row]).payout(row), "items": say.items(row.id)})


def _receipt(found: receipt.Receipt) -> dict[str, Any]:
    audience: receipt.Audience = "brand" if holder().brand is not None else "creator"
    return receipt_document(found, audience, locale=language(), now=utcnow())


def _own_programs() -> list[int] | None:
    brand = holder().brand
    return None if brand is None else [program.id for program in programs.programs_of_brand(brand.id)]


def _whose(asked: dict[str, Any]) -> tuple[int | None, list[int] | None]:
    """Which rows the key's owner sees, as (creator, programs), narrowed to what was asked for. Foreign ids find nothing."""
    own = holder()
    creator_id = own.creator.id if own.creator is not None else None
    program_ids = _own_programs()
    if asked.get("program"):
        found = programs.find_by_public_id(asked["program"])
        narrowed = [found.id] if found is not None else []
        program_ids = narrowed if program_ids is None else [each for each in narrowed if each in program_ids]
    if asked.get("creator"):
        person = people.find_creator(asked["creator"])
        named = person.id if person is not None else 0
        creator_id = named if creator_id in (None, named) else 0
    return creator_id, program_ids


def _person(asked: dict[str, Any]) -> tuple[people.Creator, list[int] | None]:
    """Whose statement: a creator's key has only its own, a brand's key names the creator."""
    own = holder()
    if own.creator is not None:
        if asked["creator"] not in (None, own.creator.public_id):
            raise NotFound
        return own.creator, None
    if asked["creator"] is None:
        text = N_("A brand has statements of each creator: say whose.")
        raise Invalid(fields=[FieldError("/query/creator", "missing", text)])
    person = people.find_creator(asked["creator"])
    if person is None:
        raise NotFound
    return person, _own_programs()


def _commission(public_id: str, *, missing: Exception | None = None) -> commissions.Commission:
    """A commission that the key's owner may see; `missing`, or that the cursor is none of this list."""
    try:
        own, program_ids = holder(), _own_programs()
        if own.creator is not None:
            return commissions.get_own(own.creator.id, public_id)
        return commissions.get_of_programs(program_ids or [], public_id)
    except NotFound:
        raise missing or bad_cursor() from None


def _payout(public_id: str, *, missing: Exception | None = None) -> payouts.Payout:
    row = payouts.by_public_ids([public_id]).get(public_id)
    own, program_ids = holder(), _own_programs()
    if row is None or (own.creator is not None and row.creator_id != own.creator.id):
        raise missing or bad_cursor()
    if program_ids is not None and row.program_id not in program_ids:
        raise missing or bad_cursor()
    return row


def _program_of(order_id: int) -> int | None:
    """The program that decided over an order."""
    found = commissions.attribution_of(order_id)
    return found.program_id if found is not None else None
