"""`python -m scripts.bench money [--small]`: what `make bench PART=money` runs."""

from __future__ import annotations

import argparse
import sys

from .figures import show
from .money import PARTS, measure


def main() -> int:
    """Measure what was asked for and print it."""
    parser = argparse.ArgumentParser(prog="bench", description="Measure a part of socialshop.")
    parser.add_argument("part", choices=["money"])
    parser.add_argument("--only", choices=PARTS, action="append", help="one figure (may be repeated)")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append", help="default: both")
    parser.add_argument("--scale", type=float, default=1.0, help="of all sizes; 1 are those of the goals")
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    show(measure(asked.only or PARTS, asked.database or ["sqlite", "postgresql"], scale=asked.scale, rounds=asked.rounds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
