"""A post is written once, and says on each channel what was promised: disclosure, code and that channel's own link."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from socialshop.adapters.social import Options
from socialshop.domain import audit, catalog, clicks, links, people, programs, social
from socialshop.domain.uploads import Upload
from socialshop.flows import compose, compose_change, enrollment, handout, publish, slots
from socialshop.flows.compose import Aim, Form, Offered, Picked
from socialshop.kernel import faults
from socialshop.kernel.database import db, end_reading, session, transaction
from socialshop.kernel.errors import NotFound

from ..conftest import START
from ..doubles import films
from ..post_stage import CREATOR, Stage, staged

pytestmark = pytest.mark.usefixtures("room")
PUBLIC, LATER = "PUBLIC_TO_EVERYONE", START + timedelta(hours=2)


@pytest.fixture
def stage(tmp_path) -> Iterator[Stage]:
    compose.set_up(hashtags=5, audited=True, base_url="https://toko.example")
    with staged(tmp_path) as made:
        yield made
    faults.arm("")


@pytest.fixture
def mia(world, stage):
    """Mia, in a program of Senja's, with both channels."""
    made = world.creator("mia")
    for via in ("instagram", "tiktok"):
        stage.connect(made.id, via, now=START)
    return made


@pytest.fixture
def kopi(world, mia):
    brand = world.brand("senja")
    world.enroll(world.program(brand, buyer_discount="10"), mia)
    return world.product(brand, "Kopi Gayo")


def uploaded(stage, creator, kind="video") -> str:
    """A file that came in whole."""
    facts = stage.keep(films.film(size=20_000) if kind == "video" else films.photo(), kind)
    row = Upload(
        creator_id=creator.id, name="kopi", size=facts.size, received=facts.size, kind=kind, media_type=facts.media_type,
        sha256=facts.sha256, kept=facts.size, width=1080, height=1920 if kind == "video" else 1080, milliseconds=facts.milliseconds, facts={}, state="ready",
        created_at=START, updated_at=START,
    )  # fmt: skip
    with transaction():
        session().add(row)
        session().flush()
        return row.public_id


def form(stage, mia, *offers, kind="video", **more) -> Form:
    aims = (Aim(stage.channels["instagram"].public_id), Aim(stage.channels["tiktok"].public_id, privacy=PUBLIC))
    facts = {
        "kind": kind, "caption": "Pagi dengan kopi #kopi", "uploads": (Picked(uploaded(stage, mia)),), "offers": offers,
        "targets": aims, "publish_at": LATER, **more,
    }  # fmt: skip
    return Form(**facts)


def link_of(post, via, place=0):
    query = select(links.TrackedLink).where(links.TrackedLink.post_id == post.id, links.TrackedLink.channel == via)
    return session().scalars(query.order_by(links.TrackedLink.id)).all()[place]


def said(refused) -> list[tuple[str, str]]:
    return [(each.field.partition(":")[0], each.code) for each in refused.value.fields]


def counted(*kinds) -> list[int]:
    end_reading()
    return [session().scalar(select(func.count()).select_from(kind)) or 0 for kind in kinds]


EVERYTHING = (
    social.Post,
    social.Target,
    social.PostOffer,
    social.PostMedia,
    links.TrackedLink,
    links.ReferralCode,
    audit.Entry,
)


# --- once, and as it was promised --------------------------------------------------------------------


def test_both_boxes_are_both_toggles_over_there(stage, mia):
    """The words of "both" are those of a brand; TikTok is told of one's own goods as well."""
    for number, commercial in enumerate(("nothing", "own", "brand", "both")):
        at = START + timedelta(minutes=number)
        asked = form(stage, mia, commercial=commercial, publish_at=None, caption=f"Pagi {number}")
        post = compose.schedule(mia.id, asked, actor=CREATOR, now=at)
        stage.serve(post)
        stage.work(at, minutes=0.5)
        there = list(stage.tiktok.posts.values())[-1]
        assert (there.own_brand, there.branded) == (commercial in ("own", "both"), commercial in ("brand", "both"))


def test_what_is_posted_is_what_was_shown(stage, mia, kopi):
    asked = form(stage, mia, Offered("product", kopi.public_id))
    before = counted(*EVERYTHING)
    promised = compose.show(mia.id, asked, now=START, locale="en")
    assert counted(*EVERYTHING) == before  # nothing is made by looking
    assert [each.complaints for each in promised] == [(), ()]
    assert [[one.code for one in each.warnings] for each in promised] == [["label_by_hand"], []]
    post = compose.schedule(mia.id, asked, actor=CREATOR, now=START)
    stage.serve(post)
    stage.work(LATER)
    assert stage.states(post) == {"instagram": "published", "tiktok": "published"}
    for via, shown in zip(("instagram", "tiktok"), promised, strict=True):
        [told] = getattr(stage, via).posted()
        assert str(told["text"]) == shown.caption.replace("•" * 7, link_of(post, via).slug)
    assert promised[0].caption == "Ad · contains affiliate links/codes\n\nPagi dengan kopi #kopi\n\nCode MIA10\nLink in bio"
    assert "\nCode MIA10\ntoko.example/l/•••••••\nLink in bio" in promised[1].caption
    assert {task.info["brand_content_toggle"] for task in stage.tiktok.tasks.values()} == {True}
    one, other = link_of(post, "instagram"), link_of(post, "tiktok")
    assert one.slug != other.slug
    assert {link.placement for link in (one, other)} == {f"post:{post.public_id}"}
    assert [(offer.code, offer.link_id) for offer in social.offers_of(post.id)] == [("mia10", one.id), ("mia10", other.id)]


def test_photos_are_a_carousel_here_and_photos_there(stage, mia, kopi):
    uploads = tuple(Picked(uploaded(stage, mia, "image"), f"Cangkir {n}") for n in (1, 2))
    asked = form(stage, mia, Offered("product", kopi.public_id), kind="photos", uploads=uploads, title="Kopi pagi", names=True)
    promised = compose.show(mia.id, asked, now=START, locale="en")
    assert [(each.kind, each.title, each.complaints) for each in promised] == [
        ("carousel", "", ()),
        ("photos", "Ad · Kopi pagi", ()),
    ]
    post = compose.schedule(mia.id, asked, actor=CREATOR, now=START)
    stage.serve(post)
    stage.work(LATER)
    assert stage.states(post) == {"instagram": "published", "tiktok": "published"}
    [one], [other] = stage.instagram.posted(), stage.tiktok.posted()
    assert (one["kind"], str(one["text"])) == ("FEED CAROUSEL_ALBUM", promised[0].caption)
    assert str(other["text"]).endswith(promised[1].caption.replace("•" * 7, link_of(post, "tiktok").slug))
    assert "\nKopi Gayo: toko.example/l/" in str(other["text"])


def test_pressed_twice_it_is_one_post(stage, mia, kopi):
    asked = form(stage, mia, Offered("product", kopi.public_id))
    draft = compose.save_draft(mia.id, asked, now=START).public_id
    first = compose.schedule(mia.id, asked, actor=CREATOR, now=START, draft=draft, key="a key")
    made = counted(*EVERYTHING)
    days = START + timedelta(days=3)
    assert compose.schedule(mia.id, asked, actor=CREATOR, now=days, draft=draft, key="a key").id == first.id
    assert compose.schedule(mia.id, asked, actor=CREATOR, now=START + timedelta(minutes=1)).id == first.id  # by what it says
    assert counted(*EVERYTHING) == made
    assert compose.drafts_of(mia.id) == []
    with pytest.raises(compose.SentAlready) as refused:
        compose.schedule(mia.id, replace(asked, caption="Lain"), actor=CREATOR, now=START, key="a key")
    assert refused.value.post == first.public_id
    assert compose.schedule(mia.id, asked, actor=CREATOR, now=START + timedelta(minutes=3)).id != first.id  # wanted twice


@pytest.mark.parametrize("key", ["a key", ""])
def test_two_presses_at_once_are_one_post(stage, mia, kopi, app, key):
    asked, creator_id, made, wrong = form(stage, mia, Offered("product", kopi.public_id)), mia.id, [], []
    end_reading()
    faults.arm("compose.before_commit:sleep=0.2")  # the first one takes its time

    def press() -> None:
        with app.app_context():
            try:
                made.append(compose.schedule(creator_id, asked, actor=CREATOR, now=START, key=key).public_id)
            except Exception as error:
                wrong.append(error)
            db.session.remove()

    presses = [threading.Thread(target=press) for _ in range(2)]
    for thread in presses:
        thread.start()
    for thread in presses:
        thread.join()
    assert wrong == []
    assert len(set(made)) == 1
    assert counted(social.Post, social.Target) == [1, 2]


@pytest.mark.parametrize("story", ["schedule", "change"])
def test_broken_in_the_middle_nothing_is_there(stage, mia, kopi, story):
    asked = form(stage, mia, Offered("product", kopi.public_id))
    plain = replace(asked, offers=(), commercial="nothing")
    post = compose.schedule(mia.id, plain, actor=CREATOR, now=START)
    draft = compose.save_draft(mia.id, asked, now=START).public_id
    before, words = counted(*EVERYTHING), [row.caption for row in social.targets_of(post.id)]
    faults.arm("compose.before_commit:raise")
    tell = {
        "schedule": lambda: compose.schedule(mia.id, asked, actor=CREATOR, now=START, draft=draft),
        "change": lambda: compose.change(mia.id, post.public_id, asked, actor=CREATOR, now=START),
    }[story]
    with pytest.raises(faults.Fault):
        tell()
    faults.arm("")
    assert counted(*EVERYTHING) == before
    assert [row.caption for row in social.targets_of(post.id)] == words
    assert len(compose.drafts_of(mia.id)) == 1
    if story == "change":
        compose.change(mia.id, post.public_id, asked, actor=CREATOR, now=START)
        assert all("MIA10" in row.caption for row in social.targets_of(post.id))


def test_a_tap_through_a_posts_link_knows_its_post(stage, mia, kopi, app):
    post = compose.schedule(mia.id, form(stage, mia, Offered("product", kopi.public_id)), actor=CREATOR, now=START)
    with app.test_client() as visitor:
        for via in ("instagram", "tiktok"):
            assert visitor.get(f"/l/{link_of(post, via).slug}").status_code == 302
    end_reading()
    taps = session().execute(select(clicks.Click.post_id, clicks.Click.channel).order_by(clicks.Click.id)).all()
    assert [tuple(tap) for tap in taps] == [(post.id, "instagram"), (post.id, "tiktok")]


def test_a_code_that_is_not_made_yet_earns_as_well(stage, mia, kopi, world):
    assert counted(links.ReferralCode) == [0]
    asked = form(stage, mia, caption="Pakai kode MIA10", disclose=False)
    with pytest.raises(compose.NotFit) as refused:
        compose.schedule(mia.id, asked, actor=CREATOR, now=START)
    assert ("disclose", "no_disclosure") in said(refused)
    kedai = world.brand("kedai")
    world.enroll(world.program(kedai, "Kedai"), mia)  # there her code would be her name
    assert {each.promotes for each in compose.show(mia.id, replace(asked, caption="Mia di sini"), now=START)} == {"nothing"}


def test_a_place_of_the_queue_is_given_once(stage, mia):
    """Both tabs were shown the same place."""
    slots.add(mia.id, [1], 19 * 60, zone="Asia/Jakarta", actor=CREATOR, now=START)
    asked = form(stage, mia, publish_at=slots.next_free(mia.id, now=START))
    made = [compose.schedule(mia.id, asked, actor=CREATOR, now=START, key=key, queued=True) for key in ("one", "other", "one")]
    assert [post.publish_at - made[0].publish_at for post in made] == [timedelta(0), timedelta(days=7), timedelta(0)]
    moved = replace(asked, publish_at=slots.next_free(mia.id, now=START))  # as the form has it when it is sent once more
    assert compose.schedule(mia.id, moved, actor=CREATOR, now=START, key="one", queued=True).id == made[0].id


def test_what_is_just_short_enough_is_taken_over_there(stage, mia):
    """Each limit, to the last sign, as the platforms count; one more and it is refused here."""
    photo = (Picked(uploaded(stage, mia, "image")),)
    aims = {aim.channel: aim for aim in form(stage, mia).targets}
    instagram, tiktok = (aims[stage.channels[via].public_id] for via in ("instagram", "tiktok"))
    film = form(stage, mia).uploads
    for aim, uploads, facts, more in (
        (instagram, photo, {"caption": "\U0001f600" * 2200}, {"caption": "\U0001f600" * 2201}),
        (instagram, photo, {"caption": "@a " * 19 + "@a"}, {"caption": "@a " * 20 + "@a"}),
        (instagram, photo, {"caption": "#a#b#c #d ##e"}, {"caption": "#a#b#c #d ##e #f"}),
        (tiktok, film, {"caption": "\U0001f600" * 1100}, {"caption": "\U0001f600" * 1100 + "a"}),
        (tiktok, photo, {"caption": "a" * 4000, "title": "b" * 90}, {"caption": "a" * 4001}),
        (tiktok, photo, {"title": "b" * 90}, {"title": "b" * 91}),
    ):
        asked = form(stage, mia, kind="", uploads=uploads, targets=(aim,), **facts)
        post = compose.schedule(mia.id, asked, actor=CREATOR, now=START)
        stage.serve(post)
        [shown] = compose.show(mia.id, asked, now=START)
        stage.work(LATER, minutes=60)
        assert set(stage.states(post).values()) == {"published"}, facts
        told = (stage.instagram if aim is instagram else stage.tiktok).posted()
        assert any(str(each["text"]).endswith(shown.caption) for each in told)
        with pytest.raises(compose.NotFit):
            compose.schedule(mia.id, replace(asked, **more), actor=CREATOR, now=START)


def test_an_own_caption_of_nothing_to_see_is_none(stage, mia):
    """What is shown is what is sent, also where a channel's own caption holds only signs that take no room."""
    asked = form(stage, mia)
    asked = replace(asked, targets=tuple(replace(aim, caption="\u200b \u2800") for aim in asked.targets))
    post = compose.schedule(mia.id, asked, actor=CREATOR, now=START)
    stage.serve(post)
    assert {each.caption for each in compose.show(mia.id, asked, now=START)} == {asked.caption}
    stage.work(LATER)
    assert {str(told["text"]) for told in (*stage.instagram.posted(), *stage.tiktok.posted())} == {asked.caption}


def test_two_accounts_of_one_channel_have_a_link_each(stage, mia, kopi):
    stage.instagram.signed_in = next(one for one in stage.instagram.accounts.values() if one.username == "rani.kopi")
    second = stage.connect(mia.id, "instagram", now=START)
    one, other = (row.public_id for row in social.channels_of(mia.id) if row.provider == "instagram")
    assert second.public_id == other
    asked = form(stage, mia, Offered("product", kopi.public_id), kind="reel", targets=(Aim(one), Aim(other)))
    post = compose.schedule(mia.id, asked, actor=CREATOR, now=START)
    made = [link_of(post, "instagram", place).placement for place in (0, 1)]
    assert made == [f"post:{post.public_id}", f"post:{post.public_id}:{other}"]
    compose.change(mia.id, post.public_id, replace(asked, caption="Sore"), actor=CREATOR, now=START)
    assert len({offer.link_id for offer in social.offers_of(post.id)}) == 2
    assert counted(links.TrackedLink)[0] == 3  # and the code's own


def test_pages_links_and_ones_own_products_say_what_they_are(stage, mia, kopi, world):
    """A page that shows what earns, a link of one's own, a product of one's own brand; the label where we may set it."""
    page = world.page(mia, {"type": "product", "item": {"kind": "own", "product": kopi.public_id}})
    bare = world.page(mia, {"type": "text", "text": "Halo"}, slug="halo")
    hidden = world.page(mia, slug="lain", publish=False)
    given = {"kind": "product", "product": kopi.public_id, "channel": "other"}
    link = handout.make_link(mia.id, given, own_host="toko.example", actor=CREATOR, now=START)
    mine = world.brand("kedai", owner=world._do(lambda: people.get_user(mia.user_id)))
    world.enroll(world.program(mine, "Kedai"), mia)
    cake = world.product(mine, "Kue")
    facebook = stage.connect(mia.id, "facebook", now=START)  # the same account, by the login that may set the label
    for offer, promotes, codes, warned in (
        (Offered("page", page.public_id), "brand", (), []),
        (Offered("page", bare.public_id), "nothing", (), []),
        (Offered("page", hidden.public_id), "nothing", (), ["page_hidden"]),
        (Offered("link", link.public_id), "brand", ("MIA10",), []),
        (Offered("product", cake.public_id), "own", ("MIA",), []),
    ):
        asked = form(
            stage, mia, offer, targets=(Aim(facebook.public_id), Aim(stage.channels["tiktok"].public_id, privacy=PUBLIC))
        )
        one, other = compose.show(mia.id, asked, now=START)
        assert (one.promotes, one.codes, other.codes) == (promotes, codes, codes)
        assert one.label == ("paid" if promotes == "brand" else "")
        assert other.label == {"brand": "paid", "own": "promotional", "nothing": ""}[promotes]
        assert one.caption.startswith("Ad · ") == (promotes != "nothing")
        assert [each.code for each in compose.complaints(mia.id, asked, now=START)] == warned
        if not warned:
            stage.serve(compose.schedule(mia.id, asked, actor=CREATOR, now=START))
    stage.work(LATER)
    assert sorted(told["note"] for told in stage.instagram.posted()) == ["", "", "paid partnership", "paid partnership"]
    sent = [(task.info["brand_content_toggle"], task.info["brand_organic_toggle"]) for task in stage.tiktok.tasks.values()]
    assert sorted(sent) == [(False, False), (False, True), (True, False), (True, False)]
    enrollment.leave(programs.live_enrollments_of(mia.id)[1][0].public_id, mia.id, actor=CREATOR, now=LATER)
    left = form(stage, mia, Offered("link", link.public_id), publish_at=LATER + timedelta(days=1))
    assert [each.code for each in compose.complaints(mia.id, left, now=LATER)] == ["left_program"]


# --- what is said, and not sent ----------------------------------------------------------------------


def test_what_earns_goes_out_with_a_disclosure_or_not_at_all(stage, mia, kopi):
    product = Offered("product", kopi.public_id)
    silent = form(stage, mia, product, disclose=False)
    for wrong, words in (
        (silent, {("disclose", "no_disclosure")}),
        (replace(silent, offers=(), caption="Pakai kode mia10 ya"), {("disclose", "no_disclosure")}),
        (form(stage, mia, product, commercial="nothing"), {("commercial", "chosen_less")}),
        (form(stage, mia, product, commercial="own"), {("commercial", "chosen_less")}),
        (form(stage, mia, product, note="Iklan " + "panjang " * 30), {("note", "long_note")}),
    ):
        if "mia10" in wrong.caption:
            compose.schedule(mia.id, form(stage, mia, product), actor=CREATOR, now=START)  # now there is that code
        with pytest.raises(compose.NotFit) as refused:
            compose.schedule(mia.id, wrong, actor=CREATOR, now=START)
        assert set(said(refused)) == words
    post = compose.schedule(mia.id, form(stage, mia, product), actor=CREATOR, now=START)
    earning, plain = link_of(post, "tiktok").slug, "toko.example/l/none"
    for hidden in (
        {"uploads": (Picked(silent.uploads[0].upload, "Kode MIA10"),)},
        {"title": "Kode M\u0406\u041010"},  # Cyrillic
        {"caption": " ".join([*(f"{plain}{n}" for n in range(20)), f"toko.example/l/{earning}"])},
    ):
        assert {each.promotes for each in compose.show(mia.id, replace(silent, offers=(), **hidden), now=START)} == {"brand"}
    typed = replace(silent, offers=(), disclose=True, caption="Pakai kode mia10, atau toko.example/l/x")
    assert {each.promotes for each in compose.show(mia.id, typed, now=START)} == {"brand"}
    assert all(each.caption.startswith("Ad") for each in compose.show(mia.id, typed, now=START))


@pytest.mark.parametrize(
    ("audited", "aim", "codes"),
    [
        (True, {}, ["no_privacy"]),
        (True, {"privacy": "SELF_ONLY"}, ["private_ad"]),
        (True, {"privacy": PUBLIC}, []),
        (False, {"privacy": PUBLIC}, ["only_draft"]),
        (False, {"privacy": "SELF_ONLY"}, ["only_draft"]),
        (False, {"draft": True}, []),
    ],
)
def test_advertising_on_tiktok(stage, mia, kopi, audited, aim, codes):
    compose.set_up(hashtags=5, audited=audited, base_url="https://toko.example")
    asked = form(stage, mia, Offered("product", kopi.public_id), targets=(Aim(stage.channels["tiktok"].public_id, **aim),))
    [shown] = compose.show(mia.id, asked, now=START, locale="id")
    assert [one.code for one in shown.complaints] == codes
    assert shown.only_draft is not audited
    assert [one.code for one in shown.warnings] == (["draft_label", "draft_caption"] if aim.get("draft") else [])
    assert shown.label == ("" if aim.get("draft") else "paid")
    if codes:
        with pytest.raises(compose.NotFit) as refused:
            compose.schedule(mia.id, asked, actor=CREATOR, now=START)
        assert said(refused)[0][1] == codes[0]
        return
    post = compose.schedule(mia.id, asked, actor=CREATOR, now=START)
    stage.work(LATER)
    assert stage.states(post) == {"tiktok": "delivered" if aim.get("draft") else "published"}


def test_what_an_account_told_a_moment_ago_counts(stage, mia, kopi):
    asked, channel = form(stage, mia), stage.channels["tiktok"].public_id
    told = {channel: Options("Mia", ("SELF_ONLY",), comments=False, duet=True)}
    asked = replace(asked, targets=(Aim(channel, privacy=PUBLIC, comments=True, duet=True),))
    with pytest.raises(compose.NotFit) as refused:
        compose.schedule(mia.id, asked, actor=CREATOR, now=START, options=told)
    assert said(refused) == [("privacy", "privacy_gone")]
    asked = replace(asked, targets=(replace(asked.targets[0], privacy="SELF_ONLY"),))
    [row] = social.targets_of(compose.schedule(mia.id, asked, actor=CREATOR, now=START, options=told).id)
    assert (row.comments, row.duet, row.stitch) == (False, True, False)


def test_what_is_gone_is_said(stage, mia, kopi, world):
    """A stranger's things answer as things that are not there."""
    rani = world.creator("rani")
    hers = uploaded(stage, rani)
    away = world.product(world.brand("teduh"), "Teh")  # of a brand that Mia has nothing to do with
    sold_out = world.product(world._do(lambda: people.get_brand(kopi.brand_id)), "Gula", stock=0)
    asked = form(
        stage, mia, Offered("product", kopi.public_id), Offered("product", away.public_id), Offered("product", "prd_none"),
        Offered("link", "lnk_none"), Offered("page", "pag_none"), Offered("product", sold_out.public_id),
        uploads=(Picked(hers),), publish_at=START - timedelta(hours=1),
    )  # fmt: skip
    codes = [each.code for each in compose.complaints(mia.id, asked, now=START)]
    assert sorted(codes) == ["file_gone", *["offer_gone"] * 4, "past"]
    assert [each.text for each in compose.warnings(mia.id, asked, now=START, locale="en")] == ["“Gula” is sold out right now."]
    assert compose.complaints(mia.id, replace(asked, offers=(), targets=(), uploads=()), now=START)[0].code == "no_channel"
    with pytest.raises(compose.NotFit) as refused:
        compose.schedule(mia.id, replace(asked, targets=(Aim("chn_none"),)), actor=CREATOR, now=START)
    assert ("targets", "not_yours") in said(refused)


@pytest.mark.parametrize("gone", ["product_gone", "left_program"])
def test_what_is_gone_when_its_time_comes_is_not_sent(stage, mia, kopi, gone):
    asked = form(stage, mia, Offered("product", kopi.public_id))
    post = compose.schedule(mia.id, asked, actor=CREATOR, now=START)
    stage.serve(post)
    program = programs.live_enrollments_of(mia.id)[0][0]
    if gone == "product_gone":
        with transaction():
            catalog.archive(catalog.product_of(kopi.brand_id, kopi.public_id), now=START)
    else:
        enrollment.leave(program.public_id, mia.id, actor=CREATOR, now=START)
    stage.work(LATER)
    assert {(row.state, row.why) for row in social.targets_of(post.id)} == {("failed", gone)}
    assert (stage.instagram.posted(), stage.tiktok.posted()) == ([], [])
    assert {each.code for each in compose.complaints(mia.id, asked, now=LATER, post=post.public_id)} == {gone}
    mended = replace(asked, offers=(), caption="Selamat sore")  # what failed goes out when it is right
    with transaction():
        social.post(post.id).set_aside_at = LATER
    compose.change(mia.id, post.public_id, mended, actor=CREATOR, now=LATER)
    assert social.post(post.id).set_aside_at is None
    stage.work(LATER)
    assert [str(told["text"]) for told in stage.instagram.posted()] == ["Selamat sore"]


# --- changed until it is sent ------------------------------------------------------------------------


def test_a_post_is_changed_until_it_is_sent(stage, mia, kopi, world):
    teh = world.product(world._do(lambda: people.get_brand(kopi.brand_id)), "Teh")
    asked = form(stage, mia, Offered("product", kopi.public_id))
    post = compose.schedule(mia.id, asked, actor=CREATOR, now=START)
    kept = link_of(post, "tiktok").slug
    assert compose.form_of(mia.id, post.public_id) == asked
    sooner = LATER - timedelta(hours=1)
    changed = replace(
        asked, caption="Sore", offers=(Offered("product", kopi.public_id), Offered("product", teh.public_id)), names=True,
        uploads=(Picked(uploaded(stage, mia), "Secangkir teh"),), targets=asked.targets[1:], publish_at=sooner,
    )  # fmt: skip
    [shown] = compose.show(mia.id, changed, now=START, post=post.public_id)
    assert f"Kopi Gayo: toko.example/l/{kept}\nTeh: toko.example/l/•••••••" in shown.caption
    for _ in range(2):
        compose.change(mia.id, post.public_id, changed, actor=CREATOR, now=START)
    acts = [entry for entry in audit.entries_of(mia.public_id) if entry.act == "post.changed"]
    assert [(entry.before["form"]["caption"], entry.after["form"]["caption"]) for entry in acts] == [
        ("Pagi dengan kopi #kopi", "Sore")
    ]
    assert stage.states(post) == {"instagram": "cancelled", "tiktok": "waiting"}
    stage.serve(post)
    stage.work(sooner)
    assert stage.instagram.posted() == []
    [told] = stage.tiktok.posted()
    assert str(told["text"]) == shown.caption.replace("•" * 7, link_of(post, "tiktok", 1).slug)
    assert [item.alt_text for item in social.media_of(post.id)] == ["Secangkir teh"]


def test_a_channel_taken_out_comes_back(stage, mia, kopi):
    asked = form(stage, mia, Offered("product", kopi.public_id))
    post = compose.schedule(mia.id, asked, actor=CREATOR, now=START)
    stage.serve(post)
    for aims in (asked.targets[:1], asked.targets):
        compose.change(mia.id, post.public_id, replace(asked, targets=aims), actor=CREATOR, now=START)
    assert stage.states(post) == {"instagram": "waiting", "tiktok": "waiting"}
    stage.work(LATER)
    assert (len(stage.instagram.posted()), len(stage.tiktok.posted())) == (1, 1)


def test_what_was_prepared_is_prepared_anew(stage, mia):
    """A container with the old words lies at Instagram already, and is never used."""
    stage.instagram.signed_in.polls = 3
    asked = form(stage, mia, targets=(Aim(stage.channels["instagram"].public_id),))
    post = compose.schedule(mia.id, asked, actor=CREATOR, now=START)
    stage.serve(post)
    [row] = social.targets_of(post.id)
    publish.step(row.id, now=LATER)
    assert social.handle_of(social.target(row.id))
    end_reading()
    compose.change(mia.id, post.public_id, replace(asked, caption="Sore"), actor=CREATOR, now=LATER)
    assert social.handle_of(social.target(row.id)) == {}
    stage.work(LATER + timedelta(minutes=1))
    assert [str(told["text"]) for told in stage.instagram.posted()] == ["Sore"]


def test_what_is_on_its_way_keeps_its_files(stage, mia):
    asked = form(stage, mia)
    post = compose.schedule(mia.id, asked, actor=CREATOR, now=START)
    one, other = (row.id for row in social.targets_of(post.id))
    with transaction():
        social.move(one, "preparing")
    with pytest.raises(compose_change.OnItsWay):
        compose.change(mia.id, post.public_id, replace(asked, caption="Sore"), actor=CREATOR, now=START)
    with transaction():
        for state in ("ready", "calling", "underway"):
            social.move(one, state)
    for wrong in (replace(asked, uploads=(Picked(uploaded(stage, mia)),)), replace(asked, kind="photos")):
        with pytest.raises(compose_change.OnItsWay):
            compose.change(mia.id, post.public_id, wrong, actor=CREATOR, now=START)
    compose.change(mia.id, post.public_id, replace(asked, caption="Sore"), actor=CREATOR, now=START)
    assert [(row.state, row.caption) for row in social.targets_of(post.id)] == [
        ("underway", "Pagi dengan kopi #kopi"),
        ("waiting", "Sore"),
    ]
    with transaction():
        for target_id, states in ((one, ("published",)), (other, ("preparing", "published"))):
            for state in states:
                social.move(target_id, state)
    with pytest.raises(compose.NotChanged):
        compose.change(mia.id, post.public_id, replace(asked, caption="Malam"), actor=CREATOR, now=START)


def test_what_kind_it_is_its_files_say_and_nothing_hostile_gets_in(stage, mia, kopi):
    """Nothing was chosen but files, and every field holds what no database takes."""
    nasty = "x\0\ud800"
    asked = form(
        stage, mia, Offered("product", kopi.public_id), kind="", title=nasty, caption=nasty + "\u202e", note=nasty,
        uploads=(Picked(uploaded(stage, mia), nasty),),
    )  # fmt: skip
    post = compose.schedule(mia.id, asked, actor=CREATOR, now=START)
    assert (post.kind, compose.form_of(mia.id, post.public_id).kind) == ("reel", "")
    assert [row.caption.split("\n\n")[:2] for row in social.targets_of(post.id)] == [["Ad · x", "x"]] * 2
    assert [each.kind for each in compose.show(mia.id, asked, now=START, post=post.public_id)] == ["reel", "video"]
    for wrong in (Offered("product", nasty), Offered("link", nasty), Offered("page", nasty, nasty)):
        with pytest.raises(compose.NotFit) as refused:
            compose.schedule(mia.id, replace(asked, offers=(wrong,)), actor=CREATOR, now=START)
        assert ("offers", "offer_gone") in said(refused)
    with pytest.raises(compose.NotFit) as refused:
        compose.schedule(mia.id, replace(asked, uploads=(Picked(nasty),), targets=(Aim(nasty),)), actor=CREATOR, now=START)
    assert said(refused)[:2] == [("targets", "not_yours"), ("uploads", "file_gone")]


def test_drafts_are_their_creators_own(stage, mia, world):
    rani, unfinished = world.creator("rani"), Form(kind="", caption="Pagi \0\ud800", targets=(Aim("chn_x"),))
    kept = compose.save_draft(mia.id, unfinished, now=START)
    assert compose.draft_of(mia.id, kept.public_id).caption == "Pagi "
    compose.save_draft(mia.id, replace(unfinished, caption="Sore"), now=START, draft=kept.public_id)
    assert [(row.public_id, typed.caption) for row, typed in compose.drafts_of(mia.id)] == [(kept.public_id, "Sore")]
    assert compose.drafts_of(rani.id) == []
    assert not compose.drop_draft(rani.id, kept.public_id)
    for stranger in (
        lambda: compose.draft_of(rani.id, kept.public_id),
        lambda: compose.save_draft(rani.id, unfinished, now=START, draft=kept.public_id),
        lambda: compose.form_of(rani.id, "pst_none"),
    ):
        with pytest.raises(NotFound):
            stranger()
    assert compose.drop_draft(mia.id, kept.public_id)
