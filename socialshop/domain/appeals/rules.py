"""Reasons for holding and rejecting, the edges of an appeal, what may be attached, and when a reminder goes. Pure."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from ...kernel.errors import N_, Invalid

Kind = Literal["hold", "rejection"]
Side = Literal["creator", "brand"]
State = Literal["open", "asked", "granted", "denied", "withdrawn"]

RUNNING: frozenset[str] = frozenset({"open", "asked"})
EDGES: Mapping[str, frozenset[str]] = {
    "open": frozenset({"asked", "granted", "denied", "withdrawn"}),  # the brand's turn
    "asked": frozenset({"open", "granted", "denied", "withdrawn"}),  # the brand has asked back: the creator's turn
    "granted": frozenset(),
    "denied": frozenset(),
    "withdrawn": frozenset(),
}
REMIND_EVERY = timedelta(days=3)
MAX_WORDS = 4000
MAX_FILES = 5  # at once
MAX_PAPERS = 30  # of one order and creator
MAX_TOTAL = 25 * 1024 * 1024  # bytes, of all of them
MAX_PDF = 5 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a commission is held or rejected. name, hint: what a brand chooses by; text: what the creator reads.

    of_them: what the brand reads, where `text` speaks to the creator.
    """

    name: str
    hint: str
    text: str
    kinds: frozenset[str] = frozenset({"hold", "rejection"})
    of_them: str = ""

    def told_to(self, side: str) -> str:
        """The sentence for one side, "brand" or "creator"."""
        return self.of_them if side == "brand" and self.of_them else self.text


_HOLD = frozenset({"hold"})
REASONS: Mapping[str, Reason] = {
    "self_purchase": Reason(
        N_("Suspected self-purchase"),
        N_("The same name, phone, address or payment as the creator’s."),
        N_("It looks as if you bought this yourself, or somebody of your household did."),
        of_them=N_("It looks as if the creator bought this themselves, or somebody of their household did."),
    ),
    "suspicious_clicks": Reason(
        N_("Suspicious clicks"),
        N_("Robots, bursts of taps, or links that open by themselves."),
        N_("The taps that led to this order don’t look like those of people."),
    ),
    "return_pending": Reason(
        N_("Goods on their way back"),
        N_("Hold until the return is settled."),
        N_("The buyer is sending goods back, and it is not settled yet."),
        _HOLD,
    ),
    "rule_breach": Reason(
        N_("Breach of the program’s rules"),
        N_("Such as a missing “Ad” mark or false claims. Say which one."),
        N_("A rule of the program was not kept."),
    ),
    "brand_bidding": Reason(
        N_("Bidding on the brand’s name"),
        N_("Search ads on your own name lead over the creator’s link."),
        N_("The buyer came over an advertisement that bids on the brand’s name."),
    ),
    "chargeback_risk": Reason(
        N_("Risk of a chargeback"),
        N_("Hold until it is clear. Once the bank asks for the money, open a dispute on the order."),
        N_("The payment may be taken back by the buyer’s bank."),
        _HOLD,
    ),
    "other": Reason(
        N_("Another reason"), N_("Tell the creator in your own words."), N_("Another reason, told in the brand’s own words.")
    ),
}


class FileRefused(Invalid):
    """A file that is neither a picture nor a PDF that we keep."""

    code = "file_refused"
    message = N_("Please attach JPEG, PNG or WebP pictures, or PDF files.")


NOT_A_PDF = N_("This PDF is damaged or incomplete. Please choose another file.")
PDF_TOO_BIG = N_("A PDF may have at most 5 MB.")
TOO_MANY_FILES = N_("At most {most} files at once.")


@dataclass(frozen=True, slots=True)
class PaperDraft:
    """A file that may be kept: re-encoded if it is a picture. sha256: of what was brought."""

    kind: Literal["picture", "pdf"]
    name: str
    content: bytes
    sha256: str
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Exhibit:
    """Evidence to be kept: words, papers, and whether the creator may see them."""

    words: str
    shown: bool
    papers: tuple[PaperDraft, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing in it."""
        return not self.words.strip() and not self.papers


def reason_text(code: str, words: str) -> str:
    """What the engine keeps as the reason: "code: words", and the words alone for "other"."""
    return words if code == "other" else f"{code}: {words}" if words else code


def read_reason(text: str) -> tuple[str, str]:
    """Code and words of a reason as the engine keeps it; whatever has no code that we know is "other"."""
    code, _, words = text.partition(":")
    return (code, words.strip()) if code in REASONS and code != "other" else ("other", text)


def is_pdf(data: bytes) -> bool:
    """Whether a file says that it is a PDF."""
    return data.startswith(b"%PDF-")


def pdf(name: str, data: bytes) -> PaperDraft:
    """A PDF as it is kept, byte by byte; FileRefused where it is too large or has no end."""
    if len(data) > MAX_PDF:
        raise FileRefused(PDF_TOO_BIG, code="too_big")
    if b"%%EOF" not in data[-2048:]:
        raise FileRefused(NOT_A_PDF, code="damaged")
    return PaperDraft("pdf", file_name(name, "pdf"), data, digest(data))


def digest(data: bytes) -> str:
    """What a file is known again by."""
    return hashlib.sha256(data).hexdigest()


def file_name(name: str, ending: str) -> str:
    """A name that is safe in a header and in a folder: no path, no control signs, our own ending."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    stem = last.rpartition(".")[0] or last
    kept = "".join(c for c in stem if unicodedata.category(c)[0] in "LNMPZ" and c not in '"<>|:*?;%').strip(" .")
    return f"{kept[:80].strip() or 'file'}.{ending}"


def next_reminder(now: datetime) -> datetime:
    """When whoever has the turn is reminded, counted from the beginning of the turn or the last reminder."""
    return now + REMIND_EVERY
