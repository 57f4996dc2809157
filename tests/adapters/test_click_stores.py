"""What every store of all clicks must do, asked of each."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import chdb
import pytest

from socialshop.adapters.clicks import ClickStore, Counted, ParquetStore, Question, StoredClick, Tail
from socialshop.adapters.clicks.clickhouse import ClickHouseStore
from socialshop.kernel.errors import TryLater
from tests.doubles.clickhouse import ClickHouseDouble

JUNE = datetime(2026, 6, 1, tzinfo=UTC)
WEEK = Question(JUNE, JUNE + timedelta(days=7))


@pytest.fixture(params=["parquet", "clickhouse"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ClickStore]:
    opened = ParquetStore(tmp_path / "clicks") if request.param == "parquet" else ClickHouseStore("chdb://memory/default")
    yield opened
    opened.drop(opened.there())
    opened.close()


def click(at: datetime = JUNE, *, visitor: int = 1, **facts: Any) -> StoredClick:
    """A tap from Jakarta on a phone, inside Instagram."""
    usual = StoredClick(
        int(at.timestamp()), 1, 1, 10, 100, 0, visitor, "payable", "", "instagram", "bio", "ID", "phone", "android", "chrome",
        "instagram", "id", "l.instagram.com", "ig", "social", "lebaran", "",
    )  # fmt: skip
    return usual._replace(**facts)


def test_what_was_added_is_counted(store: ClickStore) -> None:
    store.add([click(), click(JUNE + timedelta(days=1), country="MY"), click(kind="bot", reason="agent")], key="a")
    assert store.count(WEEK, ["a"]) == [Counted((), 2)]
    assert store.count(replace(WEEK, measure="requests"), ["a"]) == [Counted((), 3)]
    by_country = replace(WEEK, by=("country",))
    assert store.count(by_country, ["a"]) == [Counted(("ID",), 1), Counted(("MY",), 1)]
    by_class = replace(WEEK, by=("kind", "reason"), measure="requests")
    assert store.count(by_class, ["a"]) == [Counted(("payable", ""), 2), Counted(("bot", "agent"), 1)]


def test_the_same_key_again_adds_nothing_twice(store: ClickStore) -> None:
    for _ in range(3):
        store.add([click(), click(visitor=2)], key="a")
    assert store.there() == {"a"}
    assert store.count(WEEK, store.there()) == [Counted((), 2)]


def test_only_segments_that_count_are_counted(store: ClickStore) -> None:
    store.add([click()], key="a")
    store.add([click()], key="left-over")
    assert store.count(WEEK, ["a"]) == [Counted((), 1)]
    assert store.there() == {"a", "left-over"}
    store.drop(["left-over", "never-there"])
    assert store.there() == {"a"}
    assert store.count(WEEK, []) == [Counted((), 0)]


def test_segments_are_joined_into_one(store: ClickStore) -> None:
    store.add([click(), click(visitor=2)], key="a")
    store.add([click(visitor=2), click(visitor=3)], key="b")
    for _ in range(2):
        store.join(["a", "b"], key="both")
    people = replace(WEEK, measure="visitors")
    assert store.count(people, ["both"]) == store.count(people, ["a", "b"]) == [Counted((), 3)]
    store.drop(["a", "b"])
    assert store.count(WEEK, ["both"]) == [Counted((), 4)]


def test_nobody_is_two_visitors_of_one_day(store: ClickStore) -> None:
    """Who came yesterday and today is two visitors; who is in a segment and in the tail today is one."""
    today = JUNE + timedelta(days=1)
    store.add([click(), click(today), click(today, visitor=2), click(today, visitor=0)], key="a")
    people = replace(WEEK, measure="visitors")
    day = (today.date() - date(1970, 1, 1)).days
    assert store.count(people, ["a"]) == [Counted((), 3)]
    assert store.count(people, ["a"], Tail([(day, 1), (day, 9), (day + 1, 1)])) == [Counted((), 5)]
    by_day = replace(people, by=("day",))
    tail = Tail([(day, day, 1), (day, day, 9)])
    assert store.count(by_day, ["a"], tail) == [Counted((JUNE.date(),), 1), Counted((today.date(),), 3)]


def test_the_tail_is_counted_with_the_segments(store: ClickStore) -> None:
    store.add([click(), click(country="MY"), click(country="MY")], key="a")
    by_country = replace(WEEK, by=("country",))
    found = store.count(by_country, ["a"], Tail([("ID", 5), ("SG'\\\n", 1)]))
    assert found == [Counted(("ID",), 6), Counted(("MY",), 2), Counted(("SG'\\\n",), 1)]
    assert store.count(by_country, [], Tail([("ID", 5)])) == [Counted(("ID",), 5)]


def test_an_answer_has_its_bounds_and_its_order(store: ClickStore) -> None:
    store.add([click(link=n % 7, visitor=n) for n in range(20)], key="a")
    top = store.count(replace(WEEK, by=("link",), limit=3), ["a"])
    assert top == [Counted((0,), 3), Counted((1,), 3), Counted((2,), 3)]
    with pytest.raises(ValueError, match="not a question"):
        replace(WEEK, by=("agent",))
    with pytest.raises(ValueError, match="not a question"):
        replace(WEEK, where={"1=1; --": 1})


@pytest.mark.parametrize("odd", ["'", "\\", "''; DROP TABLE clicks; --", "{x:String}", "%s", "$1", "é\n\t☕", '"'])
def test_text_stays_text(store: ClickStore, odd: str) -> None:
    store.add([click(placement=odd), click(placement="bio")], key="a")
    assert store.count(replace(WEEK, where={"placement": odd}, by=("placement",)), ["a"]) == [Counted((odd,), 1)]
    assert store.count(replace(WEEK, where={"placement": [odd, "bio"]}), ["a"]) == [Counted((), 2)]
    assert store.count(replace(WEEK, where={"placement": []}), ["a"]) == [Counted((), 0)]


def test_a_segment_has_a_plain_name(store: ClickStore) -> None:
    for key in ("../a", "a/b", "", "a'b", "ä"):
        with pytest.raises(ValueError, match="key"):
            store.add([click()], key=key)


@pytest.mark.parametrize("zone", ["Asia/Jakarta", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"])
def test_days_and_hours_of_any_zone(store: ClickStore, zone: str) -> None:
    """Over the nights at which New York's and Lord Howe's clocks are put back and forward."""
    dice = random.Random(7)
    since, until = datetime(2026, 2, 20, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC)
    span = int((until - since).total_seconds())
    moments = [since + timedelta(seconds=dice.randrange(span)) for _ in range(1000)]
    moments += [datetime(2026, 3, 8, 6, 59, 59, tzinfo=UTC) + timedelta(seconds=n) for n in range(3)]  # New York
    moments += [datetime(2026, 11, 1, 6, 0, 0, tzinfo=UTC) + timedelta(seconds=n) for n in range(-1, 2)]
    moments += [datetime(2026, 4, 4, 15, 0, 0, tzinfo=UTC) + timedelta(seconds=n) for n in range(-1, 2)]  # Lord Howe
    store.add([click(at, visitor=n % 40) for n, at in enumerate(moments)], key="a")
    local = [at.astimezone(ZoneInfo(zone)) for at in moments]
    told: dict[str, Callable[[datetime], Any]] = {
        "day": datetime.date,
        "hour": lambda at: at.replace(minute=0, second=0, tzinfo=None, fold=0),
        "weekday": datetime.weekday,
        "clock": lambda at: at.hour,
    }
    for word, of in told.items():
        expected = sorted(Counter(map(of, local)).items())
        found = store.count(Question(since, until, zone, by=(word,), limit=10_000), ["a"])
        assert [(row.values[0], row.count) for row in found] == expected, word
    people = len({(at.date(), n % 40) for n, at in enumerate(local) if n % 40})
    assert store.count(Question(since, until, zone, measure="visitors"), ["a"]) == [Counted((), people)]


def test_a_period_is_half_open_to_the_second(store: ClickStore) -> None:
    store.add([click(JUNE), click(JUNE + timedelta(seconds=1)), click(JUNE + timedelta(seconds=2))], key="a")
    assert store.count(Question(JUNE, JUNE + timedelta(seconds=2)), ["a"]) == [Counted((), 2)]
    after = JUNE + timedelta(microseconds=1)
    assert store.count(Question(after, JUNE + timedelta(seconds=2)), ["a"]) == [Counted((), 1)]


def test_random_questions_against_counting_by_hand(store: ClickStore) -> None:
    dice = random.Random(11)
    rows = [
        click(
            JUNE + timedelta(seconds=dice.randrange(6 * 86_400)), visitor=dice.randrange(30), creator=dice.randrange(4),
            link=dice.randrange(9), product=dice.randrange(3), country=dice.choice(["ID", "MY", ""]),
            device=dice.choice(["phone", "desktop"]), kind=dice.choice(["payable", "payable", "bot", "duplicate"]),
        )
        for _ in range(3000)
    ]  # fmt: skip
    store.add(rows[:1000], key="a")
    store.add(iter(rows[1000:2500]), key="b")
    store.join(["a", "b"], key="ab")
    store.add(rows[2500:], key="c")
    for _ in range(25):
        by = tuple(dice.sample(["creator", "link", "product", "country", "device", "kind", "day", "clock"], dice.randrange(4)))
        where = dice.choice([{}, {"country": "ID"}, {"creator": [1, 3]}, {"device": "phone", "product": 2}])
        question = Question(
            JUNE + timedelta(hours=dice.randrange(48)), JUNE + timedelta(hours=60 + dice.randrange(80)), "Asia/Makassar",
            where, by, dice.choice(["clicks", "visitors", "requests"]), 100_000,
        )  # fmt: skip
        assert store.count(question, ["ab", "c"]) == by_hand(question, rows), question


def test_who_asks_nothing_does_not_carry_the_engine(tmp_path: Path) -> None:
    """A web worker's memory holds DuckDB from the first question on, until nobody has asked for a while."""
    said = "import sys, socialshop.app, socialshop.worker; print([name for name in ('duckdb', 'clickhouse_connect') if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
    store = ParquetStore(tmp_path / "clicks", idle=0.05)
    store.add([click()], key="a")
    deadline = time.monotonic() + 5
    while store.is_open and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not store.is_open
    assert store.count(WEEK, ["a"]) == [Counted((), 1)]
    store.close()


@pytest.fixture
def server() -> Iterator[ClickHouseDouble]:
    engine = chdb.connect(":memory:")
    with ClickHouseDouble(engine) as running:
        yield running
    engine.close()


def test_clickhouse_over_http(server: ClickHouseDouble) -> None:
    """The same store through the driver's real client."""
    store = ClickHouseStore(server.address)
    store.add([click(placement="'\\\n"), click(visitor=2)], key="far")
    store.join(["far"], key="both")
    assert store.there() == {"far", "both"}
    assert store.count(replace(WEEK, by=("placement",)), ["far"], Tail([("bio", 5)])) == [
        Counted(("bio",), 6), Counted(("'\\\n",), 1)
    ]  # fmt: skip
    store.drop(store.there())
    store.close()


def test_an_insert_whose_answer_is_lost_is_not_believed_until_it_counts(server: ClickHouseDouble) -> None:
    """The client sends it again by itself, and the server takes both; a later attempt writes the segment anew."""
    store = ClickHouseStore(server.address)
    store.add([], key="warm")
    server.lose = 1
    with pytest.raises(TryLater, match="of 2 clicks the store has 4"):
        store.add([click(), click(visitor=2)], key="far")
    store.add([click(), click(visitor=2)], key="far")
    assert store.count(WEEK, ["far"]) == [Counted((), 2)]
    store.drop(["far"])
    store.close()


def test_a_server_that_is_away_is_told_in_our_words() -> None:
    with pytest.raises(TryLater):
        ClickHouseStore("clickhouse://default:secret@127.0.0.1:9/default").there()


def by_hand(question: Question, rows: Sequence[StoredClick]) -> list[Counted]:
    zone = ZoneInfo(question.zone)
    seen: set[Any] = set()
    for place, row in enumerate(rows):
        at = datetime.fromtimestamp(row.moment, UTC)
        local = at.astimezone(zone)
        facts = {**row._asdict(), "day": local.date(), "clock": local.hour}
        wanted = {name: [value] if isinstance(value, str | int) else value for name, value in question.where.items()}
        if not question.since <= at < question.until or any(facts[name] not in values for name, values in wanted.items()):
            continue
        if question.measure != "requests" and row.kind != "payable":
            continue
        values = tuple(facts[name] for name in question.by)
        if question.measure != "visitors":
            seen.add((values, place))
        elif row.visitor:
            seen.add((values, (local.date(), row.visitor)))
    counts = Counter(values for values, _ in seen)
    if not question.by:
        return [Counted((), counts[()])]
    timely = {"day", "clock"} & set(question.by)
    ordered = sorted(counts.items(), key=lambda item: item[0] if timely else (-item[1], item[0]))
    return [Counted(values, count) for values, count in ordered]
