"""The ledger: balanced or refused, once per key, never unwritten; each guard is seen to fail when it is off."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DatabaseError

from socialshop.domain import audit, ledger
from socialshop.domain.ledger import Leg, Pocket, triggers
from socialshop.domain.ledger.rules import fingerprint, imbalance, tidy
from socialshop.kernel.database import db, session, transaction
from socialshop.kernel.money import Money

NOW = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
OWED, HELD, PAYABLE, BANK = Pocket("owed"), Pocket("held", 7), Pocket("payable", 7), Pocket("bank")


@pytest.fixture
def program(world, room):
    return world.program(world.brand())


def move(program, key, source, target, minor, currency="IDR"):
    return ledger.move(program.id, key, source, target, Money(minor, currency), kind="accrue", at=NOW, now=NOW)


def test_money_goes_from_one_pocket_to_another(program):
    with transaction():
        move(program, "a", OWED, HELD, 15_000)
        move(program, "b", HELD, PAYABLE, 5_000)
    assert ledger.balances("held") == {(7, "IDR"): 10_000}
    assert ledger.balances("payable", creator_id=7) == {(7, "IDR"): 5_000}
    assert ledger.balances("owed") == {(0, "IDR"): -15_000}
    assert list(ledger.discrepancies()) == []


def test_a_key_books_once_and_says_one_thing(program):
    with transaction():
        first = move(program, "a", OWED, HELD, 100)
        assert move(program, "a", OWED, HELD, 100) == first
    with pytest.raises(ledger.MoveConflict), transaction():
        move(program, "a", OWED, HELD, 101)
    assert ledger.balances("held") == {(7, "IDR"): 100}


@pytest.mark.parametrize(
    "legs",
    [
        [Leg(OWED, -100, "IDR"), Leg(HELD, 99, "IDR")],
        [Leg(OWED, -100, "IDR"), Leg(HELD, 100, "USD")],  # two currencies never balance each other
        [Leg(OWED, 0, "IDR"), Leg(HELD, 0, "IDR")],
        [],
    ],
)
def test_what_does_not_balance_is_refused_by_the_code(program, legs):
    with pytest.raises(ledger.Unbalanced), transaction():
        ledger.book(program.id, "k", legs, kind="accrue", at=NOW, now=NOW)


def _account(program, kind="owed", creator=0, currency="IDR"):
    return (
        session()
        .execute(
            insert(ledger.Account)
            .values(program_id=program.id, kind=kind, creator_id=creator, currency=currency)
            .returning(ledger.Account.id)
        )
        .scalar_one()
    )


def _seal(program, transaction_id, number=1):
    session().execute(
        insert(ledger.Transaction).values(
            id=transaction_id,
            program_id=program.id,
            number=number,
            key=f"k{transaction_id}",
            kind="x",
            at=NOW,
            booked_at=NOW,
            facts={},
            previous_hash="0" * 64,
            hash="1" * 64,
        )
    )


def _leg(transaction_id, account_id, minor, currency="IDR"):
    session().execute(
        insert(ledger.Posting).values(transaction_id=transaction_id, account_id=account_id, minor=minor, currency=currency)
    )


def _unbalanced(program):
    a, b = _account(program), _account(program, "held", 7)
    _leg(900, a, -100)
    _leg(900, b, 99)
    _seal(program, 900)


def _one_legged(program):
    _leg(900, _account(program), -100)
    _seal(program, 900)


def _late_leg(program):
    move(program, "a", OWED, HELD, 100)
    sealed, account = session().execute(select(ledger.Posting.transaction_id, ledger.Posting.account_id).limit(1)).one()
    _leg(sealed, account, 5)


def _foreign_currency(program):
    a = _account(program)
    _leg(900, a, -100, "USD")
    _leg(900, a, 100, "USD")
    _seal(program, 900)


def _changed(sql):
    def act(program):
        move(program, "a", OWED, HELD, 100)
        audit.note("test", "x", actor=audit.SYSTEM, tenant="install", now=NOW)
        session().flush()
        session().execute(text(sql))

    return act


BROKEN = {
    "unbalanced": _unbalanced,
    "one-legged": _one_legged,
    "late-leg": _late_leg,
    "foreign-currency": _foreign_currency,
    "update-posting": _changed("UPDATE ledger_postings SET minor = minor * 2"),
    "delete-posting": _changed("DELETE FROM ledger_postings WHERE minor > 0"),
    "update-transaction": _changed("UPDATE ledger_transactions SET kind = 'forged'"),
    "delete-transaction": _changed("DELETE FROM ledger_transactions"),
    "update-account": _changed("UPDATE ledger_accounts SET creator_id = 8 WHERE creator_id = 7"),
    "update-audit": _changed("UPDATE audit_entries SET act = 'nothing'"),
    "delete-audit": _changed("DELETE FROM audit_entries"),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_the_database_itself_refuses(program, broken):
    with pytest.raises(DatabaseError, match=r"appended only|balance|two postings|sealed|another currency"), transaction():
        broken(program)


@pytest.mark.parametrize("broken", [b for name, b in BROKEN.items() if "audit" not in name and name != "delete-transaction"])
def test_without_the_guards_it_happens_and_the_self_check_finds_it(program, broken):
    """The negative control: with the triggers off the same act goes through, and `verify` names it."""
    guards_off()
    with transaction():
        broken(program)
    assert {check for check, _, _ in ledger.discrepancies()} & {"I-1", "I-2", "I-3"}


def guards_off():
    with transaction():
        for sql in triggers.drop_statements(db.engine.dialect.name):
            session().execute(text(sql))


def test_guards_can_be_put_up_again(program):
    guards_off()
    with transaction():
        for sql in triggers.statements(db.engine.dialect.name):
            session().connection().exec_driver_sql(sql)
    with pytest.raises(DatabaseError), transaction():
        _unbalanced(program)


def test_numbers_have_no_gaps_and_each_names_the_one_before(program):
    with transaction():
        for n in range(1, 6):
            move(program, f"m{n}", OWED, HELD, n)
    rows = list(session().scalars(select(ledger.Transaction).order_by(ledger.Transaction.number)))
    assert [row.number for row in rows] == [1, 2, 3, 4, 5]
    assert [row.previous_hash for row in rows[1:]] == [row.hash for row in rows[:-1]]


def test_a_rolled_back_move_leaves_nothing(program):
    with pytest.raises(ZeroDivisionError), transaction():  # noqa: PT012
        move(program, "a", OWED, HELD, 100)
        raise ZeroDivisionError
    with transaction():
        move(program, "b", OWED, HELD, 100)
    assert session().scalars(select(ledger.Transaction.number)).all() == [1]
    assert list(ledger.discrepancies()) == []


def test_a_commission_gives_no_more_than_it_put_in(program, world):
    with pytest.raises(ledger.Overdrawn), transaction():  # noqa: PT012
        commission_id = _commission(program, world)
        ledger.book(
            program.id,
            "in",
            [Leg(OWED, -100, "IDR", commission_id), Leg(HELD, 100, "IDR", commission_id)],
            kind="accrue",
            at=NOW,
            now=NOW,
        )
        ledger.book(
            program.id,
            "out",
            [Leg(HELD, -101, "IDR", commission_id), Leg(PAYABLE, 101, "IDR", commission_id)],
            kind="due",
            at=NOW,
            now=NOW,
        )


def _commission(program, world):
    from socialshop.domain import commissions, orders

    creator = world.creator("ana")
    order = orders.Order(
        public_id="ord_x",
        number="1",
        brand_id=program.brand_id,
        state="paid",
        method="outside",
        currency="IDR",
        total_minor=0,
        placed_at=NOW,
    )
    session().add(order)
    session().flush()
    row = commissions.Commission(
        order_id=order.id,
        program_id=program.id,
        creator_id=creator.id,
        via="code",
        currency="IDR",
        original_minor=100,
        pay_currency="IDR",
        lines=[],
        due_at=NOW,
        placed_at=NOW,
        accrued_at=NOW,
    )
    session().add(row)
    session().flush()
    return row.id


def test_the_fingerprint_covers_everything():
    facts = {
        "previous": "0" * 64,
        "program_id": 1,
        "number": 1,
        "key": "k",
        "kind": "x",
        "corrects_id": None,
        "at": NOW,
        "booked_at": NOW,
        "facts": {"a": 1},
        "legs": [Leg(OWED, -5, "IDR"), Leg(HELD, 5, "IDR")],
    }
    other = {
        "previous": "1" * 64,
        "program_id": 2,
        "number": 2,
        "key": "l",
        "kind": "y",
        "corrects_id": 3,
        "at": NOW.replace(microsecond=1),
        "booked_at": NOW.replace(hour=4),
        "facts": {"a": 2},
        "legs": [Leg(OWED, -5, "IDR"), Leg(Pocket("held", 8), 5, "IDR")],
    }
    prints = {fingerprint(**facts)} | {fingerprint(**{**facts, key: value}) for key, value in other.items()}
    assert len(prints) == 1 + len(other)


def test_legs_are_added_up_and_zeros_left_out():
    legs = [
        Leg(OWED, -5, "IDR", 1),
        Leg(OWED, 5, "IDR", 1),
        Leg(HELD, 2, "IDR", 1),
        Leg(HELD, 3, "IDR", 1),
        Leg(HELD, 3, "IDR", 2),
    ]
    assert tidy(legs) == [Leg(HELD, 5, "IDR", 1), Leg(HELD, 3, "IDR", 2)]
    assert imbalance(legs) == {"IDR": 8}


def test_a_balance_is_a_snapshot_and_what_came_after_it(program):
    with transaction():
        for n in range(3):
            move(program, f"k{n}", OWED, HELD, 100)
        assert ledger.take_snapshots(program.id, tail=2) == 2
        assert ledger.take_snapshots(program.id, tail=2) == 0  # nothing has come since
        move(program, "k3", OWED, HELD, 7)
    assert ledger.balances("held", program_id=program.id) == {(HELD.creator_id, "IDR"): 307}
    with transaction():
        assert ledger.take_snapshots(program.id, tail=0) == 2
        move(program, "k4", OWED, HELD, 1)
    assert ledger.balances("held", program_id=program.id) == {(HELD.creator_id, "IDR"): 308}
    assert list(ledger.discrepancies()) == []
    with transaction():
        session().execute(text("UPDATE ledger_snapshots SET minor = minor + 1"))
    assert {wrong[0] for wrong in ledger.discrepancies()} == {"I-4"}
