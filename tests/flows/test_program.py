"""Terms come into force, are never edited, and end for good."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from socialshop.domain import audit, programs
from socialshop.domain.audit import Actor
from socialshop.domain.programs import About, Answers
from socialshop.flows import enrollment, program, verify
from socialshop.kernel import clock, faults, jobs
from socialshop.kernel.database import end_reading, session, transaction
from socialshop.kernel.errors import Conflict, Invalid, NotFound

from ..conftest import START

ACTOR = Actor("user", "usr_owner", "brand:owner")
LATER, NEXT_WEEK = START + timedelta(days=1), START + timedelta(days=7)
TEN, TWELVE = Answers(percent="10").document("IDR"), Answers(percent="12.5").document("IDR")


@pytest.fixture(autouse=True)
def _later(app):
    """Letters and jobs of the days that these stories tell are due."""
    clock.use(lambda: START + timedelta(days=30))


@pytest.fixture
def brand(room, world):
    return world.brand("senja")


@pytest.fixture
def draft(brand):
    with transaction():
        return programs.create(
            brand.id,
            About("Teman Senja"),
            TEN,
            tenant=brand.public_id,
            currency="IDR",
            timezone="Asia/Jakarta",
            actor=ACTOR,
            now=START,
        )


def publish(brand, found, document=TEN, *, seen=0, from_at=None, now=START):
    return program.publish(brand.id, found.public_id, document, seen=seen, from_at=from_at, actor=ACTOR, now=now)


def run_jobs(name="program.news", now=NEXT_WEEK):
    """Do the due jobs of that name, as the worker does."""
    rows = session().scalars(select(jobs.Job).where(jobs.Job.name == name)).all()
    for row in rows:
        program.tell_creators(row.payload, now=now)
    return len(rows)


def test_a_draft_is_in_force_for_nobody(draft):
    assert draft.state == "draft"
    assert programs.terms_now(draft.id, NEXT_WEEK) is None
    assert programs.listed() == []


def test_publishing_makes_it_live_from_that_instant(brand, draft):
    version = publish(brand, draft)
    end_reading()
    assert (programs.get(draft.id).state, programs.get(draft.id).draft) == ("live", None)
    assert programs.terms_now(draft.id, START).id == version.id
    assert programs.terms_now(draft.id, START - timedelta(microseconds=1)) is None
    assert [found.id for found in programs.listed()] == [draft.id]


def test_publishing_twice_is_one_version(brand, draft):
    assert publish(brand, draft).id == publish(brand, draft, now=LATER).id
    assert len(programs.versions_of(draft.id)) == 1


def test_newer_terms_leave_the_older_as_they_were(brand, draft):
    first = publish(brand, draft)
    second = publish(brand, draft, TWELVE, seen=1, from_at=NEXT_WEEK, now=LATER)
    end_reading()
    assert programs.terms_now(draft.id, NEXT_WEEK - timedelta(microseconds=1)).id == first.id
    assert programs.terms_now(draft.id, NEXT_WEEK).id == second.id
    engine = programs.engine_program(draft.id)
    assert [v.starts_at for v in engine.versions] == [START, NEXT_WEEK]
    assert engine.version_at(LATER).terms.rules[0].percent == "10"


def test_terms_that_moved_meanwhile_are_not_overwritten(brand, draft):
    publish(brand, draft)
    with pytest.raises(programs.TermsMoved):
        publish(brand, draft, TWELVE, seen=0, now=LATER)
    with pytest.raises(programs.TermsMoved):
        publish(brand, draft, TWELVE, seen=5, now=LATER)


@pytest.mark.parametrize("from_at", [START - timedelta(seconds=1)])
def test_terms_never_begin_in_the_past(brand, draft, from_at):
    with pytest.raises(Invalid) as refusal:
        publish(brand, draft, from_at=from_at)
    assert refusal.value.fields[0].field == "from_at"


def test_two_versions_never_begin_together(brand, draft):
    publish(brand, draft, from_at=NEXT_WEEK)
    with pytest.raises(Invalid):
        publish(brand, draft, TWELVE, seen=1, from_at=NEXT_WEEK)


def test_terms_that_the_engine_cannot_read_are_refused(brand, draft):
    with pytest.raises(Invalid):
        publish(brand, draft, {"rules": [{"id": "r", "percent": "ten"}]})
    assert programs.versions_of(draft.id) == []


def test_terms_that_have_not_begun_can_be_taken_back(brand, draft):
    publish(brand, draft)
    version = publish(brand, draft, TWELVE, seen=1, from_at=NEXT_WEEK)
    assert program.withdraw(brand.id, draft.public_id, version.public_id, actor=ACTOR, now=LATER)
    assert not program.withdraw(brand.id, draft.public_id, version.public_id, actor=ACTOR, now=LATER)
    end_reading()
    assert len(programs.versions_of(draft.id)) == 1
    assert len(programs.history_of(draft.id)) == 2
    assert publish(brand, draft, TWELVE, seen=2, from_at=NEXT_WEEK).number == 3


def test_terms_that_have_begun_cannot(brand, draft):
    version = publish(brand, draft)
    for now in (START, LATER):
        with pytest.raises(programs.TooLate):
            program.withdraw(brand.id, draft.public_id, version.public_id, actor=ACTOR, now=now)


def test_pause_stops_joining_but_not_earning(world, brand, draft):
    publish(brand, draft)
    mia = world.creator("mia")
    world.enroll(draft, mia, at=START)
    for _ in range(2):
        program.pause(brand.id, draft.public_id, actor=ACTOR, now=LATER)
    end_reading()
    assert programs.listed() == []
    assert programs.enrollment_at(draft.id, mia.id, NEXT_WEEK) is not None
    assert programs.is_enrolled(draft.id, mia.id)
    program.resume(brand.id, draft.public_id, actor=ACTOR, now=NEXT_WEEK)
    end_reading()
    assert len(programs.listed()) == 1


def test_ending_is_final_and_ends_every_stay(world, brand, draft):
    publish(brand, draft)
    mia, ana = world.creator("mia"), world.creator("ana")
    world.enroll(draft, mia, at=START)
    with transaction():
        programs.get(draft.id).joining = "approval"
    enrollment.apply(draft.public_id, ana.id, note="", now=START)
    assert program.end(brand.id, draft.public_id, actor=ACTOR, now=LATER)
    assert not program.end(brand.id, draft.public_id, actor=ACTOR, now=NEXT_WEEK)
    end_reading()
    assert programs.enrollment_at(draft.id, mia.id, LATER - timedelta(microseconds=1)) is not None
    assert programs.enrollment_at(draft.id, mia.id, LATER) is None
    assert [e.state for e in programs.enrollments_of_program(draft.id)] == ["declined", "ended"]
    assert programs.live_enrollments_of(mia.id) == []
    for step in (program.pause, program.resume):
        with pytest.raises(Conflict):
            step(brand.id, draft.public_id, actor=ACTOR, now=NEXT_WEEK)
    with pytest.raises(Conflict):
        publish(brand, draft, TWELVE, seen=1, now=NEXT_WEEK)
    assert len(session().scalars(select(audit.Entry).where(audit.Entry.act == "program.ended")).all()) == 1
    run_jobs()
    told = [letter.to for letter in world.letters() if "has ended" in letter.subject]
    assert sorted(told) == ["ana@example.test", "mia@example.test"]


def test_who_is_enrolled_reads_the_new_terms_once(world, brand, draft):
    publish(brand, draft)
    world.enroll(draft, world.creator("mia"), at=START)
    publish(brand, draft, TWELVE, seen=1, from_at=NEXT_WEEK, now=LATER)
    for _ in range(2):
        assert run_jobs() == 1
    (letter,) = world.letters()
    assert letter.subject == "New terms of Teman Senja from 8 Jun 2026, 10:00 WIB"
    assert "• Commission: 12.5% of the goods.\n" in letter.body
    assert (
        "What changes:\n• No longer: Commission: 10% of the goods.\n• From now on: Commission: 12.5% of the goods." in letter.body
    )


def test_telling_many_broken_in_the_middle_tells_each_once(world, brand, draft, monkeypatch):
    monkeypatch.setattr(program, "BATCH", 2)
    publish(brand, draft)
    for name in ("mia", "ana", "tio", "zed", "pak"):
        world.enroll(draft, world.creator(name), at=START)
    publish(brand, draft, TWELVE, seen=1, now=LATER)
    faults.arm("program.news.mid:raise:2")
    with pytest.raises(faults.Fault):
        run_jobs()
    faults.arm("")
    run_jobs()
    told = [letter.to for letter in world.letters()]
    assert len(told) == len(set(told)) == 5


@pytest.mark.parametrize("step", ["publish", "end"])
def test_broken_in_the_middle_nothing_happened(world, brand, draft, step):
    faults.arm("program.before_commit:raise")
    with pytest.raises(faults.Fault):
        publish(brand, draft) if step == "publish" else program.end(brand.id, draft.public_id, actor=ACTOR, now=LATER)
    faults.arm("")
    end_reading()
    assert programs.get(draft.id).state == "draft"
    assert programs.history_of(draft.id) == []
    assert session().scalars(select(jobs.Job)).all() == []


def test_another_brands_program_is_not_found(world, draft):
    stranger = world.brand("pagi")
    with pytest.raises(NotFound):
        publish(stranger, draft)
    for step in (program.pause, program.resume, program.end):
        with pytest.raises(NotFound):
            step(stranger.id, draft.public_id, actor=ACTOR, now=LATER)


def test_a_name_is_given_once_in_a_brand(brand, draft):
    with pytest.raises(Invalid) as refusal, transaction():
        programs.create(
            brand.id,
            About("Teman  senja"),
            TEN,
            tenant=brand.public_id,
            currency="IDR",
            timezone="Asia/Jakarta",
            actor=ACTOR,
            now=START,
        )
    assert refusal.value.fields[0].code == "taken"


def test_groups_count_from_now_on_and_are_written_down(world, brand, draft):
    publish(brand, draft)
    stay = world.enroll(draft, world.creator("mia"), at=START)
    for _ in range(2):
        with transaction():
            found, _ = programs.enrollment_of_brand(brand.id, stay.public_id)
            programs.set_groups(found, ["vip"], tenant=brand.public_id, actor=ACTOR, now=START)
    assert programs.standing_at(draft.id, [stay.creator_id, 99], START)[stay.creator_id].groups == ("vip",)
    assert not programs.standing_at(draft.id, [99], START)[99].covers(START)
    assert len(session().scalars(select(audit.Entry).where(audit.Entry.act == "enrollment.grouped")).all()) == 1


def test_new_terms_begin_after_every_order_that_is_here_also_one_from_a_clock_ahead(world, brand, draft):
    """An order of ten minutes ahead of us was judged by the first terms, and stays theirs."""
    clock.use(lambda: START)
    publish(brand, draft)
    mia = world.creator("mia")
    world.enroll(draft, mia)
    world.code(mia, draft, "mia10")
    ahead = START + timedelta(minutes=10)
    world.order((world.product(brand, price=100_000, stock=5), 1), paid=True, code="mia10", now=ahead)
    with pytest.raises(Invalid):
        publish(brand, draft, TWELVE, seen=1, from_at=ahead, now=START + timedelta(minutes=1))
    second = publish(brand, draft, TWELVE, seen=1, now=START + timedelta(minutes=1))
    assert second.from_at == ahead + timedelta(microseconds=1)
    assert publish(brand, draft, TWELVE, seen=1, now=START + timedelta(minutes=2)).id == second.id
    assert verify.run(ahead + timedelta(hours=1)) == []


def test_an_order_from_a_clock_days_ahead_needs_somebody_to_look(world, brand, draft):
    clock.use(lambda: START)
    publish(brand, draft)
    mia = world.creator("mia")
    world.enroll(draft, mia)
    world.code(mia, draft, "mia10")
    world.order((world.product(brand, price=100_000, stock=5), 1), paid=True, code="mia10", now=NEXT_WEEK)
    with pytest.raises(Invalid):
        publish(brand, draft, TWELVE, seen=1, now=START + timedelta(minutes=1))
