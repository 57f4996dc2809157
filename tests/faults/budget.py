"""How much a run may do, by environment: a bounded share in CI, all of it for `make faults`."""

from __future__ import annotations

import os
import time

# every kill point to its third passing on both databases, the full number of duplicates, the long model
ALL = os.environ.get("SOCIALSHOP_FAULTS_ALL", "") == "1"
SHRINK = os.environ.get("SOCIALSHOP_FAULTS_SHRINK", "") == "1"  # look for the shortest story of a failure: takes minutes
GATE = 20_779  # of runs that decide whether a change lands; `make faults` looks elsewhere each day

notes: list[str] = []  # shown at the end of the run


def steps(database: str) -> int:
    """How many steps the model takes."""
    return int(os.environ.get("SOCIALSHOP_FAULTS_STEPS") or (3_200 if ALL else 800 if database == "sqlite" else 300))


def scenarios(database: str) -> int:
    """How many scenario documents are made up."""
    return int(os.environ.get("SOCIALSHOP_FAULTS_SCENARIOS") or (400 if ALL else 60 if database == "sqlite" else 20))


def seed() -> int:
    """The seed of this run: of the environment; in CI always the same, for what stands today must stand tomorrow; else one of the day."""
    return int(os.environ.get("SOCIALSHOP_FAULTS_SEED") or (GATE if os.environ.get("CI") else time.time() // 86_400))


def note(text: str) -> None:
    """Say something at the end of the run, and beside a failure."""
    print(text)
    notes.append(text)
