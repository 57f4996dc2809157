"""`python -m scripts.bench.platforms 50`: both platforms in a process of their own, about as slow as the real ones.

Prints one line of JSON with the addresses and so many tokens for each; for every line read, one with what was asked of them.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.doubles import films
from tests.doubles.instagram import InstagramDouble
from tests.doubles.instagram.world import BASIC, PUBLISH, Account
from tests.doubles.pages import PageServer
from tests.doubles.tiktok import TikTokDouble
from tests.doubles.tiktok.world import SCOPES, Creator, Grant
from tests.doubles.upstream import Answer, Asked, Clock, Turned

# seconds until an answer; the last word of Instagram's address, TikTok's kind
PACE = {
    "media": 1.5, "media_publish": 2.0, "content_publishing_limit": 0.3, "creator_info": 0.4, "init": 0.5, "upload": 1.0, "status": 0.3,
}  # fmt: skip
ELSE = 0.3
LIMITS = ("4", "9", "17", "32", "613", "80002", "rate_limit_exceeded", "spam_risk_too_many_posts")  # codes that say: too many


class _Counting:
    """What was asked and refused, beside the double's own work, and its slowness."""

    def __init__(self, speed: float) -> None:
        self.speed, self.calls, self.refused = speed, Counter[str](), Counter[str]()

    def served(self, kind: str, serve: Any, asked: Asked) -> Answer:
        time.sleep(PACE.get(kind, ELSE) / self.speed)
        self.calls[kind] += 1
        try:
            found: Answer = serve(asked)
        except Turned as refusal:
            self.refused[str(refusal.answer.document["error"]["code"])] += 1
            raise
        return found


class _Instagram(InstagramDouble):
    counting: _Counting

    def serve(self, asked: Asked) -> Answer:
        last = asked.words[-1]
        return self.counting.served("node" if last.isdigit() else last, super().serve, asked)


class _TikTok(TikTokDouble):
    counting: _Counting

    def serve(self, asked: Asked) -> Answer:
        return self.counting.served(self.kind_of(asked), super().serve, asked)


class _AnyFile(dict[str, Any]):
    """Every file of every post is one picture."""

    def get(self, path: str, _default: Any = None) -> Any:
        return lambda page: page.give(films.photo(), "image/jpeg")


def main(count: int, speed: float) -> None:
    """Stand until the input ends."""
    clock, counting = Clock(runs=True), _Counting(speed)
    with _Instagram(clock=clock) as instagram, _TikTok(clock=clock) as tiktok, PageServer() as host:
        instagram.counting = tiktok.counting = counting
        tiktok.switches.audited = True
        host._server.RequestHandlerClass.pages = _AnyFile()  # type: ignore[attr-defined]
        told = {"instagram": instagram.url, "tiktok": tiktok.url, "host": host.url("").replace("127.0.0.1", "localhost")}
        print(json.dumps({**told, "tokens": _let_in(instagram, tiktok, count)}), flush=True)
        for _ in sys.stdin:
            limited = sum(counting.refused[code] for code in LIMITS)
            stands = len(instagram.posts) + len(tiktok.posts)
            twice = stands - len({p.container for p in instagram.posts.values()} | {p.publish_id for p in tiktok.posts.values()})
            facts = {"calls": counting.calls, "refused": counting.refused, "limited": limited, "posts": stands, "twice": twice}
            print(json.dumps(facts), flush=True)


def _let_in(instagram: InstagramDouble, tiktok: TikTokDouble, count: int) -> dict[str, list[list[str]]]:
    """(account, token) of so many accounts on each."""
    tokens: dict[str, list[list[str]]] = {"instagram": [], "tiktok": []}
    later = datetime.now(UTC) + timedelta(days=30)
    for n in range(count):
        account = Account(f"1784140{n:010d}", f"2540000{n:010d}", f"ig{n}", page=None)
        instagram.accounts[account.user_id] = account
        tokens["instagram"].append([account.user_id, instagram.grant(account, {BASIC, PUBLISH}, "long", 5_000_000).text])
        creator = Creator(f"-bench{n:04d}", f"tt{n}", f"TT {n}")
        tiktok.creators[creator.open_id] = creator
        grant = Grant(f"act.bench{n}", f"rft.bench{n}", creator, set(SCOPES), later, later)
        tiktok.grants.append(grant)
        tokens["tiktok"].append([creator.open_id, grant.access])
    return tokens


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
