"""Statements add up: every move in exactly one month, each month beginning where the one before ended (I-32)."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from socialshop.domain import ledger, payouts, programs
from socialshop.domain.replay import read_event
from socialshop.flows import bank, payout, settle, statement, verify
from socialshop.kernel.database import session, transaction
from socialshop.kernel.errors import NotFound
from tests.domain import scenario_maker

from .live import Stage
from .money_story import FINANCE, LATER, ORDERED, order, staged

ZONES = ("UTC", "Asia/Jakarta", "America/New_York", "Pacific/Kiritimati")


def all_months(stage: Stage, creator: str, now: datetime) -> list[statement.Statement]:
    """Every month from the first to the one of `now`, the empty ones too, oldest first."""
    creator_id = stage.ids[creator]
    listed = statement.months_of(creator_id, now=now)
    if not listed:
        return []
    first = min(each.month for each in listed)
    last = statement.month_of(now, listed[0].program.timezone)
    names = statement._months_between(first, last)
    return [statement.of_month(creator_id, name, now=now) for name in names]


@pytest.mark.parametrize("seed", range(14))
def test_months_add_up_to_the_ledger(room: None, seed: int) -> None:
    document = scenario_maker.scenario(seed)
    document["program"]["timezone"] = ZONES[seed % len(ZONES)]
    stage = Stage(document)
    stage.play()
    now = stage.scenario.now + timedelta(days=1)
    for name, creator_id in stage.ids.items():
        ends: dict[str, int] = {}
        seen: Counter[int] = Counter()
        for month in all_months(stage, name, now):
            for account in month.accounts:
                assert account.opening == ends.get(account.currency, 0)
                assert account.closing == account.opening + sum(group.total for group in account.groups)
                assert account.closing == sum(account.pockets.values())
                seen.update({line.entry for group in account.groups for line in group.lines})
                lines = [line for group in account.groups for line in group.lines]
                assert all(account.start <= line.booked_at < account.end for line in lines)
            ends = {account.currency: account.closing for account in month.accounts}
        assert {currency: total for currency, total in ends.items() if total} == pockets_of(stage.program_id, creator_id)
        assert set(seen) == moves_of(stage.program_id, creator_id)
        assert set(seen.values()) <= {1}  # no move lies in two months
    assert verify.run(stage.scenario.now) == []


def pockets_of(program_id: int, creator_id: int) -> dict[str, int]:
    """What the creator is owed by currency, by another way than the statement's."""
    found: Counter[str] = Counter()
    for kind in ("held", "payable", "in_transit", "owed_back"):
        for (_, currency), minor in ledger.balances(kind, program_id=program_id, creator_id=creator_id).items():
            found[currency] += minor
    return {currency: total for currency, total in found.items() if total}


def moves_of(program_id: int, creator_id: int) -> set[int]:
    """The numbers of all transactions that changed what the creator is owed."""
    net: Counter[int] = Counter()
    rows = session().execute(
        select(ledger.Transaction.number, ledger.Posting.minor)
        .join(ledger.Posting, ledger.Posting.transaction_id == ledger.Transaction.id)
        .join(ledger.Account, ledger.Account.id == ledger.Posting.account_id)
        .where(ledger.Transaction.program_id == program_id, ledger.Account.creator_id == creator_id)
    )
    for number, minor in rows:
        net[number] += minor
    return {number for number, total in net.items() if total}


def test_the_listed_months_say_what_the_statements_say(room: None) -> None:
    stage = staged(order("o1"), order("o2", at=ORDERED + timedelta(days=35)))
    now = ORDERED + timedelta(days=100)
    for each in statement.months_of(stage.ids["A"], now=now):
        [account] = statement.of_month(stage.ids["A"], each.month, now=now).accounts
        assert (each.opening, each.closing) == (account.opening, account.closing)
        assert each.moves >= sum(len(group.lines) for group in account.groups)


def test_a_month_from_the_sale_to_the_bank(room: None) -> None:
    """Earned in June, refunded in part, paid, and taken back after that: each in its group; what is owed is below 0."""
    stage = staged(order("o1"))
    payout.release_due({}, now=LATER)
    run = payout.start(stage.brand_id, "key-of-the-form-1", actor=FINANCE, now=LATER)
    [sent] = payouts.of_run(run.id)
    drawn = only(stage, "2026-06")
    assert (drawn.closing, drawn.pockets) == (10_000, {"in_transit": 10_000})
    assert [group.name for group in drawn.groups] == ["earned"]
    bank.confirm(sent.id, actor=FINANCE, now=LATER)
    refund: dict[str, Any] = {
        "type": "refund",
        "id": "r1",
        "order": "o1",
        "at": (LATER + timedelta(days=1)).isoformat(),
        "amount": 40_000,
    }
    stage.tell(refund)
    account = only(stage, "2026-06")
    assert [(group.name, group.total) for group in account.groups] == [
        ("earned", 10_000),
        ("taken_back", -4_000),
        ("paid", -10_000),
    ]
    assert (account.opening, account.closing, account.pockets) == (0, -4_000, {"owed_back": -4_000})
    paid = account.groups[2].lines[0]
    assert paid.payout is not None
    assert paid.payout.public_id == sent.public_id
    [taken] = account.groups[1].lines
    assert (taken.kind, taken.reason) == ("clawback", "refund")
    bank.return_(sent.id, reason="rekening ditutup", actor=FINANCE, now=LATER + timedelta(days=2))
    account = only(stage, "2026-06")
    assert [(group.name, group.total) for group in account.groups][-1] == ("returned", 10_000)
    assert account.groups[-1].lines[0].words == "rekening ditutup"
    assert account.closing == 6_000
    assert verify.run(LATER) == []


def test_a_fee_that_the_creator_bears_is_a_line_of_its_own(room: None) -> None:
    stage = staged(order("o1"))
    payout.release_due({}, now=LATER)
    run = payout.start(stage.brand_id, "key-of-the-form-1", actor=FINANCE, now=LATER)
    [sent] = payouts.of_run(run.id)
    with transaction():
        payouts.run(run.id).fee_bearer = "creator"
        payouts.get(sent.id).fee_minor = 250  # as the bank's file takes it off
    bank.confirm(sent.id, actor=FINANCE, now=LATER)
    account = only(stage, "2026-06")
    assert [(group.name, group.total) for group in account.groups] == [("earned", 10_000), ("paid", -9_750), ("fee", -250)]
    assert account.closing == 0
    assert verify.run(LATER) == []


def only(stage: Stage, month: str) -> statement.Account:
    [account] = statement.of_month(stage.ids["A"], month, now=LATER + timedelta(days=9)).accounts
    return account


def test_the_month_is_the_program_s_own(room: None) -> None:
    """31 May 17:00 UTC is June in Jakarta."""
    stage = Stage(
        {
            "program": {"id": "p", "timezone": "Asia/Jakarta", "terms": {"rules": [{"id": "r", "percent": "10"}]}},
            "creators": [{"id": "A", "codes": ["a"]}],
            "events": [],
            "now": LATER.isoformat(),
        }
    )
    stage.tell(order("may", at=datetime(2026, 5, 31, 16, 59, 59, tzinfo=UTC)))
    stage.tell(order("june", at=datetime(2026, 5, 31, 17, 0, tzinfo=UTC)))
    may = only(stage, "2026-05")
    assert (may.opening, may.closing) == (0, 10_000)
    assert [line.order and line.order.public_id for group in may.groups for line in group.lines] == ["may"]
    assert (only(stage, "2026-06").opening, only(stage, "2026-06").closing) == (10_000, 20_000)


def test_what_comes_late_does_not_change_a_month_that_is_over(room: None) -> None:
    """A refund of June that we hear of in July is in July's statement, with the day on which it happened."""
    stage = staged(order("o1"))
    july = ORDERED + timedelta(days=40)
    late = {"type": "refund", "id": "r1", "order": "o1", "at": LATER.isoformat(), "amount": 50_000}
    with transaction():
        settle.take(settle.ground_of(stage.program_id, LATER), read_event(late), now=july)
    assert only_at(stage, "2026-06", july) == 10_000
    [account] = statement.of_month(stage.ids["A"], "2026-07", now=july + timedelta(days=1)).accounts
    [taken] = account.groups[0].lines
    assert (account.opening, account.closing) == (10_000, 5_000)
    assert (taken.at, taken.booked_at) == (LATER, july)


def only_at(stage: Stage, month: str, now: datetime) -> int:
    [account] = statement.of_month(stage.ids["A"], month, now=now).accounts
    return account.closing


def test_what_is_no_month_of_theirs_is_not_found(room: None) -> None:
    stage = staged(order("o1"))
    for month in ("2026-05", "2026-07", "2026-13", "2026-00", "june", "2026-6", "٢٠٢٦-٠٦", "0000-01", "9999-12"):
        with pytest.raises(NotFound):
            statement.of_month(stage.ids["A"], month, now=LATER)
    with pytest.raises(NotFound):
        statement.of_month(stage.ids["B"], "2026-06", now=LATER)
    assert statement.months_of(stage.ids["B"], now=LATER) == []
    with pytest.raises(NotFound):
        statement.of_month(stage.ids["A"], "2026-06", now=LATER, program_ids=[stage.program_id + 1])
    assert programs.get(stage.program_id).timezone == "UTC"
