"""Section 3: who earned an order, and what a receipt can tell about every touch."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from socialshop.domain import attribution, replay, terms
from socialshop.domain.attribution import Declined
from socialshop.domain.terms import (
    Click,
    CreatorFacts,
    Customer,
    FirstPayment,
    Line,
    OrderFacts,
    Roster,
    Share,
    Subscription,
    Terms,
)

JUNE_1 = datetime(2026, 6, 1, tzinfo=UTC)
MIA, ANA = CreatorFacts("mia", "mia@example.com", codes=("mia10",)), CreatorFacts("ana", codes=("Ana10",))
GONE = CreatorFacts("gone", codes=("gone10",), left_at=JUNE_1)
PEOPLE = Roster([MIA, ANA, GONE])
PLAIN = Terms()


class NoHistory(replay.World):
    """A program in which nothing happened yet, unless a test says so."""

    def __init__(self, first: FirstPayment | None = None, credited: tuple[Share, ...] = ()) -> None:
        super().__init__(terms.Program("p", ()), [])
        self.first, self.credited = first, credited

    def first_payment(self, subscription_id: str) -> FirstPayment | None:
        return self.first

    def first_credited(self, customer_id: str) -> tuple[Share, ...]:
        return self.credited


def click(creator: CreatorFacts, *, days_ago: float = 1, name: str = "", kind: str = "payable", visitor: str = "v") -> Click:
    return Click(name or f"{creator.id}-{days_ago}", JUNE_1 - timedelta(days=days_ago), creator.id, visitor, "reels", kind)


def order(**facts: Any) -> OrderFacts:
    return OrderFacts("o1", JUNE_1, "USD", (Line("l1", 1000, 1),), **({"visitor": "v"} | facts))


def judged(
    clicks: list[Click], promises: Terms | None = PLAIN, history: NoHistory | None = None, **facts: Any
) -> attribution.Verdict:
    return attribution.judge(order(**facts), clicks, PEOPLE, promises, history or NoHistory())


@pytest.mark.parametrize(
    ("clicks", "winner"),
    [
        ([click(MIA, days_ago=2), click(ANA, days_ago=1)], ANA),  # the latest
        ([click(MIA, days_ago=2), click(ANA, days_ago=1, kind="invalid")], MIA),  # robots never win
        ([click(MIA, days_ago=30)], None),  # the window is half open
        ([click(MIA, days_ago=29.99999)], MIA),
        ([click(MIA, days_ago=0)], MIA),
        ([click(MIA, days_ago=-0.00001)], None),  # after the order
        ([click(MIA, days_ago=2), click(GONE)], MIA),  # left before the order, though after the click
        ([click(MIA, name="9"), click(ANA, name="10")], MIA),  # ids as text
        ([], None),
    ],
)
def test_the_click_that_counts(clicks: list[Click], winner: CreatorFacts | None) -> None:
    found = attribution.winning_click(clicks, PLAIN, PEOPLE, JUNE_1)
    assert (found and found.creator) == (winner and winner.id)
    verdict = judged(clicks)
    assert [share.creator for share in verdict.shares] == ([winner.id] if winner else [])


def test_the_first_click_counts_where_the_terms_say_so() -> None:
    clicks = [click(MIA, days_ago=2), click(ANA, days_ago=1), click(ANA, days_ago=2, name="a")]
    found = attribution.winning_click(clicks, Terms(touch="first"), PEOPLE, JUNE_1)
    assert found is clicks[2]


def test_only_the_orders_own_clicks_are_looked_at() -> None:
    clicks = [click(MIA, visitor="other", name="k1"), replace(click(ANA, name="k2"), visitor=None)]
    assert attribution.clicks_of(order(visitor=None), clicks) == []
    assert attribution.clicks_of(order(visitor=None, click="k2"), clicks) == [clicks[1]]
    assert attribution.clicks_of(order(visitor="other", click="k2"), clicks) == clicks


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Rani.Putri@gmail.com", " raniputri+shop@googlemail.com ", True),
        ("c.c@example.com", "cc@example.com", False),
        ("c.c@example.com", "C.C+gift@Example.com", True),
        ("a+b@x.com", "a+c@x.com", True),
        ("a@x.com", "a@y.com", False),
        (None, None, False),
        ("", " ", False),
        ("a@x.com", None, False),
    ],
)
def test_the_same_mailbox(one: str | None, other: str | None, same: bool) -> None:
    assert attribution.same_mailbox(one, other) is same
    assert attribution.same_mailbox(other, one) is same


SPLIT = Terms(code_vs_click=("70", "30"))


@pytest.mark.parametrize(
    ("promises", "code", "clicks", "shares"),
    [
        (PLAIN, "ANA10", [click(MIA)], [Share("ana", "code")]),
        (PLAIN, "ana10", [click(ANA)], [Share("ana", "code")]),
        (PLAIN, "gone10", [click(MIA)], [Share("mia", "click")]),
        (PLAIN, "nobody", [click(MIA)], [Share("mia", "click")]),
        (Terms(code_vs_click="click"), "ana10", [click(MIA)], [Share("mia", "click")]),
        (SPLIT, "ana10", [click(MIA)], [Share("ana", "code", "70", 0), Share("mia", "click", "30", 1)]),
        (SPLIT, "ana10", [click(ANA)], [Share("ana", "code")]),
        (Terms(code_policy="if_involved"), "ana10", [click(MIA)], [Share("mia", "click")]),
        (Terms(code_policy="if_involved"), "ana10", [click(ANA, days_ago=2), click(MIA)], [Share("ana", "code")]),
        (Terms(code_policy="if_involved"), "ana10", [click(ANA, days_ago=31), click(MIA)], [Share("mia", "click")]),
        (Terms(code_policy="if_winner"), "ana10", [click(ANA, days_ago=2), click(MIA)], [Share("mia", "click")]),
        (Terms(code_policy="if_winner"), "ana10", [click(MIA, days_ago=2), click(ANA)], [Share("ana", "code")]),
        (Terms(code_policy="if_winner"), "ana10", [], []),
    ],
)
def test_code_and_click(promises: Terms, code: str, clicks: list[Click], shares: list[Share]) -> None:
    assert list(judged(clicks, promises, code=code).shares) == shares


def test_a_split_leaves_the_other_only_their_own_share() -> None:
    verdict = judged([click(MIA)], SPLIT, code="ana10", customer=Customer(email="MIA+me@example.com"))
    assert verdict.shares == (Share("ana", "code", "70", 0),)
    assert verdict.declined == (Declined("mia", "self_referral"),)


def test_no_terms_come_before_everything() -> None:
    renewal = Subscription("s", 2, JUNE_1)
    assert judged([click(MIA)], None, subscription=renewal).declined == (Declined(None, "no_terms"),)


def test_a_renewal_asks_only_its_first_payment() -> None:
    renewal = Subscription("s", 2, JUNE_1)
    alone = judged([click(MIA)], subscription=renewal)
    assert alone.declined == (Declined(None, "no_touch"),)
    credited = (Share("ana", "code", "70", 0), Share("gone", "click", "30", 1))
    verdict = judged([click(MIA)], history=NoHistory(FirstPayment(credited, JUNE_1)), subscription=renewal)
    assert verdict.shares == (Share("ana", "subscription", "70", 0),)
    assert verdict.declined == (Declined("gone", "not_enrolled"),)
    assert verdict.channel is None
    nobody = judged([click(MIA)], history=NoHistory(FirstPayment((), JUNE_1)), subscription=renewal)
    assert nobody.declined == (Declined(None, "no_touch"),)


@pytest.mark.parametrize(
    ("credited", "heir"),
    [
        ((Share("mia", "click"),), "mia"),
        ((Share("mia", "code", "40", 0), Share("ana", "click", "60", 1)), "ana"),
        ((Share("mia", "code", "50", 0), Share("ana", "click", "50", 1)), "mia"),
        ((Share("mia", "code", "9", 0), Share("ana", "click", "91", 1)), "ana"),
        ((Share("ana", "click", "30", 1),), "ana"),
        ((Share("gone", "click"),), None),
        ((), None),
    ],
)
def test_a_customer_stays_with_the_larger_share(credited: tuple[Share, ...], heir: str | None) -> None:
    history = NoHistory(credited=credited)
    verdict = judged([], Terms(lifetime=True), history, customer=Customer("m"))
    assert verdict.shares == ((Share(heir, "lifetime"),) if heir else ())
    assert judged([], PLAIN, history, customer=Customer("m")).shares == ()
    assert judged([], Terms(lifetime=True), history).shares == ()


def whys(verdict: attribution.Verdict) -> dict[str, tuple[bool, str]]:
    return {touch.id: (touch.won, touch.why) for touch in verdict.touches}


def test_every_touch_is_told_with_its_reason() -> None:
    clicks = [
        click(MIA, days_ago=3, name="robot", kind="invalid"),
        click(GONE, name="gone"),
        click(ANA, days_ago=40, name="old"),
        click(ANA, days_ago=-1, name="late"),
        click(ANA, days_ago=2, name="earlier"),
        click(MIA, name="winner"),
    ]
    seen = whys(judged(clicks, code="nobody"))
    assert seen == {
        "robot": (False, "not_payable"),
        "gone": (False, "not_enrolled"),
        "old": (False, "too_old"),
        "late": (False, "later_than_order"),
        "earlier": (False, "not_the_last"),
        "winner": (True, "wins"),
        "nobody": (False, "unknown_code"),
    }


@pytest.mark.parametrize(
    ("promises", "facts", "seen"),
    [
        (PLAIN, {"code": "ana10"}, {"k": (False, "lost_to_code"), "ana10": (True, "wins")}),
        (Terms(code_vs_click="click"), {"code": "ana10"}, {"k": (True, "wins"), "ana10": (False, "lost_to_click")}),
        (SPLIT, {"code": "ana10"}, {"k": (True, "shares"), "ana10": (True, "shares")}),
        (PLAIN, {"code": "mia10"}, {"k": (True, "same_creator"), "mia10": (True, "wins")}),
        (Terms(code_policy="if_winner"), {"code": "ana10"}, {"k": (True, "wins"), "ana10": (False, "not_winner")}),
        (Terms(code_policy="if_involved"), {"code": "ana10"}, {"k": (True, "wins"), "ana10": (False, "not_involved")}),
        (PLAIN, {"customer": Customer(email="mia@example.com")}, {"k": (False, "self_referral")}),
        (
            PLAIN,
            {"code": "mia10", "subscription": Subscription("s", 2, JUNE_1)},
            {"k": (False, "not_asked"), "mia10": (False, "not_asked")},
        ),
        (None, {}, {"k": (False, "no_terms")}),
        (Terms(touch="first"), {}, {"k": (True, "wins")}),
    ],
)
def test_winners_and_losers_are_told(promises: Terms | None, facts: dict[str, Any], seen: dict[str, tuple[bool, str]]) -> None:
    assert whys(judged([click(MIA, name="k")], promises, **facts)) == seen


def test_what_an_earlier_order_left_is_told_too() -> None:
    credited = (Share("ana", "code", "70", 0), Share("gone", "click", "30", 1))
    history = NoHistory(FirstPayment(credited, JUNE_1), (Share("mia", "click"),))
    renewal = judged([click(MIA, name="k")], Terms(lifetime=True), history, subscription=Subscription("s", 2, JUNE_1))
    told = [(touch.kind, touch.id, touch.creator, touch.won, touch.why) for touch in renewal.touches]
    assert told == [
        ("subscription", "s", "ana", True, "shares"),
        ("subscription", "s", "gone", False, "not_enrolled"),
        ("click", "k", "mia", False, "not_asked"),
    ]
    customer = Customer("m", "mia@example.com")
    own = judged([], Terms(lifetime=True), history, customer=customer)
    assert [(touch.kind, touch.id, touch.won, touch.why) for touch in own.touches] == [("lifetime", "m", False, "self_referral")]
    allowed = judged([], Terms(lifetime=True, self_referral="allow"), history, customer=customer)
    assert [(touch.kind, touch.id, touch.won, touch.why) for touch in allowed.touches] == [("lifetime", "m", True, "wins")]


def test_the_channel_is_the_orders_or_that_of_the_chosen_click() -> None:
    assert judged([click(MIA)]).channel == "reels"
    assert judged([click(MIA)], code="ana10").channel == "reels"
    assert judged([click(MIA)], channel="shop").channel == "shop"
    assert judged([click(MIA, kind="invalid")]).channel is None
