"""Writing is guarded, transactions do not nest, what was read before is read anew."""

from __future__ import annotations

import pytest

from socialshop.domain import people
from socialshop.kernel.database import session, transaction


def test_a_write_outside_a_transaction_is_refused(room, world):
    user = world.user()
    user.name = "changed"
    with pytest.raises(RuntimeError, match="outside transaction"):
        session().commit()


def test_transactions_do_not_nest(room):
    with transaction(), pytest.raises(RuntimeError, match="already open"), transaction():
        pass


def test_what_was_read_before_is_read_anew(room, world, app):
    user = world.user()
    with transaction():
        session().get(people.User, user.id).name = "newer"
    assert session().get(people.User, user.id).name == "newer"
