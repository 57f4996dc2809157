"""Which versions of the terms speak for a creator: the current one, and older ones still open by their notice."""

from __future__ import annotations

import itertools
from datetime import datetime

from .document import Program, Version
from .facts import CreatorFacts
from .instants import days


def open_versions(program: Program, creator: CreatorFacts, at: datetime) -> tuple[Version, ...]:
    """The version of `at`, then the older ones open to this creator, newest first; () before every version.

    A replaced version stays open for its own notice, not any more at the end itself, to creators enrolled before it was replaced.
    """
    started = [version for version in program.versions if version.started(at)]
    if not started:
        return ()
    found = [started[-1]]
    for version, successor in reversed(list(itertools.pairwise(started))):
        replaced_at = successor.starts_at
        if not version.terms.notice_days or replaced_at is None:
            continue
        enrolled_before = creator.enrolled_at is None or creator.enrolled_at < replaced_at
        if enrolled_before and at - replaced_at < days(version.terms.notice_days):
            found.append(version)
    return tuple(found)
