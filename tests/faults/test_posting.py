"""kill -9 at each place that a post goes through: at most one post per channel, and none forgotten."""

from __future__ import annotations

import os
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from socialshop.config import Settings
from socialshop.domain import social
from socialshop.flows import channel, publish
from socialshop.kernel import faults
from socialshop.kernel.database import db, end_reading

from ..builders import World
from ..conftest import START
from ..doubles import films, platform_desk
from ..post_stage import Stage, staged
from ..running import Install
from . import points

pytestmark = pytest.mark.usefixtures("room")
FAMILIES = ("media.", "publish.", "token.")
LATER = START + timedelta(minutes=3)
GRACE = 25  # seconds that `socialshop up` gives its parts


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with staged(tmp_path) as made:
        yield made
    faults.arm("")


def killed(fault: str, work: Callable[[], object]) -> bool:
    """Work in a process of its own that dies at the fault; False: it came to its end without passing there."""
    db.session.remove()
    db.engine.dispose()  # a connection must not be shared with a child
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            signal.alarm(60)
            faults.arm(fault)
            work()
            code = 0
        except BaseException:  # this process must not go on as a second pytest
            traceback.print_exc()
        finally:
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    db.engine.dispose()
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0, "it broke without being killed"
    return False


@pytest.mark.parametrize("point", ["media.after_upload", "publish.after_call_before_save"])
@pytest.mark.parametrize(("via", "size"), [("instagram", 0), ("tiktok", 20_000), ("tiktok", 24_500_000)])
def test_killed_and_begun_again_it_stands_there_once(stage: Stage, world: World, point: str, via: str, size: int) -> None:
    creator = world.creator("mia")
    stage.connect(creator.id, via, now=START)
    double = getattr(stage, via)
    for nth in (1, 2, 3):
        double.signed_in.polls = 2  # so that there is something to ask again for
        before = len(double.posts)
        double.clock.forward(minutes=2)
        body = films.film(size=size + nth) if size else None
        post = stage.plan(creator.id, via, now=START, caption=f"{point} {nth}", body=body)
        died = killed(f"{point}:kill:{nth}", lambda: stage.work(START, minutes=60))
        assert died or nth > 1, f"it never passes {point}"
        end_reading()
        assert len(double.posts) - before <= 1
        publish.sweep({}, now=LATER)  # whoever restarts the worker
        stage.work(LATER, minutes=60)
        [target] = social.targets_of(post.id)
        assert target.state == "published", (nth, target.state, target.why)
        assert target.remote_id in double.posts
        assert len(double.posts) - before == 1


@pytest.mark.parametrize(("via", "ends"), [("instagram", "live"), ("tiktok", "lost")])
def test_killed_between_a_new_token_and_its_commit(stage: Stage, world: World, via: str, ends: str) -> None:
    """Instagram's old token still renews itself. TikTok's was good once: the channel says that its owner must come again."""
    row = stage.connect(world.creator("mia").id, via, now=START)
    due = row.refresh_at
    assert due is not None
    channel_id = row.id
    getattr(stage, via).clock.forward(seconds=(due - START).total_seconds())
    assert killed("token.after_refresh_before_save:kill", lambda: channel.renew(channel_id, seen=1, now=due))
    after = due + timedelta(minutes=2)
    channel.sweep({}, now=after)
    stage.work(after)
    end_reading()
    found = social.channel(channel_id)
    assert found.state == ends
    assert (found.why == "reconnect") == (ends == "lost")


def test_told_to_end_in_the_middle_of_a_call_it_hears_the_answer_and_begins_nothing_more(
    stage: Stage, world: World, settings: Settings
) -> None:
    """A real worker, a real signal: Instagram is slow to make a container, TikTok to take the first part of a film."""
    creator, doubles = world.creator("mia"), (stage.instagram, stage.tiktok)
    for via in ("instagram", "tiktok"):
        stage.connect(creator.id, via, now=START)
    post = stage.plan(creator.id, "instagram", "tiktok", kind="video", now=START, body=films.film(size=20_500_000))
    end_reading()
    for double, at in zip(doubles, ("create", "upload"), strict=True):
        double.slow = 1.5
        double.strike("slow", at=at)
    install = Install(settings.instance / "running", database_url=settings.database_url)
    install.settings = dict(pair.split("=", 1) for pair in platform_desk.settings(*doubles).split()) | {
        "SOCIALSHOP_INSTANCE": str(settings.instance), "FLASK_SECRET_KEY": settings.secret_key,
        "BASE_URL": stage.host.url("").replace("127.0.0.1", "localhost"),
    }  # fmt: skip
    install.clock(f"{START:%Y-%m-%dT%H:%M:%SZ}")
    install.start_worker()
    try:
        seen(lambda: any(path.endswith("/media") for _, path in stage.instagram.asked), install)
        seen(lambda: any(method == "PUT" for method, _ in stage.tiktok.asked), install)
        assert install.worker is not None
        told_at = time.monotonic()
        install.worker.terminate()
        assert install.worker.wait(GRACE) == 0
        assert time.monotonic() - told_at > 0.3, "it did not wait for the answers"
        assert stage.states(post) == {"instagram": "ready", "tiktok": "underway"}
    finally:
        install.stop()
    assert [len(double.posts) for double in doubles] == [0, 1]
    stage.work(LATER)  # whoever comes after it
    assert stage.states(post) == {"instagram": "published", "tiktok": "published"}
    assert [len(double.posts) for double in doubles] == [1, 1]
    assert sum(path.endswith("/media") for _, path in stage.instagram.asked) == 1, "what was prepared is used"


def seen(what: Callable[[], bool], install: Install) -> None:
    """Wait until it is so."""
    deadline = time.monotonic() + 30
    while not what():
        assert time.monotonic() < deadline, install.log.read_text()[-3000:]
        time.sleep(0.02)


def test_every_point_of_posting_is_there() -> None:
    wanted = {"media.after_upload", "publish.after_call_before_save", "token.after_refresh_before_save"}
    assert {name for name in points.in_the_code() if name.startswith(FAMILIES)} == wanted
