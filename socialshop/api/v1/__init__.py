"""Version 1 of the API: JSON for machines, at /api/v1, with a key. What it answers is written down in `schemas`."""

from flask import Blueprint

bp: Blueprint = Blueprint("v1", __name__, url_prefix="/api/v1")
PER_KEY, PER_ADDRESS = "600 per minute", "3000 per minute"  # the second one slows down whoever tries keys

from . import routes, statistics  # noqa: E402, F401
from .docs import page_bp  # noqa: E402

__all__ = ["PER_ADDRESS", "PER_KEY", "bp", "page_bp"]
