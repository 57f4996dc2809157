"""How many noted taps a second become clicks: judged, told from repeats, counted by day, committed with the file's offset."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from pathlib import Path
from zlib import crc32

from sqlalchemy import select

from socialshop.domain import links, people
from socialshop.flows import drain
from socialshop.kernel.clock import utcnow
from socialshop.kernel.database import db, session, transaction
from socialshop.kernel.spool import ROTATE
from socialshop.kernel.taps import NotedTap, new_click_id

from .figures import Figure, median, tell
from .stage import START, Stage

LINKS = 2_000
SEEN_BEFORE = 0.1  # of the taps
PER_SECOND = 1_000  # taps noted in a second of the story
CHANNELS = ("instagram", "tiktok", "youtube", "page", "whatsapp", "")
PLACEMENTS = ("bio", "story", "reel", "post", "live")
LANGUAGES = ("id", "id", "id", "id", "en", "ms", "jv")
REFERRERS = ("l.instagram.com", "", "", "www.tiktok.com", "m.facebook.com", "www.google.com")


def rows_per_s(stages: Sequence[Stage], *, rows: int, rounds: int, seed: int = 1) -> list[Figure]:
    """Rows a second by the clock, the rounds of all databases taking turns; beside it by what the processor did for us."""
    crowds = [Crowd(stage, random.Random(seed)) for stage in stages]
    took: list[list[tuple[float, float]]] = [[] for _ in stages]
    for turn in range(rounds):
        for place, crowd in enumerate(crowds):
            folder = crowd.stage.app.config["SETTINGS"].instance / "bench-spool"
            bytes_ = crowd.note(folder, rows)
            tell(f"drainer, round {turn + 1} of {rounds}: {crowd.stage.database}, {rows} taps, {bytes_ / rows:.0f} bytes each")
            took[place].append(_pour(crowd.stage, folder, rows))
    figures = []
    for stage, times in zip(stages, took, strict=True):
        said = {
            "database": stage.database, "rows": rows, "rounds": rounds, "links": LINKS, "seen before": SEEN_BEFORE,
            "rows/s of this process's processor time": round(rows / median([busy for _, busy in times])),
        }  # fmt: skip
        figures.append(Figure("drainer.rows_per_s", rows / median([clock for clock, _ in times]), "rows/s", "100,000", said))
    return figures


def _pour(stage: Stage, folder: Path, rows: int) -> tuple[float, float]:
    drain.set_up(folder)
    with stage.app.app_context():
        clock, busy = time.perf_counter(), time.process_time()
        taken = drain.pour(now=utcnow()).taken
        clock, busy = time.perf_counter() - clock, time.process_time() - busy
        db.session.remove()
    drain.set_up(None)
    assert taken == rows, f"{rows} were noted, {taken} taken"
    return clock, busy


class Crowd:
    """Taps as an install has them: few links with most of the taps, some visitors back again, some robots."""

    def __init__(self, stage: Stage, dice: random.Random) -> None:
        self.stage, self._dice = stage, dice
        self._at_us = int(START.timestamp()) * 1_000_000
        self._visitors: list[str] = []
        self._agents = [_agent(dice) for _ in range(300)]
        self._networks = [f"{dice.randrange(1, 223)}.{dice.randrange(256)}.{dice.randrange(256)}.0" for _ in range(5_000)]
        with stage.app.app_context(), transaction():
            creators = session().scalars(select(people.Creator.id).order_by(people.Creator.id)).all()
            made = [
                links.TrackedLink(
                    slug=f"drainer-{n}", creator_id=creators[int(len(creators) * dice.random() ** 2)], program_id=stage.program_id,
                    target_key=f"url:drainer-{n}", url="/", created_at=START, channel=dice.choice(CHANNELS),
                    placement=dice.choice(PLACEMENTS),
                )
                for n in range(LINKS)
            ]  # fmt: skip
            session().add_all(made)
            session().flush()
            self._links = [(link.id, link.creator_id, link.program_id, link.channel, link.placement) for link in made]
            session().expunge_all()

    def note(self, folder: Path, rows: int) -> int:
        """Write this many taps as full files of a spool whose writer is gone; how many bytes."""
        folder.mkdir(parents=True, exist_ok=True)
        written, lines, size = 0, [], 0
        for n in range(rows):
            line = self.tap().line()
            lines.append(b"%08x %s\n" % (crc32(line), line))
            size += len(lines[-1])
            if size > ROTATE or n == rows - 1:
                (folder / f"{time.time_ns():020d}-1-bench.spool").write_bytes(b"".join(lines))
                written, lines, size = written + size, [], 0
        return written

    def tap(self) -> NotedTap:
        dice = self._dice
        self._at_us += 1_000_000 // PER_SECOND
        link, creator, program, channel, placement = self._links[int(LINKS * dice.random() ** 3)]
        if self._visitors and dice.random() < SEEN_BEFORE:
            visitor = dice.choice(self._visitors)
        else:
            visitor = f"{dice.getrandbits(132):033x}"[:22]
            self._visitors = [*self._visitors[-20_000:], visitor] if len(self._visitors) > 40_000 else self._visitors
            self._visitors.append(visitor)
        campaign = dice.random() < 0.15
        return NotedTap(
            new_click_id(self._at_us), self._at_us, link, creator, program, channel, placement, visitor, "", "navigate", "document",
            self._agents[int(len(self._agents) * dice.random() ** 3)], dice.choice(REFERRERS), "",
            network=self._networks[int(len(self._networks) * dice.random() ** 2)], language=dice.choice(LANGUAGES),
            utm_source="instagram" if campaign else "", utm_medium="social" if campaign else "",
            utm_campaign=f"promo-{dice.randrange(12)}" if campaign else "", signs="site-cross-site user",
        )  # fmt: skip


def _agent(dice: random.Random) -> str:
    if dice.random() < 0.03:
        return f"Mozilla/5.0 (compatible; Googlebot/2.{dice.randrange(9)}; +http://www.google.com/bot.html)"
    chrome = f"AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{dice.randrange(100, 130)}.0.0.0"
    model = f"SM-A{dice.randrange(100, 999)}E"
    return dice.choice(
        [
            f"Mozilla/5.0 (Linux; Android {dice.randrange(9, 15)}; K) {chrome} Mobile Safari/537.36",
            f"Mozilla/5.0 (Linux; Android {dice.randrange(9, 15)}; {model}; wv) {chrome} Mobile Safari/537.36 Instagram 335.1.8.26.85",
            f"Mozilla/5.0 (iPhone; CPU iPhone OS {dice.randrange(14, 18)}_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            f"Mobile/15E148 Instagram 335.{dice.randrange(9)}.8.26.85",
            f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {chrome} Safari/537.36",
        ]
    )
