"""Tracked links answered before the framework: puts the redirector in front of the app, and tells it what it must know."""

from __future__ import annotations

import weakref
from typing import Any

from flask import Flask, Response, current_app, request
from flask_login import current_user
from sqlalchemy import event
from sqlalchemy.orm import Session

from ..flows import drain, nodes
from ..kernel.clock import utcnow
from ..kernel.spool import Spool
from ..redirector.answer import Keeps, Redirector, in_front_of, known, marked
from ..redirector.links import AskedLinks, Asking, Finds, Links
from . import at_once

_COOKIE = "who"
_CONSOLES = ("creator", "brand", "admin", "auth")  # where people are signed in
_tables: weakref.WeakSet[Links] = weakref.WeakSet()


def init_app(app: Flask) -> None:
    """Answer `/l/…` from memory and spool, or from the database alone where the settings say so."""
    settings = app.config["SETTINGS"]
    drain.set_up(settings.spool_folder)
    nodes.set_up(settings.clicks_wait)
    links: Finds = AskedLinks(at_once.asking(app))
    keeper: Keeps = at_once.Keeper(app)
    if settings.spool_folder is not None:
        links = table = Links(Asking(app.config["SQLALCHEMY_DATABASE_URI"]))
        _tables.add(table)
        keeper = Spool(settings.spool_folder, power=settings.clicks == "power")
    redirector = Redirector(
        links, keeper, app.config["SECRET_KEY"].encode(), now=lambda: utcnow().timestamp(), hosts=frozenset(settings.hosts or ()),
        remember=settings.visitor_cookies,
    )  # fmt: skip
    app.extensions["redirector"] = redirector
    app.wsgi_app = in_front_of(app.wsgi_app, redirector)  # type: ignore[method-assign,assignment]
    app.after_request(_remember_who)


@event.listens_for(Session, "after_commit")
def _tell(_session: Any) -> None:
    for table in _tables:
        table.stale()


def rest() -> None:
    """Let go of what watches links in this process, until the next tap."""
    for table in list(_tables):
        table.close()


def _remember_who(answer: Response) -> Response:
    """Let later taps of a signed-in person be known as theirs, until they sign out; nobody is let in by it."""
    if request.blueprint not in _CONSOLES:
        return answer
    there = request.cookies.get(_COOKIE, "")
    if not current_user.is_authenticated:
        if there:
            answer.delete_cookie(_COOKIE)
        return answer
    secret = str(current_app.config["SECRET_KEY"]).encode()
    person = current_user.user.public_id
    if known(there, secret) != person:
        answer.set_cookie(
            _COOKIE, marked(person, secret), max_age=400 * 86_400, httponly=True, samesite="Lax", secure=request.is_secure
        )
    return answer
