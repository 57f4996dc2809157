"""Which rules meet, who wins and why, and which can never earn: tables, and checked against the engine itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from socialshop.domain import terms

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def read(*rules: dict[str, Any], precedence: str = "creator_first") -> terms.Terms:
    named = [
        {"id": str(n), **({} if set(rule) & {"flat", "tiers", "kind"} else {"percent": "10"}), **rule}
        for n, rule in enumerate(rules, 1)
    ]
    return terms.read({"precedence": precedence, "rules": named})


@pytest.mark.parametrize(
    ("one", "other", "precedence", "winner", "why"),
    [
        ({}, {"when": {"category": "a"}}, "creator_first", "2", "category"),
        ({"when": {"product": "p"}}, {"when": {"creator": "A"}}, "creator_first", "2", "creator"),
        ({"when": {"product": "p"}}, {"when": {"creator": "A"}}, "product_first", "1", "product"),
        ({"when": {"group": "vip"}}, {"when": {"creator": "A"}}, "creator_first", "2", "creator"),
        ({"when": {"group": "vip"}}, {"when": {"group": "new"}}, "creator_first", "1", "earlier"),
        ({"when": {"brand": "b"}}, {"when": {"via": "code"}}, "creator_first", "1", "brand"),
        ({}, {"when": {"via": "code"}}, "creator_first", "2", "conditions"),
        ({"percent": "5"}, {"percent": "7"}, "highest", "2", "higher"),
        ({"percent": "7"}, {"percent": "7"}, "highest", "1", "earlier"),
        ({"percent": "7"}, {"flat": {"IDR": 500}}, "highest", None, "depends"),
    ],
)
def test_who_wins_and_why(one: dict[str, Any], other: dict[str, Any], precedence: str, winner: str | None, why: str) -> None:
    assert terms.overlaps(read(one, other, precedence=precedence)) == [terms.Overlap("1", "2", winner, why)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"when": {"category": "a"}}, {"when": {"category": ["b", "c"]}}),
        ({"when": {"creator": "A"}}, {"when": {"creator": "B"}}),
        ({"when": {"currency": "USD"}}, {"flat": {"IDR": 5}}),
        ({"flat": {"USD": 5}}, {"tiers": [{"up_to": {"IDR": 5}, "percent": "5"}, {"percent": "6"}]}),
        ({"until": "2026-01-01T00:00:00Z"}, {"from": "2026-01-01T00:00:00Z"}),
        ({}, {"kind": "bonus", "percent": "5"}),
    ],
)
def test_rules_that_never_meet(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert terms.overlaps(read(one, other)) == []


@pytest.mark.parametrize(
    ("one", "other", "precedence", "expected"),
    [
        ({"when": {"category": ["a", "b"]}}, {"when": {"category": "a"}}, "creator_first", ("2", "beaten", "1")),
        ({}, {"percent": "20"}, "creator_first", ("2", "beaten", "1")),
        ({"percent": "20"}, {"when": {"category": "a"}}, "highest", ("2", "beaten", "1")),
        ({"kind": "exclude", "when": {"brand": "a"}}, {"when": {"brand": "a", "via": "code"}}, "highest", ("2", "excluded", "1")),
        ({"kind": "exclude"}, {"kind": "bonus", "percent": "5"}, "creator_first", ("2", "excluded", "1")),
        ({"from": "2026-07-01T00:00:00Z", "until": "2026-07-01T00:00:00Z"}, {}, "creator_first", ("1", "empty_dates", None)),
        ({"until": "2026-06-01T00:00:00Z"}, {}, "creator_first", ("1", "over", None)),
        ({"flat": {"USD": 5}, "when": {"currency": "IDR"}}, {}, "creator_first", ("1", "no_currency", None)),
    ],
)  # fmt: skip
def test_a_rule_that_can_never_earn(
    one: dict[str, Any], other: dict[str, Any], precedence: str, expected: tuple[str, str, str | None]
) -> None:
    assert terms.idle(read(one, other, precedence=precedence), NOW) == [terms.Idle(*expected)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"when": {"category": "a"}}, {"when": {"category": ["a", "b"]}}),
        ({"when": {"category": "a"}}, {}),
        ({"from": "2026-07-01T00:00:00Z"}, {}),
        ({"recurring": {"payments": 3}}, {}),
        ({"flat": {"USD": 5}}, {}),
        ({"when": {"group": "vip"}}, {"when": {"creator": "A"}}),
    ],
)
def test_a_rule_that_sometimes_earns_is_not_warned_about(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert terms.idle(read(one, other), NOW) == []


def test_what_is_said_of_winners_is_what_the_engine_does() -> None:
    """Every pair of these rules on a line that fits all of them: the engine picks who `overlaps` says."""
    whens = [
        {},
        {"creator": "A"},
        {"group": "vip"},
        {"product": "p"},
        {"category": "c"},
        {"brand": "b"},
        {"via": "code"},
        {"creator": "A", "category": "c"},
    ]
    program = {"precedence": ["creator_first", "product_first", "highest"]}
    creator = terms.CreatorFacts("A", groups=("vip",), codes=("a",))
    order = terms.OrderFacts("o", NOW, "IDR", (terms.Line("l", 1000, 1, 0, "p", "c", "b"),), code="a")
    for precedence in program["precedence"]:
        for one in whens:
            for other in whens:
                found = read({"when": one, "percent": "5"}, {"when": other, "percent": "7"}, precedence=precedence)
                [overlap] = terms.overlaps(found)
                history: Any = None
                frozen = terms.freeze(order, creator, found, history, UTC)
                priced = terms.price(order, creator, terms.Share("A", "code"), None, found, frozen, minimum=None, zone=UTC)
                assert priced.lines[0].rule == overlap.winner, (precedence, one, other)
