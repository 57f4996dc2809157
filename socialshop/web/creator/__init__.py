"""For creators: page, links and codes, programs, earnings and payee, under /creator."""

from flask import Blueprint

bp = Blueprint("creator", __name__, url_prefix="/creator")

from . import appeals, earnings, home, keys, link_taps, links, page, payee, payouts, programs, recruits, statements, statistics  # noqa: E402, F401
