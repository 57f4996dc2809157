"""What a creator earned: the sums, the list, and the receipt behind every number."""

from __future__ import annotations

from flask import g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ...domain import commissions, orders, payouts, people
from ...flows import awaiting, receipt
from ...kernel.clock import utcnow
from ...kernel.errors import NotFound
from .. import contest, explain, paging
from ..access import CREATOR, allow
from . import bp, payout_notices

PAGE = 25


@bp.get("/earnings", endpoint="earnings")
@allow(CREATOR)
def earnings_list() -> str:
    """Sums per currency, when the next one falls due, and every sale; `?state=` picks some."""
    now, state = utcnow(), request.args.get("state", "")
    if state not in explain.SHELVES:
        state = ""
    number = paging.page_number()
    found: list[commissions.Commission] = []
    missed: list[int] = []
    if state == "nothing":
        missed = commissions.missed_by(g.creator.id, limit=PAGE + 1, offset=(number - 1) * PAGE)
    elif state != "awaiting":
        found = commissions.listed(creator_id=g.creator.id, state=state, now=now, limit=PAGE + 1, offset=(number - 1) * PAGE)
    waiting = awaiting.for_creator(g.creator.id, now=now) if state in ("", "awaiting") and number == 1 else []
    wanted = [row.order_id for row in found] + missed
    ordered = orders.orders_by_id(wanted)
    summary = list(commissions.summary_of_creator(g.creator.id, now=now).values())
    return render_template(
        "creator/earnings.html", now=now, state=state, number=number, more=len(found) > PAGE or len(missed) > PAGE,
        summary=summary, notices=payout_notices.of(g.creator.id, summary, now=now), rows=found[:PAGE], missed=missed[:PAGE],
        waiting=waiting, orders=ordered, brands=people.brands_by_id({order.brand_id for order in ordered.values()}),
        reasons=receipt.reasons_of(missed[:PAGE], g.creator.id),
        payouts=payouts.of_creator(g.creator.id, limit=6), ending=people.ending,
        next_due=commissions.next_due(g.creator.id, now=now),
        shelves=[(url_for("creator.earnings", state=name), explain.SHELF_NAMES[name], name == state) for name in explain.SHELVES],
        through=people.creators_by_id({row.of_creator_id for row in found if row.level}), explain=explain,
    )  # fmt: skip


@bp.get("/earnings/<commission>", endpoint="earning")
@allow(CREATOR)
def earning(commission: str) -> str:
    """One commission, from the click to the bank."""
    return _receipt(receipt.of_commission(commissions.get_own(g.creator.id, commission)))


@bp.get("/earnings/orders/<order>", endpoint="earning_order")
@allow(CREATOR)
def earning_order(order: str) -> Response | str:
    """A sale that earned nothing, and why; one that did earn leads to its receipt."""
    row = orders.find(order)
    if row is None:
        raise NotFound
    found = receipt.of_order(row.id, g.creator.id)
    if found.commission is not None:
        return redirect(url_for("creator.earning", commission=found.commission.public_id))
    return _receipt(found)


def _receipt(found: receipt.Receipt) -> str:
    now = utcnow()
    return render_template(
        "creator/receipt.html", receipt=found, now=now, explain=explain, told=explain.told(found, "creator", now),
        contest=contest,
        case=contest.case_of(found.commission) if found.commission else None,
    )  # fmt: skip
