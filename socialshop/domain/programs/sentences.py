"""Terms as sentences that a creator can hold a brand to, in English and Bahasa Indonesia. Pure.

Says everything that a terms document can (commission-engine.md, sections 2 and 4), in the order in which people ask: what
do I earn, of which sales, within which limits, and when am I paid.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ...kernel import words
from ...kernel.money import Money, percentage
from .. import terms
from ..terms import Rule, Terms, Tier
from .phrases import phrase

Topic = Literal["amount", "earned", "limits", "paid", "changes"]

_GOODS = {(False, False): "goods", (True, False): "goods_shipping", (False, True): "goods_tax", (True, True): "goods_both"}
_COUNTS = {
    (False, False): "neither_counts",
    (True, False): "shipping_counts",
    (False, True): "tax_counts",
    (True, True): "both_count",
}
_CHANNELS = {"instagram": "Instagram", "tiktok": "TikTok", "whatsapp": "WhatsApp"}


@dataclass(frozen=True, slots=True)
class Clause:
    """One sentence of the terms, and what it is about."""

    topic: Topic
    text: str


def sentences(
    document: Mapping[str, object],
    currency: str,
    locale: str,
    *,
    zone: str = "Asia/Jakarta",
    names: Mapping[str, str] | None = None,
) -> list[str]:
    """The terms as sentences; BadDocument where they cannot be read. See `clauses`."""
    return [clause.text for clause in clauses(document, currency, locale, zone=zone, names=names)]


def clauses(
    document: Mapping[str, object],
    currency: str,
    locale: str,
    *,
    zone: str = "Asia/Jakarta",
    names: Mapping[str, str] | None = None,
) -> list[Clause]:
    """The terms as sentences with their topics.

    currency: the program's own, told first where there are several. zone: in which dates are told.
    names: what people call a product or creator that a rule names by its id; the id itself where none is given.
    """
    found = terms.read(document)
    teller = _Teller(found, currency, locale, zone, names or {})
    return teller.tell()


def rule_sentences(
    document: Mapping[str, object],
    currency: str,
    locale: str,
    *,
    zone: str = "Asia/Jakarta",
    names: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The sentence of each rule by its id, in the terms' order; see `clauses`."""
    found = terms.read(document)
    teller = _Teller(found, currency, locale, zone, names or {})
    return {rule.id: teller.rule(rule) for rule in found.rules}


def headline(document: Mapping[str, object], currency: str, locale: str) -> str:
    """The commission in a few words, for lists: "12.5% of the goods", "up to 15% of the goods"."""
    found = terms.read(document)
    teller = _Teller(found, currency, locale, "UTC", {})
    bases = [rule for rule in found.rules if rule.kind == "base"]
    if not bases:
        return phrase("head_nothing", locale)
    if len(bases) == 1 and bases[0].tiers is None:
        return teller.amount(bases[0])
    percents = [rule.percent for rule in bases if rule.percent is not None]
    percents += [tier.percent for rule in bases for tier in rule.tiers or ()]
    if not percents:
        return phrase("head_up_to", locale, amount=teller.amount(max(bases, key=lambda rule: (rule.flat or {}).get(currency, 0))))
    highest = max(percents, key=percentage)
    return phrase("head_up_to", locale, amount=teller.of_base(highest))


@dataclass(frozen=True, slots=True)
class _Teller:
    terms: Terms
    currency: str
    locale: str
    zone: str
    names: Mapping[str, str]

    def tell(self) -> list[Clause]:
        topics: list[tuple[Topic, list[str]]] = [
            ("amount", self.amounts()),
            ("earned", self.earned()),
            ("limits", self.limits()),
            ("paid", self.paid()),
            ("changes", self.changes()),
        ]
        return [Clause(topic, text) for topic, texts in topics for text in texts]

    # --- what a sale earns

    def amounts(self) -> list[str]:
        found = self.terms
        texts = [self.rule(rule) for kind in ("base", "bonus", "exclude") for rule in found.rules if rule.kind == kind]
        if not any(rule.kind != "exclude" for rule in found.rules):
            return [self.say("nothing")]
        if len(found.bases) > 1:
            texts.append(self.say(found.precedence))
        texts.append(self.say("after_discounts", out=self.say(_COUNTS[self.counted])))
        if found.rounding != "half_up":
            texts.append(self.say(found.rounding))
        for level, percent in enumerate(found.overrides, start=1):
            if percentage(percent):
                texts.append(self.say("override_1" if level == 1 else "override_n", n=level, percent=self.percent(percent)))
        return texts

    def rule(self, rule: Rule) -> str:
        conditions = [self.condition(key, rule.when[key]) for key in _ORDER if key in rule.when]
        if rule.starts_at is not None:
            conditions.append(self.say("from", start=words.when(rule.starts_at, self.locale, self.zone)))
        if rule.ends_at is not None:
            conditions.append(self.say("until", end=words.when(rule.ends_at, self.locale, self.zone)))
        where = f" {', '.join(conditions)}" if conditions else ""
        limits = "".join(f", {limit}" for limit in self.rule_limits(rule))
        if rule.kind == "exclude":
            return self.say("exclude" if rule.when else "exclude_all", where=where, limits=limits if rule.when else where)
        return self.say(rule.kind, amount=self.amount(rule), where=where, limits=limits)

    def amount(self, rule: Rule) -> str:
        if rule.percent is not None:
            return self.of_base(rule.percent)
        if rule.flat is not None:
            return self.say(f"per_{rule.per}", amount=self.money(rule.flat))
        tiers = rule.tiers or ()
        if len(tiers) == 1:
            return self.of_base(tiers[0].percent)
        return self.say(
            f"tiers_{rule.tier_mode}", period=self.say(f"in_{rule.tier_period}"), steps=self.steps(tiers), base=self.base
        )

    def of_base(self, percent: str) -> str:
        return self.say("percent", percent=self.percent(percent), base=self.base)

    def steps(self, tiers: Sequence[Tier]) -> str:
        texts = []
        for place, tier in enumerate(tiers):
            if tier.up_to is None:
                texts.append(self.say("tier_last", percent=self.percent(tier.percent)))
            else:
                key = "tier_next" if place else "tier_first"
                texts.append(self.say(key, percent=self.percent(tier.percent), limit=self.money(tier.up_to)))
        return ", ".join(texts)

    def condition(self, key: str, values: frozenset[str]) -> str:
        return self.say(key, names=self.listed("or", [self.named(key, value) for value in sorted(values)]))

    def named(self, key: str, value: str) -> str:
        if key == "customer":
            return self.say(value)
        if key == "via":
            return self.say(f"via_{value}")
        if key == "currency":
            return value
        if key == "channel":
            return _CHANNELS.get(value) or (self.say(f"channel_{value}") if value in ("page", "qr") else self.quoted(value))
        return self.names.get(value) or self.quoted(value)

    def rule_limits(self, rule: Rule) -> list[str]:
        texts = []
        if rule.recurring is not None:
            texts.append(self.recurring(rule.recurring.payments, rule.recurring.months))
        if rule.cap_per_order:
            texts.append(self.say("rule_cap", amount=self.money(rule.cap_per_order)))
        return texts

    def recurring(self, payments: int | None, months: int | None) -> str:
        span = "" if months is None else self.counted_as("month", months)
        if payments is None:
            return self.say("subscription_months", months=span)
        first = self.say("payment" if payments == 1 else "payments", n=payments)
        return first if months is None else self.say("payments_months", payments=first, months=span)

    # --- who earns it, within which limits, and when

    def earned(self) -> list[str]:
        found = self.terms
        texts = []
        if found.window_days:
            texts.append(self.say("window", days=self.counted_as("day", found.window_days)))
            texts.append(self.say(f"touch_{found.touch}"))
            texts.append(self.winner())
        else:
            texts.append(self.say("no_window"))
        texts.append(self.say(f"policy_{found.code_policy}"))
        if found.lifetime:
            texts.append(self.say("lifetime"))
        texts.append(self.say(f"self_{found.self_referral}"))
        return texts

    def winner(self) -> str:
        rule = self.terms.code_vs_click
        if isinstance(rule, tuple):
            return self.say("split", code=self.percent(rule[0]), click=self.percent(rule[1]))
        return self.say(f"{rule}_wins")

    def limits(self) -> list[str]:
        found = self.terms
        texts = []
        if any(found.minimum_order.values()):
            texts.append(self.say("minimum_order", amount=self.money(found.minimum_order)))
        if found.cap_per_order:
            texts.append(self.say("cap", amount=self.money(found.cap_per_order)))
        if found.budget:
            texts.append(self.say("budget", amount=self.money(found.budget)))
        return texts

    def paid(self) -> list[str]:
        found = self.terms
        days = found.hold_days
        texts = [self.say("hold", days=self.counted_as("day", days)) if days else self.say("no_hold")]
        if any(found.minimum_payout.values()):
            texts.append(self.say("minimum_payout", amount=self.money(found.minimum_payout)))
        if found.payout_currency is not None:
            texts.append(self.say("payout_currency", currency=found.payout_currency))
        return [*texts, self.say("refunds")]

    def changes(self) -> list[str]:
        days = self.terms.notice_days
        return [self.say("notice", days=self.counted_as("day", days))] if days else []

    # --- words

    @property
    def counted(self) -> tuple[bool, bool]:
        return self.terms.base_shipping, self.terms.base_tax

    @property
    def base(self) -> str:
        return self.say(_GOODS[self.counted])

    def say(self, key: str, **facts: object) -> str:
        return phrase(key, self.locale, **facts)

    def counted_as(self, unit: str, n: int) -> str:
        return self.say(unit if n == 1 else f"{unit}s", n=n)

    def percent(self, text: str) -> str:
        """12.50 is "12.5%", in Indonesian "12,5%"."""
        plain = text.rstrip("0").rstrip(".") if "." in text else text
        return (plain.replace(".", ",") if self.locale == "id" else plain) + "%"

    def money(self, amounts: Mapping[str, int]) -> str:
        """Amounts by currency, the program's own first."""
        ordered = sorted(amounts, key=lambda currency: (currency != self.currency, currency))
        texts = [words.money(Money(amounts[currency], currency), self.locale) for currency in ordered]
        return texts[0] if len(texts) == 1 else self.say("by_currency", amounts=self.listed("or", texts))

    def quoted(self, text: str) -> str:
        return self.say("quoted", text=text)

    def listed(self, joint: str, texts: Sequence[str]) -> str:
        if len(texts) == 1:
            return texts[0]
        return self.say(joint, rest=", ".join(texts[:-1]), last=texts[-1])


_ORDER = ("product", "category", "brand", "creator", "group", "customer", "via", "channel", "currency")
