"""Forms that say everything terms can (commission-engine.md, sections 2 and 4), and back: document → form → document.

What is acceptable in the end, the engine's own strict reader decides; here every field gets its own sentence first.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    FieldList,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)

from ...domain import terms
from ...kernel.errors import N_, FieldError, Invalid
from ...kernel.money import EXPONENTS, NotAnAmount, NotAPercentage, percentage, to_decimal
from ...kernel.prices import read_price
from ..auth.forms import choices

DAYS = 3650
STEPS = 3  # tiers offered at first


class ChoicesForm(FlaskForm):  # type: ignore[misc]  # flask-wtf is untyped
    """Everything but the rules."""

    window_days = StringField(_l("How long does a click count?"))
    touch = RadioField(
        _l("When somebody clicked several links"),
        choices=choices([("last", _l("The last click counts")), ("first", _l("The first click counts"))]),
    )
    code_vs_click = RadioField(
        _l("When a code and a click name different creators"),
        choices=choices([("code", _l("The code wins")), ("click", _l("The click wins")), ("split", _l("They share"))]),
    )
    code_share = StringField(_l("The code’s creator gets"))
    code_policy = RadioField(
        _l("When does a referral code earn?"),
        choices=choices(
            [
                ("always", _l("Always, even without a click")),
                ("if_involved", _l("Only with a click of the same creator")),
                ("if_winner", _l("Only if the same creator’s click wins")),
            ]
        ),
    )
    lifetime = BooleanField(_l("Customers stay with the creator of their first order"))
    self_referral = BooleanField(_l("What creators buy themselves earns too"))
    precedence = RadioField(
        _l("When several commissions fit one product"),
        choices=choices(
            [
                ("creator_first", _l("The one for the creator wins, then the one for the product")),
                ("product_first", _l("The one for the product wins, then the one for the creator")),
                ("highest", _l("The highest wins")),
            ]
        ),
    )
    base_shipping = BooleanField(_l("Shipping earns too"))
    base_tax = BooleanField(_l("Tax earns too"))
    rounding = SelectField(
        _l("Rounding"),
        choices=choices(
            [
                ("half_up", _l("To the nearest unit, halves up")),
                ("half_even", _l("To the nearest unit, halves to the even one")),
                ("down", _l("Down")),
            ]
        ),
    )
    minimum_order = StringField(_l("Smallest order that earns"))
    cap_per_order = StringField(_l("Most that one order can earn"))
    budget = StringField(_l("Budget of the whole program"))
    hold_days = StringField(_l("How long is commission held?"))
    minimum_payout = StringField(_l("Smallest payout"))
    payout_currency = SelectField(
        _l("Paid out in"), choices=choices([("", _l("The order’s currency")), *((c, c) for c in EXPONENTS)])
    )
    overrides = StringField(_l("For recruiters"))
    notice_days = StringField(_l("Notice of a cut"))
    written = HiddenField()


class RuleForm(FlaskForm):  # type: ignore[misc]
    """One rule. Choices that depend on the program are filled in by `offer`."""

    kind = RadioField(
        _l("What does the rule do?"),
        choices=choices(
            [
                ("base", _l("It sets the commission")),
                ("bonus", _l("It adds a bonus")),
                ("exclude", _l("It excludes goods")),
            ]
        ),
        default="base",
    )
    amount = RadioField(
        _l("How much?"),
        choices=choices(
            [
                ("percent", _l("A percentage of the goods")),
                ("flat", _l("A fixed amount")),
                ("tiers", _l("In steps, the more a creator sells")),
            ]
        ),
        default="percent",
    )
    percent = StringField(_l("Percentage"))
    flat = StringField(_l("Fixed amount"))
    per = RadioField(
        _l("For each"),
        choices=choices([("order", _l("order")), ("line", _l("product in an order")), ("unit", _l("piece sold"))]),
        default="order",
    )
    up_to = FieldList(StringField(_l("Up to sales of")), min_entries=STEPS, max_entries=20)
    step_percent = FieldList(StringField(_l("Percentage")), min_entries=STEPS, max_entries=20)
    tier_mode = RadioField(
        _l("When an order crosses a step"),
        choices=choices(
            [
                ("marginal", _l("Each part of the order earns the rate of its step")),
                ("next_order", _l("The whole order earns the old rate, the next one the new")),
            ]
        ),
        default="marginal",
    )
    tier_period = SelectField(
        _l("Sales are counted"),
        choices=choices(
            [
                ("month", _l("per calendar month")),
                ("quarter", _l("per quarter")),
                ("year", _l("per calendar year")),
                ("all", _l("over all time")),
            ]
        ),
        default="month",
    )
    creator = SelectMultipleField(_l("Creators"), validate_choice=False)
    group = SelectMultipleField(_l("Groups"), validate_choice=False)
    group_more = StringField(_l("Other groups"))
    product = SelectMultipleField(_l("Products"), validate_choice=False)
    product_more = TextAreaField(_l("Product ids of your own store"))
    category = SelectMultipleField(_l("Categories"), validate_choice=False)
    category_more = TextAreaField(_l("Other categories"))
    brand_more = TextAreaField(_l("Brands"))
    customer = RadioField(
        _l("Buyers"),
        choices=choices(
            [
                ("", _l("All")),
                ("new", _l("New customers")),
                ("returning", _l("Returning customers")),
                ("known", _l("Both, where the store tells which")),
            ]
        ),
        default="",
    )
    via = SelectMultipleField(
        _l("How the order came"),
        choices=choices(
            [
                ("click", _l("A click")),
                ("code", _l("A referral code")),
                ("subscription", _l("The renewal of a subscription")),
                ("lifetime", _l("A customer of theirs")),
            ]
        ),
        validate_choice=False,
    )
    channel = SelectMultipleField(
        _l("Where from"),
        choices=choices(
            [
                ("page", _l("Link page")),
                ("instagram", "Instagram"),
                ("tiktok", "TikTok"),
                ("whatsapp", "WhatsApp"),
                ("qr", _l("QR code")),
                ("other", _l("Elsewhere")),
            ]
        ),
        validate_choice=False,
    )
    channel_more = StringField(_l("Other channels"))
    currency = SelectMultipleField(
        _l("Currencies of orders"), choices=choices([(c, c) for c in EXPONENTS]), validate_choice=False
    )
    payments = StringField(_l("Only the first payments"))
    months = StringField(_l("Only the first months"))
    cap_per_order = StringField(_l("Most that this rule gives in one order"))
    from_at = StringField(_l("From"))
    until_at = StringField(_l("Until"))
    written = HiddenField()


class ImportForm(FlaskForm):  # type: ignore[misc]
    """Terms as JSON: a file, or pasted."""

    pasted = TextAreaField(_l("Or paste the JSON"))
    written = HiddenField()


class DeedForm(FlaskForm):  # type: ignore[misc]
    """A deed on what was seen."""

    written = HiddenField()


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
