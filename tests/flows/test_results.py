"""What a post earned: by whom it came, on which channel, and to the last unit what the ledger says."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from socialshop.domain import analytics, commissions, ledger, payouts, social
from socialshop.domain.audit import SYSTEM
from socialshop.flows import bank, fulfil, payout, results, settle, share, statistics, verify
from socialshop.kernel import faults
from socialshop.kernel.database import end_reading, session, transaction
from socialshop.kernel.errors import NotFound

from ..conftest import START
from ..result_stage import opened

pytestmark = pytest.mark.usefixtures("room")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ZONE = "Asia/Jakarta"


@pytest.fixture
def shop(world):
    yield opened(world)
    faults.arm("")


def sources():
    end_reading()
    rows = session().scalars(select(analytics.OrderSource).order_by(analytics.OrderSource.order_id))
    return [(row.post_id, row.channel, row.via) for row in rows]


def of(shop, post, now=START):
    end_reading()
    return results.of_post(shop.mia.id, post.public_id, now=now, zone=ZONE)


def by_channel(found):
    return {place.channel: (place.row.clicks, place.row.orders, dict(place.row.commission)) for place in found.places}


def booked(post):
    """What the ledger has for the post's orders: (earned, given by payouts, open, owed back) in rupiah."""
    end_reading()
    found = Counter()
    mine = select(analytics.OrderSource.order_id).where(analytics.OrderSource.post_id == post.id)
    own = session().scalars(select(commissions.Commission.id).where(commissions.Commission.order_id.in_(mine))).all()
    for pockets in ledger.pockets_of_commissions(own).values():
        found.update(pockets)
    given = found["in_transit"] + found["bank"]
    return -found["owed"], given, found["held"] + found["payable"], -found["owed_back"]


# --- the story -------------------------------------------------------------------------------------


def test_each_channel_and_the_code_alone_add_up_to_what_the_ledger_says(shop):
    begin = START - 20 * DAY
    post = shop.post(at=begin)
    other = shop.post(at=begin - 3 * DAY, on=("instagram",), with_code=False, caption="Lain")
    by_gram = shop.tap(post, "instagram", visitor="ana-0123456789", at=begin + HOUR)
    shop.tap(post, "instagram", visitor="robot-0123456789", at=begin + HOUR, agent="curl/8")
    by_tok = shop.tap(post, "tiktok", visitor="budi-0123456789", at=begin + 2 * HOUR)
    shop.tap(post, "tiktok", visitor="cici-0123456789", at=begin + 3 * HOUR)
    shop.tap(other, "instagram", visitor="dodo-0123456789", at=begin + 3 * HOUR)
    shop.sale(at=begin + 2 * HOUR, click=by_gram, visitor="ana-0123456789")
    shop.sale(
        at=begin + 3 * HOUR, click=by_tok, visitor="budi-0123456789", code="mia10", quantity=2
    )  # the code wins, the tap tells
    refunded = shop.sale(at=begin + 5 * HOUR, code="MIA10", quantity=3)  # on both channels: nobody knows where it was read
    assert [row[:2] for row in sources()] == [(post.id, "instagram"), (post.id, "tiktok"), (post.id, "")]

    found = of(shop, post)
    assert by_channel(found) == {
        "instagram": (1, 1, {"IDR": 10_000}), "tiktok": (2, 1, {"IDR": 20_000}), "": (0, 1, {"IDR": 30_000}),
    }  # fmt: skip
    assert (found.total.clicks, found.total.orders, found.total.revenue) == (3, 3, {"IDR": 600_000})
    assert (found.total.epc, found.total.conversion) == ({"IDR": 20_000}, analytics.percent(3, 3))
    assert {name: amounts for name, amounts in found.standing.items() if amounts} == {"due": {"IDR": 60_000}}
    assert booked(post) == (60_000, 0, 60_000, 0)
    assert (of(shop, other).total.clicks, of(shop, other).total.orders) == (1, 0)
    assert sum(row.clicks for row in found.days) == 3
    assert found.days[0].value == (begin + 7 * HOUR).date().isoformat()

    fulfil.refund(refunded.id, key="half", amount=150_000, reason="?", now=START - DAY, actor=SYSTEM)
    assert of(shop, post).total.commission == {"IDR": 45_000}
    assert booked(post) == (45_000, 0, 45_000, 0)

    shop.world.payee(shop.mia)
    payout.release_due({}, now=START)
    run = payout.start(shop.brand.id, "k", actor=SYSTEM, now=START)
    [drawn] = payouts.of_run(run.id)
    assert of(shop, post).standing["paid"] == {"IDR": 45_000}
    bank.confirm(drawn.id, actor=SYSTEM, now=START)
    fulfil.refund(refunded.id, key="rest", full=True, reason="?", now=START, actor=SYSTEM)
    found = of(shop, post)
    assert found.total.commission == {"IDR": 30_000}
    assert (found.standing["paid"], found.standing["owed_back"]) == ({"IDR": 30_000}, {"IDR": 15_000})
    assert booked(post) == (30_000, 45_000, 0, 15_000)
    assert (found.total.orders, found.total.kept, found.total.revenue) == (3, 2, {"IDR": 300_000})
    assert verify.run(START) == []


def test_all_posts_of_some_days_say_the_same_as_each_of_them(shop):
    old, new = (
        shop.post(at=START - 40 * DAY, caption="Lama"),
        shop.post(at=START - 2 * DAY, caption="Baru  sekali\n#kopi", on=("tiktok",)),
    )
    idle = shop.post(at=START - DAY, caption="", on=("instagram",), with_code=False)
    shop.post(at=START + DAY, caption="Nanti", published=False)
    shop.sale(at=START - 12 * HOUR, click=shop.tap(old, "tiktok", visitor="ana-0123456789", at=START - 13 * HOUR))
    shop.sale(at=START - HOUR, code="mia10", quantity=2)
    shop.tap(new, "tiktok", visitor="budi-0123456789", at=START - HOUR)
    shop.tap(new, "tiktok", visitor="cici-0123456789", at=START - HOUR)
    bio = shop.world.link(shop.mia, program=shop.program, product=shop.product)
    shop.sale(at=START - HOUR, click=shop.tap_link(bio, visitor="dodo-0123456789", at=START - 2 * HOUR))
    period = analytics.period("30", now=START, zone=ZONE)

    def table(**more):
        end_reading()
        return results.by_post(shop.mia.id, period, now=START, **more)

    found = table()
    assert [(line.post.id, line.name, line.row.clicks, line.row.orders, line.row.commission) for line in found.lines] == [
        (new.id, "Baru sekali #kopi", 2, 1, {"IDR": 20_000}), (old.id, "Lama", 1, 1, {"IDR": 10_000}),
        (idle.id, "2026-05-31", 0, 0, {}),
    ]  # fmt: skip
    assert (found.total.clicks, found.total.commission) == (3, {"IDR": 30_000})
    assert (found.elsewhere.clicks, found.elsewhere.commission) == (1, {"IDR": 10_000})
    assert found.standing["pending"] == {"IDR": 30_000}
    for line in found.lines:
        whole = of(shop, line.post).total
        assert (whole.clicks, whole.orders, whole.commission) == (line.row.clicks, line.row.orders, line.row.commission)
    assert [line.post.id for line in table(sort="new").lines] == [idle.id, new.id, old.id]
    assert [line.post.id for line in table(sort="epc").lines] == [new.id, old.id, idle.id]
    [target] = social.targets_of(idle.id)
    for day, views in ((1, 300), (2, 500)):
        with transaction():
            asked = social.figures.Asked(target.id, "r", "image", START)
            social.figures.tell(asked, {"views": views}, day=date(2026, 6, day), now=START + day * HOUR)
    top = table(sort="views").lines[0]
    assert (top.post.id, top.told.views, top.told.likes, top.told.as_of) == (idle.id, 500, None, START + 2 * HOUR)
    assert verify.run(START) == []


def test_the_counts_by_day_and_the_taps_themselves_say_the_same_of_a_post(shop):
    post = shop.post(at=START - 3 * DAY)
    for n in range(5):
        shop.tap(post, "tiktok" if n % 2 else "instagram", visitor=f"guest-{n:010}", at=START - n * 11 * HOUR)
    shop.tap(shop.post(at=START - 3 * DAY), "tiktok", visitor="other-0123456789", at=START - HOUR)
    scope = analytics.Scope(creator_id=shop.mia.id, where={"post": str(post.id)})
    period = analytics.period("7", now=START, zone=ZONE)
    for by in ((), ("day",)):
        counted = analytics.RolledTaps(Nobody(), zone=ZONE).count(scope, period, by)
        assert counted == analytics.RecentTaps().count(scope, period, by)
        assert sum(counted.values()) == 5
    assert analytics.RolledTaps(Nobody(), zone=ZONE).count(scope, period, ("channel",)) == "asked"


class Nobody:
    def count(self, *_question):
        return "asked"


def test_a_second_account_of_a_provider_speaks_where_the_first_one_failed_and_what_was_sent_by_hand_stands_apart(shop):
    begin = START - 2 * DAY
    post = shop.post(at=begin, on=("instagram",))
    with transaction():
        first = shop.channels["instagram"]
        second = social.Channel(
            creator_id=shop.mia.id, provider="instagram", via="instagram", account_id="another", username="mia.kedua",
            issued_at=begin, state="off", why="left", connected_at=begin, changed_at=begin,
        )  # fmt: skip
        session().add(second)
        session().flush()
        [failed] = social.targets_of(post.id)
        assert failed.channel_id == first.id
        facts = {"published_at": begin + HOUR, "remote_id": "r2", "permalink": "https://instagram.example/p/2"}
        session().add(social.Target(post_id=post.id, channel_id=second.id, state="published", **facts))
        values = {"state": "failed", "why": "ratio", "published_at": None, "remote_id": "", "permalink": ""}
        session().execute(update(social.Target).where(social.Target.id == failed.id).values(**values))
    [place, *_] = of(shop, post).places
    assert (place.username, place.permalink, place.why) == ("mia.kedua", "https://instagram.example/p/2", "off")
    assert of(shop, post).published_at == begin + HOUR

    by_hand = share.way(shop.mia.id, share.post_of(shop.mia.id, post.public_id), "whatsapp", now=START - HOUR)
    click = shop.tap_link(by_hand, visitor="ana-0123456789", at=START - HOUR)
    shop.sale(at=START, click=click, visitor="ana-0123456789")
    found = of(shop, post)
    assert by_channel(found) == {"instagram": (0, 0, {}), "whatsapp": (1, 1, {"IDR": 10_000})}
    assert [place.why for place in found.places] == ["off", "by_hand"]
    assert (found.total.clicks, found.total.commission) == (1, {"IDR": 10_000})
    assert booked(post) == (10_000, 0, 10_000, 0)


# --- which post a code belongs to ------------------------------------------------------------------


def test_a_typed_code_belongs_to_the_newest_post_that_showed_it_and_stays_there(shop):
    shop.sale(at=START - 10 * DAY, code="mia10")  # before anything was posted
    first = shop.post(at=START - 9 * DAY, on=("tiktok",))
    shop.sale(at=START - 8 * DAY, code="mia10")
    second = shop.post(at=START - 7 * DAY, on=("instagram",))
    shop.post(at=START - 6 * DAY, with_code=False)
    shop.post(at=START - 6 * DAY, published=False)
    inbox = shop.post(at=START - 6 * DAY, published=False)  # a draft that lies in TikTok's inbox is seen by nobody
    with transaction():
        session().execute(
            update(social.Target).where(social.Target.post_id == inbox.id).values(state="delivered", published_at=START - 6 * DAY)
        )
    later = shop.sale(at=START - 5 * DAY, code="mia10")
    expected = [(None, "", "code"), (first.id, "tiktok", "code"), (second.id, "instagram", "code")]
    assert sources() == expected
    shop.post(at=START - 5 * DAY - HOUR)  # its worker was late: the order was settled before
    with transaction():
        settle.arrive(later.id, now=START)
    assert sources() == expected
    assert by_channel(of(shop, second))["instagram"] == (0, 1, {"IDR": 10_000})


def test_a_code_in_the_post_of_another_creator_is_nobodys_news(shop, world):
    post = shop.post(at=START - DAY)
    with transaction():
        session().execute(update(social.Post).where(social.Post.id == post.id).values(creator_id=world.creator("ana").id))
    shop.sale(at=START, code="mia10")
    assert sources() == [(None, "", "code")]


def test_a_tap_elsewhere_says_the_channel_and_the_code_the_post(shop):
    post = shop.post(at=START - 2 * DAY, on=("tiktok",))
    bio = shop.world.link(shop.mia, program=shop.program, product=shop.product, channel="instagram", placement="bio")
    click = shop.tap_link(bio, visitor="ana-0123456789", at=START - DAY)
    shop.sale(at=START - HOUR, click=click, visitor="ana-0123456789", code="mia10")
    assert sources() == [(post.id, "instagram", "code")]  # the tap was in Instagram's bio
    assert by_channel(of(shop, post)) == {"tiktok": (0, 0, {}), "": (0, 1, {"IDR": 10_000})}


def test_an_order_that_breaks_while_it_settles_is_in_no_post_until_it_settles(shop):
    post = shop.post(at=START - DAY)
    order = shop.world.order((shop.product, 1), code="mia10", now=START)
    faults.arm("ledger.before_commit:raise")
    with pytest.raises(faults.Fault):
        fulfil.confirm_payment(order.id, amount=order.total_minor, now=START, actor=SYSTEM)
    faults.arm("")
    assert (sources(), of(shop, post).total.orders) == ([], 0)
    fulfil.confirm_payment(order.id, amount=order.total_minor, now=START, actor=SYSTEM)
    with transaction():
        settle.arrive(order.id, now=START)
    assert (of(shop, post).total.orders, booked(post)) == (1, (10_000, 0, 10_000, 0))


# --- whose they are --------------------------------------------------------------------------------


def test_nobody_sees_anothers_post_and_a_brand_those_that_promoted_it(shop, world):
    post = shop.post(at=START - DAY, caption="Kopi Gayo " * 20)
    plain = shop.post(at=START - DAY, caption="Lain")
    with transaction():
        session().execute(update(social.PostOffer).where(social.PostOffer.post_id == plain.id).values(program_id=None))
    stranger, rival = world.creator("ana"), world.brand("harbour")
    with pytest.raises(NotFound):
        results.of_post(stranger.id, post.public_id, now=START)
    mine, theirs, other = statistics.of_creator(shop.mia.id), statistics.of_brand(shop.brand.id), statistics.of_brand(rival.id)
    for scope in (mine, theirs):
        assert analytics.value_of(scope, "post", post.public_id) == str(post.id)
    for scope, hidden in ((statistics.of_creator(stranger.id), post), (other, post), (theirs, plain)):
        with pytest.raises(NotFound):
            analytics.value_of(scope, "post", hidden.public_id)
    own, shown = (analytics.names_of(scope, "post", [str(post.id)])[str(post.id)] for scope in (mine, theirs))
    assert (own.public_id, own.more, shown.more) == (post.public_id, "Instagram · TikTok", "@mia · Instagram · TikTok")
    assert own.name.startswith("Kopi Gayo Kopi")
    assert own.name.endswith("Gayo Kopi…")
    assert len(own.name) <= 60
