"""Reading terms and programs from documents, strictly; every refusal names the rule and the key."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast, get_args
from zoneinfo import ZoneInfo

from ...kernel.money import Rounding, percentage
from .document import CONDITIONS, Kind, Per, Precedence, Program, Recurring, Rule, Terms, Tier, TierMode, Version
from .instants import Period
from .strict import Keys, Place

_TERMS = (
    "window_days", "touch", "code_vs_click", "code_policy", "lifetime", "self_referral", "hold_days", "minimum_order",
    "minimum_payout", "base", "rounding", "precedence", "notice_days", "cap_per_order", "budget", "payout_currency",
    "overrides", "rules",
)  # fmt: skip
_RULE = (
    "kind", "percent", "flat", "per", "tiers", "tier_mode", "tier_period", "when", "recurring", "cap_per_order", "from", "until",
)  # fmt: skip
_ONLY_FOR = {"per": "flat", "tier_mode": "tiers", "tier_period": "tiers"}
_VIAS = ("click", "code", "subscription", "lifetime")


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads terms; `creators`: the ids that rules may name, None: any."""

    creators: Collection[str] | None

    def terms(self, place: Place) -> Terms:
        keys = place.keys(optional=_TERMS)
        base = keys.get("base", lambda p: p.keys(optional=("shipping", "tax")), Keys({}, ""))
        return Terms(
            window_days=keys.get("window_days", Place.whole, 30),
            touch=cast(Any, keys.get("touch", _word("last", "first"), "last")),
            code_vs_click=keys.get("code_vs_click", _code_vs_click, "code"),
            code_policy=cast(Any, keys.get("code_policy", _word("always", "if_involved", "if_winner"), "always")),
            lifetime=keys.get("lifetime", Place.truth, False),
            self_referral=cast(Any, keys.get("self_referral", _word("reject", "allow"), "reject")),
            hold_days=keys.get("hold_days", Place.whole, 30),
            minimum_order=keys.get("minimum_order", Place.amounts, {}),
            minimum_payout=keys.get("minimum_payout", Place.amounts, {}),
            base_shipping=base.get("shipping", Place.truth, False),
            base_tax=base.get("tax", Place.truth, False),
            rounding=cast(Rounding, keys.get("rounding", _word(*get_args(Rounding)), "half_up")),
            precedence=cast(Precedence, keys.get("precedence", _word(*get_args(Precedence)), "creator_first")),
            notice_days=keys.get("notice_days", Place.whole, 0),
            cap_per_order=keys.get("cap_per_order", Place.amounts, {}),
            budget=keys.get("budget", Place.amounts, {}),
            payout_currency=keys.maybe("payout_currency", Place.currency, None),
            overrides=keys.get("overrides", lambda p: tuple(item.percent() for item in p.items()), ()),
            rules=keys.get("rules", self.rules, ()),
        )

    def rules(self, place: Place) -> tuple[Rule, ...]:
        rules: dict[str, Rule] = {}
        for item in place.items():
            rule = self.rule(item)
            if rule.id in rules:
                raise named(item, "rule", rule.id).bad("this id was given to another rule")
            rules[rule.id] = rule
        return tuple(rules.values())

    def rule(self, place: Place) -> Rule:
        rule_id = Place(place.object().get("id", ""), f"{place.path}.id").text() if "id" in place.object() else ""
        place = named(place, "rule", rule_id)
        keys = place.keys(required=("id",), optional=_RULE)
        kind = cast(Kind, keys.get("kind", _word(*get_args(Kind)), "base"))
        self._amounts(place, keys, kind)
        return Rule(
            id=rule_id,
            kind=kind,
            percent=keys.get("percent", Place.percent, None),
            flat=keys.get("flat", Place.amounts, None),
            per=cast(Per, keys.get("per", _word(*get_args(Per)), "order")),
            tiers=keys.get("tiers", _tiers, None),
            tier_mode=cast(TierMode, keys.get("tier_mode", _word(*get_args(TierMode)), "marginal")),
            tier_period=cast(Period, keys.get("tier_period", _word(*get_args(Period)), "month")),
            when=keys.get("when", self.when, {}),
            recurring=keys.get("recurring", _recurring, None),
            cap_per_order=keys.get("cap_per_order", Place.amounts, {}),
            starts_at=keys.get("from", _instant, None),
            ends_at=keys.get("until", _instant, None),
        )

    def _amounts(self, place: Place, keys: Keys, kind: Kind) -> None:
        """Refuse a rule with no amount, two amounts, or a key that its amount has no use for."""
        amounts = [key for key in ("percent", "flat", "tiers") if key in keys]
        if kind == "exclude":
            for key in (*amounts, *_ONLY_FOR, "recurring", "cap_per_order"):
                if key in keys:
                    raise keys.at(key).bad("an exclude rule has no such thing")
        elif len(amounts) != 1:
            raise place.bad("must have exactly one of percent, flat, tiers")
        for key, amount in _ONLY_FOR.items():
            if key in keys and amount not in keys:
                raise keys.at(key).bad(f"is for {amount} only")

    def when(self, place: Place) -> dict[str, frozenset[str]]:
        keys = place.keys(optional=CONDITIONS)
        return {key: frozenset(self.condition(key, keys.at(key))) for key in keys.found}

    def condition(self, key: str, place: Place) -> list[str]:
        """The values of one condition: one text, or a list of them."""
        places = place.items() if isinstance(place.value, list) else [place]
        if not places:
            raise place.bad("must name at least one")
        if key == "customer":
            return [p.word(("new", "returning")) for p in places]
        if key == "via":
            return [p.word(_VIAS) for p in places]
        if key == "currency":
            return [p.currency() for p in places]
        if key == "creator":
            return [listed(p, self.creators) for p in places]
        return [p.text() for p in places]


def read(document: object, place: str = "terms", creators: Collection[str] | None = None) -> Terms:
    """Terms from their document, or BadDocument. creators: the ids that rules may name; None: any."""
    return _Reader(creators).terms(Place(document, place))


def read_program(document: object, creators: Collection[str] | None = None, place: str = "program") -> Program:
    """A program with its versions, or BadDocument; see `read`."""
    at = Place(document, place)
    keys = at.keys(required=("id",), optional=("timezone", "versions", "terms"))
    if ("versions" in keys) == ("terms" in keys):
        raise at.bad("must have exactly one of versions, terms")
    reader = _Reader(creators)
    versions = [Version(None, reader.terms(keys.at("terms")))] if "terms" in keys else _versions(keys.at("versions"), reader)
    return Program(keys.at("id").text(), tuple(versions), keys.maybe("timezone", _timezone, "UTC"))


def named(place: Place, what: str, its_id: str) -> Place:
    """The same value, its path telling the id of what stands there: `rules[2] (rule "vip")`."""
    short = ascii(its_id)[1:-1][:80]
    return Place(place.value, f'{place.path} ({what} "{short}")')


def listed(place: Place, creators: Collection[str] | None) -> str:
    """The id of a creator who must be listed."""
    creator = place.text()
    if creators is not None and creator not in creators:
        raise place.bad(f"{creator!a} is not a creator that is listed")
    return creator


def _versions(place: Place, reader: _Reader) -> list[Version]:
    versions: dict[datetime, Version] = {}
    for item in place.items():
        keys = item.keys(required=("from", "terms"))
        starts_at = keys.at("from").instant()
        if starts_at in versions:
            raise keys.at("from").bad("another version starts at the same instant")
        versions[starts_at] = Version(starts_at, reader.terms(keys.at("terms")))
    return [versions[starts_at] for starts_at in sorted(versions)]


def _word(*known: str) -> Callable[[Place], str]:
    return lambda place: place.word(known)


def _instant(place: Place) -> datetime | None:
    return place.instant()


def _timezone(place: Place) -> str:
    name = place.text()
    try:
        ZoneInfo(name)
    except (ValueError, LookupError, OSError) as error:
        raise place.bad(f"{name!a} is not a time zone") from error
    return name


def _code_vs_click(place: Place) -> Literal["code", "click"] | tuple[str, str]:
    if not isinstance(place.value, dict):
        return cast(Literal["code", "click"], place.word(("code", "click")))
    keys = place.keys(required=("code", "click"))
    parts = keys.at("code").percent(), keys.at("click").percent()
    code, click = map(percentage, parts)
    if not code or not click:
        raise place.bad("both parts must be above 0")
    if code + click != 100:
        raise place.bad("the parts must add up to 100")
    return parts


def _recurring(place: Place) -> Recurring | None:
    keys = place.keys(optional=("payments", "months"))
    if not keys.found:
        raise place.bad("must have payments, months or both")
    return Recurring(keys.get("payments", _whole, None), keys.get("months", _whole, None))


def _whole(place: Place) -> int | None:
    return place.whole()


def _tiers(place: Place) -> tuple[Tier, ...] | None:
    items = place.items()
    if not items:
        raise place.bad("must have at least one tier")
    highest: dict[str, int] = {}
    tiers = []
    for item in items[:-1]:
        keys = item.keys(required=("up_to", "percent"))
        up_to = keys.at("up_to").amounts()
        for currency, limit in up_to.items():
            if limit <= highest.get(currency, -1):
                raise keys.at("up_to").bad(f"must rise in {currency}")
        highest |= up_to
        tiers.append(Tier(keys.at("percent").percent(), up_to))
    tiers.append(Tier(items[-1].keys(required=("percent",)).at("percent").percent()))
    return tuple(tiers)
