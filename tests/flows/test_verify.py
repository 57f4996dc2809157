# the statements that break things are kept on one line each
"""The self-check sees every row that was broken behind its back: one negative control for each check."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import event, text

from socialshop.domain import payouts
from socialshop.domain.ledger import triggers
from socialshop.domain.replay import run
from socialshop.flows import bank, payout, verify
from socialshop.kernel.database import db, session, transaction

from .money_story import FINANCE, LATER, order, staged

pytestmark = pytest.mark.usefixtures("room")


@pytest.fixture
def stage():
    """Paid, returned, owed back, declined and due, side by side."""
    stage = staged(order(), order("o2", code="b"), order("o3", code="nobody"), order("o4"))
    made = payout.start(stage.brand_id, "k", actor=FINANCE, now=LATER)
    first, second = payouts.of_run(made.id)
    bank.confirm(first.id, actor=FINANCE, now=LATER)
    bank.return_(second.id, reason="closed", actor=FINANCE, now=LATER)
    payout.start(stage.brand_id, "k2", actor=FINANCE, now=LATER)
    stage.tell({"type": "refund", "id": "r1", "order": "o1", "at": LATER.isoformat(), "amount": 40_000})
    assert verify.run(LATER) == []
    return stage


BREAKS = {
    "I-1 a leg changed": ("I-1", "UPDATE ledger_postings SET minor = minor + 1 WHERE id = 1"),
    "I-1 a leg gone": ("I-1", "DELETE FROM ledger_postings WHERE id = 2"),
    "I-2 money out of nothing": ("I-2", "UPDATE ledger_postings SET minor = minor + 1 WHERE id = 1"),
    "I-3 a changed word": ("I-3", "UPDATE ledger_transactions SET kind = 'forged' WHERE number = 1"),
    "I-3 a changed time": ("I-3", "UPDATE ledger_transactions SET facts = '{\"a\": 1}' WHERE number = 2"),
    "I-3 a leg moved to another": ("I-3", "UPDATE ledger_accounts SET creator_id = creator_id + 100 WHERE kind = 'held'"),
    "I-4 the chain's end": ("I-4", "UPDATE ledger_heads SET number = number + 1"),
    "I-4 an amount": ("I-4", "UPDATE commissions SET worth_minor = worth_minor + 1 WHERE id = 1"),
    "I-4 what payouts gave": ("I-4", "UPDATE commissions SET given_minor = given_minor - 1 WHERE id = 1"),
    "I-4 what tiers count": ("I-4", "UPDATE credits SET volume_minor = volume_minor + 1"),
    "I-5 payable below nothing": (
        "I-5",
        "UPDATE ledger_postings SET minor = -minor WHERE minor > 0 AND account_id IN (SELECT id FROM ledger_accounts WHERE kind = 'payable')",
    ),
    "I-6 another amount": ("I-6", "UPDATE commissions SET amount_minor = amount_minor + 1 WHERE id = 1"),
    "I-6 another due date": ("I-6", "UPDATE commissions SET original_minor = 1 WHERE id = 2"),
    "I-6 a lost reason": ("I-6", "DELETE FROM declined"),
    "I-6 a parked fact": ("I-6", "UPDATE program_events SET effect = NULL WHERE type = 'refund'"),
    "I-8 an item revived": ("I-8", "UPDATE payout_items SET state = 'live' WHERE state = 'done'"),
    "I-8 an item more": ("I-8", "UPDATE payout_items SET minor = minor + 1 WHERE id = 1"),
    "I-9 another amount": ("I-9", "UPDATE payouts SET amount_minor = amount_minor + 1 WHERE id = 1"),
    "I-9 paid that never was": ("I-9", "UPDATE payouts SET state = 'paid' WHERE state = 'ready'"),
    "I-10 lost more than it had": ("I-10", "UPDATE commission_steps SET minor = -200000 WHERE kind = 'clawback'"),
    "I-11 a payout's leap": ("I-11", "UPDATE payouts SET state = 'sent' WHERE state = 'paid'"),
    "I-11 a forbidden edge": ("I-11", "UPDATE payout_steps SET step = 'unknown' WHERE step = 'ready'"),
    "I-11 a commission's leap": ("I-11", "UPDATE commissions SET state = 'held' WHERE state = 'paid'"),
    "I-11 history cut": ("I-11", "DELETE FROM commission_steps WHERE place = 1"),
    "I-17 another winner": (
        "I-17",
        'UPDATE program_events SET document = replace(CAST(document AS text), \'"code": "a"\', \'"code": "b"\') WHERE event_id = \'o1\'',
    ),
    "I-17 shares of more than all": ("I-17", "UPDATE credits SET percent = '100.0001'"),
}


@pytest.mark.parametrize(("check", "sql"), BREAKS.values(), ids=BREAKS)
def test_what_is_broken_is_found(stage, check, sql):
    dialect = db.engine.dialect.name
    if dialect == "postgresql":
        sql = sql.replace("replace(CAST(document AS text),", "CAST(replace(CAST(document AS text),").replace(
            '\'"code": "b"\')', '\'"code": "b"\') AS json)'
        )
    with transaction():
        for statement in triggers.drop_statements(dialect):
            session().execute(text(statement))
        session().connection().exec_driver_sql(sql)
    session().expire_all()
    assert check in {finding.check for finding in verify.run(LATER)}


def test_a_finding_names_its_row(stage):
    with transaction():
        session().execute(text("UPDATE payouts SET state = 'sent' WHERE id = 1"))
    assert any(str(finding).startswith("I-11  payouts 1: ") for finding in verify.run(LATER))


def test_the_self_check_writes_nothing(stage):
    before = session().execute(text("SELECT COUNT(*) FROM audit_entries")).scalar()
    verify.run(LATER)
    assert session().execute(text("SELECT COUNT(*) FROM audit_entries")).scalar() == before
    assert not session().dirty


def test_the_stored_facts_are_a_scenario_that_replay_runs(stage):
    result = run(verify.scenario_of(stage.program_id, now=LATER))
    mine = str(stage.ids["A"])
    assert result["balances"][mine]["USD"] == {"pending": 0, "held": 0, "due": 0, "owed_back": 4_000, "paid": 20_000}


def test_creators_without_a_payee_stay_equal_in_replay():
    stage = staged(order(), order("o2", code="b"))
    with transaction():
        session().execute(text("DELETE FROM payees WHERE creator_id = :id"), {"id": stage.ids["A"]})
    payout.start(stage.brand_id, "k", actor=FINANCE, now=LATER)
    assert verify.run(LATER) == []
    result = run(verify.scenario_of(stage.program_id, now=LATER))
    assert result["balances"][str(stage.ids["A"])]["USD"]["due"] == 10_000


def test_a_clock_that_went_back_makes_nothing_wrong():
    stage = staged(order())
    payout.release_due({}, now=LATER)
    before = LATER - timedelta(hours=1)
    assert verify.run(before) == []
    with pytest.raises(payout.NothingDue):
        payout.start(stage.brand_id, "k", actor=FINANCE, now=before)
    assert verify.run(LATER) == []


def test_orders_are_looked_up_one_by_one_however_long_the_history_is(stage):
    """A query that asks for the program too makes SQLite walk the whole program for every part of its orders."""
    if db.engine.dialect.name != "sqlite":
        pytest.skip("the plans of SQLite")
    asked = set()

    def listen(_connection, _cursor, statement, *_rest):
        if "order_id IN (" in statement:
            asked.add(re.sub(r"order_id IN \([?, ]+\)", f"order_id IN ({', '.join(map(str, range(500)))})", statement))

    event.listen(db.engine, "before_cursor_execute", listen)
    try:
        assert verify.run(LATER) == []
    finally:
        event.remove(db.engine, "before_cursor_execute", listen)
    assert any("FROM commissions" in statement for statement in asked)
    for statement in asked:
        plan = session().connection().exec_driver_sql("EXPLAIN QUERY PLAN " + statement.replace("?", "1")).all()
        [search] = [row[-1] for row in plan if row[-1].startswith(("SEARCH", "SCAN"))]
        assert "(order_id=?)" in search, (search, statement)
