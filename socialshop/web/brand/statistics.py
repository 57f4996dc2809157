"""/brand/…/statistics: what creators bring a brand, by whom and from where."""

from __future__ import annotations

from flask import Response, current_app, g, render_template, request

from ...flows import statistics as stories
from ...kernel.clock import utcnow
from ...kernel.errors import NotFound
from .. import statistics as said
from ..access import BRAND_VIEW, allow
from . import bp

CARDS = {
    "what": ("creator", "program", "product", "link", "post"),
    "where": ("channel", "placement", "referrer"),
    "who": ("country", "language"),
    "with": ("device", "inside", "browser", "system"),
    "campaign": ("via", "utm_source", "utm_medium", "utm_campaign", "destination"),
}
TABLES = frozenset(name for names in CARDS.values() for name in names)


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
    by, desk = _by(), _desk()
    return render_template("brand/statistics_table.html", table=desk.table(by, limit=said.MOST), **said.words_for(desk))


@bp.get("/statistics.csv", endpoint="statistics_csv")
@allow(BRAND_VIEW)
def statistics_csv() -> Response:
    """The same as a sheet, every row of it."""
    by = "day" if request.args.get("by") == "day" else _by()
    return said.sheet(_desk(), by, f"statistics-{g.brand.slug}")


def _by() -> str:
    by = request.args.get("by", "creator")
    if by not in TABLES:
        raise NotFound
    return by


def _desk() -> said.Desk:
    now = utcnow()
    asked = said.read(stories.of_brand(g.brand.id), zone=g.brand.timezone, now=now)
    taps = stories.taps(current_app.config["SETTINGS"].default_timezone)
    return said.Desk(asked, taps, endpoint="brand.statistics", currency=g.brand.currency, now=now)
