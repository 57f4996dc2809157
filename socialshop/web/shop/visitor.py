"""Who is looking, as far as a first-party cookie can tell: a random word, nothing about the person.

`v` is the visitor, `clk` the newest click that may win an order, `code` the last referral code a link carried.
"""

from __future__ import annotations

import re
import secrets

from flask import g, request
from werkzeug.wrappers import Response

VISITOR, CLICK, CODE = "v", "clk", "code"
DAYS_400 = 400 * 86_400  # the longest that browsers keep a cookie, and longer than any program's window
DAYS_30 = 30 * 86_400

_VISITOR = re.compile(r"[A-Za-z0-9_-]{16,60}\Z")
_CLICK = re.compile(r"clk_[A-Za-z0-9]{8,36}\Z")
_CODE = re.compile(r"[a-z0-9-]{3,20}\Z")


def known() -> str:
    """The visitor that this browser was before, "" for a new one."""
    value = request.cookies.get(VISITOR, "")
    return value if _VISITOR.match(value) else ""


def of_request() -> str:
    """The visitor of this request: known, or new; a new one should be remembered in the answer."""
    if "visitor" not in g:
        g.visitor = known() or secrets.token_urlsafe(16)
    return str(g.visitor)


def click_id() -> str:
    """The public id of the newest click this browser made, "" if none."""
    value = request.cookies.get(CLICK, "")
    return value if _CLICK.match(value) else ""


def code() -> str:
    """The referral code that the address or a former one carried, "" if none; it may not exist."""
    asked = request.args.get(CODE, "").strip().casefold()
    if _CODE.match(asked):
        return asked
    kept = request.cookies.get(CODE, "")
    return kept if _CODE.match(kept) else ""


def remember(answer: Response, *, click: str = "") -> Response:
    """Set the visitor's cookie (renewed at each visit), the click's where there is one, the code's where the address has one."""
    _set(answer, VISITOR, of_request(), DAYS_400)
    if click:
        _set(answer, CLICK, click, DAYS_400)
    asked = request.args.get(CODE, "").strip().casefold()
    if _CODE.match(asked):
        _set(answer, CODE, asked, DAYS_30)
    return answer


def _set(answer: Response, name: str, value: str, seconds: int) -> None:
    answer.set_cookie(name, value, max_age=seconds, httponly=True, samesite="Lax", secure=request.is_secure)
