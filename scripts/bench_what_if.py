"""How long "What if?" takes over many orders, and how much memory: `python scripts/bench_what_if.py [ORDERS]`.

Lays a program of 12 rules with 50 creators and ORDERS stored orders of 3 lines (every fifth refunded, each with a click)
into a fresh SQLite database, then does the real job. Prints JSON lines {"name", "value", "unit", "conditions"}.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from socialshop.app import create_app
from socialshop.config import Settings
from socialshop.domain import commissions, people, programs, trials
from socialshop.domain.audit import Actor
from socialshop.flows import what_if
from socialshop.kernel.database import db, session, transaction
from socialshop.kernel.jobs import Job

START = datetime(2026, 1, 1, tzinfo=UTC)
SIZE = 5000


def terms_of(add: int) -> dict[str, Any]:
    """Twelve rules; `add` percent more than the other set."""
    rules: list[dict[str, Any]] = [{"id": "base", "percent": str(10 + add)}]
    rules += [{"id": f"c{i}", "percent": str(11 + i), "when": {"category": f"category {i}"}} for i in range(4)]
    rules += [{"id": f"k{i}", "percent": str(12 + i), "when": {"creator": str(i + 1)}} for i in range(3)]
    rules += [
        {"id": "vip", "percent": "15", "when": {"group": "vip", "category": "category 1"}, "cap_per_order": {"IDR": 50000}},
        {"id": "steps", "tiers": [{"up_to": {"IDR": 5_000_000}, "percent": "9"}, {"percent": "12"}], "when": {"product": "p7"}},
        {"id": "new", "kind": "bonus", "percent": "2", "when": {"customer": "new"}},
        {"id": "none", "kind": "exclude", "when": {"category": "category 9"}},
    ]
    return {"rules": rules, "notice_days": 30, "code_vs_click": {"code": "70", "click": "30"}}


def lay_out(count: int) -> int:
    """Store the facts; the program's id."""
    program_id = _program()
    random.seed(7)
    frozen = [[_creator(n, document=True)] for n in range(1, 51)]
    arrival = 0
    for first in range(0, count, SIZE):
        events, attributions = [], []
        for n in range(first, min(first + SIZE, count)):
            at, creator = START + timedelta(minutes=3 * n), n % 50 + 1
            when = at.isoformat().replace("+00:00", "Z")
            documents: list[tuple[str, str, dict[str, Any]]] = [
                (
                    "click",
                    f"clk_{n}",
                    {"type": "click", "id": f"clk_{n}", "at": when, "creator": str(creator), "visitor": f"v{n}"},
                ),
                ("order", f"ord_{n}", _order(n, when)),
            ]
            if n % 5 == 0:
                refund = {"type": "refund", "id": f"ref_{n}", "order": f"ord_{n}", "at": when, "amount": 20000}
                documents.append(("refund", f"ref_{n}", refund))
            for kind, event_id, document in documents:
                arrival += 1
                events.append(
                    {
                        "program_id": program_id, "arrival": arrival, "effect": arrival, "event_id": event_id, "type": kind, "at": at,
                        "subject": f"order:ord_{n}" if kind == "refund" else None, "order_id": n + 1 if kind == "order" else None,
                        "visitor": document.get("visitor") if kind == "click" else None, "document": document, "booked_at": at,
                    }
                )  # fmt: skip
            attributions.append(
                {
                    "order_id": n + 1, "program_id": program_id, "effect": arrival, "currency": "IDR", "placed_at": at, "arrival": {},
                    "creators": frozen[creator - 1] + frozen[n % 7], "decided_at": at,
                }
            )  # fmt: skip
        with transaction():
            session().execute(insert(commissions.ProgramEvent), events)
            session().execute(insert(commissions.Attribution), attributions)
    return program_id


def _program() -> int:
    with transaction() as current:
        users = [people.User(email=f"c{n}@example.test", password_hash="!", created_at=START) for n in range(51)]
        current.add_all(users)
        current.flush()
        brand = people.Brand(name="Bench", slug="bench", created_at=START)
        current.add(brand)
        current.flush()
        program = programs.Program(
            brand_id=brand.id, name="Bench", slug="bench", state="live", created_at=START, changed_at=START
        )
        creators = [people.Creator(user_id=u.id, handle=f"c{n}", name=f"C{n}", created_at=START) for n, u in enumerate(users[1:])]
        current.add_all([program, *creators])
        current.flush()
        current.add(
            programs.Version(
                program_id=program.id, number=1, from_at=START, terms=terms_of(0), published_by="bench", published_at=START
            )
        )
        for n, creator in enumerate(creators, start=1):
            groups = ["vip"] if n % 5 == 0 else []
            current.add(
                programs.Enrollment(
                    program_id=program.id,
                    creator_id=creator.id,
                    state="enrolled",
                    groups=groups,
                    applied_at=START,
                    enrolled_at=START,
                )
            )
        program.draft = terms_of(2)
        return program.id


def _creator(n: int, *, document: bool) -> dict[str, Any]:
    return {"id": str(n), "email": f"c{n}@example.test", "codes": [f"code{n}"], "enrolled_at": "2026-01-01T00:00:00Z"} | (
        {"groups": ["vip"]} if n % 5 == 0 and document else {}
    )


def _order(n: int, when: str) -> dict[str, Any]:
    lines = [
        {
            "id": f"l{k}", "product": f"p{random.randint(0, 30)}", "category": f"category {random.randint(0, 9)}",
            "price": random.randint(10, 200) * 1000, "quantity": random.randint(1, 3),
        }
        for k in range(3)
    ]  # fmt: skip
    order = {"type": "order", "id": f"ord_{n}", "at": when, "currency": "IDR", "lines": lines, "visitor": f"v{n}"}
    order |= {"customer": {"id": f"k{n % 20000}", "new": n < 20000}, "discount": 5000}
    return order | ({"code": f"code{n % 7 + 1}"} if n % 3 == 0 else {})


def main(count: int) -> None:
    """Measure."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(env="test", instance=Path(folder), secret_key="k" * 32))
        with app.app_context():
            db.create_all()
            with db.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            from sqlalchemy import event

            event.listen(db.engine, "connect", lambda c, _: c.execute("PRAGMA foreign_keys=OFF"))
            db.engine.dispose()
            program_id = lay_out(count)
            session().expunge_all()
            before = _mebibytes()
            brand = people.find_brand("bench")
            assert brand is not None
            program = programs.get(program_id)
            actor = Actor("user", "bench")
            trial = what_if.ask(
                brand.id, program.public_id, against="promised", content=None, file_name="", actor=actor, now=START
            )
            began, used = time.perf_counter(), time.process_time()
            what_if.run({"trial": trial.id}, now=START)
            took, used = time.perf_counter() - began, time.process_time() - used
            done = trials.get(trial.id)
            session().refresh(done)
            assert (done.state, done.orders_done) == ("done", count), done.error
            assert session().query(Job).count() == 1
            said = {
                "orders": count,
                "rules": 12,
                "lines": 3,
                "different": trials.count_differences(trial.id),
                "database": "sqlite",
            }
            _say(f"whatif.seconds_{count // 1000}k", round(took, 1), "s", said)
            _say("whatif.cpu_seconds", round(used, 1), "s", said)
            _say("whatif.orders_per_s", round(count / took), "orders/s", said)
            _say("whatif.memory", _mebibytes() - before, "MiB more than before", {**said, "before": before})


def _say(name: str, value: float, unit: str, conditions: dict[str, Any]) -> None:
    print(json.dumps({"name": name, "value": value, "unit": unit, "conditions": conditions}))


def _mebibytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
