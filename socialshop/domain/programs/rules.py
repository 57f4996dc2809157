"""What a program may be called, what its five questions become, and who stands where in it. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast

from ...kernel.errors import N_, FieldError, Invalid
from ...kernel.money import NotAnAmount, NotAPercentage, percentage, round_exact
from ...kernel.prices import read_price
from .. import terms

AmountKind = Literal["percent", "order", "unit"]
Winner = Literal["code", "click", "half"]

WINDOW_DAYS = (1, 365)
HOLD_DAYS = (0, 180)
NAME_LENGTH = 120
ABOUT_LENGTH = 2000
NOTE_LENGTH = 1000
GROUPS = 10
_GROUP = re.compile(r"[a-z0-9]+(?:[ -][a-z0-9]+)*\Z")
_PARAMETER = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}\Z")
_HALF = {"code": "50", "click": "50"}


@dataclass(frozen=True, slots=True)
class Answers:
    """A program's terms as five questions and a few more choices. Amounts are minor units of one currency.

    kind: percent of the goods, or a flat amount for each order or each piece. minimum_order, minimum_payout: 0 is none.
    """

    kind: AmountKind = "percent"
    percent: str = "10"
    flat: int = 0
    window_days: int = 30
    hold_days: int = 14
    minimum_order: int = 0
    minimum_payout: int = 0
    touch: Literal["last", "first"] = "last"
    winner: Winner = "code"

    def document(self, currency: str) -> dict[str, object]:
        """The terms document (specification, section 2); what was asked is always spelled out."""
        rule: dict[str, object] = {"id": "base", "kind": "base"}
        if self.kind == "percent":
            rule["percent"] = self.percent
        else:
            rule |= {"flat": {currency: self.flat}, "per": self.kind}
        return {
            "window_days": self.window_days,
            "touch": self.touch,
            "code_vs_click": dict(_HALF) if self.winner == "half" else self.winner,
            "hold_days": self.hold_days,
            "minimum_order": {currency: self.minimum_order} if self.minimum_order else {},
            "minimum_payout": {currency: self.minimum_payout} if self.minimum_payout else {},
            "rules": [rule],
        }

    def earns(self, goods: int) -> int:
        """What one order of one piece earns, for an example: `goods` in minor units after discounts."""
        if self.kind == "percent":
            return round_exact(goods * percentage(self.percent) / 100, "half_up")
        return self.flat


def find_answers(document: Mapping[str, object], currency: str) -> Answers | None:
    """The answers that give this very document's terms, or None where the terms say more than five questions can."""
    found = terms.read(document)
    if len(found.rules) != 1:
        return None
    rule = found.rules[0]
    kind = cast(AmountKind, "percent" if rule.percent is not None else rule.per)
    if kind not in ("percent", "order", "unit"):
        return None
    winner = "half" if isinstance(found.code_vs_click, tuple) else found.code_vs_click
    answers = Answers(
        kind=kind,
        percent=rule.percent or Answers().percent,
        flat=(rule.flat or {}).get(currency, 0),
        window_days=found.window_days,
        hold_days=found.hold_days,
        minimum_order=found.minimum_order.get(currency, 0),
        minimum_payout=found.minimum_payout.get(currency, 0),
        touch=found.touch,
        winner=winner,
    )
    said = terms.to_document(terms.read(answers.document(currency)))
    return answers if said == terms.to_document(found) else None


def read_answers(typed: Mapping[str, str], currency: str) -> Answers:
    """The answers as people typed them; Invalid names every field that cannot be taken."""
    wrong: list[FieldError] = []
    plain = Answers()
    kind = _choice(typed, "kind", ("percent", "order", "unit"), wrong)
    percent, flat = plain.percent, 0
    if kind == "percent":
        percent = _percent(typed, "percent", wrong)
    elif kind in ("order", "unit"):
        flat = _amount(typed, "flat", currency, wrong)
        if not flat and not any(error.field == "flat" for error in wrong):
            wrong.append(FieldError("flat", "too_low", N_("Say how much a sale earns.")))
    answers = Answers(
        kind=cast(AmountKind, kind),
        percent=percent,
        flat=flat,
        window_days=_days(typed, "window_days", WINDOW_DAYS, wrong),
        hold_days=_days(typed, "hold_days", HOLD_DAYS, wrong),
        minimum_order=_amount(typed, "minimum_order", currency, wrong),
        minimum_payout=_amount(typed, "minimum_payout", currency, wrong),
        touch=cast(Literal["last", "first"], _choice(typed, "touch", ("last", "first"), wrong)),
        winner=cast(Winner, _choice(typed, "winner", ("code", "click", "half"), wrong)),
    )
    if wrong:
        raise Invalid(fields=wrong)
    return answers


def read_discount(text: str) -> str:
    """The buyer's discount in percent as people type it; "" is none. Invalid above 90: what is left must be a price."""
    if not text.strip(" %"):
        return ""
    wrong: list[FieldError] = []
    found = _percent({"buyer_discount": text}, "buyer_discount", wrong)
    if not wrong and percentage(found) > 90:
        wrong.append(FieldError("buyer_discount", "too_high", N_("A discount is at most 90 %.")))
    if wrong:
        raise Invalid(fields=wrong)
    return found


def parameter_problem(text: str, field: str = "click_parameter") -> FieldError | None:
    """What is wrong with the name of an address parameter, if anything."""
    if _PARAMETER.match(text):
        return None
    return FieldError(field, "shape", N_("Use a letter first, then letters, numbers, - or _ (at most 40)."))


def address_problem(text: str, field: str = "landing_url") -> FieldError | None:
    """What is wrong with a store's address, if anything; "" is none. It is only ever shown and redirected to."""
    if not text or re.match(r"https?://[^\s/?#@\\]+\.[^\s/?#@\\]+(?:[/?#][^\s\\]*)?\Z", text, re.IGNORECASE):
        return None
    return FieldError(field, "not_an_address", N_("This is not a web address. It looks like https://example.com."))


def slug_of(name: str) -> str:
    """A program's name for addresses: lower case letters, numbers and single dashes."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or "program"


def clean_text(text: str, limit: int) -> str:
    """Free text: NFC, ordinary line ends, no control characters, at most `limit` characters."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(c for c in text if c == "\n" or unicodedata.category(c)[0] != "C")[:limit].strip()


def read_groups(text: str) -> list[str]:
    """Groups as typed, "VIP, reseller", as they are kept: ["reseller", "vip"]. Invalid where one is no plain word."""
    found = sorted({" ".join(part.split()).lower() for part in text.split(",") if part.strip()})
    if len(found) > GROUPS:
        raise Invalid(fields=[FieldError("groups", "too_many", N_("At most 10 groups."))])
    if any(len(group) > 30 or not _GROUP.match(group) for group in found):
        raise Invalid(fields=[FieldError("groups", "shape", N_("A group is a short word of letters and numbers, like vip."))])
    return found


@dataclass(frozen=True, slots=True)
class Standing:
    """One stay of a creator in a program, as the engine is told it: groups, and from when until, not including, when.

    recruited_by: the creator who brought them into it.
    """

    groups: tuple[str, ...]
    enrolled_at: datetime
    left_at: datetime | None
    recruited_by: int | None = None

    def covers(self, at: datetime) -> bool:
        """Whether the creator is enrolled at that instant; not any more at the end itself."""
        return self.enrolled_at <= at and (self.left_at is None or at < self.left_at)


def standing(stays: Sequence[Standing], at: datetime, *, never: datetime) -> Standing:
    """What counts at `at` of a creator who may have come and gone.

    The stay that covers `at`, else the newest before it, else the first after it. Without any stay the interval is empty
    (from and until `never`), since the engine takes an absent `enrolled_at` for "always".
    """
    ordered = sorted(stays, key=lambda stay: stay.enrolled_at)
    covering = [stay for stay in ordered if stay.covers(at)]
    before = [stay for stay in ordered if stay.enrolled_at <= at]
    best = (covering or before)[-1:] or ordered[:1]
    return best[0] if best else Standing((), never, never)


def _choice(typed: Mapping[str, str], field: str, known: Iterable[str], wrong: list[FieldError]) -> str:
    text = typed.get(field, "")
    if text not in known:
        wrong.append(FieldError(field, "choose", N_("Please choose one.")))
    return text


def _percent(typed: Mapping[str, str], field: str, wrong: list[FieldError]) -> str:
    text = typed.get(field, "").strip().removesuffix("%").strip().replace(",", ".")
    try:
        if percentage(text) > 0:
            return _trimmed(text)
        wrong.append(FieldError(field, "too_low", N_("This must be more than 0 %.")))
    except NotAPercentage:
        wrong.append(FieldError(field, "not_a_percentage", N_("This is not a percentage from 0 to 100. It looks like 12.5.")))
    return text


def _trimmed(text: str) -> str:
    """ "12.50" is "12.5"."""
    return text.rstrip("0").rstrip(".") if "." in text else text


def _amount(typed: Mapping[str, str], field: str, currency: str, wrong: list[FieldError]) -> int:
    text = typed.get(field, "").strip()
    if not text:
        return 0
    try:
        minor = read_price(text, currency)
    except NotAnAmount:
        wrong.append(FieldError(field, "not_an_amount", N_("This is not an amount of money.")))
        return 0
    if minor < 0:
        wrong.append(FieldError(field, "too_low", N_("This cannot be below 0.")))
    return minor


def _days(typed: Mapping[str, str], field: str, bounds: tuple[int, int], wrong: list[FieldError]) -> int:
    text = typed.get(field, "").strip()
    least, most = bounds
    if not text.isascii() or not text.isdigit() or len(text) > 4 or not least <= int(text) <= most:
        message = N_("Use a whole number of days, 1 to 365.") if least else N_("Use a whole number of days, 0 to 180.")
        wrong.append(FieldError(field, "out_of_range", message))
        return least
    return int(text)
