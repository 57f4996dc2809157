"""Several machines note clicks, each in a folder of its own: who judges an order first hears from all of them.

A machine answers a few times a second (`tend`). One that does not answer is waited for as long as the setting says, once;
then it is late, nobody waits for it until it answers again, and every order judged meanwhile says so.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import time
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

from ..domain import clicks
from ..kernel import spool
from ..kernel.database import end_reading, session, transaction
from ..kernel.taps import read_tap
from . import drain

log = structlog.get_logger("nodes")
BEAT = 10.0  # seconds between a quiet node's signs of life
LOOK_EVERY = 0.05  # seconds
AT_A_PAGE = 5.0  # seconds that a person waits at most
FORGOTTEN_AFTER = timedelta(days=7)

_patience = [30.0]
_told: dict[str, tuple[int, float]] = {}  # node → what it answered last, and when


def set_up(patience: float) -> None:
    """How many seconds an order waits for a node that does not answer."""
    _patience[:] = [patience]


def hear_all(*, now: datetime, at_a_page: bool = True) -> None:
    """Let every click that anybody noted until now be in the database, as far as that can be had.

    At a page, where a person waits, the patience is shorter. Whom it did not hear from is noted with the orders that arrive
    next in this session.
    """
    drain.pour(now=now)
    folder = drain.folder()
    there = clicks.nodes.others("" if folder is None else name_of(folder))
    end_reading()
    late = [name for name, state in there.items() if state == "late"]
    live = [name for name, state in there.items() if state == "live"]
    patience = min(AT_A_PAGE, _patience[0]) if at_a_page else _patience[0]
    silent = _wait(live, patience) if live else []
    if silent:
        log.error("nodes have not told their clicks", nodes=silent, waited=patience)
        if patience >= _patience[0]:
            with transaction():
                clicks.nodes.give_up(silent, now=now)
    session().info["unheard"] = sorted(late + silent)


def _wait(names: Collection[str], patience: float) -> list[str]:
    """Ask these nodes and wait for their answers; who has not answered in time."""
    until = time.monotonic() + patience
    with transaction():
        asked = clicks.nodes.ask(names)
    while True:
        silent = clicks.nodes.silent(asked)
        end_reading()
        if not silent or time.monotonic() >= until:
            return silent
        time.sleep(LOOK_EVERY)


def note(order_ids: Collection[int], *, now: datetime) -> None:
    """Say of orders that arrive, in the caller's transaction, whom this session did not hear from before."""
    unheard = session().info.get("unheard")
    if unheard:
        clicks.nodes.note_unheard(order_ids, unheard, now=now)


def tend(*, now: datetime) -> drain.Poured:
    """One round of this machine: pour what is there, and answer who asked."""
    folder = drain.folder()
    if folder is None:
        return drain.pour(now=now)
    name = name_of(folder)
    asked = clicks.nodes.asked_of(name)
    end_reading()
    poured = drain.pour(now=now)
    answered, at = _told.get(name, (-1, float("-inf")))
    if asked != answered or time.monotonic() >= at + BEAT:
        waiting = drain.waiting()
        with transaction():
            clicks.nodes.answer(name, asked, waiting=waiting, now=now)
        _told[name] = (asked, time.monotonic())
    return poured


def lag(*, now: datetime) -> float:
    """How many seconds the oldest tap that this machine has noted waits to be poured; 0 where none waits."""
    folder = drain.folder()
    names = [] if folder is None else spool.files(folder)
    if folder is None or not names:
        return 0.0
    starts = clicks.read_to(names)
    end_reading()
    oldest = now
    for name in names:
        with contextlib.suppress(FileNotFoundError, ValueError):  # poured a moment ago, or no tap
            for payload in spool.read(folder, name, starts.get(name, 0), limit=4096).payloads[:1]:
                oldest = min(oldest, datetime.fromtimestamp(read_tap(payload).at_us / 1_000_000, UTC))
    return (now - oldest).total_seconds()


def tidy(_payload: dict[str, Any], *, now: datetime) -> None:
    """Forget machines that nobody has heard of for a week."""
    with transaction():
        gone = clicks.nodes.forget_nodes_unseen_since(now - FORGOTTEN_AFTER)
    if gone:
        log.error("nodes are forgotten; clicks in their folders are not in the database", nodes=gone)


def name_of(folder: Path) -> str:
    """This machine's name and a word of its own, kept beside its folder of noted taps."""
    path = folder.parent / "node"
    try:
        word = path.read_text().strip()
    except FileNotFoundError:
        draft = path.with_suffix(f".{os.getpid()}-{secrets.token_hex(4)}")
        draft.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(secrets.token_hex(4))
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)  # whoever comes first wins; the file is never half written
        draft.unlink()
        word = path.read_text().strip()
    return f"{socket.gethostname()[:60]}-{word[:16]}"
