"""The front door: what this is, and the ways in."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from .access import ANYONE, allow

bp = Blueprint("front", __name__)


@bp.get("/")
@allow(ANYONE)
def home() -> str | AnyResponse:
    """For strangers what this is; people who are signed in go to their desk."""
    if current_user.is_authenticated:
        return redirect(url_for("auth.start"))
    return render_template("home.html")


@bp.get("/robots.txt")
@allow(ANYONE)
def robots() -> Response:
    """Pages are for everyone; tracked links, carts and desks are not for crawlers."""
    closed = ("/l/", "/ways/", "/cart", "/checkout", "/o/", "/auth/", "/creator", "/brand/", "/admin/", "/hooks/")
    return Response("User-agent: *\n" + "".join(f"Disallow: {path}\n" for path in closed), mimetype="text/plain")


@bp.get("/favicon.ico")
@allow(ANYONE)
def favicon() -> AnyResponse:
    """Browsers ask for it whatever the page says."""
    return redirect(url_for("static", filename="img/mark.svg"), 301)
