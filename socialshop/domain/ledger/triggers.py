"""The database's own guards: money rows and audit rows are appended only, and a transaction seals balanced legs.

Postings are written first (their foreign key is checked at commit), the transaction row last. Its insert is refused
unless at least two legs are there and each currency sums to zero; after it, no leg may join. The same statements
serve tests (`create_all`) and migrations: `for sql in statements(dialect): ...`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, MetaData, event

from ...kernel.database import Base

APPEND_ONLY = ("ledger_accounts", "ledger_transactions", "ledger_postings", "audit_entries")


def statements(dialect: str) -> list[str]:
    """The statements that put the guards up, for "sqlite" or "postgresql"."""
    return _sqlite() if dialect == "sqlite" else _postgresql()


def drop_statements(dialect: str) -> list[str]:
    """The statements that take the guards down (a downgrade; and tests that show what the guards are for)."""
    names = [(f"{table}_append_{act}", table) for table in APPEND_ONLY for act in ("update", "delete")]
    names += [("ledger_transactions_balanced", "ledger_transactions"), ("ledger_postings_unsealed", "ledger_postings")]
    if dialect == "sqlite":
        return [f"DROP TRIGGER IF EXISTS {name}" for name, _ in names]
    names += [(f"{table}_append_truncate", table) for table in APPEND_ONLY]
    drops = [f"DROP TRIGGER IF EXISTS {name} ON {table}" for name, table in names]
    functions = ("socialshop_append_only", "socialshop_balanced", "socialshop_unsealed")
    return drops + [f"DROP FUNCTION IF EXISTS {function}()" for function in functions]


def _sqlite() -> list[str]:
    only = [
        f"CREATE TRIGGER {table}_append_{act.lower()} BEFORE {act} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is appended only'); END"
        for table in APPEND_ONLY
        for act in ("UPDATE", "DELETE")
    ]
    return [
        *only,
        "CREATE TRIGGER ledger_transactions_balanced BEFORE INSERT ON ledger_transactions BEGIN "
        "SELECT RAISE(ABORT, 'a transaction needs two postings') "
        "WHERE (SELECT COUNT(*) FROM ledger_postings WHERE transaction_id = NEW.id) < 2; "
        "SELECT RAISE(ABORT, 'the postings do not balance') WHERE EXISTS "
        "(SELECT 1 FROM ledger_postings WHERE transaction_id = NEW.id GROUP BY currency HAVING SUM(minor) <> 0); END",
        "CREATE TRIGGER ledger_postings_unsealed BEFORE INSERT ON ledger_postings BEGIN "
        "SELECT RAISE(ABORT, 'the transaction is sealed') "
        "WHERE EXISTS (SELECT 1 FROM ledger_transactions WHERE id = NEW.transaction_id); "
        "SELECT RAISE(ABORT, 'the pocket is of another currency') WHERE NOT EXISTS "
        "(SELECT 1 FROM ledger_accounts WHERE id = NEW.account_id AND currency = NEW.currency); END",
    ]


def _postgresql() -> list[str]:
    only = [
        f"CREATE TRIGGER {table}_append_{act.lower()} BEFORE {act} ON {table} "
        f"FOR EACH {'STATEMENT' if act == 'TRUNCATE' else 'ROW'} EXECUTE FUNCTION socialshop_append_only()"
        for table in APPEND_ONLY
        for act in ("UPDATE", "DELETE", "TRUNCATE")
    ]
    each = "FOR EACH ROW EXECUTE FUNCTION"
    return [
        *_FUNCTIONS,
        *only,
        f"CREATE TRIGGER ledger_transactions_balanced BEFORE INSERT ON ledger_transactions {each} socialshop_balanced()",
        f"CREATE TRIGGER ledger_postings_unsealed BEFORE INSERT ON ledger_postings {each} socialshop_unsealed()",
    ]


_FUNCTIONS = [
    """CREATE OR REPLACE FUNCTION socialshop_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is appended only', ERRCODE = 'integrity_constraint_violation';
    END $$""",
    """CREATE OR REPLACE FUNCTION socialshop_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF (SELECT COUNT(*) FROM ledger_postings WHERE transaction_id = NEW.id) < 2 THEN
        RAISE EXCEPTION 'a transaction needs two postings' USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      IF EXISTS (SELECT 1 FROM ledger_postings WHERE transaction_id = NEW.id GROUP BY currency HAVING SUM(minor) <> 0) THEN
        RAISE EXCEPTION 'the postings do not balance' USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      RETURN NEW;
    END $$""",
    """CREATE OR REPLACE FUNCTION socialshop_unsealed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF EXISTS (SELECT 1 FROM ledger_transactions WHERE id = NEW.transaction_id) THEN
        RAISE EXCEPTION 'the transaction is sealed' USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      IF NOT EXISTS (SELECT 1 FROM ledger_accounts WHERE id = NEW.account_id AND currency = NEW.currency) THEN
        RAISE EXCEPTION 'the pocket is of another currency' USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      RETURN NEW;
    END $$""",
]


@event.listens_for(Base.metadata, "after_create")
def _put_up(_metadata: MetaData, connection: Connection, **facts: Any) -> None:
    made = {table.name for table in facts.get("tables") or ()}
    if set(APPEND_ONLY) <= made:
        for sql in statements(connection.dialect.name):
            connection.exec_driver_sql(sql)
