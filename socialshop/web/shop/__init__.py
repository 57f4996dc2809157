"""For visitors and buyers: link pages, tracked links, cart, checkout and the order page."""

from flask import Blueprint

bp = Blueprint("shop", __name__)

from . import cart, checkout, click, join, manners, media, order, page, post_media, ways  # noqa: E402, F401
