"""/brand/…/statistics: what creators bring a brand, by whom and from where."""

from __future__ import annotations

from flask import Response, current_app, g, render_template, request

from ...flows import statistics as stories
from ...kernel.clock import utcnow
from .. import statistics as said
from ..access import BRAND_VIEW, allow
from . import bp

CARDS = said.cards("creator", "program", "product", "link", "post")


@bp.get("/statistics", endpoint="statistics")
@allow(BRAND_VIEW)
def statistics() -> str:
    """Headline figures, each day, the way to a sale, and tables that narrow all of it."""
    desk = _desk()
    return render_template("brand/statistics.html", cards=CARDS, nothing_yet=said.nothing_yet(desk), **said.words_for(desk))


@bp.get("/statistics/table", endpoint="statistics_table")
@allow(BRAND_VIEW)
def statistics_table() -> str:
    """One table with all its columns."""
    by, desk = said.by(CARDS), _desk()
    return render_template("statistics_table.html", table=desk.table(by, limit=said.MOST), **said.words_for(desk))


@bp.get("/statistics.csv", endpoint="statistics_csv")
@allow(BRAND_VIEW)
def statistics_csv() -> Response:
    """The same as a sheet, every row of it."""
    by = "day" if request.args.get("by") == "day" else said.by(CARDS)
    return said.sheet(_desk(), by, f"statistics-{g.brand.slug}")


def _desk() -> said.Desk:
    now = utcnow()
    asked = said.read(stories.of_brand(g.brand.id), zone=g.brand.timezone, now=now)
    taps = stories.taps(current_app.config["SETTINGS"].default_timezone)
    return said.Desk(asked, taps, endpoint="brand.statistics", currency=g.brand.currency, now=now)
