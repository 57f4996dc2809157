"""Lists, asked for pages that no list has."""

from __future__ import annotations

import pytest

FAR = "9" * 20  # more than a database keeps as a whole number


@pytest.mark.parametrize("page", ["0", "-1", "x", "", "²", "٣", FAR, "9" * 5000])
def test_a_page_that_is_none_is_the_first(world, app, page):
    mia, brand = world.creator("mia"), world.brand("senja")
    owner, manager = app.test_client(), world.user("ada@senja.test")
    world.member(brand, manager, "manager")
    world.sign_in(owner, manager.id)
    for path in ("commissions", "creators", "products", "orders"):
        assert owner.get(f"/brand/senja/{path}?page={page}").status_code == 200
    assert world.sign_in(app.test_client(), mia.user_id).get(f"/creator/earnings?page={page}").status_code == 200


def test_what_comes_before_no_row_is_everything(world, client):
    desk = world.sign_in(client, world.user("op@example.test", operator=True).id)
    assert desk.get(f"/admin/audit?before={FAR}").status_code == 200
