"""Two sets of terms over the same facts: the numbers are those of the engine run twice, in one pass and little memory."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from socialshop.domain import replay, terms, trials
from socialshop.domain.replay import Payout, PayoutFailed

SCENARIOS = sorted((Path(__file__).parents[2] / "scenarios").glob("**/*.json"))


def compared(document: dict[str, Any], draft: dict[str, Any] | None = None) -> dict[str, trials.Outcome]:
    """The scenario's facts through a Comparison; the draft is None where its own terms stand on both sides."""
    scenario = replay.read_scenario({key: value for key, value in document.items() if key != "expect"})
    after = scenario.program if draft is None else trials.versions_for(scenario.program, terms.read(draft))
    events = list({event.id: event for _, event in scenario.events if event.at <= scenario.now}.values())
    later = _later(events)
    comparison, clicks, found = trials.Comparison(scenario.program, after), [], []
    for event in events:
        if isinstance(event, terms.Click):
            clicks.append(event)
        elif isinstance(event, terms.FxQuote):
            comparison.quote(event)
        elif isinstance(event, terms.OrderFacts):
            roster = terms.Roster(scenario.creators.values())
            found += comparison.arrive(event, clicks, roster, later.get(event.id, 0))
        elif not isinstance(event, (Payout, PayoutFailed)):
            found += comparison.happen(event)
    found += comparison.rest()
    return {outcome.order.id: outcome for outcome in found}


def _later(events: list[Any]) -> dict[str, int]:
    """By order, how many events are about it, however many steps away."""
    subjects = {(type(event).__name__.lower(), event.id): replay.subject_of(event) for event in events}
    counts: dict[str, int] = {}
    for event in events:
        subject = None if isinstance(event, PayoutFailed) else replay.subject_of(event)
        while subject is not None and subject[0] != "order":
            subject = subjects.get(subject)
        if subject is not None:
            counts[subject[1]] = counts.get(subject[1], 0) + 1
    return counts


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_the_same_terms_differ_in_nothing_and_both_sides_are_the_engine(path: Path) -> None:
    document = json.loads(path.read_text())
    result = replay.run(document)
    amounts: dict[tuple[str, str], int] = {}
    for row in result["commissions"]:
        key = row["order"], row["creator"]
        amounts[key] = amounts.get(key, 0) + row["amount"]
    found = {
        (order, creator): pair for order, outcome in compared(document).items() for creator, pair in outcome.amounts().items()
    }
    assert found == {key: (amount, amount) for key, amount in amounts.items()}


def scenario(*events: dict[str, Any], rules: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {
        "program": {"id": "p", "terms": {"rules": rules or [{"id": "r", "percent": "10"}]}},
        "creators": [{"id": "A", "codes": ["a"]}, {"id": "B", "codes": ["b"], "recruited_by": "A"}],
        "events": list(events),
        "now": "2026-03-01T00:00:00Z",
    }


def order(name: str, price: int = 1000, **facts: Any) -> dict[str, Any]:
    lines = [{"id": "l", "price": price, "quantity": 1, "product": facts.pop("product", None)}]
    return {"type": "order", "id": name, "at": "2026-02-01T00:00:00Z", "currency": "USD", "lines": lines, "code": "b", **facts}


def refund(name: str, of: str, amount: int) -> dict[str, Any]:
    return {"type": "refund", "id": name, "order": of, "at": "2026-02-02T00:00:00Z", "amount": amount}


def test_a_draft_counts_refunds_recruiters_and_tiers_by_its_own_rules() -> None:
    draft = {
        "rules": [{"id": "t", "tiers": [{"up_to": {"USD": 1000}, "percent": "10"}, {"percent": "50"}]}],
        "overrides": ["10"],
    }
    found = compared(scenario(order("o1"), refund("x", "o1", 500), order("o2")), draft)
    assert found["o1"].amounts() == {"B": (50, 50), "A": (0, 5)}
    # what was refunded freed 500 of the first step: 500 at 10 %, 500 at 50 %
    assert found["o2"].amounts() == {"B": (100, 300), "A": (0, 30)}


def test_a_refund_that_arrives_before_its_order_waits_for_it() -> None:
    found = compared(scenario(refund("x", "o1", 1000), order("o1")))
    assert found["o1"].amounts() == {"B": (0, 0)}


def test_holds_and_disputes_find_their_order_through_each_other() -> None:
    events = [
        {"type": "dispute_closed", "id": "c", "dispute": "d", "at": "2026-02-03T00:00:00Z", "won": False},
        order("o1"),
        {"type": "dispute", "id": "d", "order": "o1", "at": "2026-02-02T00:00:00Z"},
        order("o2"),
    ]
    found = compared(scenario(*events))
    assert (found["o1"].costs, found["o2"].costs) == ((0, 0), (100, 100))


def test_an_order_is_let_go_once_nothing_more_can_happen_to_it() -> None:
    program = terms.read_program({"id": "p", "terms": {"rules": [{"id": "r", "percent": "10"}]}})
    comparison, roster = trials.Comparison(program, program), terms.Roster([terms.CreatorFacts("B", codes=("b",))])
    facts = replay.read_event(order("o1"))
    assert isinstance(facts, terms.OrderFacts)
    assert len(comparison.arrive(facts, [], roster)) == 1
    assert list(comparison.rest()) == []


def test_the_draft_holds_since_the_first_terms_began_and_not_before() -> None:
    document = scenario(order("early", at="2026-01-01T00:00:00Z"), order("late"))
    versions = [{"from": "2026-01-15T00:00:00Z", "terms": document["program"]["terms"]}]
    document["program"] = {"id": "p", "versions": versions}
    found = compared(document, {"rules": [{"id": "r", "percent": "20"}]})
    assert (found["early"].costs, found["late"].costs) == ((0, 0), (100, 200))
    program = terms.read_program(document["program"])
    assert trials.versions_for(program, program.versions[0].terms, ever=True).versions[0].starts_at is None


def test_sums_by_creator_product_and_reason() -> None:
    draft = {"rules": [{"id": "r", "percent": "20"}, {"id": "x", "kind": "exclude", "when": {"product": "mug"}}]}
    document = scenario(order("o1", product="bag"), order("o2", product="mug"), order("o3", code="nobody"))
    summary = trials.Summary()
    for outcome in compared(document, draft).values():
        summary.add(outcome, outcome.amounts())
    said = summary.document()
    total = said["totals"]["USD"]
    assert (said["orders"], total["before"], total["after"], total["different"]) == (3, 200, 200, 2)
    assert (total["earning_before"], total["earning_after"], total["goods"]) == (2, 1, 3000)
    assert said["creators"]["rows"] == [["B", "USD", 2, 200, 200]]
    assert sorted(said["products"]["rows"]) == [["bag", "USD", 1, 100, 200], ["mug", "USD", 1, 100, 0]]
    assert (said["products"]["more"], said["products"]["less"], said["creators"]["same"]) == (1, 1, 1)
    assert said["reasons"] == [["excluded", 0, 1], ["unknown_code", 1, 1]]


def test_receipts_tell_how_both_sides_come_to_their_amounts() -> None:
    draft = {"rules": [{"id": "v", "percent": "30", "cap_per_order": {"USD": 200}}], "cap_per_order": {"USD": 150}}
    outcome = compared(scenario(order("o1"), refund("x", "o1", 500)), draft)["o1"]
    told = trials.receipts(outcome, "B")
    assert json.loads(json.dumps(told)) == told
    assert (told["before"]["amount"], told["after"]["amount"], told["order"]["refunded"]) == (50, 75, 500)
    assert told["after"]["stages"] == [300, 200, 150, 150, 150]
    assert told["after"]["lines"][0]["pieces"] == [["v", False, "30", 300, 200]]
    assert told["after"]["lines"][0]["kept"] == 75


def test_somebody_who_loses_an_order_is_told_why() -> None:
    click = {"type": "click", "id": "c", "at": "2026-01-31T00:00:00Z", "creator": "A", "visitor": "v"}
    document = scenario(click, order("o1", visitor="v"))
    draft = {"rules": [{"id": "r", "percent": "10"}], "code_vs_click": "click"}
    outcome = compared(document, draft)["o1"]
    assert outcome.amounts() == {"B": (100, 0), "A": (0, 100)}
    assert trials.receipts(outcome, "B")["after"]["reason"] == "not_credited"
    assert copy.deepcopy(trials.receipts(outcome, "A"))["before"]["amount"] == 0


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_what_was_stored_reads_back_as_the_strict_reader_reads_it(path: Path) -> None:
    for document in json.loads(path.read_text())["events"]:
        if document["type"] in ("order", "click"):
            strict = replay.read_event(document)
            kept = replay.event_document(strict)
            quick = replay.stored_order(kept) if document["type"] == "order" else replay.stored_click(kept)
            assert quick == strict
            assert (replay.stored_order if document["type"] == "order" else replay.stored_click)(document) == strict
