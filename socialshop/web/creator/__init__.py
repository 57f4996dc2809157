"""For creators: page, links and codes, programs, earnings and payee, under /creator."""

from flask import Blueprint

bp = Blueprint("creator", __name__, url_prefix="/creator")

from . import (  # noqa: E402, F401
    appeals,
    calendar,
    channels,
    compose,
    earnings,
    home,
    keys,
    link_taps,
    links,
    page,
    payee,
    payouts,
    post_slots,
    posts,
    programs,
    recruits,
    results,
    share,
    statements,
    statistics,
    upload_files,
    uploads,
)
