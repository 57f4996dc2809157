"""Clicks close into segments once, whatever breaks; questions over segments and tail are exact; only closed ones are let go of."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, func, select, text, update

from socialshop.adapters.clicks import Counted, ParquetStore, Question, SegmentsMissing, Tail
from socialshop.domain import clicks, segments
from socialshop.flows import all_clicks, archive
from socialshop.kernel.database import db, session, transaction

from .. import builders

JUNE = datetime(2026, 6, 1, tzinfo=UTC)
LATER = JUNE + timedelta(days=30)
EVER = Question(JUNE - timedelta(days=400), JUNE + timedelta(days=400), "Asia/Jakarta")

pytestmark = pytest.mark.usefixtures("room")


@pytest.fixture
def taps(world: builders.World) -> Taps:
    return Taps(world)


@pytest.fixture(autouse=True)
def _usual_keeping() -> Iterator[None]:
    yield
    archive.set_up(archive.Keeping())


class Taps:
    """Clicks on two links, one of a product."""

    def __init__(self, world: builders.World) -> None:
        brand = world.brand()
        creator = world.creator()
        self.product = world.product(brand)
        self.program = world.program(brand, from_at=JUNE)
        self.links = [world.link(creator), world.link(creator, product=self.product)]
        self.creator, self.made = creator, 0

    def come(self, count: int, at: datetime = JUNE, *, every: timedelta = timedelta(minutes=7), **facts: Any) -> None:
        rows = []
        for n in range(count):
            link = self.links[(self.made + n) % 2]
            kind = facts.get("kind", "bot" if n % 5 == 4 else "payable")
            rows.append(
                clicks.Click(
                    public_id=f"clk_{self.made + n}", link_id=link.id, creator_id=self.creator.id, visitor=facts.get("visitor", f"v{n % 9}"),
                    at=at + n * every, kind=kind, reason="" if kind == "payable" else "agent", channel="instagram",
                    country=["ID", "MY", ""][n % 3], device="phone",
                )
            )  # fmt: skip
        self.made += count
        with transaction() as current:
            current.add_all(rows)


def by_database(question: Question) -> list[Counted]:
    """The same question, from rows of the database read one by one."""
    seen: set[Any] = set()
    zone = ZoneInfo(question.zone)
    for row in session().scalars(select(clicks.Click)):
        day = row.at.astimezone(zone).date()
        facts = {"country": row.country, "link": row.link_id, "day": day, "kind": row.kind}
        if not question.since <= row.at < question.until or (question.measure != "requests" and row.kind != "payable"):
            continue
        values = tuple(facts[name] for name in question.by)
        seen.add((values, (day, row.visitor) if question.measure == "visitors" else row.id))
    counts = Counter(values for values, _ in seen)
    key = (lambda item: item[0]) if "day" in question.by else (lambda item: (-item[1], item[0]))
    return [Counted(values, count) for values, count in sorted(counts.items(), key=key)]


def ripen(now: datetime = LATER) -> None:
    """See what is there, and close it once it is ripe."""
    archive.run({}, now=now)
    archive.run({}, now=now + timedelta(minutes=15))


def requests() -> int:
    """What every class adds up to."""
    return all_clicks.count(Question(EVER.since, EVER.until, measure="requests"))[0].count


def test_clicks_are_closed_once_they_are_ripe(taps: Taps) -> None:
    taps.come(50)
    archive.run({}, now=LATER)
    assert segments.totals()[0] == 0
    archive.run({}, now=LATER + timedelta(minutes=14))
    assert segments.totals()[0] == 0
    archive.run({}, now=LATER + timedelta(minutes=15))
    assert segments.totals()[:2] == (1, 50)
    assert len(all_clicks.store().there()) == 1
    for minutes in (30, 45, 60):
        archive.run({}, now=LATER + timedelta(minutes=minutes))
    assert segments.totals()[:2] == (1, 50)
    assert requests() == 50


def test_few_clicks_wait_for_the_end_of_their_day(taps: Taps, monkeypatch: pytest.MonkeyPatch) -> None:
    taps.come(20, JUNE + timedelta(hours=1))
    ripen(JUNE + timedelta(hours=5))
    assert segments.totals()[0] == 0
    monkeypatch.setattr(archive, "WORTH_CLOSING", 20)
    ripen(JUNE + timedelta(hours=6))
    assert segments.totals()[:2] == (1, 20)


def test_questions_over_segments_and_tail_are_those_of_the_database(taps: Taps) -> None:
    """Visitors come before and after the line between both, on the same day and on others."""
    taps.come(120, JUNE + timedelta(hours=3))
    ripen()
    taps.come(90, JUNE + timedelta(hours=9))
    assert segments.totals()[:2] == (1, 120)
    dice = random.Random(3)
    for measure in ("clicks", "visitors", "requests"):
        for by in ((), ("day",), ("country",), ("country", "day"), ("link", "kind")):
            for zone in ("Asia/Jakarta", "America/New_York"):
                since = JUNE + timedelta(hours=dice.randrange(12), microseconds=1)
                for question in (
                    Question(EVER.since, EVER.until, zone, by=by, measure=measure),  # type: ignore[arg-type]
                    Question(since.replace(microsecond=0), JUNE + timedelta(hours=20), zone, by=by, measure=measure),  # type: ignore[arg-type]
                ):
                    assert all_clicks.count(question) == by_database(question), question


def test_a_product_is_that_of_the_link_on_both_sides_of_the_line(taps: Taps) -> None:
    taps.come(20)
    ripen()
    taps.come(20)
    found = all_clicks.count(Question(EVER.since, EVER.until, where={"product": taps.product.id}, measure="requests"))
    assert found == [Counted((), 20)]
    by_product = all_clicks.count(Question(EVER.since, EVER.until, by=("product", "link"), measure="requests"))
    assert by_product == [Counted((0, taps.links[0].id), 20), Counted((taps.product.id, taps.links[1].id), 20)]


class Dying(ParquetStore):
    """Writes its segment, and is killed before anything can be committed."""

    def add(self, rows: Any, *, key: str) -> int:
        super().add(rows, key=key)
        raise KeyboardInterrupt

    def join(self, keys: Any, *, key: str) -> int:
        super().join(keys, key=key)
        raise KeyboardInterrupt


def test_who_is_killed_between_file_and_commit_leaves_nothing_that_counts(taps: Taps, settings: Any) -> None:
    taps.come(40)
    archive.run({}, now=LATER)
    now = LATER + timedelta(minutes=15)
    all_clicks.set_up(Dying(settings.clicks_folder))
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            archive.run({}, now=now)
        assert requests() == 40
    all_clicks.set_up(ParquetStore(settings.clicks_folder))
    archive.run({}, now=now)
    assert len(all_clicks.store().there()) == 3
    assert (segments.totals()[:2], requests()) == ((1, 40), 40)
    archive.nightly({}, now=now + timedelta(minutes=59))
    assert len(all_clicks.store().there()) == 3  # who wrote it might still be at work
    archive.nightly({}, now=now + timedelta(minutes=61))
    assert all_clicks.store().there() == {one.key for one in segments.in_order()}
    assert requests() == 40


def test_two_at_once_close_the_same_clicks_once(taps: Taps, settings: Any) -> None:
    taps.come(40)
    archive.run({}, now=LATER)
    now = LATER + timedelta(minutes=15)

    class Slow(ParquetStore):
        def add(self, rows: Any, *, key: str) -> int:
            size = super().add(rows, key=key)
            all_clicks.set_up(ParquetStore(settings.clicks_folder))
            archive.run({}, now=now)  # the other, from beginning to end
            return size

    all_clicks.set_up(Slow(settings.clicks_folder))
    archive.run({}, now=now)
    assert (segments.totals()[:2], requests()) == ((1, 40), 40)


def test_days_and_months_are_joined_and_say_the_same(taps: Taps, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "WORTH_CLOSING", 10)
    monkeypatch.setattr(archive, "AT_MOST", 30)
    taps.come(200, every=timedelta(hours=5))
    ripen()
    questions = [
        Question(EVER.since, EVER.until, "Asia/Jakarta", by=by, measure=measure)  # type: ignore[arg-type]
        for by in ((), ("day",), ("country",))
        for measure in ("clicks", "visitors", "requests")
    ]
    before = [all_clicks.count(question) for question in questions]
    assert segments.totals()[:2] == (7, 200)
    later = LATER + timedelta(days=60)
    for _ in range(2):
        archive.nightly({}, now=later)
        archive.nightly({}, now=later + timedelta(hours=2))
        assert [all_clicks.count(question) for question in questions] == before
    assert [one.level for one in segments.in_order()] == ["month", "month"]
    assert all_clicks.store().there() == {one.key for one in segments.in_order()}
    first, second = segments.in_order()
    assert (first.first_id, second.last_id, second.first_id - first.last_id) == (1, 200, 1)


def test_who_is_killed_while_joining_changes_nothing(taps: Taps, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "WORTH_CLOSING", 10)
    monkeypatch.setattr(archive, "AT_MOST", 30)
    taps.come(60)
    ripen()
    all_clicks.set_up(Dying(settings.clicks_folder))
    with pytest.raises(KeyboardInterrupt):
        archive.nightly({}, now=LATER + timedelta(days=9))
    assert (segments.totals()[:2], requests()) == ((2, 60), 60)
    all_clicks.set_up(ParquetStore(settings.clicks_folder))
    archive.nightly({}, now=LATER + timedelta(days=9))
    assert (segments.totals()[:2], requests()) == ((1, 60), 60)


def test_what_was_judged_anew_or_came_in_late_is_written_anew(taps: Taps) -> None:
    """A spool that was away brings a tap which makes a repeat of one that is closed already; one row was not there at all."""
    taps.come(40)
    with transaction():
        session().execute(delete(clicks.Click).where(clicks.Click.id == 7))
    ripen()
    with transaction() as current:
        session().execute(update(clicks.Click).where(clicks.Click.id == 3).values(kind="duplicate", reason="repeat_within_10s"))
        current.add(
            clicks.Click(
                id=7, public_id="clk_late", link_id=taps.links[0].id, creator_id=taps.creator.id, visitor="v1", at=JUNE, country="ID",
                kind="payable",
            )
        )  # fmt: skip
    by_class = Question(EVER.since, EVER.until, by=("kind",), measure="requests")
    assert all_clicks.count(by_class) != by_database(by_class)
    archive.nightly({}, now=LATER + timedelta(days=3))
    assert all_clicks.count(by_class) == by_database(by_class)
    assert segments.totals()[:2] == (1, 40)


def test_only_what_is_closed_is_let_go_of(taps: Taps) -> None:
    taps.come(30)
    archive.set_up(archive.Keeping(recent=1))
    archive.nightly({}, now=LATER + timedelta(days=200))
    assert here() == 30  # nothing of it is in a segment
    ripen(LATER + timedelta(days=200))
    taps.come(10, LATER + timedelta(days=190))
    archive.nightly({}, now=LATER + timedelta(days=201))
    assert here() == 11  # the tail, and the newest closed one, so that no id is given twice
    assert requests() == 40
    taps.come(5, LATER + timedelta(days=201))
    ripen(LATER + timedelta(days=202))
    assert requests() == 45


def test_nothing_is_let_go_of_while_terms_may_still_ask_for_it(taps: Taps, world: builders.World) -> None:
    """The longest window of any terms there ever were, and the hold of what it earned, outweigh a shorter setting."""
    taps.come(30)
    world.version(taps.program, {"rules": [], "window_days": 60, "hold_days": 40}, from_at=JUNE + timedelta(hours=1), number=9)
    archive.set_up(archive.Keeping(recent=1))
    ripen()
    archive.nightly({}, now=JUNE + timedelta(days=99))
    assert here() == 30
    archive.nightly({}, now=JUNE + timedelta(days=101))
    assert here() == 1


def test_nothing_is_let_go_of_while_a_segment_is_missing(taps: Taps) -> None:
    taps.come(30)
    archive.set_up(archive.Keeping(recent=1))
    ripen()
    all_clicks.store().drop(all_clicks.store().there())
    archive.nightly({}, now=LATER + timedelta(days=201))
    assert here() == 30
    assert all_clicks.store().there() == set()


def test_in_another_folder_nothing_is_closed_beside_what_lies_here(taps: Taps, settings: Any) -> None:
    """A worker on a second machine must not write segments where nobody else finds them."""
    taps.come(30)
    ripen()
    taps.come(30)
    all_clicks.set_up(ParquetStore(settings.instance / "elsewhere"))
    ripen(LATER + timedelta(days=1))
    assert segments.totals()[:2] == (1, 30)
    with pytest.raises(SegmentsMissing, match="1 segments"):
        requests()
    all_clicks.set_up(ParquetStore(settings.clicks_folder))
    ripen(LATER + timedelta(days=2))
    assert (segments.totals()[:2], requests()) == ((2, 60), 60)


def test_a_question_finds_what_was_joined_while_it_was_asked(taps: Taps, settings: Any) -> None:
    taps.come(30)
    ripen()

    class Overtaken(ParquetStore):
        def count(self, question: Any, keys: Any, tail: Any = Tail()) -> Any:  # noqa: B008
            if not done:
                done.append(True)
                with transaction() as current:
                    (only,) = segments.in_order()
                    key, only.key = only.key, "renamed"
                    current.flush()
                (settings.clicks_folder / f"{key}.parquet").rename(settings.clicks_folder / "renamed.parquet")
            return super().count(question, keys, tail)

    done: list[bool] = []
    all_clicks.set_up(Overtaken(settings.clicks_folder))
    assert requests() == 30


def test_single_clicks_are_kept_as_long_as_the_operator_says(taps: Taps) -> None:
    taps.come(30)
    taps.come(30, JUNE + timedelta(days=20))
    archive.set_up(archive.Keeping(recent=1, raw=300))
    ripen()
    archive.nightly({}, now=JUNE + timedelta(days=310))
    assert requests() == 60
    archive.nightly({}, now=JUNE + timedelta(days=330))
    assert segments.totals() == (0, 0, 0)
    archive.nightly({}, now=JUNE + timedelta(days=331))
    assert all_clicks.store().there() == set()


def test_a_transaction_that_is_still_open_is_waited_for(taps: Taps, request: pytest.FixtureRequest) -> None:
    """On PostgreSQL it may hold lower ids than others have committed; on SQLite there is one writer."""
    if request.config.getoption("--database") == "sqlite":
        pytest.skip("SQLite has one writer")
    taps.come(10)
    with db.engine.connect() as other:
        other.execute(
            text("INSERT INTO clicks (public_id, link_id, creator_id, visitor, at, kind, reason, channel, placement, agent, referrer)"
                 " SELECT 'clk_slow', link_id, creator_id, 'slow', at, 'payable', '', '', '', '', '' FROM clicks WHERE id = 1")
        )  # fmt: skip
        taps.come(10)
        ripen()
        ripen(LATER + timedelta(hours=1))
        assert segments.totals()[0] == 0
        other.commit()
    ripen(LATER + timedelta(hours=2))
    assert segments.totals()[:2] == (1, 21)
    assert requests() == 21


def test_a_segment_says_nothing_of_who_a_visitor_is(taps: Taps, settings: Any) -> None:
    taps.come(20, visitor="vis_somebody")
    ripen()
    (path,) = settings.clicks_folder.glob("*.parquet")
    import duckdb

    rows = duckdb.sql(f"SELECT * FROM '{path}'").fetchall()
    names = [column[0] for column in duckdb.sql(f"SELECT * FROM '{path}' LIMIT 0").description]
    assert not {"public_id", "agent", "network", "id"} & set(names)
    assert "vis_somebody" not in str(rows)
    key = bytes.fromhex(segments.progress().visitor_key)
    assert {row[names.index("visitor")] for row in rows} == {all_clicks.mark("vis_somebody", key)}
    assert all_clicks.mark("vis_somebody", key) != all_clicks.mark("vis_somebody", b"k" * 32)


def here() -> int:
    return session().scalar(select(func.count()).select_from(clicks.Click)) or 0
