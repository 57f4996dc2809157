"""`python -m scripts.bench money|posts|redirect`: what `make bench PART=…` runs."""

from __future__ import annotations

import argparse
import sys

from . import analytics, money, posts, redirect
from .figures import show

PARTS = {"analytics": analytics, "money": money, "posts": posts, "redirect": redirect}


def main() -> int:
    """Measure what was asked for and print it."""
    parser = argparse.ArgumentParser(prog="bench", description="Measure a part of socialshop.")
    parser.add_argument("part", choices=PARTS)
    only = sorted({figure for part in PARTS.values() for figure in part.PARTS})
    parser.add_argument("--only", choices=only, action="append", help="one figure of the part (may be repeated)")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append", help="default: both")
    parser.add_argument("--scale", type=float, default=1.0, help="of all sizes; 1 are those of the goals")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--events", type=int, action="append", help="analytics: how many clicks (may be repeated)")
    asked = parser.parse_args()
    part = PARTS[asked.part]
    more = {"events": asked.events} if asked.events and part is analytics else {}
    found = part.measure(
        asked.only or part.PARTS, asked.database or ["sqlite", "postgresql"], scale=asked.scale, rounds=asked.rounds, **more
    )
    show(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
