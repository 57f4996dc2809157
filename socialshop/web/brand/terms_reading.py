"""Between typed text and terms: what a form shows of a document, and the document that it states; Invalid names the fields."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_wtf import FlaskForm
from wtforms import TextAreaField

from ...domain import terms
from ...kernel.errors import N_, FieldError, Invalid
from ...kernel.money import EXPONENTS, NotAnAmount, NotAPercentage, percentage, to_decimal
from ...kernel.prices import read_price
from .terms_forms import ChoicesForm

DAYS = 3650


class Reader:
    """Reads typed text into a document, and collects what is wrong."""

    def __init__(self, form: FlaskForm, currency: str, zone: str) -> None:
        self._form, self._currency, self._zone = form, currency, ZoneInfo(zone)
        self.wrong: list[FieldError] = []

    def blame(self, field: str, code: str, message: str) -> None:
        """Note a problem."""
        self.wrong.append(FieldError(field, code, message))

    def done(self) -> None:
        """Invalid, where there was any."""
        if self.wrong:
            raise Invalid(fields=self.wrong)

    def text(self, field: str) -> str:
        """What was typed."""
        data = self._form[field].data
        return data.strip() if isinstance(data, str) else ""

    def word(self, field: str, known: tuple[str, ...]) -> str:
        """One of a few words."""
        text = self.text(field)
        if text not in known:
            self.blame(field, "choose", N_("Please choose one."))
            return known[0]
        return text

    def days(self, field: str) -> int:
        """A number of days."""
        return self._whole(field, N_("Use a whole number of days, 0 to 3650."), DAYS)

    def count(self, field: str) -> int | None:
        """A whole number, or none."""
        return self._whole(field, N_("Use a whole number, 1 to 1000."), 1000, least=1) if self.text(field) else None

    def _whole(self, field: str, message: str, most: int, least: int = 0) -> int:
        text = self.text(field)
        if not (text.isascii() and text.isdigit() and len(text) < 6 and least <= int(text) <= most):
            self.blame(field, "out_of_range", message)
            return least
        return int(text)

    def percent(self, field: str, text: str | None = None) -> str:
        """A percentage, as terms write it."""
        typed = (self.text(field) if text is None else text).strip().removesuffix("%").strip().replace(",", ".")
        try:
            percentage(typed)
        except NotAPercentage:
            self.blame(field, "not_a_percentage", N_("This is not a percentage from 0 to 100. It looks like 12.5."))
            return "0"
        return typed.rstrip("0").rstrip(".") if "." in typed else typed

    def amounts(self, field: str, text: str | None = None) -> dict[str, int]:
        """ "50.000", or several currencies: "IDR 50.000; USD 5.00"; {} where nothing was typed."""
        found: dict[str, int] = {}
        for part in (self.text(field) if text is None else text).split(";"):
            if not part.strip():
                continue
            head, _, rest = part.strip().partition(" ")
            currency, amount = (head.upper(), rest) if head.upper() in EXPONENTS else (self._currency, part)
            try:
                minor = read_price(amount.strip(), currency)
            except NotAnAmount:
                minor = -1
            if minor < 0 or currency in found:
                message = N_("This is not an amount of money. Several currencies look like this: IDR 50000; USD 5.00")
                self.blame(field, "not_an_amount", message)
                return {}
            found[currency] = minor
        return found

    def instant(self, field: str) -> str | None:
        """A date and time in the program's zone, as terms write it."""
        text = self.text(field)
        if not text:
            return None
        try:
            return terms.write_instant(datetime.fromisoformat(text).replace(tzinfo=self._zone).astimezone(UTC))
        except (ValueError, OverflowError):
            self.blame(field, "not_a_date", N_("Choose a date and a time."))
            return None

    def picked(self, field: str) -> list[str]:
        """What was ticked."""
        return [text for text in self._form[field].data or [] if text]

    def listed(self, field: str) -> list[str]:
        """What was typed, one a line, or separated by commas where the field is one line."""
        field_ = self._form[field]
        parts = self.text(field).splitlines() if isinstance(field_, TextAreaField) else self.text(field).split(",")
        return [part.strip() for part in parts if part.strip()]


def told_amounts(amounts: Mapping[str, int], currency: str) -> str:
    """Amounts as `Reader.amounts` reads them."""
    if set(amounts) == {currency}:
        return _grouped(amounts[currency], currency)
    ordered = sorted(amounts, key=lambda each: (each != currency, each))
    return "; ".join(f"{each} {_grouped(amounts[each], each)}" for each in ordered)


def _grouped(minor: int, currency: str) -> str:
    """50.000 where there are no decimals, so that zeros need no counting; 5.00 elsewhere."""
    return to_decimal(minor, currency) if EXPONENTS[currency] else f"{minor:,}".replace(",", ".")


def told_choices(found: terms.Terms, currency: str) -> dict[str, Any]:
    """Terms as the form of choices shows them."""
    split = found.code_vs_click if isinstance(found.code_vs_click, tuple) else None
    return {
        "window_days": str(found.window_days),
        "touch": found.touch,
        "code_vs_click": "split" if split else found.code_vs_click,
        "code_share": split[0] if split else "50",
        "code_policy": found.code_policy,
        "lifetime": found.lifetime,
        "self_referral": found.self_referral == "allow",
        "precedence": found.precedence,
        "base_shipping": found.base_shipping,
        "base_tax": found.base_tax,
        "rounding": found.rounding,
        "minimum_order": told_amounts(found.minimum_order, currency),
        "cap_per_order": told_amounts(found.cap_per_order, currency),
        "budget": told_amounts(found.budget, currency),
        "hold_days": str(found.hold_days),
        "minimum_payout": told_amounts(found.minimum_payout, currency),
        "payout_currency": found.payout_currency or "",
        "overrides": "; ".join(found.overrides),
        "notice_days": str(found.notice_days),
    }


def read_choices(form: ChoicesForm, currency: str, zone: str) -> dict[str, Any]:
    """Everything but the rules, as a document; Invalid names the fields."""
    reader = Reader(form, currency, zone)
    document: dict[str, Any] = {
        "window_days": reader.days("window_days"),
        "touch": reader.word("touch", ("last", "first")),
        "code_vs_click": reader.word("code_vs_click", ("code", "click", "split")),
        "code_policy": reader.word("code_policy", ("always", "if_involved", "if_winner")),
        "lifetime": bool(form.lifetime.data),
        "self_referral": "allow" if form.self_referral.data else "reject",
        "precedence": reader.word("precedence", ("creator_first", "product_first", "highest")),
        "base": {"shipping": bool(form.base_shipping.data), "tax": bool(form.base_tax.data)},
        "rounding": reader.word("rounding", ("half_up", "half_even", "down")),
        "hold_days": reader.days("hold_days"),
        "notice_days": reader.days("notice_days"),
        "payout_currency": reader.text("payout_currency") or None,
    }
    for key in ("minimum_order", "minimum_payout", "cap_per_order", "budget"):
        document[key] = reader.amounts(key)
    document["overrides"] = [reader.percent("overrides", part) for part in reader.text("overrides").split(";") if part.strip()]
    if document["payout_currency"] not in (None, *EXPONENTS):
        reader.blame("payout_currency", "choose", N_("Please choose one."))
    if document["code_vs_click"] == "split":
        code = reader.percent("code_share")
        click = 100 - percentage(code)
        if not 0 < click < 100:
            reader.blame("code_share", "out_of_range", N_("Both must get something: use more than 0 and less than 100."))
        else:
            document["code_vs_click"] = {"code": code, "click": _decimal(click)}
    reader.done()
    return document


def _decimal(value: Any) -> str:
    """An exact percentage with at most four decimals, as text."""
    whole, rest = divmod(int(value * 10_000), 10_000)
    return f"{whole}.{rest:04}".rstrip("0").rstrip(".")
