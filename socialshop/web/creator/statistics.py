"""/creator/statistics: what a creator's pages and links bring, and what they earn by it."""

from __future__ import annotations

from flask import Response, current_app, g, render_template, request

from ...flows import statistics as stories
from ...kernel.clock import utcnow
from ...kernel.errors import NotFound
from .. import statistics as said
from ..access import CREATOR, allow
from ..local import zone
from . import bp

CARDS = {
    "what": ("link", "product", "program"),
    "where": ("channel", "placement", "referrer"),
    "who": ("country", "language"),
    "with": ("device", "inside", "browser", "system"),
    "campaign": ("via", "utm_source", "utm_medium", "utm_campaign", "destination"),
}
TABLES = frozenset(name for names in CARDS.values() for name in names)


@bp.get("/statistics", endpoint="statistics")
@allow(CREATOR)
def statistics() -> str:
    """Headline figures, each day, the way to a sale, and tables that narrow all of it."""
    desk = _desk()
    return render_template("creator/statistics.html", cards=CARDS, nothing_yet=said.nothing_yet(desk), **said.words_for(desk))


@bp.get("/statistics/table", endpoint="statistics_table")
@allow(CREATOR)
def statistics_table() -> str:
    """One table with all its columns."""
    by, desk = _by(), _desk()
    return render_template("creator/statistics_table.html", table=desk.table(by, limit=said.MOST), **said.words_for(desk))


@bp.get("/statistics.csv", endpoint="statistics_csv")
@allow(CREATOR)
def statistics_csv() -> Response:
    """The same as a sheet, every row of it."""
    by = "day" if request.args.get("by") == "day" else _by()
    return said.sheet(_desk(), by, f"statistics-{g.creator.handle}")


def _by() -> str:
    by = request.args.get("by", "link")
    if by not in TABLES:
        raise NotFound
    return by


def _desk() -> said.Desk:
    now = utcnow()
    asked = said.read(stories.of_creator(g.creator.id), zone=zone(), now=now)
    taps = stories.taps(current_app.config["SETTINGS"].default_timezone)
    return said.Desk(asked, taps, endpoint="creator.statistics", currency=_currency(), now=now)


def _currency() -> str:
    return "IDR"
