"""Whatever of this machine's spool has been poured is a click, or was kept apart with a reason (I-20). Read-only.

Files that are gone cannot be looked at again; they are taken away only after their last line was poured.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import func, select

from ..domain import clicks, segments
from ..kernel import spool
from ..kernel.database import in_parts, session
from . import drain

AT_ONCE = 4 * 1024 * 1024  # bytes

Wrong = tuple[str, str, str]


def discrepancies() -> Iterator[Wrong]:
    """Files of which fewer lines are stored or kept apart than were poured."""
    folder = drain.folder()
    if folder is None:
        return
    for name, end in sorted(clicks.read_to(spool.files(folder)).items()):
        try:
            lines, stored = _counted(folder, name, end)
        except FileNotFoundError:  # poured to its end a moment ago
            continue
        apart = session().scalar(select(func.count()).where(clicks.SpoiledTap.file == name)) or 0
        if lines != stored + apart:
            yield "I-20", name, f"{lines} lines were poured, but {stored} are clicks and {apart} were kept apart"


def _counted(folder: Path, name: str, end: int) -> tuple[int, int]:
    """(lines up to there, how many of them are clicks)."""
    lines = stored = start = 0
    while start < end:
        piece = spool.read(folder, name, start, limit=min(AT_ONCE, end - start))
        if piece.end == start:
            break
        ids = [_click(payload) for payload in piece.payloads]
        lines += len(ids) + piece.bad
        stored += _stored([click for click in ids if click])
        start = piece.end
    return lines, stored


def _click(payload: bytes) -> str:
    try:
        return str(json.loads(payload)[1])
    except (ValueError, LookupError, TypeError):
        return ""


def _stored(ids: list[str]) -> int:
    """How many of these are clicks; what has been let go of since is in the store of all clicks, and was one."""
    there: set[str] = set()
    for part in in_parts(ids):
        there.update(session().scalars(select(clicks.Click.public_id).where(clicks.Click.public_id.in_(part))))
    before = session().scalar(select(segments.Progress.let_go_before))
    oldest = "" if before is None else f"clk_{int(before.timestamp() * 1000):011x}"
    return sum(click in there or (bool(oldest) and click < oldest) for click in ids)
