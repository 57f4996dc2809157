"""A creator acts at the very moment at which a post goes its way: either the act counts and is all that is sent, or they are told."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from socialshop.adapters import social as channels
from socialshop.adapters.fakes import FakePublisher
from socialshop.adapters.social import Access, Handle, Later, Outcome, PostRequest, Quota
from socialshop.domain import audit, social
from socialshop.domain.social import Aim, Form, Picked, actions
from socialshop.domain.uploads import Upload
from socialshop.flows import compose, compose_change, publish, publish_step, publish_told
from socialshop.kernel.database import db, end_reading, session, transaction
from socialshop.kernel.errors import Conflict

from ..conftest import START
from ..doubles import films
from ..faults import budget
from ..post_stage import CREATOR, turn

pytestmark = pytest.mark.usefixtures("room")
Words = tuple[str, str, tuple[str, ...], tuple[str, ...]]
LOOK_IN = 0.05  # seconds in which the other one comes to its end, or stands at a lock
# where the one stands still while the other one does all that it can
OF_THE_POSTER = ("begins", "decides", "calls", "notes")
OF_THE_CREATOR = ("acts", "writes", "commits")
STEPS = ("prepare", "ask", "publish", "publish later")
NARROW = (("calls", "publish later"), ("decides", "prepare"), ("writes", "prepare"))
REFUSED = ("nothing_to_cancel", "post_not_moved", "post_on_its_way", "post_not_changed")


@dataclass
class Gate:
    """Holds one thread at one place."""

    place: str = ""
    holds: int = 0
    there: threading.Event = field(default_factory=threading.Event)
    open: threading.Event = field(default_factory=threading.Event)

    def arm(self, place: str) -> None:
        """From now on; whoever is to be held says so by `holds`."""
        self.place, self.holds = place, 0
        self.there.clear()
        self.open.clear()

    def at(self, place: str) -> None:
        if place == self.place and threading.get_ident() == self.holds:
            self.place = ""
            self.there.set()
            assert self.open.wait(10)


@dataclass
class Containers(FakePublisher):
    """A fake that keeps, as Instagram does, the words that a container was made with."""

    gate: Gate = field(default_factory=Gate)
    words: dict[str, Words] = field(default_factory=dict)  # container → what it says
    told: list[tuple[str, Words]] = field(default_factory=list)  # account, what was posted there
    later: int = 0  # so many calls that post are not taken just now

    def quota(self, access: Access) -> Quota | None:
        self.gate.at("calls")
        return Quota(0, 1000, 86_400)

    def prepare(self, access: Access, request: PostRequest, handle: Handle) -> Outcome:
        self.gate.at("calls")
        outcome = super().prepare(access, request, handle)
        self.words[outcome.handle["container"]] = words_of(request)  # type: ignore[union-attr]
        return outcome

    def publish(self, access: Access, request: PostRequest, handle: Handle) -> Outcome:
        self.gate.at("calls")
        if self.later:
            self.later -= 1
            return Later("busy", 1)
        made = self.words[str(handle["container"])]
        assert made == words_of(request), "half of it is another post's"
        self.told.append((access.account_id, made))
        return super().publish(access, request, handle)


def words_of(request: PostRequest) -> Words:
    """All that a change may change."""
    return (
        request.caption, request.promotes, tuple(item.path.name[:6] for item in request.media), tuple(item.alt_text for item in request.media),
    )  # fmt: skip


@pytest.fixture
def fake(app, world, tmp_path, monkeypatch) -> Iterator[Containers]:
    """Two accounts of Mia's at the fake, each place where somebody may be held, and two pictures."""
    made = Containers()
    channels.offer("fake", lambda: made)
    publish.set_up(tmp_path, base_url="http://localhost")
    compose.set_up(hashtags=5, audited=True, base_url="https://toko.example")
    held(monkeypatch, made.gate, social.turns, "take", "begins")
    held(monkeypatch, made.gate, publish_step, "_claimed", "decides")
    held(monkeypatch, made.gate, publish_told, "take", "notes")
    for room, name in ((social, "cancel"), (social, "reschedule"), (compose_change, "sight")):
        held(monkeypatch, made.gate, room, name, "acts")
    held(monkeypatch, made.gate, actions, "update", "writes")
    held(monkeypatch, made.gate, audit, "note", "commits")
    yield made
    channels._makers.pop("fake", None)


def held(monkeypatch, gate: Gate, room: Any, name: str, place: str) -> None:
    plain = getattr(room, name)

    def stands(*facts: Any, **more: Any) -> Any:
        gate.at(place)
        return plain(*facts, **more)

    monkeypatch.setattr(room, name, stands)


@dataclass
class Story:
    """Mia's two accounts, and a post that is due on both."""

    app: Any
    fake: Containers
    creator_id: int
    accounts: list[social.Channel]
    pictures: list[str]
    now: datetime = START

    def form(self, text: str, picture: int, *, commercial: str = "", both: bool = True) -> Form:
        aims = tuple(Aim(row.public_id) for row in self.accounts[0 if both else 1 :])
        uploads = (Picked(self.pictures[picture], ("Cangkir", "Teko")[picture]),)
        return Form(caption=text, uploads=uploads, targets=aims, commercial=commercial, publish_at=self.now)

    def begin(self, step: str) -> tuple[str, int]:
        """A post of which the first account's target is about to take this step: the post, the target."""
        self.now += timedelta(days=3)
        self.fake.told.clear()
        self.fake.later = int(step == "publish later")
        name = compose.schedule(self.creator_id, self.form("Pagi", 0), actor=CREATOR, now=self.now, key=str(self.now)).public_id
        post = social.post_of(self.creator_id, name)
        first, second = social.targets_of(post.id)
        with transaction():
            social.turns.see_room(first.channel_id, 0 if step == "ask" else 100, now=self.now)
            social.turns.see_room(second.channel_id, 100, now=self.now)
        if step != "prepare":
            publish.step(first.id, now=self.now)
        end_reading()
        return name, first.id

    def to_the_end(self) -> list[str]:
        """All that is due until the day after tomorrow; the accounts that had it today."""
        today: list[str] = []
        for minutes in (1, 20, 24 * 60, 24 * 60 + 20):
            if minutes == 24 * 60:
                today = [account for account, _ in self.fake.told]
            at = self.now + timedelta(minutes=minutes)
            while (found := social.turns.next_turn(at)) is not None:
                end_reading()
                turn(found.target_id, now=at)
                at += timedelta(seconds=1)
            end_reading()
        return today

    def at_once(self, place: str, poster: Callable[[], Any], creator: Callable[[], Any]) -> Any:
        """One stands at the place, the other does what it can meanwhile, then both go on; what the creator was told."""
        first, second = (poster, creator) if place in OF_THE_POSTER else (creator, poster)
        said: dict[Any, Any] = {}
        gate = self.fake.gate
        gate.arm(place)

        def does(deed: Callable[[], Any]) -> None:
            if deed is first:
                gate.holds = threading.get_ident()
            with self.app.app_context():
                try:
                    said[deed] = deed()
                except Conflict as refused:
                    said[deed] = refused.code
                finally:
                    db.session.remove()

        crowd = [threading.Thread(target=does, args=(deed,)) for deed in (first, second)]
        crowd[0].start()
        while crowd[0].is_alive() and not gate.there.wait(0.005):
            pass
        crowd[1].start()
        crowd[1].join(LOOK_IN)
        gate.open.set()
        for one in crowd:
            one.join(10)
        assert set(said) == {poster, creator}, "somebody broke"
        return said[creator]


@pytest.fixture
def story(app, world, fake, tmp_path) -> Story:
    mia = world.creator("mia")
    for name in ("one", "two"):
        fake.tokens[f"token-{name}"] = name
        token = social.TokenFacts(f"token-{name}", "", frozenset({"post"}), START, None, None, None)
        with transaction():
            social.connect(
                mia.id, provider="instagram", via="fake", account_id=name, scoped_id="", username=name, name=name, token=token, now=START,
            )  # fmt: skip
    pictures = [uploaded(tmp_path, mia.id, films.photo(1080, 1080 + 2 * place)) for place in (0, 1)]
    end_reading()
    return Story(app, fake, mia.id, list(social.channels_of(mia.id)), pictures)


def uploaded(folder, creator_id: int, body: bytes) -> str:
    draft = folder / "draft"
    draft.write_bytes(body)
    sha256, size = social.files.keep(draft, folder)
    row = Upload(
        creator_id=creator_id, name="kopi", size=size, received=size, kind="image", media_type="image/jpeg", sha256=sha256, kept=size,
        width=1080, height=1080, milliseconds=0, facts={}, state="ready", created_at=START, updated_at=START,
    )  # fmt: skip
    with transaction():
        session().add(row)
        session().flush()
        return row.public_id


def told(story: Story, deed: str, place: str, step: str) -> None:
    """One story: both act at once, then all goes its way to the end."""
    post, target_id = story.begin(step)
    now, fake = story.now, story.fake
    new = story.form("Sore", int(deed == "change"), commercial="brand", both=deed != "leave")
    posted_before: list[str] = []

    def act() -> Any:
        try:
            if deed == "cancel":
                return publish.cancel(story.creator_id, post, actor=CREATOR, now=now)
            if deed == "move":
                publish.reschedule(story.creator_id, post, now + timedelta(days=1), actor=CREATOR, now=now)
            else:
                compose.change(story.creator_id, post, new, actor=CREATOR, now=now)
            return "done"
        finally:
            posted_before.extend(account for account, _ in fake.told)  # when it is answered

    said = story.at_once(place, lambda: publish.step(target_id, now=now), act)
    today = story.to_the_end()
    rows = social.targets_of(social.post_of(story.creator_id, post).id)
    assert {row.state for row in rows} <= {"published", "cancelled"}, "left behind"
    names = {row.id: row.account_id for row in story.accounts}
    assert {names[row.channel_id]: row.caption for row in rows if row.state == "published"} == {
        account: made[0] for account, made in fake.told
    }, "it says other words here than there"
    accounts = sorted(account for account, _ in fake.told)
    assert len(accounts) == len(set(accounts)), "posted twice"
    if said in REFUSED:
        assert accounts == ["one", "two"], "refused, and not sent"
        assert all(made[0] == "Pagi" for _, made in fake.told), "refused, and changed"
    elif deed == "cancel":
        assert accounts in ([], ["one"][: 2 - said]), "sent, and called back"
    elif deed == "move":
        assert today == [], "moved, and sent before its time"
        assert accounts == ["one", "two"], "moved, and not sent"
    else:
        assert all("Sore" in made[0] for account, made in fake.told if account not in posted_before), (
            "changed, and sent as it was"
        )
        assert accounts == (["two"] if deed == "leave" and not posted_before else ["one", "two"]), "changed, and not sent"


@pytest.mark.parametrize("deed", ["cancel", "move", "change", "reword", "leave"])
def test_at_every_moment_what_was_answered_is_what_happens(story, deed):
    """All moments in `make faults`; here the narrowest ones and, each day, others."""
    found = [(place, step) for place in (*OF_THE_POSTER, *OF_THE_CREATOR) for step in STEPS]
    if not budget.ALL:
        found = sorted({*NARROW, *random.Random(f"{budget.seed()} {deed}").sample(found, 2)})
    for place, step in found:
        try:
            told(story, deed, place, step)
        except AssertionError as wrong:
            raise AssertionError(f"{deed}, where one {place}, at the step {step}: {wrong} {story.fake.told}") from wrong
