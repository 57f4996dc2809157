"""A creator's payouts: what was sent, what the bank kept, and where it is."""

from __future__ import annotations

from flask import g, render_template

from ...domain import commissions, orders, payouts, people, programs
from ...flows import payout as runs
from .. import explain
from ..access import CREATOR, allow
from . import bp


@bp.get("/payouts/<payout_id>", endpoint="payout")
@allow(CREATOR)
def payout(payout_id: str) -> str:
    """One payout: what it is made of, the fee, the account, every step."""
    row = payouts.own(g.creator.id, payout_id)
    items = payouts.items_of(row.id)
    payee = people.payee_of(g.creator.id)
    found = commissions.by_ids([item.commission_id for item in items])
    return render_template(
        "creator/payout.html", row=row, items=items, commissions=found, steps=payouts.steps_of(row.id), explain=explain,
        brand=people.get_brand(programs.get(row.program_id).brand_id), name_of=people.provider_name, ending=people.ending,
        changed_since=payee is not None and not runs.same_account(row, payee),
        orders=orders.orders_by_id({each.order_id for each in found.values()}),
        gained=sum(item.minor for item in items if item.minor > 0), taken=sum(item.minor for item in items if item.minor < 0),
    )  # fmt: skip
