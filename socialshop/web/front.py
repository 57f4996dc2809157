"""The front door: what this is, and the ways in."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from ..domain import social
from ..kernel.errors import NotFound
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


@bp.get("/tiktok<mark>.txt")
@allow(ANYONE)
def tiktok_proof(mark: str) -> Response:
    """TikTok looks for this file to know that these addresses are ours.

    https://developers.tiktok.com/doc/content-posting-api-media-transfer-guide
    """
    if mark not in current_app.config["SETTINGS"].social.tiktok.proofs:
        raise NotFound()
    return Response(f"tiktok-developers-site-verification={mark}", mimetype="text/plain")


@bp.get("/deletion/<erasure>")
@allow(ANYONE)
def forgotten(erasure: str) -> str:
    """What became of a person's wish, passed on by a platform, to be forgotten here; its code is the only way in."""
    found = social.erasure(erasure)
    if found is None:
        raise NotFound()
    return render_template("forgotten.html", row=found, name=social.standing.NAMES[found.provider])
