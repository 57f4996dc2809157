"""Who tapped and looked: noted as the redirector would have noted it, kept as the worker keeps it."""

from __future__ import annotations

from datetime import datetime, timedelta

from ..domain import links, pages, people
from ..flows import drain
from ..kernel.database import transaction
from ..kernel.taps import NotedTap, new_click_id

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/22F76 Instagram 390.0.0.28.85 "
    "(iPhone15,2; iOS 18_5; id_ID; id; scale=3.00; 1179x2556)"
)
ANDROID = "Mozilla/5.0 (Linux; Android 14; SM-A546E) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Mobile Safari/537.36"
ROBOT = "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"
_CAME_FROM = {"instagram": "l.instagram.com", "tiktok": "www.tiktok.com"}
_NETWORKS = (
    "36.68.0.0",
    "103.10.66.0",
    "114.120.0.0",
    "180.241.10.0",
    "202.80.212.0",
    "203.116.0.0",
)  # Indonesia, once Singapore


def lookers(slugs: dict[str, str], begin: datetime, now: datetime) -> None:
    """Taps of people who did not buy, more of them lately, and a robot now and then."""
    days, taps = (now - begin).days, []
    for day in range(4, days):
        for number in range(1 + (day * 7) % 4 + day // 12):
            name = ("rani", "rani", "rani story", "bima")[(day + number) % 4]
            at = begin + timedelta(days=day, hours=3 + (number * 5 + day) % 14, minutes=(day * 13 + number * 29) % 60)
            agent = ROBOT if (day + number) % 11 == 0 else (PHONE, ANDROID)[number % 2]
            visitor = f"demo-{day}-{number}"
            taps.append(tap(slugs[name], agent, visitor, min(at, now)))
    drain.keep(taps)


def visits(creator: people.Creator, begin: datetime, now: datetime) -> None:
    """People on the creator's page, of whom every fourth taps one of its links."""
    home = pages.find_page(creator.id)
    ways = sorted(links.page_slugs(creator.id).values())
    if home is None or not ways:
        return
    visits = [
        (begin + timedelta(days=day, hours=2 + (number * 3 + day) % 12, minutes=(day * 17 + number * 23) % 60), day + number)
        for day in range(4, (now - begin).days + 1)
        for number in range(5 + (day * 5) % 7 + day // 9)
    ]
    past = [(at, f"demo-page-{creator.handle}-{place}", which) for place, (at, which) in enumerate(visits) if at < now]
    with transaction():
        for at, visitor, _which in past:
            pages.note_view(page_id=home.id, creator_id=creator.id, visitor=visitor, kind="payable", now=at)
    drain.keep(
        [tap(ways[which % len(ways)], PHONE, visitor, min(at + timedelta(seconds=20), now)) for at, visitor, which in past[::4]]
    )


def tap(slug: str, agent: str, visitor: str, at: datetime) -> NotedTap:
    """As the redirector would have noted it then."""
    link, at_us = links.find_by_slug(slug), int(at.timestamp() * 1_000_000)
    assert link is not None, "made above"
    return NotedTap(
        new_click_id(at_us), at_us, link.id, link.creator_id, link.program_id, link.channel, link.placement, visitor,
        purpose="", mode="navigate", dest="document", agent=agent, referrer=_CAME_FROM.get(link.channel, ""), who="",
        network=_NETWORKS[len(visitor + link.slug) % len(_NETWORKS)], language="id", post_id=link.post_id,
    )  # fmt: skip
