"""Why an order earned a creator nothing: the same receipt as the creator's."""

from __future__ import annotations

from flask import g, redirect, render_template, url_for
from werkzeug.wrappers import Response

from ...domain import orders, people
from ...flows import receipt
from ...kernel.clock import utcnow
from ...kernel.errors import NotFound
from .. import explain
from ..access import BRAND_VIEW, allow
from . import bp


@bp.get("/commissions/orders/<order>/<creator>", endpoint="commission_order")
@allow(BRAND_VIEW)
def commission_order(order: str, creator: str) -> Response | str:
    """The receipt of somebody who was considered; whoever earned something has one of their commission."""
    row, person = orders.order_of(g.brand.id, order), people.find_creator(creator)
    if person is None:
        raise NotFound
    found, now = receipt.of_order(row.id, person.id), utcnow()
    if found.commission is not None:
        return redirect(url_for("brand.commission", commission=found.commission.public_id))
    return render_template("brand/receipt.html", receipt=found, now=now, explain=explain, told=explain.told(found, "brand", now))
