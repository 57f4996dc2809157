"""What addresses, handles, slugs and roles may look like. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Literal, get_args
from zoneinfo import available_timezones

from email_validator import EmailNotValidError, validate_email

from ...kernel.errors import N_, FieldError

Role = Literal["owner", "manager", "finance", "viewer"]
ROLES: tuple[Role, ...] = get_args(Role)

HANDLE_LENGTH = (3, 30)
SLUG_LENGTH = (2, 40)
_SHAPE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
_NOT_ASCII = str.maketrans({"ß": "ss", "ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "ı": "i"})
# what a reader takes for something else in most fonts; compare Unicode's confusables for lower-case ASCII
_LOOKS = (("0", "o"), ("1", "l"), ("rn", "m"), ("vv", "w"), ("cl", "d"), ("-", ""))
RESERVED = frozenset(
    """
    about abuse account accounts admin administrator ads affiliate affiliates analytics api app apps assets auth bank
    billing blog bot brand brands buyer cart cdn checkout click clicks code codes contact creator creators dashboard
    demo dev developer docs download e-mail earnings email error events explore faq favicon feed feedback files finance
    forum ftp guest healthz help hello home hooks host hosting id iklan img image images index info install invite jobs
    kontak kreator l legal link links localhost login logout mail manager me media member members merek metrics mobile
    moderator money news nobody null o official operator order orders owner page pages password pay payment payments
    payout payouts pembayaran pesanan postmaster press pricing privacy product products profile program programs public
    readyz register robots robots-txt root sales search secure security settings setup shop signin signout signup
    sitemap social socialshop socialshop-id staff static status store stores support sysadmin system team terms test
    undefined updates upload user users verify viewer webhook webhooks webmaster well-known wp-admin www
    """.split()  # noqa: SIM905  # a hundred quotes would hide the words
)


def normal_email(text: str) -> str | None:
    """An address as we keep and compare it (NFC, lower case), or None where it is none. The name server is not asked."""
    try:
        found = validate_email(text.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    address = unicodedata.normalize("NFC", found.normalized).lower()
    return address if len(address) <= 254 else None


def email_problem(text: str, field: str = "email") -> FieldError | None:
    """What is wrong with an address, if anything."""
    if not text.strip():
        return FieldError(field, "missing", N_("Please enter your e-mail address."))
    if normal_email(text) is None:
        return FieldError(field, "not_an_address", N_("This is not an e-mail address. It looks like name@example.com."))
    return None


def clean_name(text: str, limit: int) -> str:
    """A name as people see it: NFC, one line, no invisible controls, at most `limit` characters."""
    text = unicodedata.normalize("NFC", text)
    visible = "".join(" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
    return " ".join(visible.split())[:limit].strip()


def handle_problem(handle: str, field: str = "handle") -> FieldError | None:
    """What is wrong with a handle in itself; whether it is free is another question."""
    least, most = HANDLE_LENGTH
    if not least <= len(handle) <= most:
        return FieldError(field, "length", N_("A handle has 3 to 30 characters."))
    if not _SHAPE.match(handle):
        return FieldError(field, "shape", N_("Use letters a–z, numbers and single dashes between them."))
    if is_reserved(handle):
        return FieldError(field, "reserved", N_("This handle is reserved. Please choose another."))
    return None


def is_reserved(word: str) -> bool:
    """Whether a handle or slug is kept for the service, or would pass for such a one."""
    return word in RESERVED or look(word) in _RESERVED_LOOKS


def look(word: str) -> str:
    """What a handle or slug looks like at a glance; two with the same look may not both exist."""
    word = word.casefold()
    for seen, taken_for in _LOOKS:
        word = word.replace(seen, taken_for)
    return word


_RESERVED_LOOKS = frozenset(look(word) for word in RESERVED)


def slug_of(text: str, most: int) -> str:
    """`text` in [a-z0-9-], accents dropped; empty where nothing is left."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_NOT_ASCII)).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:most].strip("-")


def handle_ideas(*sources: str) -> Iterator[str]:
    """Handles to try for a person, best first, without end: from names or addresses, then with numbers."""
    least, most = HANDLE_LENGTH
    stems = [slug_of(source.split("@")[0].split("+")[0], most) for source in sources]
    stems = [stem for stem in stems if len(stem) >= least] or [f"{stem}-shop" for stem in stems if stem] or ["creator-page"]
    yield from (stem for stem in stems if handle_problem(stem) is None)
    yield from _numbered(stems[0], most)


def slug_ideas(name: str) -> Iterator[str]:
    """Slugs to try for a brand, best first, without end."""
    least, most = SLUG_LENGTH
    stem = slug_of(name, most)
    if len(stem) < least:
        stem = f"{stem}-brand" if stem else "brand-shop"
    if not is_reserved(stem):
        yield stem
    yield from _numbered(stem, most)


def zone_problem(zone: str, field: str = "timezone") -> FieldError | None:
    """What is wrong with a time zone's name."""
    return None if zone in available_timezones() else FieldError(field, "unknown", N_("Please choose a time zone from the list."))


def _numbered(stem: str, most: int) -> Iterator[str]:
    number = 2
    while True:
        tail = f"-{number}"
        yield stem[: most - len(tail)].strip("-") + tail
        number += 1
