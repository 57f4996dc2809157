"""kill -9 at every place that money goes through: begun again by its user or worker, the story ends as if nothing had been."""

from __future__ import annotations

import os
import random
import signal
import traceback
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from flask import Flask

from socialshop.flows import verify
from socialshop.kernel import faults
from socialshop.kernel.database import db

from . import budget, points
from .fresh import Fresh
from .stories import PAYDAY, STORIES, Story

NTHS = (1, 2, 3) if budget.ALL else (1,)
CASES = [(point, story) for point, stories in points.KILLS.items() for story in stories]
SAMPLE = 4  # of the cases, on PostgreSQL


def killed(story: Story, fault: str) -> bool:
    """Tell the story in a process of its own that dies at the fault; False: it came to its end without passing there."""
    db.session.remove()
    db.engine.dispose()  # a connection must not be shared with a child
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            signal.alarm(60)
            faults.arm(fault)
            story.tell()
            code = 0
        except BaseException:  # this process must not go on as a second pytest
            traceback.print_exc()
        finally:
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    db.engine.dispose()
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL, f"ended by signal {os.WTERMSIG(status)}"
        return True
    assert os.WEXITSTATUS(status) == 0, "the story broke without being killed"
    return False


@pytest.fixture
def staged(app: Flask, fresh: Fresh) -> Iterator[Any]:
    """A function: name of a story → that story, set up in a database of its own."""
    made: list[Story] = []

    def set_up(name: str) -> Story:
        fresh.lay()
        made.append(STORIES[name](app))
        return made[-1]

    yield set_up
    for story in made:
        story.close()


_undisturbed: dict[tuple[str, str], dict[str, Any]] = {}


def clean(story: Story) -> None:
    assert verify.run(PAYDAY) == []
    db.session.remove()


@pytest.mark.parametrize(("point", "name"), CASES)
def test_killed_and_begun_again(staged: Any, point: str, name: str) -> None:
    dialect = db.engine.dialect.name
    if dialect == "postgresql" and not budget.ALL and (point, name) not in todays_sample():
        pytest.skip("not in today's sample")
    if (dialect, name) not in _undisturbed:
        calm: Story = staged(name)
        calm.tell()
        calm.tell()  # all of it once more changes nothing
        clean(calm)
        _undisturbed[dialect, name] = calm.outcome()
    for nth in NTHS:
        story: Story = staged(name)
        if not killed(story, f"{point}:kill:{nth}"):
            assert nth > 1, f"{name} never passes {point}"
            break
        clean(story)  # what the dead process left behind holds already
        story.tell()
        clean(story)
        assert story.outcome() == _undisturbed[dialect, name]


@cache
def todays_sample() -> list[tuple[str, str]]:
    """A few of the cases, others each day."""
    sample = random.Random(budget.seed()).sample(CASES, SAMPLE)
    budget.note(f"kills, seed {budget.seed()}: " + ", ".join(f"{point} in {name}" for point, name in sample))
    return sample


def test_every_point_of_money_is_there_and_is_killed_at() -> None:
    """The points that the program has in these families are the ones that the tests know, and the other way round."""
    families = ("ledger.", "payout.", "checkout.", "worker.", "after_")
    assert {name for name in points.in_the_code() if name.startswith(families)} == set(points.KILLS)
