"""What a slug, a code and a destination may be. Pure.

Slugs and codes are ASCII `[a-z0-9-]`, compared case-folded (invariants.md, section 3). `look` is what a
hurried eye sees; two slugs, or two codes, may not look the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from contextlib import suppress
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from ...kernel.addresses import UTM_KEYS
from ...kernel.errors import N_, FieldError, Invalid

CHANNELS = ("page", "instagram", "tiktok", "whatsapp", "youtube", "facebook", "qr", "other")
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # no 0 o 1 l i: nothing to misread aloud or on paper
RESERVED = frozenset(
    [
        "about",
        "account",
        "admin",
        "api",
        "app",
        "assets",
        "auth",
        "brand",
        "cart",
        "checkout",
        "code",
        "contact",
        "creator",
        "dashboard",
        "demo",
        "docs",
        "edit",
        "explore",
        "favicon",
        "help",
        "home",
        "hook",
        "hooks",
        "index",
        "info",
        "install",
        "l",
        "legal",
        "link",
        "links",
        "login",
        "logout",
        "mail",
        "me",
        "media",
        "metrics",
        "new",
        "news",
        "null",
        "o",
        "order",
        "orders",
        "page",
        "pages",
        "pay",
        "payment",
        "payout",
        "privacy",
        "product",
        "products",
        "program",
        "programs",
        "qr",
        "readyz",
        "register",
        "robots",
        "root",
        "search",
        "security",
        "settings",
        "shop",
        "shops",
        "signin",
        "signout",
        "signup",
        "sitemap",
        "socialshop",
        "static",
        "status",
        "store",
        "support",
        "system",
        "terms",
        "test",
        "undefined",
        "user",
        "users",
        "verify",
        "webhook",
        "webhooks",
        "well-known",
        "healthz",
        "www",
    ]
)
MAX_URL = 2000

_WORD = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\Z|\[[0-9a-f:.]+\]\Z")
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f\\<>\"`{}|^\u0080-\u00a0\u2028\u2029\u200b-\u200f\u202a-\u202e\ufeff]")
_NOT_ESCAPED = "/:?#[]@!$&'()*+,;=%~-._"


def clean_word(text: str, *, field: str, shortest: int, longest: int) -> str:
    """A slug or code as it is kept; Invalid where it cannot be one."""
    word = unicodedata.normalize("NFC", text).strip().casefold()
    if not _WORD.match(word) or not shortest <= len(word) <= longest:
        raise Invalid(
            fields=[
                FieldError(
                    field, "not_a_word", N_("Use {shortest} to {longest} letters a–z, digits and single hyphens between them.")
                )
            ],
            shortest=shortest,
            longest=longest,
        )
    if word in RESERVED:
        raise Invalid(fields=[FieldError(field, "reserved", N_("This word is reserved. Please choose another."))])
    return word


def clean_slug(text: str) -> str:
    """A slug someone chose, 3 to 40 characters."""
    return clean_word(text, field="slug", shortest=3, longest=40)


def clean_code(text: str) -> str:
    """A referral code someone chose, 3 to 20 characters."""
    return clean_word(text, field="code", shortest=3, longest=20)


def look(word: str) -> str:
    """What a hurried eye sees: hyphens dropped; 0 and o, 1, i and l, rn and m, vv and w are the same."""
    plain = word.replace("-", "").translate(str.maketrans("01i", "oll"))
    return plain.replace("rn", "m").replace("vv", "w")


def code_ideas(handle: str, discount: str) -> Iterable[str]:
    """Codes made from a handle, best first: rani10 where buyers get ten percent, else rani, then rani2, rani3 …"""
    stem = re.sub(r"[^a-z0-9]", "", handle.casefold())[:14] or "code"
    whole = discount.split(".")[0]
    if whole and whole != "0":
        yield f"{stem}{whole}"
    elif len(stem) >= 3 and stem not in RESERVED:
        yield stem
    for n in range(2, 100):
        yield f"{stem}{whole}-{n}" if whole and whole != "0" else f"{stem}{n}".rjust(3, "0")


def clean_destination(text: str, *, own_host: str = "", field: str = "url") -> str:
    """An address a link may lead to: http, https, or a path of ours; as ASCII, ready for a Location header.

    Refused: every other scheme, `//host`, credentials, control characters, blanks, backslashes, and a tracked
    link of ours (it would run in circles). `own_host` is the install's host, with port where there is one.
    """
    url = unicodedata.normalize("NFC", text.strip())
    if not url or len(url) > MAX_URL or _FORBIDDEN.search(url):
        raise _bad(field, N_("This is not an address we can lead to."))
    if url.startswith("/"):
        return _own_path(url, field)
    if "://" not in url and "." in url.split("/")[0] and ":" not in url.split("/")[0]:
        url = f"https://{url}"  # people type senja.example/kopi
    scheme, _, _rest = url.partition("://")
    if scheme.casefold() not in ("http", "https"):
        raise _bad(field, N_("Use an address that begins with https:// or http://."))
    try:
        parts = urlsplit(url)
        port = parts.port
        host = _ascii_host(parts.hostname or "")
    except ValueError:
        raise _bad(field, N_("This is not an address we can lead to.")) from None
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        raise _bad(field, N_("An address must not carry a name or password."))
    if not host or not _HOST.match(host) or ".." in host:
        raise _bad(field, N_("This is not an address we can lead to."))
    where = host if port is None else f"{host}:{port}"
    path = quote(parts.path, safe=_NOT_ESCAPED)
    if _plainly(where) == _plainly(own_host.casefold()):
        _own_path(path or "/", field)
    done = urlunsplit(
        (parts.scheme.casefold(), where, path, quote(parts.query, safe=_NOT_ESCAPED), quote(parts.fragment, safe=_NOT_ESCAPED))
    )
    if len(done) > MAX_URL:
        raise _bad(field, N_("This address is too long."))
    return done


def _own_path(url: str, field: str) -> str:
    path = url.split("?")[0].split("#")[0]
    if url.startswith("//") or unquote(path).startswith(("//", "/\\")):
        raise _bad(field, N_("This is not an address we can lead to."))
    if _resolved(path).casefold().startswith(("/l/", "/ways/")):
        raise _bad(field, N_("A tracked link cannot lead to another tracked link."))
    return quote(url, safe=_NOT_ESCAPED)


def _plainly(host: str) -> str:
    """A host without the port that its scheme has anyway."""
    return host.removesuffix(":80").removesuffix(":443")


def _resolved(path: str) -> str:
    """The path that a browser asks for: dots resolved, escapes read."""
    kept: list[str] = []
    for part in unquote(path).replace("\\", "/").split("/"):
        if part == "..":
            kept[-1:] = []
        elif part not in (".", ""):
            kept.append(part)
    return "/" + "/".join(kept)


def _bad(field: str, sentence: str) -> Invalid:
    return Invalid(fields=[FieldError(field, "bad_url", sentence)])


def _ascii_host(host: str) -> str:
    if host.isascii():
        return host.casefold()
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise ValueError(host) from error


def shown(url: str) -> str:
    """An address as people read it: without the scheme; a host in another script in both spellings, lest it pose as another."""
    if url.startswith("/"):
        return url
    parts = urlsplit(url)
    host = parts.netloc
    if "xn--" in host:
        with suppress(UnicodeError):
            host = f"{host.encode('ascii').decode('idna')} ({host})"
    rest = parts.path.rstrip("/") + (f"?{parts.query}" if parts.query else "")
    return host.removeprefix("www.") + rest


def host_of(url: str) -> str:
    """The host of an absolute address in lower case without www., "" for a path of ours."""
    if url.startswith("/"):
        return ""
    return (urlsplit(url).hostname or "").removeprefix("www.")


def clean_utm(given: Mapping[str, str]) -> dict[str, str]:
    """The UTM values that say something, each at most 100 characters."""
    kept: dict[str, str] = {}
    for key in UTM_KEYS:
        value = unicodedata.normalize("NFC", given.get(key, "")).strip()
        if len(value) > 100 or any(unicodedata.category(c) == "Cc" for c in value):
            raise Invalid(fields=[FieldError(f"utm_{key}", "too_long", N_("Use at most 100 characters."))])
        if value:
            kept[key] = value
    return kept


def clean_most(text: str) -> int | None:
    """After how many clicks a link is spent, None for never; Invalid where it is no such number."""
    text = text.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and int(text) >= 1):
        raise Invalid(fields=[FieldError("max_clicks", "bad_number", N_("Use a whole number from 1 on, or leave it empty."))])
    return int(text)


def clean_password(text: str) -> str:
    """A password for a link, "" for none; Invalid where it is too short or too long."""
    text = text.strip()
    if text and not 4 <= len(text) <= 100:
        raise Invalid(fields=[FieldError("password", "bad_password", N_("Use 4 to 100 characters."))])
    return text
