"""What clicks of a year may look like: skewed over creators and links, a weekly rhythm, phones mostly, apps' own browsers, robots.

Made by DuckDB, a month at a time, into a Parquet file; nothing depends on the clock or on chance but on the number of a click.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

from ..adapters.clicks import StoredClick

_WEEK = (0.92, 0.9, 0.94, 0.97, 1.08, 1.16, 1.12)  # Monday first
_HOURS = (2, 1, 1, 1, 2, 4, 5, 5, 4, 4, 5, 6, 8, 7, 5, 5, 5, 6, 8, 10, 12, 11, 8, 4)  # of people's day, in the install's zone

_CHANNELS = ("instagram", "tiktok", "page", "whatsapp", "instagram", "other", "tiktok", "qr")
_PLACES = ("bio", "video", "", "status", "story", "", "live", "meja")


@dataclass(frozen=True, slots=True)
class Way:
    """One link, and the place that its clicks have in the skew: the creator's, and the link's among theirs (from 1)."""

    creator_rank: int
    link_rank: int
    creator: int
    program: int
    link: int
    product: int
    channel: str
    placement: str


@dataclass(frozen=True, slots=True)
class Month:
    """Some days' clicks in a file. first: the number of its first click."""

    path: Path
    first: int
    count: int
    begin: datetime
    end: datetime


def channel_of(place: int) -> tuple[str, str]:
    """(channel, placement) of a creator's nth link."""
    return _CHANNELS[place % len(_CHANNELS)], _PLACES[place % len(_PLACES)]


def shares(first: date, days: int, total: int, *, of_last: float = 1.0) -> list[tuple[date, int]]:
    """How many of `total` clicks each day has: growing over the year, more on weekends and paydays; they add up.

    of_last: how much of the last day is over.
    """
    weights = []
    for n in range(days):
        day = first + timedelta(days=n)
        weights.append(
            (0.5 + n / days) * _WEEK[day.weekday()] * (1.5 if day.day in (25, 26) else 1) * (2.2 if day.day == day.month else 1)
        )
    weights[-1] *= of_last
    whole, found, told, so_far = sum(weights), [], 0, 0.0
    for n, weight in enumerate(weights):
        so_far += weight
        upto = total if n == days - 1 else int(total * so_far / whole)
        found.append((first + timedelta(days=n), upto - told))
        told = upto
    return found


def months(
    ways: Sequence[Way],
    per_day: Sequence[tuple[date, int]],
    zone: str,
    folder: Path,
    *,
    before: datetime,
    seed: int,
    memory: str = "256MB",
) -> Iterator[Month]:
    """Files of a month's clicks each, oldest first. before: no click is later."""
    engine = duckdb.connect(":memory:", config={"memory_limit": memory, "threads": 2, "temp_directory": str(folder / "spill")})
    try:
        engine.execute("CREATE MACRO u(i, salt) AS (hash(i * 64 + salt) >> 11) / 9007199254740992.0")
        engine.execute(_WAYS, [json.dumps([[getattr(way, name) for name in Way.__slots__] for way in ways])])
        creators, links = max(way.creator_rank for way in ways), max(way.link_rank for way in ways)
        hours = [hour for hour, weight in enumerate(_HOURS) for _ in range(weight)]
        first = seed
        names = sorted({(day.year, day.month) for day, _ in per_day})
        for name in names:
            days = [(day, count) for day, count in per_day if (day.year, day.month) == name and count]
            begins = [datetime.combine(day, time.min, ZoneInfo(zone)) for day, _ in days]
            told = [
                [(day - date(1970, 1, 1)).days, int(begin.timestamp()), count]
                for (day, count), begin in zip(days, begins, strict=True)
            ]
            count = sum(count for _, count in days)
            path = folder / f"{name[0]}-{name[1]:02}.parquet"
            values = {
                "days": json.dumps(told), "first": first, "hours": hours, "before": int(before.timestamp()),
                "creators": creators, "links": links,
            }  # fmt: skip
            engine.execute(f"COPY ({_CLICKS}) TO '{path}' (FORMAT parquet, CODEC snappy)", values)
            yield Month(path, first, count, begins[0], begins[-1] + timedelta(days=1))
            path.unlink()
            first += count
    finally:
        engine.close()


_WAYS = """
CREATE TABLE ways AS SELECT CAST(w->>0 AS INT) creator_rank, CAST(w->>1 AS INT) link_rank, CAST(w->>2 AS INT) creator, CAST(w->>3 AS INT) program,
  CAST(w->>4 AS INT) link, CAST(w->>5 AS INT) product, w->>6 channel, w->>7 placement
FROM (SELECT unnest(CAST($1 AS JSON[])) w)
"""

# one number in, everything out: u(i, n) is the nth die of click i, u(visitor, n) that of whoever tapped
_CLICKS = """
WITH days AS (SELECT CAST(d->>0 AS BIGINT) AS day, CAST(d->>1 AS BIGINT) begins, CAST(d->>2 AS BIGINT) n FROM (SELECT unnest(CAST($days AS JSON[])) d)),
starts AS (SELECT *, $first + SUM(n) OVER (ORDER BY day) - n AS start FROM days),
numbers AS (SELECT day, begins, n, unnest(range(CAST(start AS BIGINT), CAST(start + n AS BIGINT))) AS i FROM starts),
dice AS (
  SELECT i, day, begins, CAST(floor(pow($creators + 1, u(i, 1))) AS INT) AS creator_rank, CAST(floor(pow($links + 1, u(i, 2))) AS INT) AS link_rank,
    CAST(hash(day * 1000003 + CAST(floor(u(i, 3) * n * 0.72) AS BIGINT)) & 281474976710655 AS BIGINT) AS visitor,
    u(i, 4) AS what, list_extract($hours, 1 + CAST(floor(u(i, 5) * len($hours)) AS INT)) AS hour
  FROM numbers),
judged AS (
  SELECT *, CASE WHEN what < 0.862 THEN 'payable' WHEN what < 0.9 THEN 'duplicate' WHEN what < 0.945 THEN 'bot' WHEN what < 0.975 THEN 'preview'
    WHEN what < 0.985 THEN 'prefetch' WHEN what < 0.995 THEN 'embedded' WHEN what < 0.998 THEN 'own' ELSE 'test' END AS kind
  FROM dice JOIN ways USING (creator_rank, link_rank)),
people AS (
  SELECT *, kind IN ('bot', 'preview') AS machine,
    CASE WHEN u(visitor, 1) < 0.915 THEN 'phone' WHEN u(visitor, 1) < 0.935 THEN 'tablet' ELSE 'desktop' END AS has,
    u(visitor, 2) < 0.84 AS android,
    CASE WHEN channel IN ('instagram', 'tiktok') AND u(visitor, 1) < 0.935 AND u(visitor, 3) < 0.72 THEN channel
      WHEN channel = 'other' AND u(visitor, 3) < 0.3 THEN 'facebook' ELSE '' END AS app
  FROM judged)
SELECT CAST(least(begins + hour * 3600 + floor(u(i, 6) * 3600), $before - 1 - floor(u(i, 6) * 3600)) AS INTEGER) AS moment,
  creator, program, link, product, 0 AS post, CASE WHEN machine THEN 0 ELSE visitor END AS visitor, kind,
  CASE kind WHEN 'payable' THEN '' WHEN 'duplicate' THEN 'repeat_within_10s' WHEN 'prefetch' THEN 'sec_purpose' WHEN 'embedded' THEN 'mode_no-cors'
    WHEN 'own' THEN 'creators_own' WHEN 'test' THEN 'brand_member' ELSE 'agent' END AS reason,
  channel, placement,
  CASE WHEN u(visitor, 4) < 0.9 THEN 'ID' WHEN u(visitor, 4) < 0.94 THEN 'MY' WHEN u(visitor, 4) < 0.965 THEN 'SG'
    WHEN u(visitor, 4) < 0.995 THEN ['HK', 'TW', 'SA', 'AU', 'US', 'JP', 'NL', 'BN', 'KR', 'AE'][1 + CAST(floor(u(visitor, 5) * 10) AS INT)] ELSE '' END AS country,
  CASE WHEN machine THEN '' ELSE has END AS device,
  CASE WHEN machine THEN '' WHEN has = 'desktop' THEN (CASE WHEN android THEN 'windows' ELSE 'macos' END) WHEN android THEN 'android' ELSE 'ios' END AS system,
  CASE WHEN machine THEN '' WHEN app <> '' THEN 'webview' WHEN has <> 'desktop' AND NOT android THEN 'safari' WHEN u(visitor, 6) < 0.78 THEN 'chrome'
    WHEN u(visitor, 6) < 0.88 THEN 'samsung' WHEN u(visitor, 6) < 0.95 THEN 'opera' ELSE 'firefox' END AS browser,
  CASE WHEN machine THEN '' ELSE app END AS inside,
  CASE WHEN machine THEN '' WHEN u(visitor, 7) < 0.86 THEN 'id' WHEN u(visitor, 7) < 0.95 THEN 'en' WHEN u(visitor, 7) < 0.98 THEN 'ms' ELSE 'zh' END AS language,
  CASE WHEN machine OR u(i, 8) < 0.35 THEN '' WHEN channel = 'instagram' THEN 'l.instagram.com' WHEN channel = 'tiktok' THEN 'www.tiktok.com'
    WHEN channel = 'other' THEN ['www.google.com', 'm.facebook.com', 't.co', 'www.youtube.com'][1 + CAST(floor(u(i, 9) * 4) AS INT)] ELSE '' END AS referrer,
  CASE WHEN channel IN ('instagram', 'tiktok') AND link_rank % 2 = 1 THEN channel ELSE '' END AS utm_source,
  CASE WHEN channel IN ('instagram', 'tiktok') AND link_rank % 2 = 1 THEN 'social' ELSE '' END AS utm_medium,
  CASE WHEN channel IN ('instagram', 'tiktok') AND link_rank % 2 = 1 THEN ['ramadan', 'gajian', '11-11', 'kopi-baru'][1 + CAST(day // 30 % 4 AS INT)] ELSE '' END AS utm_campaign,
  '' AS destination, day, i
FROM people
"""

assert StoredClick._fields[0] == "moment"  # the columns above are those, then the day and the number
