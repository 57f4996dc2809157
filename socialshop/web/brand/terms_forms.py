"""Forms that say everything terms can (commission-engine.md, sections 2 and 4); `terms_reading` turns them into documents."""

from __future__ import annotations

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

from ...kernel.money import EXPONENTS
from ..auth.forms import choices

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
