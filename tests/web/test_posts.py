"""A creator's posts: found on their shelves, told in plain words, and changed only where that is still possible."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from sqlalchemy import select

from socialshop.domain import audit, social
from socialshop.domain.audit import SYSTEM
from socialshop.domain.social import EDGES, Channel, Post, Target
from socialshop.flows import compose, upload
from socialshop.kernel.database import end_reading, session, transaction

from ..conftest import START
from .post_desk import HOUR, desk_of


@pytest.fixture
def desk(world):
    return desk_of(world)


def acts(desk, *subjects):
    with desk.world.app.app_context():
        found = audit.search(tenant=desk.creator.public_id)
        return [each.act for each in found if each.act.startswith("post.") and (not subjects or each.subject in subjects)]


def made_by(desk, post, form):
    """What was typed for a post; None: it was not."""

    def note():
        session().get_one(Post, post.id).form = None if form is None else social.forms.document(form)

    desk.world._do(note)


def test_each_shelf_says_what_lies_on_it_and_what_to_do_where_nothing_does(desk):
    text = desk.see("/creator/posts")
    assert "No posts yet" in text
    assert "Connect a channel" not in text, "there are channels"
    for shelf, words in (("needs", "No posts yet"), ("drafts", "No drafts"), ("nonsense", "No posts yet")):
        assert words in desk.see(f"/creator/posts?show={shelf}")

    soon = desk.plan(caption="Soon: kopi & teh <b>")
    tomorrow = desk.plan("instagram", at=START + timedelta(days=1), caption="Tomorrow it is")
    done = desk.plan(at=START - timedelta(days=1), caption="Done and dusted")
    for via in ("instagram", "tiktok"):
        desk.come(done, via, "published", published_at=START, permalink="https://www.instagram.com/p/1/")
    half = desk.plan(at=START - 2 * HOUR, caption="Half of it")
    desk.come(half, "instagram", "published", published_at=START)
    desk.come(half, "tiktok", "failed", why="spam", code="spam_risk_too_many_posts")
    back = desk.plan(at=START + 3 * HOUR, caption="Never mind")
    assert desk.press(f"/creator/posts/{back.public_id}/cancellation").status_code == 303
    with desk.world.app.app_context():
        compose.save_draft(desk.creator.id, compose.Form(caption="Half a thought"), now=START)

    def named(shelf):
        text = desk.see(f"/creator/posts?show={shelf}")
        return [word for word in ("Soon", "Tomorrow it is", "Done", "Half of it", "Never mind", "Half a thought") if word in text]

    assert named("planned") == ["Soon", "Tomorrow it is"]
    assert named("needs") == ["Half of it"]
    assert named("published") == ["Done", "Half of it"]
    assert named("drafts") == ["Half a thought"]
    assert named("all") == ["Soon", "Tomorrow it is", "Done", "Half of it", "Never mind"]
    first = desk.see("/creator/posts")
    assert first.index("Today") < first.index("Soon: kopi &amp; teh &lt;b&gt;") < first.index(">Tomorrow<")
    assert "1 post needs you" in first
    assert "TikTok takes this for spam" in desk.see("/creator/posts?show=needs")
    assert "<h1>Postingan</h1>" in desk.see("/creator/posts", "id")

    budi = desk_of(desk.world, "budi")
    assert "No posts yet" in budi.see("/creator/posts?show=all")
    for post in (soon, tomorrow, half):
        assert budi.client.get(f"/creator/posts/{post.public_id}").status_code == 404


def test_a_long_list_is_read_page_by_page(desk):
    for n in range(23):
        desk.plan("instagram", at=START + timedelta(hours=n + 1), caption=f"Post number {n:02}")
    first, second = desk.see("/creator/posts"), desk.see("/creator/posts?page=2")
    shown = [[f"Post number {n:02}" in text for n in range(23)] for text in (first, second)]
    assert shown == [[n < 20 for n in range(23)], [n >= 20 for n in range(23)]], "the next one first"
    assert 'rel="next"' in first
    assert 'rel="prev"' not in first
    assert 'rel="next"' not in second
    assert "Nothing more here" in desk.see("/creator/posts?page=3")
    newest = desk.see("/creator/posts?show=all")
    assert newest.index("Post number 22") < newest.index("Post number 21")


def test_every_state_is_told_with_what_can_be_done_and_nothing_else(desk):
    """`what` a page offers: edit, move, call back, try again, decide, see. What no form made, nobody edits, and it says why."""
    post = desk.plan("instagram")
    path = f"/creator/posts/{post.public_id}"
    offers = {
        "edit": f"{path}/edit", "move": f"{path}/time", "call back": f"{path}/cancellation", "try again": "/again",
        "decide": "/decision", "see": "https://www.instagram.com/p/1/",
    }  # fmt: skip
    wanted = {
        "waiting": {"edit", "move", "call back"}, "ready": {"call back"}, "failed": {"edit", "try again"}, "unknown": {"decide"},
        "published": {"see"},
    }  # fmt: skip
    for state in EDGES:
        called = None if state == "waiting" else START - HOUR
        facts = {"permalink": offers["see"], "published_at": START, "remote_id": "1"} if state == "published" else {}
        why = {"failed": "ratio", "unknown": "no_name"}.get(state, "")
        desk.come(post, "instagram", state, called_at=called, why=why, **facts)
        made_by(desk, post, None)
        text = desk.see(path)
        shut = {"edit"} & wanted.get(state, set())
        assert {what for what, place in offers.items() if place in text} == wanted.get(state, set()) - {"edit"}, state
        assert ("was not written here" in text) is bool(shut), state
        made_by(desk, post, compose.Form(caption="Kopi Gayo"))
        for language in ("en", "id"):
            text = desk.see(path, language)
            assert "was not written here" not in text
            found = {what for what, place in offers.items() if place in text}
            assert found == wanted.get(state, set()), (state, language)
            assert "{channel}" not in text
            assert "{until}" not in text
        desk.come(post, "instagram", state, permalink="", remote_id="", published_at=None)
    for state, next_at, follows in (
        ("underway", START + timedelta(seconds=30), True), ("waiting", START + HOUR, False), ("published", None, False),
        ("failed", None, False), ("waiting", START + timedelta(minutes=1), True),
    ):  # fmt: skip
        desk.come(post, "instagram", state, next_at=next_at)
        assert ("js/follow" in desk.see(path)) is follows, "what goes on by itself shows itself"
    desk.come(post, "instagram", "waiting", called_at=None, next_at=START + HOUR)
    assert "It goes to Instagram at 1 Jun 2026, 11:00 WIB." in desk.see(path)


def test_a_film_is_a_tile_with_its_length_and_what_was_let_go_of_is_said(desk):
    post = desk.plan("instagram", caption="Pagi di kebun")

    def show(kind, milliseconds=0):
        [row] = session().scalars(select(social.PostMedia).where(social.PostMedia.post_id == post.id))
        row.kind, row.milliseconds = kind, milliseconds
        return row.public_id, social.files.path_of(row.sha256, upload.folder())

    media, kept = desk.world._do(lambda: show("video", 72_400))
    for path in (
        "/creator/posts",
        f"/creator/posts/calendar?view=week&on={START:%Y-%m-%d}",
        f"/creator/posts/{post.public_id}/time",
    ):
        text = desk.see(path)
        assert f'data-film="/creator/post-media/{media}/file"' in text, path
        assert ">1:12<" in text
        assert "js/film" in text
    path = f"/creator/posts/{post.public_id}"
    assert "<video src=" in desk.see(path)
    kept.unlink()
    assert "<video" not in desk.see(path)
    assert "Let go of here" in desk.see(path)
    desk.world._do(lambda: show("image"))
    assert "<img" not in desk.see("/creator/posts").partition("<h1>")[2], "no picture that is not there"
    thumb = social.files.thumb_of(kept.name, kept.parent.parent)
    thumb.touch()
    for page in ("/creator/posts", path):
        assert f'src="/creator/post-media/{media}/thumb"' in desk.see(page), "the small one stays with its post"


def test_called_back_twice_is_said_once(desk):
    post = desk.plan()
    path = f"/creator/posts/{post.public_id}"
    desk.come(post, "instagram", "calling")
    assert desk.press(f"{path}/cancellation").status_code == 303
    assert desk.states(post) == {"instagram": "calling", "tiktok": "cancelled"}
    said = desk.see(path)
    assert "just being sent and may still appear" in said
    assert "Nothing more of it will be posted" not in said
    assert desk.press(f"{path}/cancellation").status_code == 303
    assert "on its way already and cannot be called back" in desk.see(path)
    assert acts(desk, post.public_id).count("post.cancelled") == 1


def test_what_failed_needs_its_creator_until_it_is_tried_again_or_let_be(desk, world):
    world.page(desk.creator, {"type": "text", "text": "Hi"})
    post = desk.plan()
    path = f"/creator/posts/{post.public_id}"
    target = desk.come(post, "instagram", "failed", why="ratio", code="36003")
    desk.come(post, "tiktok", "published", published_at=START, remote_id="7")
    home = desk.see("/creator/")
    assert "1 post needs you" in home
    text = desk.see(path)
    assert "The picture is too tall or too wide" in text
    assert "36003" in text

    assert desk.press(f"{path}/aside").status_code == 303
    assert desk.press(f"{path}/aside").status_code == 303
    assert "needs you<" not in desk.see("/creator/")
    assert "Partly posted" in desk.see(path)
    assert desk.press(f"{path}/aside", aside="no").status_code == 303
    assert "1 post needs you" in desk.see("/creator/")
    desk.press(f"{path}/aside")

    assert desk.press(f"{path}/targets/{target}/again").status_code == 303
    assert desk.states(post) == {"instagram": "waiting", "tiktok": "published"}
    with desk.world.app.app_context():
        end_reading()
        assert social.post(post.id).set_aside_at is None, "should it fail again, it is told again"
        assert [row.next_at for row in social.targets_of(post.id)] == [START, None], "at once"
    assert desk.press(f"{path}/targets/{target}/again").status_code == 303  # the other tab
    assert "Only a post that failed can be tried again" in desk.see(path)
    told = ["post.tried_again", "post.taken_up", "post.set_aside", "post.taken_up", "post.set_aside", "post.scheduled"]
    assert sorted(acts(desk)) == sorted(told)
    history = desk.see(path).partition('id="post-history"')[2]
    assert history.index("Taken up again") < history.index("Left as it is") < history.index("Planned for")
    assert "Instagram: tried again" in history


def test_somebody_who_looked_says_what_became_of_it_with_a_reason(desk):
    post = desk.plan()
    path = f"/creator/posts/{post.public_id}"
    there = desk.come(post, "instagram", "unknown", why="no_name", called_at=START - HOUR)
    not_there = desk.come(post, "tiktok", "unknown", why="vanished", called_at=START - HOUR)
    for data, said in (
        ({}, "Say whether you see it there."), ({"posted": "yes"}, "Write in a few words how you know"),
        ({"posted": "maybe", "note": "x"}, "Say whether you see it there."), ({"posted": "no", "note": "  "}, "in a few words"),
    ):  # fmt: skip
        answer = desk.press(f"{path}/targets/{there}/decision", **data)
        assert answer.status_code == 422
        assert said in answer.text
    assert desk.states(post) == {"instagram": "unknown", "tiktok": "unknown"}
    assert desk.press(f"{path}/targets/ptg_none/decision", posted="yes", note="x").status_code == 404

    assert desk.press(f"{path}/targets/{there}/decision", posted="yes", note="Seen at 8 <i>").status_code == 303
    assert desk.press(f"{path}/targets/{not_there}/decision", posted="no", note="Not on my profile").status_code == 303
    assert desk.states(post) == {"instagram": "published", "tiktok": "failed"}
    text = desk.see(path)
    assert "“Seen at 8 &lt;i&gt;”" in text
    assert "TikTok: somebody looked, and it is not there" in text
    assert desk.press(f"{path}/targets/{there}/decision", posted="no", note="or was it").status_code == 303  # another tab
    assert "We are still asking" in desk.see(path)
    assert desk.states(post) == {"instagram": "published", "tiktok": "failed"}
    assert acts(desk, there, not_there) == ["post.decided", "post.decided"]
    assert desk.press(f"{path}/targets/{not_there}/again").status_code == 303
    assert desk.states(post)["tiktok"] == "waiting"


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("2207009", "2207009"), ("spam_risk_too_many_posts", "spam_risk_too_many_posts"), ("internal_error", "internal_error"),
        ("failed_inside", ""), ("not_understood", ""), ("busy", ""), ("channel", ""), ("container", ""), ("cut_off", ""), ("", ""),
    ],
)  # fmt: skip
def test_only_what_the_channel_said_is_called_its_own_word(desk, code, word):
    post = desk.plan("instagram")
    target = desk.come(post, "instagram", "failed", why="ratio", code=code)

    def fail():
        facts = {"why": "ratio", "code": code}
        audit.note("post.failed", target, actor=SYSTEM, tenant=desk.creator.public_id, now=START, after=facts)

    desk.world._do(fail)
    text = desk.see(f"/creator/posts/{post.public_id}")
    said = "'s own word for it: "
    assert (f"{said}{word}" in text) if word else (said not in text)
    assert (f"({code})" in text) is bool(word)


def test_what_nobody_can_be_asked_about_needs_nobody_while_its_call_may_be_on_its_way(desk):
    post = desk.plan("tiktok")
    path = f"/creator/posts/{post.public_id}"
    desk.come(post, "tiktok", "unknown", why="no_name", called_at=START - timedelta(seconds=119))
    text = desk.see(path)
    assert "In a few minutes you can tell us here" in text
    for wrong in ("We are asking TikTok", "Needs you", "data-needs", "What do you see in the app?"):
        assert wrong not in text
    assert 'data-follow><h2 id="post-where"' in text, "it shows the form by itself"
    assert "needs you" not in desk.see("/creator/posts")
    desk.come(post, "tiktok", "unknown", why="no_name", called_at=START - timedelta(seconds=120))
    for right in ("Needs you", "data-needs", "What do you see in the app?"):
        assert right in desk.see(path)
    assert "1 post needs you" in desk.see("/creator/posts")


def test_a_lost_channel_is_told_before_the_time_of_its_posts_comes(desk):
    post = desk.plan("tiktok", at=START + timedelta(days=3))
    assert "needs you" not in desk.see("/creator/posts")
    desk.turn("tiktok", "lost")
    assert "1 post needs you" in desk.see("/creator/posts")
    text = desk.see(f"/creator/posts/{post.public_id}")
    assert "Connect again" in text
    assert "the post then goes out by itself" in text
    desk.turn("tiktok", "live")
    assert "needs you" not in desk.see("/creator/posts")


def test_a_channel_that_is_off_offers_only_what_helps(desk):
    post = desk.plan("tiktok")
    path = f"/creator/posts/{post.public_id}"
    target = desk.come(post, "tiktok", "failed", why="removed")
    made_by(desk, post, compose.Form(caption="Kopi Gayo"))

    def offered():
        text = desk.see(path)
        return [what for what in (">Connect again", "/again", "copy=") if what in text], text

    assert offered()[0] == ["/again", "copy="]
    desk.turn("tiktok", "off")
    found, text = offered()
    assert found == [">Connect again", "copy="]
    assert "Connect the same account again, then try again. Or copy it as a new post." in text
    desk.press(f"{path}/targets/{target}/again")
    assert "Connect the same account again, or copy the post as a new one." in desk.see(path)
    desk.come(post, "tiktok", "failed", why="ratio")
    assert f"{path}/edit" not in desk.see(path), "no other picture helps"
    desk.world._do(lambda: social.standing.wipe([desk.channels["tiktok"].id]))
    found, text = offered()
    assert found == ["copy="]
    assert "Copy it as a new post to an account that is connected." in text


def test_the_list_and_the_badge_agree_on_what_needs_a_person(desk, room):
    """Every combination of facts: what the database finds is what is said of each post."""
    called = (None, START, START - timedelta(minutes=2))  # a call may still be on its way for two minutes
    facts = list(itertools.product(EDGES, (None, START), (0, 3), ("instagram", "tiktok"), called, (None, START), (None, START)))
    with transaction() as opened:
        rows = [
            Post(
                creator_id=desk.creator.id, kind="image", publish_at=START, created_at=START, cancelled_at=cancelled,
                set_aside_at=aside,
            )
            for *_, cancelled, aside in facts
        ]  # fmt: skip
        opened.add_all(rows)
        opened.flush()
        opened.add_all(
            Target(post_id=row.id, channel_id=desk.channels[via].id, state=state, next_at=later, tries=tries, called_at=at)
            for row, (state, later, tries, via, at, *_) in zip(rows, facts, strict=True)
        )
    desk.turn("tiktok", "lost")
    with transaction():
        found = {row.id for row in social.board.page_of(desk.creator.id, "needs", now=START, limit=1000)}
        said = {
            post.id
            for post, target, channel in session().execute(
                select(Post, Target, Channel).where(Target.post_id == Post.id, Channel.id == Target.channel_id)
            )
            if social.board.needs_person(post, target, channel, START)
        }
    assert found == said
    assert 20 < len(found) < 300
    needing = social.board.needing(desk.creator.id, now=START)
    assert needing == social.board.counts_of(desk.creator.id, now=START)["needs"] == len(found)
