"""Sections 1, 6 and 7: whole scenarios, and what holds for every one of them."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from socialshop.domain import replay, terms
from socialshop.domain.replay import book as book_module
from socialshop.domain.replay import world as world_module

from . import scenario_maker as maker

SCENARIOS = Path(__file__).parent.parent / "scenarios"
SHARED = Path(__file__).parents[3] / "shared" / "scenarios"
FILES = [*sorted(SCENARIOS.glob("*.json")), *sorted((SCENARIOS / "own").glob("*.json"))]
seeds = st.integers(min_value=0, max_value=10**9)
thorough = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_scenario_comes_out_as_worked_out_by_hand(file: Path) -> None:
    scenario = replay.read_scenario(replay.read_json(file.read_bytes()))
    assert scenario.expect
    assert replay.differences(scenario.expect, replay.run_scenario(scenario)) == []


def test_our_copies_of_the_shared_scenarios_are_exact() -> None:
    if not SHARED.is_dir():
        pytest.skip("the shared folder is not here")
    shared = {file.name: file.read_bytes() for file in SHARED.glob("*.json")}
    assert shared == {file.name: file.read_bytes() for file in SCENARIOS.glob("*.json")}


def load(document: Any) -> replay.World:
    return replay.load(replay.read_scenario(document))


def lasting(result: dict[str, Any]) -> dict[str, Any]:
    """What does not tell in which order things arrived."""
    postings = sorted(json.dumps(posting) for posting in result["postings"])
    return {key: result[key] for key in ("commissions", "declined", "balances")} | {"postings": postings}


class Diary(book_module.OrderBook):
    """An order's book that notes what happens to it, as the live system stores it."""

    def __init__(self, arrival: replay.Arrival) -> None:
        super().__init__(arrival)
        self.happenings: list[Any] = []

    def apply(self, event: replay.Later) -> list[replay.Posting]:
        self.happenings.append(event)
        return super().apply(event)

    def pay(self, payout: str, key: replay.Key, delta: int) -> None:
        self.happenings.append(replay.Paid(payout, key, delta))
        super().pay(payout, key, delta)

    def unpay(self, payout: str, creator_id: str) -> None:
        self.happenings.append(replay.Unpaid(payout, creator_id))
        super().unpay(payout, creator_id)


def reread(happening: Any) -> Any:
    """An event of a diary through JSON and back."""
    if isinstance(happening, replay.Paid | replay.Unpaid):
        return happening
    return replay.read_event(json.loads(json.dumps(replay.event_document(happening))))


@given(seed=seeds)
@thorough
def test_an_order_alone_with_what_was_stored_of_it_comes_to_the_same(seed: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world_module, "OrderBook", Diary)
        scenario = replay.read_scenario(maker.scenario(seed))
        world = replay.load(scenario)
    for book in world.books.values():
        assert isinstance(book, Diary)
        stored = json.loads(json.dumps(book.arrival.to_document()))
        arrival = replay.arrival_from_document(stored, scenario.program)
        assert arrival == book.arrival
        folded = replay.fold(arrival, map(reread, book.happenings))
        told = [replay.commission_document(row, scenario.now) for row in book.rows]
        assert [replay.commission_document(row, scenario.now) for row in folded.rows] == told
        assert folded.positions() == book.positions()
        assert folded.declined == book.declined


@given(seed=seeds)
@thorough
def test_the_books_balance_and_nothing_is_below_zero(seed: int) -> None:
    world = load(document := maker.scenario(seed))
    result: Any = replay.run(document)
    posted: dict[tuple[str, str], int] = defaultdict(int)
    by_commission: dict[tuple[Any, ...], int] = defaultdict(int)
    for posting in world.postings:
        assert posting.amount != 0
        posted[posting.creator, posting.currency] += posting.amount
        by_commission[posting.order, posting.creator, posting.level, posting.of] += posting.amount
    for creator, currencies in result["balances"].items():
        for currency, buckets in currencies.items():
            assert min(buckets.values()) >= 0
            has = buckets["pending"] + buckets["held"] + buckets["due"] - buckets["owed_back"]
            assert has == posted.pop((creator, currency))
    assert not posted
    for book in world.books.values():
        for row in book.rows:
            assert row.amount >= 0
            assert row.worth == by_commission[book.arrival.order.id, row.key.creator, row.key.level, row.key.of]
            assert row.given == sum(row.payouts.values())


@given(seed=seeds)
@thorough
def test_what_a_payout_gives_is_the_sum_of_its_items(seed: int) -> None:
    world = load(maker.scenario(seed))
    settled: dict[tuple[str, str, str], int] = defaultdict(int)
    for book in world.books.values():
        for row in book.rows:
            for payout, delta in row.payouts.items():
                settled[payout, row.key.creator, row.pay_currency] += delta
    assert settled == {(paid.payout, paid.creator, paid.currency): paid.amount for paid in world.payouts if not paid.failed}


@given(seed=seeds)
@thorough
def test_repeated_events_change_nothing(seed: int) -> None:
    document = maker.scenario(seed)
    chance = Random(seed)
    repeated = []
    for event in document["events"]:
        repeated.append(event)
        repeated += chance.choices(repeated, k=chance.randint(0, 2))
    assert replay.run(document | {"events": repeated}) == replay.run(document)


@given(seed=seeds)
@thorough
def test_events_of_different_orders_may_come_in_any_order(seed: int) -> None:
    chance = Random(seed)
    own = maker.histories(chance, 4)
    for events in own:
        for event in events:
            event.pop("subscription", None)  # a renewal looks at another order
    document = {
        "program": maker.program(chance, looks_at_others=False),
        "creators": maker.creators(chance),
        "now": maker.at(2400),
    }
    touches = maker.touches(chance)
    results: list[Any] = [
        replay.run(document | {"events": [*touches, *maker.interleaved(Random(seed + i), own)]}) for i in range(3)
    ]
    assert lasting(results[0]) == lasting(results[1]) == lasting(results[2])


@given(pieces=st.lists(st.integers(min_value=1, max_value=3000), min_size=1, max_size=9), seed=seeds)
@thorough
def test_refunds_in_any_number_of_pieces_end_at_zero(pieces: list[int], seed: int) -> None:
    chance = Random(seed)
    order = maker.order(chance, 0) | {"visitor": "v", "code": "a"}
    order.pop("subscription", None)
    refunds = [
        {"type": "refund", "id": f"r{i}", "order": "o0", "at": maker.at(2000), "amount": amount}
        for i, amount in enumerate(pieces)
    ]
    full = {"type": "refund", "id": "full", "order": "o0", "at": maker.at(2000), "full": True}
    document = {
        "program": maker.program(chance, looks_at_others=True),
        "creators": maker.creators(chance),
        "events": [*maker.touches(chance), order, *refunds, full],
        "now": maker.at(2400),
    }
    world = load(document)
    assert all(
        row.amount == row.worth == 0 and row.state(terms.read_instant(maker.at(2400))) == "reversed"
        for row in world.books["o0"].rows
    )
    assert sum(posting.amount for posting in world.postings) == 0


@given(seed=seeds)
@thorough
def test_lines_add_up_to_the_commission(seed: int) -> None:
    for book in load(maker.scenario(seed)).books.values():
        for stake in book.arrival.stakes:
            priced = stake.priced
            assert sum(line.amount for line in priced.lines) == priced.total
            assert sum(piece.capped for line in priced.lines for piece in line.pieces) == priced.stages.after_rule_caps
            assert all(line.amount == 0 for line in priced.lines if line.excluded)
            assert max(amount for _, amount in stake.candidates) == priced.total


def minimal(**changes: Any) -> dict[str, Any]:
    order = {
        "type": "order",
        "id": "o1",
        "at": maker.at(1),
        "currency": "USD",
        "lines": [{"id": "l1", "price": 100, "quantity": 1}],
    }
    return {
        "program": {"id": "p", "terms": {"rules": [{"id": "r", "percent": "10"}]}},
        "creators": [{"id": "A", "codes": ["a"]}],
        "events": [order],
        "now": maker.at(9),
    } | changes


def order_with(**changes: Any) -> dict[str, Any]:
    order = minimal()["events"][0] | changes
    return minimal(events=[{key: value for key, value in order.items() if value != "absent"}])


def event_with(**event: Any) -> dict[str, Any]:
    return minimal(events=[{"id": "e1", "at": maker.at(1)} | event])


def line_with(**changes: Any) -> dict[str, Any]:
    return order_with(lines=[{"id": "l1", "price": 100, "quantity": 1} | changes])


BAD = [
    ([], "document", "object"),
    (minimal(nwo=1), "nwo", "not known"),
    (minimal(expect={"comissions": []}), "expect.comissions", "not known"),
    (minimal(expect={"balances": {"A": {"USD": {"owed": 1}}}}), "owed", "not known"),
    (minimal(expect={"commissions": [{"amount": 1.0}]}), "expect.commissions[0]", "decimal"),
    (minimal(now="2026-01-01"), "now", "instant"),
    (minimal(now="2026-01-01T00:00:00"), "now", "instant"),
    (minimal(now="2026-02-30T00:00:00Z"), "now", "instant"),
    ({key: value for key, value in minimal().items() if key != "now"}, "now", "missing"),
    (minimal(creators=[{"id": "A"}, {"id": "A"}]), 'creators[1] (creator "A").id', "another"),
    (minimal(creators=[{"id": "A", "codes": ["x"]}, {"id": "B", "codes": ["X"]}]), 'creator "B").codes', "another creator"),
    (minimal(creators=[{"id": "A", "recruited_by": "Z"}]), 'creator "A").recruited_by', "not a creator"),
    (minimal(creators=[{"id": "A", "recruited_by": "A"}]), "A", "circle"),
    (
        minimal(creators=[{"id": "A", "recruited_by": "B"}, {"id": "B", "recruited_by": "C"}, {"id": "C", "recruited_by": "B"}]),
        "B",
        "circle",
    ),
    (minimal(creators=[{"id": "A", "age": 3}]), 'creator "A").age', "not known"),
    (minimal(creators=[{"email": "a"}]), "creators[0].id", "missing"),
    (event_with(type="clack"), 'events[0] (clack "e1").type', "one of"),
    (event_with(), "events[0]", "missing"),
    (event_with(type="click", creator="Z"), 'events[0] (click "e1").creator', "listed"),
    (event_with(type="hold", order="o", creator="Z", reason="?"), 'hold "e1").creator', "listed"),
    (event_with(type="hold", order="o", creator="A"), 'hold "e1").reason', "missing"),
    (event_with(type="reject", order="o", creator="Z"), 'reject "e1").creator', "listed"),
    (event_with(type="payout_failed", payout="p", creator="Z"), 'payout_failed "e1").creator', "listed"),
    (event_with(type="refund", order="o1"), 'refund "e1")', "exactly one"),
    (event_with(type="refund", order="o1", amount=1, full=True), 'refund "e1")', "exactly one"),
    (event_with(type="refund", order="o1", amount=-1), 'refund "e1").amount', "below 0"),
    (event_with(type="refund", order="o1", amount=True), 'refund "e1").amount', "whole number"),
    (event_with(type="refund", order="o1", full=False), 'refund "e1").full', "true"),
    (event_with(type="refund", order="o1", lines=[{"line": "l1"}]), 'refund "e1").lines[0].amount', "missing"),
    (event_with(type="dispute_closed", dispute="d", won=1), 'dispute_closed "e1").won', "true or false"),
    (event_with(type="order_edit", order="o1"), 'order_edit "e1").lines', "missing"),
    (event_with(type="order_edit", order="o1", lines=[]), 'order_edit "e1").lines', "at least one"),
    (
        event_with(type="order_edit", order="o1", lines=[{"id": "l", "price": 1, "quantity": 1}], discount=2),
        "e1",
        "larger than its goods",
    ),
    (event_with(type="fx", base="USD", quote="USD", rate="1"), 'fx "e1").quote', "base"),
    (event_with(type="fx", base="USD", quote="IDR", rate="0.00"), 'fx "e1").rate', "above 0"),
    (event_with(type="fx", base="USD", quote="IDR", rate=16250), 'fx "e1").rate', "as text"),
    (event_with(type="fx", base="USD", quote="XAU", rate="1"), 'fx "e1").quote', "one of"),
    (event_with(type="payout", order="o1"), 'payout "e1").order', "not known"),
    (order_with(id="absent"), "events[0].id", "missing"),
    (order_with(at="absent"), 'order "o1").at', "missing"),
    (order_with(currency="BTC"), 'order "o1").currency', "one of"),
    (order_with(lines=[]), 'order "o1").lines', "at least one"),
    (order_with(discount=101), 'order "o1").discount', "larger"),
    (order_with(shipping=1.0), 'order "o1").shipping', "1.0"),
    (order_with(tax=-1), 'order "o1").tax', "below 0"),
    (order_with(customer={"new": 1}), 'order "o1").customer.new', "true or false"),
    (order_with(customer={"name": "M"}), 'order "o1").customer.name', "not known"),
    (order_with(subscription={"id": "s", "number": 1}), 'order "o1").subscription.period_start', "missing"),
    (order_with(subscription={"id": "s", "number": 0, "period_start": maker.at(1)}), "subscription.number", "below 1"),
    (line_with(price=1.5), 'order "o1").lines[0].price', "1.5"),
    (line_with(price="100"), 'order "o1").lines[0].price', "whole number"),
    (line_with(quantity=0), 'order "o1").lines[0].quantity', "below 1"),
    (line_with(quantity=True), 'order "o1").lines[0].quantity', "true"),
    (line_with(discount=101), 'order "o1").lines[0].discount', "larger"),
    (line_with(colour="red"), 'order "o1").lines[0].colour', "not known"),
    (line_with(product=7), 'order "o1").lines[0].product', "text"),
    (
        order_with(lines=[{"id": "l1", "price": 1, "quantity": 1}, {"id": "l1", "price": 1, "quantity": 1}]),
        "lines[1]",
        "another line",
    ),
    (order_with(at="9999-12-31T00:00:00Z") | {"now": "9999-12-31T00:00:00Z"}, "o1", "9999"),
]


@pytest.mark.parametrize(("document", "place", "reason"), BAD, ids=[f"{i}-{row[1]}" for i, row in enumerate(BAD)])
def test_a_bad_document_is_refused_with_its_place(document: Any, place: str, reason: str) -> None:
    if place == "o1":
        document["events"][0]["code"] = "a"
    with pytest.raises(terms.BadDocument) as refusal:
        replay.run(document)
    assert place in refusal.value.place + refusal.value.reason
    assert reason in refusal.value.reason


def test_one_id_with_two_contents_is_refused() -> None:
    document = minimal()
    first = document["events"][0]
    same = first | {"at": "2026-01-01T08:00:00+07:00", "visitor": None, "discount": 0}  # another spelling of the same facts
    assert replay.run(minimal(events=[first, same])) == replay.run(document)
    for other in (first | {"discount": 1}, {"type": "payout", "id": "o1", "at": first["at"]}):
        with pytest.raises(terms.BadDocument, match=r'events\[1\] \("o1"\)\.id'):
            replay.run(minimal(events=[first, other]))


def test_json_that_readers_disagree_about_is_refused() -> None:
    for text in ('{"a": 1, "a": 2}', '{"a": NaN}', "{", b"\xff", "[" * 100_000, "1" * 5000, '{"a": 1,}'):
        with pytest.raises(terms.BadDocument):
            replay.read_json(text)


def test_a_row_that_fits_twice_leaves_the_other_to_the_row_that_needs_it() -> None:
    found = {"postings": [{"kind": "pay", "amount": 1}, {"kind": "pay", "amount": 2}, {"kind": "pay", "amount": 3}]}
    expected = {"postings": [{"kind": "pay"}, {"amount": 1}, {"amount": 2}]}
    assert replay.differences(expected, found) == []
    assert len(replay.differences({"postings": [{"kind": "pay"}, {"amount": 1}, {"amount": 1}]}, found)) == 2


@pytest.mark.parametrize(
    ("expected", "found", "differences"),
    [
        ({"declined": []}, {"declined": [{"creator": None}]}, 1),
        ({"commissions": [{"lines": [{"amount": 1}]}]}, {"commissions": [{"lines": [{"amount": 1}, {"amount": 2}]}]}, 2),
        ({"commissions": [{"no_rate": True}]}, {"commissions": [{"no_rate": 1}]}, 2),
        ({"commissions": [{"payout": {"amount": 1}}]}, {"commissions": [{"payout": {"amount": 1, "fx": "q"}}]}, 0),
        ({"commissions": [{"payout": {"amount": 1}}]}, {"commissions": [{"payout": None}]}, 2),
        ({"balances": {"A": {"USD": {"due": 0}}}}, {"balances": {}}, 0),
        ({"balances": {"A": {"USD": {"due": 1}}}}, {"balances": {}}, 1),
        ({"parked": ["a", "b"]}, {"parked": ["b", "a"]}, 1),
        ({}, {}, 0),
    ],
)
def test_differences(expected: Any, found: Any, differences: int) -> None:
    assert len(replay.differences(expected, found)) == differences
