"""Noted taps become clicks: judged, stored, each once, in the order of nothing in particular.

The redirector answers before anybody judges, so what it noted waits in the spool. The worker pours it into the
database a few times a second; who must know of every click before now (an order that arrives) calls `pour` first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import structlog

from ..domain import clicks, links, people, programs
from ..kernel import faults, garbage, spool
from ..kernel.database import end_reading, transaction
from ..kernel.taps import NotedTap

log = structlog.get_logger("drain")
_folder: list[Path] = []
_links: set[int] = set()


@dataclass(frozen=True, slots=True)
class Poured:
    """What one pouring did."""

    taken: int = 0
    spoiled: int = 0


def set_up(folder: Path | None) -> None:
    """Say where this process finds the spool; None: clicks are stored when they happen, and there is nothing to pour."""
    _folder[:] = [] if folder is None else [folder]
    _links.clear()  # it may be another database


def folder() -> Path | None:
    """Where this process's machine notes taps; None where they are stored when they happen."""
    return _folder[0] if _folder else None


def pour(*, now: datetime) -> Poured:
    """Take in everything that has been noted on this machine until now. Safe to repeat, and for two to do at once.

    When it returns, all that was noted before it began is committed, whoever took it in. What is noted meanwhile may wait
    for the next time, so that nobody pours for ever behind those who note.
    """
    taken = spoiled = 0
    for folder in _folder:
        noted = dict(spool.sizes(folder, spool.files(folder)))
        while noted:
            one, noted = _round(folder, noted, now)
            taken, spoiled = taken + one.taken, spoiled + one.spoiled
    return Poured(taken, spoiled)


def keep(taps: Sequence[NotedTap]) -> None:
    """Take these in at once, committed: for an install without a spool, and for what is told afterwards."""
    with transaction():
        faults.point("click.after_read")
        clicks.take_in(taps, _viewers())


def _round(folder: Path, noted: dict[str, int], now: datetime) -> tuple[Poured, dict[str, int]]:
    """Pour one piece of each file; which of these files, noted up to so many bytes, have more."""
    starts = clicks.read_to(spool.files(folder))
    end_reading()
    taken = spoiled = 0
    more = {}
    for piece in spool.pieces(folder, starts):
        start = starts.get(piece.name, 0)
        if piece.end > start:
            with garbage.by_hand(), transaction():
                mine = clicks.move_on(piece.name, start, piece.end)
                if mine:
                    new, bad = clicks.take_lines(piece.payloads, _viewers(), _existing)
                    bad += [("", "torn")] * piece.bad
                    clicks.spoil(piece.name, bad, now=now)
                    taken, spoiled = taken + new, spoiled + len(bad)
                    faults.point("click.drain.after_insert_before_commit")
            if (piece.end if mine else start) < noted.get(piece.name, 0):
                more[piece.name] = noted[piece.name]
            if not mine:
                continue  # somebody else has poured some of it: how far is seen in the next round
        faults.point("click.drain.after_commit_before_truncate")
        if piece.ended:
            spool.remove(folder, piece.name)
            with transaction():
                clicks.forget_file(piece.name)
    if spoiled:
        log.error("lines of the spool were no clicks", lines=spoiled)
    return Poured(taken, spoiled), more


def _existing(ids: set[int]) -> set[int]:
    """Which of these are links; no link ever goes away, so those that were found once are not asked for again."""
    if not ids <= _links:
        _links.update(links.existing(ids - _links))
    return _links


def _viewers() -> Callable[[NotedTap], clicks.Viewer]:
    """Whether a tap is by the link's creator, or by someone of the program's brand: such taps are kept, but earn nothing."""

    @lru_cache(maxsize=1000)
    def hats(person: str) -> tuple[int | None, frozenset[int]]:
        user = people.find_user(person)
        if user is None:
            return None, frozenset()
        own = people.creator_of(user.id)
        return None if own is None else own.id, frozenset(brand.id for brand, _member in people.memberships_of(user.id))

    @lru_cache(maxsize=1000)
    def brand_of(program_id: int) -> int:
        return programs.get(program_id).brand_id

    def viewer(tap: NotedTap) -> clicks.Viewer:
        creator, brands = hats(tap.who)
        if creator == tap.creator_id:
            return "creator"
        return "brand" if tap.program_id is not None and brand_of(tap.program_id) in brands else ""

    return viewer


def click(public_id: str, *, now: datetime) -> clicks.Click | None:
    """The click with this id, also where it was noted a moment ago."""
    found = clicks.find(public_id)
    if found is None and public_id:
        pour(now=now)
        end_reading()  # the worker may have been quicker, after we looked
        found = clicks.find(public_id)
    return found


def waiting() -> int:
    """Bytes that were noted but not yet taken in."""
    total = 0
    for folder in _folder:
        names = spool.files(folder)
        starts = clicks.read_to(names) if names else {}
        total += sum(max(0, size - starts.get(name, 0)) for name, size in spool.sizes(folder, names))
    return total
