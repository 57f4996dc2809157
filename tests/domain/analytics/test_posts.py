"""Which post an order belongs to whose code was typed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from socialshop.domain import analytics
from socialshop.domain.analytics import Showing

from ...conftest import START


def shown(post_id, *, days, on="instagram"):
    return Showing(post_id, on, START - timedelta(days=days))


@pytest.mark.parametrize(
    ("showings", "post", "channel"),
    [
        ([], None, ""),
        ([shown(1, days=3)], 1, "instagram"),
        ([shown(1, days=3), shown(2, days=1, on="tiktok")], 2, "tiktok"),  # the newest one
        ([shown(1, days=3), shown(2, days=-1)], 1, "instagram"),  # posted after the order
        ([shown(1, days=0)], 1, "instagram"),  # posted at that moment
        ([shown(1, days=3), shown(1, days=2, on="tiktok")], 1, ""),  # on both: nobody knows where it was read
        ([shown(1, days=3), shown(1, days=-1, on="tiktok")], 1, "instagram"),  # there only later
        ([shown(1, days=2, on="tiktok"), shown(2, days=2)], 2, "instagram"),  # at once: the one that was made later
        ([shown(1, days=29.99)], 1, "instagram"),
        ([shown(1, days=30)], None, ""),  # the window is half open
        ([shown(1, days=40), shown(2, days=31)], None, ""),
        ([shown(1, days=31), shown(1, days=29, on="tiktok")], 1, ""),
    ],
)
def test_the_post_that_a_code_was_read_in(showings, post, channel):
    assert analytics.post_of_code(showings, START) == (post, channel)
    assert analytics.post_of_code(reversed(showings), START) == (post, channel)
