"""What is counted by day equals what the clicks say, over many random taps: `python -m scripts.bench.rebuild --taps 1000000`."""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select

from socialshop.domain import clicks, links, people
from socialshop.flows import drain, recount
from socialshop.kernel.database import session, transaction
from socialshop.kernel.taps import NotedTap

from .figures import tell
from .stage import START, Stage, install

AGENTS = (
    "Mozilla/5.0 (Linux; Android 13; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Instagram 335.1.8",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    "curl/8.5.0",
    "WhatsApp/2.23.20.0 A",
)
Way = tuple[int, int, int | None]  # link, creator, program


def random_taps(dice: random.Random, ways: Sequence[Way], *, begin: datetime, count: int, days: int = 3) -> Iterator[NotedTap]:
    """Taps in bursts: one visitor at one link, a few or a few dozen times, seconds apart; days change in the midst of some."""
    made = 0
    while made < count:
        link, creator, program = dice.choice(ways)
        visitor = "" if dice.random() < 0.05 else f"visitor-{dice.randrange(max(8, count // 10)):012}"
        at_us = int(begin.timestamp() * 1_000_000) + dice.randrange(days * 86_400) * 1_000_000 + dice.choice((0, 250_000))
        agent = dice.choice(AGENTS)
        for _ in range(min(count - made, dice.choice((1, 1, 1, 2, 3, 60 if dice.random() < 0.3 else 1)))):
            purpose, mode = dice.choice((("", "navigate"),) * 8 + (("prefetch", "navigate"), ("", "no-cors")))
            yield NotedTap(
                f"clk_{at_us // 1000:011x}{dice.getrandbits(80):020x}", at_us, link, creator, program,
                dice.choice(("instagram", "tiktok", "")), dice.choice(("bio", "story", "")), visitor, purpose, mode,
                "document", agent, dice.choice(("l.instagram.com", "")), "",
                network=dice.choice(("", "36.64.0.0", "8.8.8.0", "10.0.0.0")), language=dice.choice(("id", "en", "")),
                utm_source=dice.choice(("", "", "ig")), utm_campaign=dice.choice(("", "", "ramadan")),
                destination=dice.choice(("", "", "shopee")), post_id=dice.choice((None, None, 7)),
            )  # fmt: skip
            made += 1
            at_us += dice.choice((1, 4, 9, 10, 11, 40, 400)) * 1_000_000 + dice.choice((0, 1, 999_999))


def main() -> int:
    """Tell how many numbers are wrong; 0 is the only good answer."""
    parser = argparse.ArgumentParser(prog="rebuild", description=__doc__)
    parser.add_argument("--taps", type=int, default=1_000_000)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with install(asked.database) as stage:
        wrong = _wrong(stage, random.Random(asked.seed), asked.taps)
    return 1 if wrong else 0


def _wrong(stage: Stage, dice: random.Random, count: int) -> int:
    with stage.app.app_context():
        ways = _ways(stage, dice)
        taps = list(random_taps(dice, ways, begin=START, count=count, days=20))
        dice.shuffle(taps)
        started = time.perf_counter()
        for first in range(0, count, 20_000):
            part = taps[first : first + 20_000]
            drain.keep([*part, *part[:500]])  # some are told twice
        tell(f"{count} taps taken in, in no order: {time.perf_counter() - started:.0f} s")
        recount.close_days({}, now=START + timedelta(days=40))
        started, wrong = time.perf_counter(), 0
        for day, found in recount.compare():
            wrong += len(found)
            for one in found[:3]:
                tell(f"{day}: {one}")
        kinds = session().execute(select(clicks.Click.kind, func.count()).group_by(clicks.Click.kind)).all()
        numbers = session().scalar(select(func.count()).select_from(clicks.ClickCount))
        print(
            f"{stage.database}: {count} taps {dict(sorted((kind, count) for kind, count in kinds))}, {numbers} numbers, {wrong} wrong, "
            f"counted anew in {time.perf_counter() - started:.0f} s"
        )
    return wrong


def _ways(stage: Stage, dice: random.Random) -> list[Way]:
    with transaction():
        creators = session().scalars(select(people.Creator.id).order_by(people.Creator.id)).all()
        made = [
            links.TrackedLink(
                slug=f"rebuild-{n}", creator_id=dice.choice(creators), program_id=dice.choice((None, stage.program_id)),
                target_key=f"url:rebuild-{n}", url="/", created_at=START,
            )
            for n in range(300)
        ]  # fmt: skip
        session().add_all(made)
        session().flush()
        return [(link.id, link.creator_id, link.program_id) for link in made]


if __name__ == "__main__":
    sys.exit(main())
