"""What a brand's sales cost it: by creator, sale by sale, and the receipt behind each."""

from __future__ import annotations

from flask import g, render_template, request, url_for

from ...domain import appeals, commissions, orders, people, programs
from ...flows import receipt
from ...kernel.clock import utcnow
from .. import contest, explain, paging
from ..access import BRAND_VIEW, allow
from . import bp

PAGE = 25
SHELVES = ("pending", "held", "due", "paid", "owed_back", "reversed", "rejected")


@bp.get("/commissions", endpoint="commissions")
@allow(BRAND_VIEW)
def commissions_list() -> str:
    """Cost per creator, and every commission; `?state=` picks some."""
    now, state = utcnow(), request.args.get("state", "")
    state = state if state in SHELVES else ""
    number, mine = paging.page_number(), _programs()
    rows = commissions.listed(program_ids=mine, state=state, now=now, limit=PAGE + 1, offset=(number - 1) * PAGE)
    costs = commissions.cost_of_creators(mine)
    return render_template(
        "brand/commissions.html", rows=rows[:PAGE], more=len(rows) > PAGE, number=number, state=state, now=now,
        tabs=[(url_for("brand.commissions", state=name), explain.SHELF_NAMES[name], name == state) for name in SHELVES],
        costs=costs, orders=orders.orders_by_id([row.order_id for row in rows]), explain=explain,
        creators=people.creators_by_id({row.creator_id for row in rows} | {cost.creator_id for cost in costs}),
        waiting=appeals.count_waiting(g.brand.id),
    )  # fmt: skip


@bp.get("/commissions/<commission>", endpoint="commission")
@allow(BRAND_VIEW)
def commission(commission: str) -> str:
    """The same receipt as the creator's, and what a brand may do about it."""
    row = own(commission)
    found = receipt.of_commission(row)
    held_by = [hold_id for hold_id, _ in commissions.open_holds(row.order_id, row.creator_id)]
    return render_template(
        "brand/commission.html", receipt=found, now=utcnow(), explain=explain, contest=contest,
        case=contest.case_of(row, for_brand=True), person_holds=any(":hold:" in hold_id for hold_id in held_by),
        rejected=bool(commissions.open_rejects(row.order_id, row.creator_id)),
    )  # fmt: skip


def own(public_id: str) -> commissions.Commission:
    """A commission of the brand's programs; NotFound for anybody else's."""
    return commissions.get_of_programs(_programs(), public_id)


def _programs() -> list[int]:
    return [program.id for program in programs.programs_of_brand(g.brand.id)]
