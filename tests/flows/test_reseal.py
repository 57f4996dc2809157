"""A key can be taken away: every night what an earlier one has sealed is sealed by the newest, in every table that has secrets."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from socialshop.domain import social
from socialshop.flows import reseal
from socialshop.kernel import vault
from socialshop.kernel.database import end_reading, session, transaction

from ..conftest import START
from ..web.parameters import Cast

pytestmark = pytest.mark.usefixtures("room")


def sealed():
    end_reading()
    return session().execute(text("SELECT access_token, refresh_token FROM channels")).one()


def test_after_one_night_the_earlier_key_is_not_needed(app, world):
    cast, old = Cast(world), app.config["SETTINGS"].secret_key
    public_id, account = cast.channel(), cast.payout_account
    first = sealed()
    reseal.nightly({}, now=START)
    assert sealed() == first  # one key: nothing to do
    vault.use_keys(["a-newer-key", old])
    try:
        for done in (True, False):  # a second night finds nothing left
            before = sealed()
            with capture_logs() as logs:
                reseal.nightly({}, now=START)
            [told] = [entry for entry in logs if entry["event"] == "secrets sealed anew"]
            assert (told["done"] >= 4, told["left"]) == (done, 0)
            assert (sealed() != before) == done
        vault.use_keys(["a-newer-key"])
        end_reading()
        row = social.channel_of(cast.creator_a.id, public_id)
        assert (row.access_token, row.refresh_token) == ("access", "refresh")
        again = type(account)
        assert session().get_one(again, account.id, populate_existing=True).token == "t" * 32
    finally:
        vault.use_keys([old])


def test_what_no_key_opens_is_counted_and_left_alone(app, world):
    old = app.config["SETTINGS"].secret_key
    Cast(world).channel()
    with transaction():
        session().execute(text("UPDATE channels SET refresh_token = 'gAAAA-of-another-house'"))
    vault.use_keys(["a-newer-key", old])
    try:
        with capture_logs() as logs:
            reseal.nightly({}, now=START)
    finally:
        vault.use_keys([old])
    assert [entry["left"] for entry in logs if entry["event"] == "secrets sealed anew"] == [1]
    assert sealed().refresh_token == "gAAAA-of-another-house"
