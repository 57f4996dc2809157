"""Dates in a person's language and zone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from socialshop.kernel import words


@pytest.mark.parametrize(
    ("moment", "zone", "day", "when"),
    [
        (datetime(2026, 11, 22, 18, tzinfo=UTC), "Asia/Jakarta", "23 Nov 2026", "23 Nov 2026, 01:00 WIB"),
        (datetime(9999, 12, 31, 23, tzinfo=UTC), "Asia/Jakarta", "31 Dec 9999", "31 Dec 9999, 23:00 UTC"),
        (datetime(1, 1, 1, tzinfo=UTC), "America/New_York", "1 Jan 1", "1 Jan 1, 00:00 UTC"),
    ],
)
def test_a_moment_past_the_end_of_a_clock_is_told_in_utc(moment, zone, day, when):
    assert words.day(moment, "en", zone) == day
    assert words.when(moment, "en", zone).replace("0001", "1") == when
