"""How much a run may do, by environment: a bounded share in CI, all of it for `make faults`."""

from __future__ import annotations

import os
import time

# every kill point to its third passing on both databases, the full number of duplicates, the long model
ALL = os.environ.get("SOCIALSHOP_FAULTS_ALL", "") == "1"
SHRINK = os.environ.get("SOCIALSHOP_FAULTS_SHRINK", "") == "1"  # look for the shortest story of a failure: takes minutes

notes: list[str] = []  # shown at the end of the run


def steps(database: str) -> int:
    """How many steps the model takes."""
    return int(os.environ.get("SOCIALSHOP_FAULTS_STEPS") or (3_200 if ALL else 800 if database == "sqlite" else 300))


def scenarios(database: str) -> int:
    """How many scenario documents are made up."""
    return int(os.environ.get("SOCIALSHOP_FAULTS_SCENARIOS") or (400 if ALL else 60 if database == "sqlite" else 20))


def seed() -> int:
    """The seed of this run: of the environment, else one that changes each day, so that CI looks elsewhere tomorrow."""
    return int(os.environ.get("SOCIALSHOP_FAULTS_SEED") or time.time() // 86_400)


def note(text: str) -> None:
    """Say something at the end of the run, and beside a failure."""
    print(text)
    notes.append(text)
