"""The answer to `/l/<slug>`: one function from a WSGI request to a 302, the click kept before it leaves.

HEAD gives the same redirect and is no click. A speculative prefetch gets 403 and no cookie, so that the real tap still
comes (https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Sec-Purpose). A click that cannot be kept
leads on all the same, without a click id, and is counted. Of the address only its network is noted.
"""

from __future__ import annotations

import hmac
import re
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote_plus

from ..kernel import visitors
from ..kernel.addresses import folded
from ..kernel.taps import NotedTap, new_click_id
from . import choose
from .came import Came, host_of, whence
from .links import Away, Finds
from .way import Way

Environ = dict[str, Any]
Respond = Callable[..., Any]
Application = Callable[[Environ, Respond], Iterable[bytes]]

PREFIX = "/l/"
DAYS_400, DAYS_30 = 400 * 86_400, 30 * 86_400
_CODE = re.compile(r"[a-z0-9-]{3,20}\Z")
_SPECULATIVE = re.compile("prefetch|prerender|preview", re.IGNORECASE)
_PLAIN: list[tuple[str, str]] = [("Cache-Control", "no-store"), ("X-Robots-Tag", "noindex, nofollow"), ("Content-Length", "0")]
_SITES = {name: f"site-{name}" for name in ("none", "same-origin", "same-site", "cross-site")}
_PURPOSE_HEADERS = ("HTTP_SEC_PURPOSE", "HTTP_PURPOSE", "HTTP_X_PURPOSE", "HTTP_X_MOZ")
_PURPOSES = frozenset(_PURPOSE_HEADERS)
_APP = re.compile(r"[A-Za-z]\w*(?:\.\w+)+\Z")
_UNPRINTABLE = re.compile(r"[^ -~\u00a1-\uffff]")


class Keeps(Protocol):
    """Keeps a line before anybody is answered: the spool, or the database itself."""

    def append(self, payload: bytes) -> None:
        """Keep one line; OSError where it cannot be kept."""


@dataclass
class Redirector:
    """What one process needs to answer. counts: answers by what came of them ("kept", "lost", "head", "prefetch", "away")."""

    links: Finds
    spool: Keeps
    secret: bytes
    now: Callable[[], float] = time.time
    hosts: frozenset[str] = frozenset()  # names that are ours; empty: any (somebody in front of us checks)
    proxies: int = 0  # how many reverse proxies in front may be believed
    remember: visitors.Remember = "attribution"
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("kept", "lost", "head", "prefetch", "away"), 0))

    def answer(self, environ: Environ, respond: Respond) -> Iterable[bytes] | None:
        """Answer a request for a link that is; None for everything else, which somebody behind us answers."""
        path: str = environ["PATH_INFO"]
        method = environ["REQUEST_METHOD"]
        if not path.startswith(PREFIX) or method not in ("GET", "HEAD"):
            return None
        if self.hosts and environ.get("HTTP_HOST", "").partition(":")[0].casefold() not in self.hosts:
            respond("400 Bad Request", [("Content-Length", "0"), ("Connection", "close")])
            return (b"",)
        slug = path[len(PREFIX) :]
        if not (slug.isascii() and slug.isalnum() and slug.islower()):
            slug = folded(slug.encode("latin-1").decode("utf-8", "replace"))
        try:
            way = self.links.find(slug)
        except Away:
            self.counts["away"] += 1
            respond("503 Service Unavailable", [("Retry-After", "5"), *_PLAIN])
            return (b"",)
        if way is None:
            return None
        moment = self.now()
        if method == "HEAD":
            visitor = _cookies(environ.get("HTTP_COOKIE", "")).get("v", "") if way.choice is not None else ""
            way = way if way.choice is None else self._pick(environ, way, moment, visitor)
            if way is None:
                return None
            self.counts["head"] += 1
            respond("302 Found", [("Location", way.leads_to(moment, "")), *_PLAIN])
            return (b"",)
        return self._follow(environ, respond, way, moment)

    def _follow(self, environ: Environ, respond: Respond, link: Way, moment: float) -> Iterable[bytes] | None:
        purpose = _purpose(environ)
        speculative = bool(purpose) and _SPECULATIVE.search(purpose) is not None
        cookies = _cookies(environ.get("HTTP_COOKIE", ""))
        agent = _plain(environ.get("HTTP_USER_AGENT", ""), 300)
        network = visitors.network_of(self._address(environ))
        may = visitors.may_remember(
            self.remember, choice=cookies.get(visitors.CHOICE, ""), gpc=environ.get("HTTP_SEC_GPC", "") == "1"
        )
        visitor = visitors.of_cookie(cookies.get("v", "")) if may else ""
        serves = may and link.program_id is not None
        if not visitor and not speculative:
            site = environ.get("HTTP_HOST", "").casefold()
            visitor = visitors.new() if serves else visitors.of_day(self.secret, moment, network=network, agent=agent, site=site)
        way = link if link.choice is None else self._pick(environ, link, moment, visitor)
        if way is None:  # the person is to be asked first, by the app behind us
            if not speculative:
                return None
            way = link
        came = (
            Came(host_of(environ.get("HTTP_REFERER", "")))
            if link.choice is None
            else whence(environ, link.link_id, moment, self.secret)
        )
        at_us = int(moment * 1_000_000)
        query = environ.get("QUERY_STRING", "")
        source, medium, campaign = _utm(query) if "utm_" in query else ("", "", "")
        click = (not speculative and came.click) or new_click_id(at_us)
        tap = NotedTap(
            click, at_us, way.link_id, way.creator_id, way.program_id, way.channel, way.placement, visitor,
            purpose[:80], environ.get("HTTP_SEC_FETCH_MODE", "").casefold()[:20],
            environ.get("HTTP_SEC_FETCH_DEST", "").casefold()[:20], agent,
            came.referrer, known(cookies.get("who", ""), self.secret),
            network, choose.language_of(environ.get("HTTP_ACCEPT_LANGUAGE", "")), source, medium, campaign, way.word, way.post_id,
            _signs(environ) + (" asked" if came.click else ""),
        )  # fmt: skip
        kept = self._keep(tap)
        if speculative:
            self.counts["prefetch"] += 1
            respond("403 Forbidden", [("Cache-Control", "no-store"), ("Content-Length", "0")])
            return (b"",)
        headers = [("Location", way.leads_to(moment, tap.click if kept else "")), *_PLAIN]
        if tap.mode in ("", "navigate") and tap.dest in ("", "document"):
            tail = "; Path=/; HttpOnly; SameSite=Lax" + ("; Secure" if self._is_secure(environ) else "")
            if serves:
                headers.append(("Set-Cookie", f"v={visitor}; Max-Age={DAYS_400}{tail}"))
                if kept:
                    headers.append(("Set-Cookie", f"clk={tap.click}; Max-Age={DAYS_400}{tail}"))
            elif not may:  # a choice that was taken back
                headers.extend(("Set-Cookie", f"{name}=; Max-Age=0{tail}") for name in ("v", "clk") if name in cookies)
            code = _code(query) if "code=" in query else ""
            if code:  # the discount that was asked for; where nothing may be remembered it goes when the browser is closed
                headers.append(("Set-Cookie", f"code={code}" + (f"; Max-Age={DAYS_30}" if may else "") + tail))
            if way.word:
                headers.extend(choose.to_remember(link, way, environ, tail))
        respond("302 Found", headers)
        return (b"",)

    def _pick(self, environ: Environ, link: Way, moment: float, visitor: str) -> Way | None:
        cookies = _cookies(environ.get("HTTP_COOKIE", ""))
        return choose.pick(
            link, environ, moment=moment, visitor=visitor, address=self._address(environ), cookies=cookies, secret=self.secret
        )

    def _address(self, environ: Environ) -> str:
        if self.proxies:
            told = environ.get("HTTP_X_FORWARDED_FOR", "").split(",")
            if len(told) >= self.proxies:
                return str(told[-self.proxies].strip())
        return str(environ.get("REMOTE_ADDR", ""))

    def _is_secure(self, environ: Environ) -> bool:
        if self.proxies:
            told = environ.get("HTTP_X_FORWARDED_PROTO", "").split(",")
            if len(told) >= self.proxies:
                return bool(told[-self.proxies].strip() == "https")
        return bool(environ["wsgi.url_scheme"] == "https")

    def _keep(self, tap: NotedTap) -> bool:
        try:
            self.spool.append(tap.line())
        except OSError as error:  # disk full, or gone: the person still arrives
            self.counts["lost"] += 1
            print(f"click not kept: link {tap.link_id}: {error}", file=sys.stderr)  # noqa: T201  # no logger in here
            return False
        self.counts["kept"] += 1
        return True


def in_front_of(behind: Application, redirector: Redirector) -> Application:
    """A WSGI application that answers links itself and hands everything else on."""

    def application(environ: Environ, respond: Respond) -> Iterable[bytes]:
        answer = redirector.answer(environ, respond)
        return behind(environ, respond) if answer is None else answer

    return application


def marked(person: str, secret: bytes) -> str:
    """The value of the cookie `who`: says who is signed in, so that own taps are known; opens no door."""
    return f"{person}.{_mark(person, secret)}"


def known(cookie: str, secret: bytes) -> str:
    """The person in a `who` cookie, "" where it is none of ours."""
    person, _, mark = cookie.partition(".")
    return person if mark and hmac.compare_digest(mark.encode("latin-1", "replace"), _mark(person, secret).encode()) else ""


def _mark(person: str, secret: bytes) -> str:
    return hmac.new(secret, b"who:" + person.encode("latin-1", "replace"), sha256).hexdigest()[:32]


def _purpose(environ: Environ) -> str:
    if _PURPOSES.isdisjoint(environ):
        return ""
    return " ".join(environ[name] for name in _PURPOSE_HEADERS if name in environ)


def _cookies(header: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in header.split(";") if header else ():
        name, is_pair, value = part.strip().partition("=")
        if is_pair and name not in found:
            found[name] = value.strip('"')
    return found


def _code(query: str) -> str:
    try:
        asked = parse_qs(query, max_num_fields=100).get("code", [""])[0].strip().casefold()
    except ValueError:
        return ""
    return asked if _CODE.match(asked) else ""


def _utm(query: str) -> tuple[str, str, str]:
    found: dict[str, str] = {}
    for part in query[:2000].split("&"):
        if part.startswith("utm_"):
            name, _, value = part.partition("=")
            found.setdefault(name, _plain(unquote_plus(value), 60))
    return found.get("utm_source", ""), found.get("utm_medium", ""), found.get("utm_campaign", "")


def _signs(environ: Environ) -> str:
    """What else the judge should know; the words are told in `domain.clicks.rules.Tap`."""
    signs = _SITES.get(environ.get("HTTP_SEC_FETCH_SITE", ""), "")
    if environ.get("HTTP_SEC_FETCH_USER") == "?1":
        signs += " user"
    if environ.get("HTTP_SEC_GPC") == "1":
        signs += " gpc"
    if "Headless" in environ.get("HTTP_SEC_CH_UA", ""):
        signs += " headless"
    app = environ.get("HTTP_X_REQUESTED_WITH", "")
    if app and _APP.match(app):
        signs += f" app-{app[:60]}"
    return signs.strip()


def _plain(text: str, longest: int) -> str:
    return text[:longest] if text.isascii() and text.isprintable() else _UNPRINTABLE.sub("", text)[:longest]
