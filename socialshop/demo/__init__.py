"""The demo: a brand, two creators, six weeks of taps, orders and money, all through the product's own flows."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog
from flask import Flask
from sqlalchemy import func, select

from .. import worker
from ..adapters.mail import Letter
from ..domain import people
from ..flows import letters
from ..kernel.clock import utcnow
from ..kernel.database import session
from . import story

if TYPE_CHECKING:
    from .many import Made

PASSWORD = "kopi senja di teras"  # noqa: S105  # of the demo's people only; printed at every start
LOGINS = f"""  The demo's people (one password for all: {PASSWORD})
    rani@demo.test       creator     her page: /@rani
    bima@demo.test       creator
    merek@demo.test      brand       Kopi Senja
    operator@demo.test   operator
"""


class _Silent:
    """Nobody reads the demo's letters."""

    def send(self, letter: Letter) -> None:
        """Let it go."""


@contextmanager
def _few_words() -> Iterator[None]:
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    try:
        yield
    finally:
        structlog.configure(**before)


def make_once(app: Flask, *, say: Callable[[str], object]) -> bool:
    """Make the demo in an install without people; False where there are some already."""
    if session().scalar(select(func.count()).select_from(people.User)):
        return False
    say("Making the demo (once) …")
    with letters.sending_by(_Silent()), _few_words():
        settings = app.config["SETTINGS"]
        story.tell(PASSWORD, media_folder=settings.media_folder, post_folder=settings.post_media_folder, now=utcnow())
        worker.drain(app)
    return True


def make_many(app: Flask, count: int, *, say: Callable[[str], object], creators: int = 0) -> Made:
    """Write many made-up clicks on top of the demo, which is made where there is nobody yet."""
    import click

    from . import many  # brings DuckDB

    make_once(app, say=say)
    say(f"Making {count:,} clicks of the last year …")
    try:
        made = many.make(count, zone=app.config["SETTINGS"].default_timezone, now=utcnow(), say=say, creators=creators)
    except many.NotOnlyTheDemo as problem:
        raise click.ClickException(str(problem)) from None
    say(f"{made.clicks:,} clicks on the links of {made.creators} creators are here now.")
    return made
