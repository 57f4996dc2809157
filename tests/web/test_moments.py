"""Dates that people pick, at both ends of what can be written."""

from __future__ import annotations

import pytest

ENDS = ("0001-01-01T00:00", "1969-12-31T23:59", "9999-12-31T23:59")


@pytest.fixture
def mia(world):
    return world.creator("mia")


@pytest.fixture
def me(world, app, mia):
    return world.sign_in(app.test_client(), mia.user_id)


@pytest.mark.parametrize("moment", ENDS)
def test_a_link_cannot_end_where_some_clock_has_no_time(world, me, moment):
    link = {"kind": "url", "url": "https://toko.example/", "channel": "instagram", "expires_at": moment}
    answer = world.post(me, "/creator/links/new?lang=en", link)
    assert answer.status_code == 422
    assert "Choose a date and a time." in answer.text


@pytest.mark.parametrize("field", ["starts", "ends"])
@pytest.mark.parametrize("moment", ENDS)
def test_a_block_is_not_shown_from_or_until_there_either(world, me, mia, field, moment):
    page = world.page(mia, publish=False)
    block = {"revision": "1", "text": "Halo", field: moment}
    answer = world.post(me, f"/creator/pages/{page.public_id}/blocks/new/text?lang=en", block)
    assert answer.status_code == 422
    assert "Choose a date and a time." in answer.text
