"""A brand's home: what waits, how it went, and the first steps of a new brand."""

from __future__ import annotations

from flask import g, render_template

from ...domain import analytics
from ...kernel.clock import utcnow
from ..access import BRAND_VIEW, allow
from . import bp

DAYS = 30


@bp.get("/", endpoint="home")
@allow(BRAND_VIEW)
def brand_home() -> str:
    """What needs doing, the last 30 days (today included, in the brand's zone), and the first steps."""
    now = utcnow()
    since, until = analytics.last_days(now, g.brand.timezone, DAYS)
    return render_template(
        "brand/home.html",
        todo=analytics.brand_todo(g.brand.id, now=now),
        figures=analytics.brand_figures(g.brand.id, since=since, until=until),
        steps=analytics.first_steps(g.brand.id),
        days=DAYS,
    )
