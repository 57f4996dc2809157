"""/creator/links/<link>/taps: the newest requests for a link, each with its class and why."""

from __future__ import annotations

from typing import get_args

from babel import Locale
from flask import g, render_template, request

from ...domain import clicks, links
from ..access import CREATOR, allow
from ..local import locale
from ..statistics import KINDS, NAMES
from ..tap_words import why
from . import bp

CLASSES = get_args(clicks.Kind)


@bp.get("/links/<link>/taps")
@allow(CREATOR)
def link_taps(link: str) -> str:
    """What came lately, counted or not; `?kind=` shows one class only."""
    row = links.link_of(g.creator.id, link)
    asked = request.args.get("kind", "")
    kind = asked if asked in CLASSES else ""
    taps = clicks.newest_of_link(g.creator.id, row.id, kind)
    return render_template(
        "creator/link_taps.html", link=row, taps=taps, kind=kind, kinds=KINDS, why=why, from_where=_from_where,
        most=clicks.MOST_LATELY,
    )  # fmt: skip


def _from_where(tap: clicks.Click) -> str:
    """Where it came from, in a few words: app or browser, system, country, page."""
    words = [NAMES.get(word, word.title()) for word in (tap.inside or tap.browser, tap.system) if word]
    country = Locale.parse(locale()).territories.get(tap.country) or tap.country
    return " · ".join(word for word in (*words, country, tap.referrer) if word)
