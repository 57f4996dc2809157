"""Who is looking: a random word in a first-party cookie where it serves attribution and may be set; else a word for the day.

`v` is the visitor, `clk` the newest click that may win an order, `code` the last referral code a link carried. Where no
cookie may be set (`VISITOR_COOKIES`, Global Privacy Control, a "no"), the click id travels in the address as `c`.
"""

from __future__ import annotations

import re
import secrets

from flask import current_app, g, request
from werkzeug.wrappers import Response

from ...kernel import visitors
from ...kernel.clock import utcnow

VISITOR, CLICK, CODE, CARRIED = "v", "clk", "code", "c"
DAYS_400 = 400 * 86_400  # the longest that browsers keep a cookie, and longer than any program's window
DAYS_30 = 30 * 86_400

_CLICK = re.compile(r"clk_[A-Za-z0-9]{8,36}\Z")
_BY_TIME = re.compile(r"clk_[0-9a-f]{31}\Z")
_CODE = re.compile(r"[a-z0-9-]{3,20}\Z")
_UNPRINTABLE = re.compile(r"[^ -~\u00a1-\uffff]")


def may_be_remembered() -> bool:
    """Whether this browser may be given a cookie that knows it again."""
    return visitors.may_remember(
        current_app.config["SETTINGS"].visitor_cookies, choice=request.cookies.get(visitors.CHOICE, ""), gpc=wants_privacy()
    )


def wants_privacy() -> bool:
    """Whether the browser sends Global Privacy Control."""
    return request.headers.get("Sec-GPC") == "1"


def known() -> str:
    """The visitor that this browser was before, "" for a new one, and where that may not be looked at."""
    return visitors.of_cookie(request.cookies.get(VISITOR, "")) if may_be_remembered() else ""


def of_request(*, serves: bool = False) -> str:
    """The visitor of this request, to count people by. serves: a cookie would serve attribution here, so a new one gets a word
    that lasts, which should be remembered in the answer."""
    if found := known():
        return found
    if not (serves and may_be_remembered()):
        return _of_day()
    if "visitor" not in g:
        g.visitor = secrets.token_urlsafe(16)
    return str(g.visitor)


def of_order() -> str:
    """The visitor whose taps may win an order that is placed now; "" where nobody is known again: a word for the day, which
    strangers behind one network may share, wins nothing."""
    return known()


def click_id() -> str:
    """The public id of the newest click that brought this visitor, from the address or the cookie; "" if none."""
    told = request.values.get(CARRIED, "")
    carried = told if _CLICK.match(told) else ""
    kept = kept_click()
    if carried and kept and _BY_TIME.match(carried) and _BY_TIME.match(kept):
        return max(carried, kept)  # ids begin with their time
    return carried or kept


def kept_click() -> str:
    """The click id in the cookie, where it may be looked at."""
    kept = request.cookies.get(CLICK, "") if may_be_remembered() else ""
    return kept if _CLICK.match(kept) else ""


def code() -> str:
    """The referral code that the address or a former one carried, "" if none; it may not exist."""
    asked = request.args.get(CODE, "").strip().casefold()
    if _CODE.match(asked):
        return asked
    kept = request.cookies.get(CODE, "")
    return kept if _CODE.match(kept) else ""


def remember(answer: Response, *, serves: bool = False) -> Response:
    """Set the visitor's cookie where it serves attribution (renewed at each visit), and the code's where the address has one."""
    may = may_be_remembered()
    if may and (serves or known()):
        _set(answer, VISITOR, of_request(serves=True), DAYS_400)
    if not may:
        forget(answer)
    asked = request.args.get(CODE, "").strip().casefold()
    if _CODE.match(asked):
        _set(answer, CODE, asked, DAYS_30 if may else None)
    return answer


def remember_click(answer: Response, click: str) -> Response:
    """Keep the click that brought this visitor, once they said that it may be kept."""
    if _CLICK.match(click):
        _set(answer, CLICK, click, DAYS_400)
    return answer


def forget(answer: Response) -> Response:
    """Take back what once was remembered."""
    for name in (VISITOR, CLICK):
        if name in request.cookies:
            answer.delete_cookie(name, httponly=True, samesite="Lax", secure=request.is_secure)
    return answer


def _of_day() -> str:
    return visitors.of_day(
        str(current_app.config["SECRET_KEY"]).encode(),
        utcnow().timestamp(),
        network=visitors.network_of(request.remote_addr or ""),
        agent=_UNPRINTABLE.sub("", request.headers.get("User-Agent", ""))[:300],
        site=request.headers.get("Host", "").casefold(),
    )


def _set(answer: Response, name: str, value: str, seconds: int | None) -> None:
    answer.set_cookie(name, value, max_age=seconds, httponly=True, samesite="Lax", secure=request.is_secure)
