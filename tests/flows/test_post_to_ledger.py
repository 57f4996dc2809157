"""From the form to the money: what is written once is posted twice, tapped, bought by, and adds up to what the ledger says."""

from __future__ import annotations

from datetime import timedelta

import pytest

from socialshop.domain import analytics, clicks, commissions, ledger, links
from socialshop.flows import compose, results, verify
from socialshop.flows.compose import Offered
from socialshop.kernel.database import end_reading, session

from .test_compose import CREATOR, LATER, START, form, kopi, link_of, mia, stage  # noqa: F401
from .test_post_figures import ask

pytestmark = pytest.mark.usefixtures("room")
HOUR = timedelta(hours=1)


def test_what_a_post_on_both_channels_sold(stage, mia, kopi, world):  # noqa: F811
    post = compose.schedule(mia.id, form(stage, mia, Offered("product", kopi.public_id)), actor=CREATOR, now=START)
    stage.serve(post)
    stage.work(LATER)
    code = links.codes_of(mia.id)[0].code
    for double in (stage.instagram, stage.tiktok):
        [standing] = double.posted()
        assert code.upper() in standing["text"].upper()
    link = {via: link_of(post, via) for via in ("instagram", "tiktok")}
    assert f"/l/{link['tiktok'].slug}" in stage.tiktok.posted()[0]["text"]

    tapped = {via: world.app.test_client().get(f"/l/{link[via].slug}", headers=NAVIGATES) for via in link}
    assert {answer.status_code for answer in tapped.values()} == {302}
    end_reading()
    taps = {click.channel: click for click in session().query(clicks.Click).filter_by(post_id=post.id)}
    assert set(taps) == set(link)
    at = LATER + HOUR
    for via, click in taps.items():
        world.order((kopi, 1), paid=True, click_id=click.public_id, visitor=click.visitor or f"guest-{via}", now=at)
    world.order((kopi, 2), paid=True, code=code, now=at)

    ask(LATER + 2 * HOUR)
    end_reading()
    found = results.of_post(mia.id, post.public_id, now=LATER + 2 * HOUR, zone="Asia/Jakarta")
    assert [(place.channel, place.row.clicks, place.row.orders) for place in found.places] == [
        ("instagram", 1, 1), ("tiktok", 1, 1), ("", 0, 1),
    ]  # fmt: skip
    assert all(place.told.views is not None for place in found.places if place.channel)
    own = [row.id for order_id in sources(post) for row in commissions.of_order(order_id)]
    pockets = ledger.pockets_of_commissions(own)
    assert found.total.commission == {"IDR": sum(each["held"] for each in pockets.values())}
    assert found.standing["pending"] == found.total.commission
    assert verify.run(LATER + 2 * HOUR) == []


NAVIGATES = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-User": "?1"}


def sources(post):
    return [row.order_id for row in session().query(analytics.OrderSource).filter_by(post_id=post.id)]
