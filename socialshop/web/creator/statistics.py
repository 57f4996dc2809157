"""/creator/statistics: what a creator's pages and links bring, and what they earn by it."""

from __future__ import annotations

from dataclasses import replace

from flask import Response, current_app, g, render_template, request

from ...domain import analytics, links
from ...flows import statistics as stories
from ...kernel.clock import utcnow
from .. import statistics as said
from ..access import CREATOR, allow
from ..local import zone
from . import bp

CARDS = said.cards("link", "post", "product", "program")


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
    by, desk = said.by(CARDS), _desk()
    return render_template("statistics_table.html", table=desk.table(by, limit=said.MOST), **said.words_for(desk))


@bp.get("/statistics.csv", endpoint="statistics_csv")
@allow(CREATOR)
def statistics_csv() -> Response:
    """The same as a sheet, every row of it."""
    by = "day" if request.args.get("by") == "day" else said.by(CARDS)
    return said.sheet(_desk(), by, f"statistics-{g.creator.handle}")


@bp.app_template_global("link_figures")
def link_figures(link: links.TrackedLink) -> said.Desk:
    """The last 30 days of one of the creator's links, for its own page."""
    now = utcnow()
    period = analytics.period("30", now=now, zone=zone())
    scope = replace(stories.of_creator(g.creator.id), where={"link": str(link.id)})
    asked = said.Asked(scope, period, {"link": link.public_id}, plain=True)
    return said.Desk(asked, _taps(), endpoint="creator.statistics", now=now)


@bp.app_template_global("link_spark")
def link_spark(link: links.TrackedLink) -> list[int]:
    """Clicks of each of the last 30 days, [] where there were none; those of all links are asked once for a page."""
    if "link_sparks" not in g:
        period = analytics.period("30", now=utcnow(), zone=current_app.config["SETTINGS"].default_timezone)
        found: dict[str, dict[str, int]] = {}
        for (day, link_id), count in _taps().count(stories.of_creator(g.creator.id), period, ("day", "link")).items():
            found.setdefault(link_id, {})[day] = count
        g.link_sparks = {link_id: [days.get(day.isoformat(), 0) for day in period.days] for link_id, days in found.items()}
    return list(g.link_sparks.get(str(link.id), ()))


def _desk() -> said.Desk:
    now = utcnow()
    asked = said.read(stories.of_creator(g.creator.id), zone=zone(), now=now)
    return said.Desk(asked, _taps(), endpoint="creator.statistics", now=now)


def _taps() -> analytics.Taps:
    return stories.taps(current_app.config["SETTINGS"].default_timezone)
