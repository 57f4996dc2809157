"""How much a run may do, by environment: a bounded share in CI, all of it for `make faults`."""

from __future__ import annotations

import os
import time

ALL = os.environ.get("SOCIALSHOP_FAULTS_ALL", "") == "1"  # every kill point on every database, the full number of duplicates
STEPS = int(os.environ.get("SOCIALSHOP_FAULTS_STEPS", "0"))  # of the model, per database; 0: the usual share
SCENARIOS = int(os.environ.get("SOCIALSHOP_FAULTS_SCENARIOS", "0"))
SHRINK = os.environ.get("SOCIALSHOP_FAULTS_SHRINK", "") == "1"  # look for the shortest story of a failure: minutes


def seed() -> int:
    """The seed of this run: of the environment, else one that changes each day, so that CI looks elsewhere tomorrow."""
    return int(os.environ.get("SOCIALSHOP_FAULTS_SEED") or time.time() // 86_400)
