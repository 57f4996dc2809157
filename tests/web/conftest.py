"""A creator, a brand, and a sale of hers: what most money pages are tried on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from socialshop.domain import people
from tests.conftest import START


@pytest.fixture
def mia(world):
    return world.creator("mia")


@pytest.fixture
def brand(world):
    return world.brand("senja")


@pytest.fixture
def sale(world, mia, brand):
    """Two of Rp149.000 with Mia's code: Rp29.800 at 10 %."""
    program = world.program(brand, from_at=START - timedelta(days=40))
    world.enroll(program, mia, at=START - timedelta(days=30))
    code = world.code(mia, program, "mia10")
    return world.order((world.product(brand), 2), paid=True, code=code.code)


@pytest.fixture
def creator(world, app, mia):
    return world.sign_in(app.test_client(), mia.user_id)


@pytest.fixture
def owner(world, app, brand):
    with app.app_context():
        user = next(user for member, user in people.members_of(brand.id) if member.role == "owner")
    return world.sign_in(app.test_client(), user.id)
