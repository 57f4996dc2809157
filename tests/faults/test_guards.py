"""Every guard stands alone against its attack, and without any of them the invariant is seen to break."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from socialshop.flows import verify
from socialshop.kernel.database import db, session
from socialshop.kernel.errors import DomainError

from ..flows.money_story import LATER
from . import budget
from .fresh import Fresh
from .guards import ATTACKS, Attack, Broken

ALONE = [(attack, guard) for attack in ATTACKS for guard in attack.guards]


def broken(attack: Attack, *, switched_off: set[str]) -> set[str]:
    """Which invariants do not hold after the attack, with some of its guards off."""
    with ExitStack() as stack:
        for name in switched_off:
            stack.enter_context(attack.guards[name]())
        try:
            attack.run()
        except Broken as error:
            session().rollback()
            return {str(error.args[0])}
        except (DomainError, DBAPIError):
            session().rollback()
    return {finding.check for finding in verify.run(LATER + timedelta(days=1))}


def suits(attack: Attack) -> None:
    postgresql = db.engine.dialect.name == "postgresql"
    if attack.postgresql_only and not postgresql:
        pytest.skip("SQLite cannot drop a unique constraint")
    if postgresql and not attack.of_the_database and not budget.ALL:
        pytest.skip("the same code as on SQLite")


@pytest.mark.parametrize(("attack", "guard"), ALONE, ids=[f"{attack}-{guard.replace(' ', '_')}" for attack, guard in ALONE])
def test_one_guard_is_enough(fresh: Fresh, attack: Attack, guard: str) -> None:
    suits(attack)
    fresh.lay()
    assert broken(attack, switched_off=set(attack.guards) - {guard}) == set()


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_without_guards_it_breaks(fresh: Fresh, attack: Attack) -> None:
    suits(attack)
    fresh.lay()
    found = broken(attack, switched_off=set(attack.guards))
    assert set(attack.breaks) <= found, f"broke {found or 'nothing'}"
