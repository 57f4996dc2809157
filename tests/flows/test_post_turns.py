"""Many posts are due: creators take turns, channels get one call at a time, and what does not fit waits."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from socialshop import posters
from socialshop.adapters import social as channels
from socialshop.adapters.fakes import FakePublisher
from socialshop.adapters.social import Access, Handle, Later, NotTaken, Outcome, PostRequest, Published, Quota, Unknown
from socialshop.domain import audit, social
from socialshop.domain.social import MediaFacts, TargetFacts
from socialshop.flows import publish, publish_step, publish_told
from socialshop.kernel import clock
from socialshop.kernel.database import db, end_reading, transaction

from ..conftest import START
from ..doubles.instagram.world import refused
from ..post_stage import CREATOR, Stage, staged, turn

pytestmark = pytest.mark.usefixtures("room")
PICTURE = MediaFacts("image", "image/jpeg", 1, "0" * 64)


@dataclass
class Busy(FakePublisher):
    """A fake with a hundred accounts; says what was posted, in which order, and lets a test look in while it is called."""

    told: list[str] = field(default_factory=list)
    quotas: int = 0
    most: int = 1000
    meanwhile: object = None

    def quota(self, access: Access) -> Quota | None:
        self.quotas += 1
        return Quota(len(self.posts), self.most, 86_400)

    def publish(self, access: Access, request: PostRequest, handle: Handle) -> Outcome:
        if callable(self.meanwhile):
            self.meanwhile()
        outcome = super().publish(access, request, handle)
        self.told.append(request.caption)
        return outcome


@pytest.fixture
def fake(tmp_path) -> Iterator[Busy]:
    made = Busy()
    channels.offer("fake", lambda: made)
    publish.set_up(tmp_path, base_url="http://localhost")
    kept = social.files.path_of(PICTURE.sha256, tmp_path)
    kept.parent.mkdir(exist_ok=True)
    kept.touch()
    yield made
    channels._makers.pop("fake", None)


def connected(fake: Busy, creator_id: int, name: str) -> int:
    """A channel of the fake, let in."""
    fake.tokens[f"token-{name}"] = name
    token = social.TokenFacts(f"token-{name}", "", frozenset({"post"}), START, None, None, None)
    with transaction():
        row = social.connect(
            creator_id,
            provider="fake",
            via="fake",
            account_id=name,
            scoped_id="",
            username=name,
            name=name,
            token=token,
            now=START,
        )
        return row.id


def planned(creator_id: int, channel_id: int, text: str, at=START) -> int:
    """A target that is due then."""
    post = publish.schedule(
        creator_id, kind="image", caption=text, media=[PICTURE],
        targets=[TargetFacts(channel_id)], publish_at=at, actor=CREATOR, now=START,
    )  # fmt: skip
    [target] = social.targets_of(post.id)
    return target.id


def work(at) -> None:
    while (found := social.turns.next_turn(at)) is not None:
        end_reading()
        turn(found.target_id, now=at)
        at += timedelta(milliseconds=1)


def state(target_id: int) -> tuple[str, str]:
    end_reading()
    row = social.target(target_id)
    return row.state, row.why


# --- whose turn it is ------------------------------------------------------------------------------


def test_a_creator_with_many_posts_holds_nobody_up(fake, world):
    large, small = world.creator("large").id, [world.creator(f"small{n}").id for n in range(4)]
    own = [connected(fake, large, f"large{n}") for n in range(3)]
    for n in range(12):
        planned(large, own[n % 3], f"large {n}")
    for n, creator_id in enumerate(small):
        planned(creator_id, connected(fake, creator_id, f"small{n}"), f"small {n}")
    work(START)
    assert len(fake.told) == 16
    assert {text for text in fake.told[:5] if text.startswith("small")} == {f"small {n}" for n in range(4)}
    assert [text for text in fake.told if text.startswith("large")] == [f"large {n}" for n in range(12)]  # the oldest first


def test_one_call_at_a_time_for_a_channel_and_others_beside_it(fake, world):
    mia, ana = world.creator("mia").id, world.creator("ana").id
    hers, theirs = connected(fake, mia, "mia"), connected(fake, ana, "ana")
    first, second, other = planned(mia, hers, "first"), planned(mia, hers, "second"), planned(ana, theirs, "other")
    seen = []

    def look_in() -> None:
        fake.meanwhile = None
        found = social.turns.next_turn(START)
        end_reading()
        assert found is not None
        assert social.turns.next_turn(START, but={theirs}) is None
        seen.append(found.target_id)
        seen.append(publish.step(second, now=START))  # somebody who came by another way
        turn(other, now=START)

    fake.meanwhile = look_in
    turn(first, now=START)
    assert seen == [other, False]
    assert fake.told == ["other", "first"]
    turn(second, now=START)
    assert fake.told == ["other", "first", "second"]


def test_who_comes_by_another_way_waits_as_well(fake, world):
    """Between being given a turn and taking it, the channel may be paused, or somebody else may have called."""
    mia = world.creator("mia").id
    channel_id = connected(fake, mia, "mia")
    target_id, soon = planned(mia, channel_id, "one"), START + timedelta(minutes=1)
    for hold in (lambda: social.turns.pause(channel_id, soon, "quota"), lambda: social.turns.pace(channel_id, soon)):
        with transaction():
            hold()
        assert not publish.step(target_id, now=START)
        assert state(target_id) == ("waiting", "")
        with transaction():
            social.turns.unpause(channel_id, ["quota"])
    with transaction():  # a call is on its way, though its channel was let go of
        social.turns.pace(channel_id, START)
        social.move(target_id, "preparing", called_at=START - timedelta(seconds=119))
    assert not publish.step(target_id, now=START)
    assert state(target_id) == ("preparing", "")
    assert publish.step(target_id, now=soon)
    assert state(target_id)[0] == "ready"


def test_who_died_in_the_call_that_posts_is_looked_up_though_a_second_call_would_be_taken(fake, world, monkeypatch):
    mia = world.creator("mia").id
    target_id, plain = planned(mia, connected(fake, mia, "mia"), "one"), Busy.publish

    def dies(self, *facts):
        plain(self, *facts)
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(Busy, "publish", dies)
        with pytest.raises(KeyboardInterrupt):
            turn(target_id, now=START)
    assert state(target_id)[0] == "calling"
    work(START + timedelta(seconds=121))
    assert state(target_id)[0] == "published"
    assert fake.told == ["one"]


def test_an_answer_to_a_call_that_was_given_up_does_not_disturb_the_one_after_it(fake, world, monkeypatch):
    """Of a process that stood still for minutes. Its answer would let the post be sent once more while another is sending it."""
    mia = world.creator("mia").id
    target_id, claims = planned(mia, connected(fake, mia, "mia"), "one"), []
    plain_claim, later = publish_step._claim, START + timedelta(seconds=121)

    def claim(*facts, **more):
        claims.append(plain_claim(*facts, **more))
        return claims[-1]

    def stands_still(*_facts):
        raise KeyboardInterrupt

    monkeypatch.setattr(publish_step, "_claim", claim)
    with monkeypatch.context() as still:
        still.setattr(Busy, "publish", stands_still)
        with pytest.raises(KeyboardInterrupt):
            turn(target_id, now=START)
    old = claims[-1]

    def comes_back() -> None:
        fake.meanwhile = None
        with transaction():
            assert not publish_told.take(old, Later("busy", 1), renewed=False, now=later)

    fake.meanwhile = comes_back
    work(later)
    work(later + timedelta(minutes=5))
    assert state(target_id) == ("published", "")
    assert fake.told == ["one"]


def test_what_was_posted_for_somebody_who_wants_to_be_forgotten_has_no_address_here(fake, world):
    mia = world.creator("mia").id
    channel_id = connected(fake, mia, "mia")
    target_id = planned(mia, channel_id, "one")

    def forget() -> None:
        with transaction():
            social.switch_off(channel_id, "erased", now=START)

    fake.meanwhile = forget
    turn(target_id, now=START)
    row = social.target(target_id)
    assert (row.state, row.remote_id, row.permalink) == ("published", "", "")


def test_what_is_posted_stays_so_whatever_is_said_about_its_address(fake, world, monkeypatch):
    mia = world.creator("mia").id
    target_id = planned(mia, connected(fake, mia, "mia"), "one")
    monkeypatch.setattr(Busy, "_published", lambda *_facts: Published("", ""))
    turn(target_id, now=START)
    for outcome in (Unknown("vanished"), Later("busy", 60), NotTaken(channels.REASONS["too_old"], "24")):
        monkeypatch.setattr(Busy, "look", lambda *_facts, outcome=outcome: outcome)
        at = social.target(target_id).next_at
        turn(target_id, now=at)
        row = social.target(target_id)
        assert (row.state, row.why, row.tries, row.next_at > at) == ("published", "", 0, True)


def test_what_went_on_while_the_late_ones_were_counted_is_not_given_up(fake, world, monkeypatch):
    mia = world.creator("mia").id
    target_id = planned(mia, connected(fake, mia, "mia"), "one", at=START + timedelta(days=3))
    monkeypatch.setattr(social.turns, "too_late", lambda _now: [target_id])  # it was moved since
    publish.sweep({}, now=START + timedelta(days=2))
    assert state(target_id) == ("waiting", "")


def test_several_channels_are_spoken_to_at_once(fake, world, app):
    together = threading.Barrier(2, timeout=10)
    fake.meanwhile = together.wait
    ids = []
    for name in ("mia", "ana"):
        creator_id = world.creator(name).id
        ids.append(planned(creator_id, connected(fake, creator_id, name), name))
    end_reading()
    db.session.remove()
    crowd = posters.Posters(app, at_once=2)
    crowd.start()
    done = threading.Event()
    for _ in range(100):
        if len(fake.told) == 2 or done.wait(0.05):
            break
    crowd.stop()
    assert sorted(fake.told) == ["ana", "mia"]  # neither got past the other's call alone
    assert [state(target_id)[0] for target_id in ids] == ["published", "published"]


def test_an_error_of_ours_ends_one_turn_and_no_other(fake, world, caplog):
    mia = world.creator("mia").id
    bad, good = planned(mia, connected(fake, mia, "mia"), "bad"), planned(mia, connected(fake, mia, "other"), "good")

    def stumble() -> None:
        raise RuntimeError("a bug")

    fake.meanwhile = stumble
    posters.take_turn(bad)
    assert state(bad) == ("unknown", "interrupted")  # it broke off in the call that posts
    fake.meanwhile = None
    posters.take_turn(good)
    assert state(good)[0] == "published"
    work(START + timedelta(minutes=5))
    assert state(bad)[0] == "published"
    assert sorted(fake.told) == ["bad", "good"]


def test_what_we_cannot_even_prepare_is_given_up(fake, world, monkeypatch):
    mia = world.creator("mia").id
    target_id = planned(mia, connected(fake, mia, "mia"), "bad")
    monkeypatch.setattr(Busy, "prepare", lambda *_facts: 1 / 0)
    at = START
    for _ in range(10):
        clock.use(lambda: at)  # noqa: B023  # read at once
        posters.take_turn(target_id)
        at += timedelta(hours=2)
    assert state(target_id) == ("failed", "broken")


def test_who_stumbles_leaves_alone_what_somebody_else_has_in_hand(fake, world):
    mia = world.creator("mia").id
    target_id, held = planned(mia, connected(fake, mia, "mia"), "one"), []

    def look_in() -> None:
        publish.stumble(target_id, START - timedelta(seconds=1), now=START)  # of a turn that never had it
        row = social.target(target_id)
        held.append((row.state, social.channel(row.channel_id).busy_until))
        end_reading()

    fake.meanwhile = look_in
    turn(target_id, now=START)
    assert held == [("calling", START + social.CALL_IS_OVER)]
    assert state(target_id) == ("published", "")


def test_what_a_platform_did_not_take_is_not_counted_as_our_own_stumbling(fake, world, monkeypatch):
    mia = world.creator("mia").id
    target_id = planned(mia, connected(fake, mia, "mia"), "one")
    with transaction():
        social.note(target_id, tries=9, why="busy")  # it was away for hours
    with monkeypatch.context() as broken:
        broken.setattr(Busy, "prepare", lambda *_facts: 1 / 0)
        clock.use(lambda: START)
        posters.take_turn(target_id)
    assert state(target_id) == ("waiting", "interrupted")
    work(START + timedelta(minutes=1))
    assert state(target_id)[0] == "published"


def test_posters_outlive_a_machine_without_threads_and_begin_nothing_when_it_ends(fake, world, app, monkeypatch):
    mia, ending = world.creator("mia").id, threading.Event()
    target_id = planned(mia, connected(fake, mia, "mia"), "one")
    end_reading()
    db.session.remove()
    monkeypatch.setattr(posters, "PAUSE", 0.01)
    real, refused = posters.ThreadPoolExecutor.submit, []

    def submit(self, *facts):
        if not refused:
            refused.append(True)
            raise RuntimeError("can't start new thread")
        return real(self, *facts)

    monkeypatch.setattr(posters.ThreadPoolExecutor, "submit", submit)
    prepared = threading.Event()
    plain = Busy.prepare

    def prepare(self, *facts):
        ending.set()  # the signal comes in the middle of a call
        prepared.set()
        return plain(self, *facts)

    monkeypatch.setattr(Busy, "prepare", prepare)
    crowd = posters.Posters(app, ending=ending.is_set)
    crowd.start()
    assert prepared.wait(10)
    crowd.stop()
    assert state(target_id)[0] == "ready"  # written down, and not gone on with
    assert fake.told == []


# --- room ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("deed", ["cancel", "change"])
def test_what_changes_while_room_is_asked_for_stays_as_it_was_changed(fake, world, monkeypatch, deed):
    fake.most, mia = 0, world.creator("mia").id
    target_id = planned(mia, connected(fake, mia, "mia"), "one")
    post = social.post(social.target(target_id).post_id)
    plain, next_week = Busy.quota, START + timedelta(days=7)

    def quota(self, access):
        if deed == "cancel":
            publish.cancel(mia, post.public_id, actor=CREATOR, now=START)
        else:
            with transaction():
                social.begin_anew(target_id, TargetFacts(social.target(target_id).channel_id), next_week)
        return plain(self, access)

    monkeypatch.setattr(Busy, "quota", quota)
    turn(target_id, now=START)
    row = social.target(target_id)
    assert (row.state, row.next_at) == (("cancelled", None) if deed == "cancel" else ("waiting", next_week))


def test_a_refusal_of_what_was_called_back_meanwhile_changes_nothing(fake, world, monkeypatch, caplog):
    mia = world.creator("mia").id
    target_id = planned(mia, connected(fake, mia, "mia"), "one")
    post = social.post(social.target(target_id).post_id)

    def quota(self, access):
        publish.cancel(mia, post.public_id, actor=CREATOR, now=START)
        raise channels.Denied(channels.REASONS["rate"], "4")

    monkeypatch.setattr(Busy, "quota", quota)
    turn(target_id, now=START)
    assert (social.target(target_id).state, social.target(target_id).next_at) == ("cancelled", None)


def test_room_is_asked_for_once_and_counted_down(fake, world):
    fake.most = 3
    mia = world.creator("mia").id
    channel_id = connected(fake, mia, "mia")
    ids = [planned(mia, channel_id, f"post {n}") for n in range(5)]
    work(START)
    assert len(fake.told) == 3
    assert fake.quotas == 2  # before the first, and when our own count said that it is full
    row = social.channel(channel_id)
    assert (row.paused_why, row.room) == ("quota", 0)
    assert START + timedelta(hours=23, minutes=59) < row.paused_until < START + timedelta(hours=24, minutes=1)
    work(START + timedelta(hours=23))
    assert fake.quotas == 2
    fake.posts.clear()  # a day has passed over there too
    work(START + timedelta(hours=24, minutes=1))
    assert [state(each)[0] for each in ids] == ["published"] * 5


@pytest.mark.parametrize(
    ("used", "total", "sent", "hours"),
    [
        (3, 3, [0, 1, 2], 24),  # when the oldest of ours leaves
        (5, 3, [0, 1, 2, 3, 4], 26),  # three must leave before one fits
        (3, 3, [1], 1),  # others post there too: nobody knows when theirs leave
        (9, 3, [-23.5], 0.5),
        (0, 0, [], 1),  # it takes none at all
    ],
)  # fmt: skip
def test_when_a_full_account_takes_a_post_again(used, total, sent, hours):
    at = social.room_again(
        START, used=used, total=total, window=timedelta(hours=24), sent=[START + timedelta(hours=each) for each in sent]
    )
    assert at == START + timedelta(hours=hours)


# --- what the platforms ask ------------------------------------------------------------------------


@pytest.fixture
def stage(tmp_path) -> Iterator[Stage]:
    with staged(tmp_path) as made:
        yield made


def test_tiktok_is_never_begun_more_than_six_times_a_minute(stage, world):
    mia = world.creator("mia")
    stage.connect(mia.id, "tiktok", now=START)
    stage.tiktok.clock.now = lambda: clock.utcnow()
    posts = [stage.plan(mia.id, "tiktok", now=START, caption=f"post {n}") for n in range(8)]
    stage.work(START, minutes=5)
    assert {state(social.targets_of(post.id)[0].id)[0] for post in posts} == {"published"}
    assert sum(path.endswith("/video/init/") for _, path in stage.tiktok.asked) == 8  # none was refused and asked again
    assert social.channel(stage.channels["tiktok"].id).paused_until is None


def test_who_is_taken_for_a_spammer_posts_nothing_for_a_day_and_others_do(stage, world):
    mia, ana = world.creator("mia"), world.creator("ana")
    stage.connect(mia.id, "instagram", now=START)
    hers = stage.channels["instagram"].id
    stage.instagram.strike(refused(4, 2207051).answer, at="publish")
    first, second = (stage.plan(mia.id, "instagram", now=START, caption=text) for text in ("one", "two"))
    stage.work(START)
    assert {state(social.targets_of(post.id)[0].id) for post in (first, second)} == {("failed", "spam"), ("waiting", "")}
    stage.instagram.signed_in = stage.instagram.accounts["17841400000000456"]
    stage.connect(ana.id, "instagram", now=START)
    stage.plan(ana.id, "instagram", now=START, caption="hers")
    stage.work(START, minutes=60)
    assert [post["text"] for post in stage.instagram.posted()] == ["hers"]
    assert social.channel(hers).paused_until == START + timedelta(days=1)
    failed = next(post for post in (first, second) if state(social.targets_of(post.id)[0].id)[0] == "failed")
    later = START + timedelta(hours=2)
    publish.try_again(mia.id, failed.public_id, social.targets_of(failed.id)[0].public_id, actor=CREATOR, now=later)
    stage.work(later)
    assert sorted(str(post["text"]) for post in stage.instagram.posted()) == ["hers", "one", "two"]


def test_a_platform_that_asks_to_slow_down_is_left_alone_for_so_long(stage, world):
    mia = world.creator("mia")
    stage.connect(mia.id, "instagram", now=START)
    stage.instagram.signed_in.usage = 100  # the call is refused; seven minutes until it is not
    posts = [stage.plan(mia.id, "instagram", now=START, caption=f"post {n}") for n in range(4)]
    before = len(stage.instagram.asked)
    stage.work(START, minutes=6)
    assert len(stage.instagram.asked) - before == 1  # one post heard it, for all
    stage.instagram.signed_in.usage = 5
    stage.work(START + timedelta(minutes=7))
    assert {state(social.targets_of(post.id)[0].id)[0] for post in posts} == {"published"}
    assert audit.entries_of("install") == []
