"""What a brand promises: terms, their rules, and the dated versions of a program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from ...kernel.money import Rounding, millionths
from .instants import Period, write_instant

Kind = Literal["base", "bonus", "exclude"]
Per = Literal["order", "line", "unit"]
TierMode = Literal["marginal", "next_order"]
Precedence = Literal["creator_first", "product_first", "highest"]

# Conditions on the order and the creator are asked once an order, those on the goods once a line.
GOODS_CONDITIONS = ("product", "category", "brand")
OTHER_CONDITIONS = ("customer", "via", "channel", "currency")
CONDITIONS = ("creator", "group", *GOODS_CONDITIONS, *OTHER_CONDITIONS)


@dataclass(frozen=True, slots=True)
class Tier:
    """One bracket of a rule; `up_to` (by currency) is None for the last."""

    percent: str
    up_to: Mapping[str, int] | None = None
    millionths: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "millionths", millionths(self.percent))


@dataclass(frozen=True, slots=True)
class Recurring:
    """How long a rule lasts on a subscription: so many payments, so many months of it."""

    payments: int | None = None
    months: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One sentence of the terms. Exactly one of `percent`, `flat`, `tiers`, but none for kind "exclude"."""

    id: str
    kind: Kind = "base"
    percent: str | None = None
    flat: Mapping[str, int] | None = None
    per: Per = "order"
    tiers: tuple[Tier, ...] | None = None
    tier_mode: TierMode = "marginal"
    tier_period: Period = "month"
    when: Mapping[str, frozenset[str]] = field(default_factory=dict)
    recurring: Recurring | None = None
    cap_per_order: Mapping[str, int] = field(default_factory=dict)
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    millionths: int = field(init=False, repr=False)
    on_order: tuple[tuple[str, frozenset[str]], ...] = field(init=False, repr=False)
    on_goods: tuple[tuple[str, frozenset[str]], ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        conditions = tuple(self.when.items())
        object.__setattr__(self, "millionths", millionths(self.percent) if self.percent is not None else 0)
        object.__setattr__(self, "on_order", tuple(c for c in conditions if c[0] not in GOODS_CONDITIONS))
        object.__setattr__(self, "on_goods", tuple(c for c in conditions if c[0] in GOODS_CONDITIONS))


@dataclass(frozen=True, slots=True)
class Terms:
    """One version of a program's terms; the defaults are those of the specification, section 2."""

    window_days: int = 30
    touch: Literal["last", "first"] = "last"
    code_vs_click: Literal["code", "click"] | tuple[str, str] = "code"
    code_policy: Literal["always", "if_involved", "if_winner"] = "always"
    lifetime: bool = False
    self_referral: Literal["reject", "allow"] = "reject"
    hold_days: int = 30
    minimum_order: Mapping[str, int] = field(default_factory=dict)
    minimum_payout: Mapping[str, int] = field(default_factory=dict)
    base_shipping: bool = False
    base_tax: bool = False
    rounding: Rounding = "half_up"
    precedence: Precedence = "creator_first"
    notice_days: int = 0
    cap_per_order: Mapping[str, int] = field(default_factory=dict)
    budget: Mapping[str, int] = field(default_factory=dict)
    payout_currency: str | None = None
    overrides: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    excludes: tuple[Rule, ...] = field(init=False, repr=False, compare=False)
    bases: tuple[Rule, ...] = field(init=False, repr=False, compare=False)
    bonuses: tuple[Rule, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        bases = [rule for rule in self.rules if rule.kind == "base"]
        if self.precedence != "highest":
            # Which rule beats which never depends on the line, so they are ranked once; sorting keeps the list's order in ties.
            bases.sort(key=lambda rule: specificity(rule, self.precedence), reverse=True)
        object.__setattr__(self, "bases", tuple(bases))
        object.__setattr__(self, "excludes", tuple(rule for rule in self.rules if rule.kind == "exclude"))
        object.__setattr__(self, "bonuses", tuple(rule for rule in self.rules if rule.kind == "bonus"))


def specificity(rule: Rule, precedence: Precedence) -> tuple[int, int, int]:
    """How much a base rule says about the creator, the goods and the rest; the larger beats the smaller."""
    when = rule.when
    creator = 2 if "creator" in when else 1 if "group" in when else 0
    goods = next((3 - i for i, axis in enumerate(GOODS_CONDITIONS) if axis in when), 0)
    others = sum(condition in when for condition in OTHER_CONDITIONS)
    return (goods, creator, others) if precedence == "product_first" else (creator, goods, others)


@dataclass(frozen=True, slots=True)
class Version:
    """Terms and the instant from which they hold; None: from the beginning of time."""

    starts_at: datetime | None
    terms: Terms

    def started(self, at: datetime) -> bool:
        """Whether this version holds at that instant, unless a newer one does."""
        return self.starts_at is None or self.starts_at <= at


@dataclass(frozen=True, slots=True)
class Program:
    """A brand's program: its time zone and the versions of its terms, oldest first."""

    id: str
    versions: tuple[Version, ...]
    timezone: str = "UTC"
    zone: ZoneInfo = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "zone", ZoneInfo(self.timezone))

    def version_at(self, at: datetime) -> Version | None:
        """The newest version that had started at that instant."""
        return next((version for version in reversed(self.versions) if version.started(at)), None)

    def version_from(self, starts_at: datetime | None) -> Version:
        """The version that starts at exactly that instant, which exists."""
        return next(version for version in self.versions if version.starts_at == starts_at)


def to_document(terms: Terms) -> dict[str, object]:
    """The terms as a document that reads back to the same terms; what equals the default is left out."""
    plain = Terms()
    document: dict[str, object] = {
        key: getattr(terms, key)
        for key in (
            "window_days", "touch", "code_policy", "lifetime", "self_referral", "hold_days", "rounding", "precedence",
            "notice_days", "payout_currency",
        )
        if getattr(terms, key) != getattr(plain, key)
    }  # fmt: skip
    for key in ("minimum_order", "minimum_payout", "cap_per_order", "budget"):
        if getattr(terms, key):
            document[key] = dict(getattr(terms, key))
    if isinstance(terms.code_vs_click, tuple):
        document["code_vs_click"] = dict(zip(("code", "click"), terms.code_vs_click, strict=True))
    elif terms.code_vs_click != plain.code_vs_click:
        document["code_vs_click"] = terms.code_vs_click
    if terms.base_shipping or terms.base_tax:
        document["base"] = {"shipping": terms.base_shipping, "tax": terms.base_tax}
    if terms.overrides:
        document["overrides"] = list(terms.overrides)
    document["rules"] = [_rule_document(rule) for rule in terms.rules]
    return document


def _rule_document(rule: Rule) -> dict[str, object]:
    document: dict[str, object] = {"id": rule.id, "kind": rule.kind}
    if rule.percent is not None:
        document["percent"] = rule.percent
    if rule.flat is not None:
        document |= {"flat": dict(rule.flat), "per": rule.per}
    if rule.tiers is not None:
        tiers = [({} if t.up_to is None else {"up_to": dict(t.up_to)}) | {"percent": t.percent} for t in rule.tiers]
        document |= {"tiers": tiers, "tier_mode": rule.tier_mode, "tier_period": rule.tier_period}
    if rule.when:
        document["when"] = {key: sorted(values) for key, values in rule.when.items()}
    if rule.recurring is not None:
        limits = {"payments": rule.recurring.payments, "months": rule.recurring.months}
        document["recurring"] = {key: value for key, value in limits.items() if value is not None}
    if rule.cap_per_order:
        document["cap_per_order"] = dict(rule.cap_per_order)
    if rule.starts_at is not None:
        document["from"] = write_instant(rule.starts_at)
    if rule.ends_at is not None:
        document["until"] = write_instant(rule.ends_at)
    return document
