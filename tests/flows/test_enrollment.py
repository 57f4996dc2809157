"""Into a program and out of it: once each, with its letter, and never half."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from socialshop.domain import audit, programs
from socialshop.domain.audit import Actor
from socialshop.flows import enrollment
from socialshop.kernel import clock, faults
from socialshop.kernel.database import db, end_reading, session
from socialshop.kernel.errors import Conflict, Invalid, NotFound

from ..conftest import START

ACTOR = Actor("user", "usr_owner", "brand:owner")
LATER = START + timedelta(days=1)


@pytest.fixture(autouse=True)
def _later(app):
    """Letters and jobs of the days that these stories tell are due."""
    clock.use(lambda: START + timedelta(days=30))


@pytest.fixture
def brand(room, world):
    return world.brand("senja")


@pytest.fixture
def mia(room, world):
    return world.creator("mia")


@pytest.fixture
def program(world, brand):
    return world.program(brand, joining="approval")


@pytest.fixture
def application(program, mia):
    return enrollment.apply(program.public_id, mia.id, note="I brew daily", now=START)


@pytest.fixture
def broken():
    faults.arm("enrollment.before_commit:raise")
    yield
    faults.arm("")


def state_of(row):
    end_reading()
    return programs.enrollment(row.id).state


def subjects(world):
    return [letter.subject for letter in world.letters()]


def acts(act):
    return list(session().scalars(select(audit.Entry).where(audit.Entry.act == act)))


def test_an_application_waits_and_the_brand_is_told(world, program, application):
    assert application.state == "applied"
    assert subjects(world) == ["Mia would like to join Teman Senja"]


def test_a_double_tap_applies_once(world, program, mia, application):
    again = enrollment.apply(program.public_id, mia.id, note="other", now=LATER)
    assert again.id == application.id
    assert len(subjects(world)) == 1


def test_an_open_program_takes_in_at_once(world, brand, mia):
    program = world.program(brand, "Open", joining="open")
    stay = enrollment.apply(program.public_id, mia.id, note="", now=START)
    assert (stay.state, stay.enrolled_at) == ("enrolled", START)
    assert subjects(world) == ["Mia joined Open"]
    assert programs.live_enrollments_of(mia.id)[0][0].id == program.id


@pytest.mark.parametrize("state", ["paused", "ended"])
def test_a_program_that_is_not_live_takes_nobody_in(world, brand, mia, state):
    program = world.program(brand, "Shut", state=state)
    with pytest.raises(programs.NotJoining):
        enrollment.apply(program.public_id, mia.id, note="", now=START)


def test_a_draft_is_not_there_for_creators(world, brand, mia):
    program = world.program(brand, "Secret", state="draft")
    with pytest.raises(NotFound):
        enrollment.apply(program.public_id, mia.id, note="", now=START)


def test_approval_enrolls_from_that_instant_once(world, brand, program, mia, application):
    for _ in range(2):
        enrollment.approve(brand.id, application.public_id, actor=ACTOR, now=LATER)
    end_reading()
    assert programs.enrollment_at(program.id, mia.id, LATER - timedelta(microseconds=1)) is None
    assert programs.enrollment_at(program.id, mia.id, LATER).state == "enrolled"
    assert subjects(world)[1:] == ["You are in: Teman Senja by Senja"]
    assert len(acts("enrollment.enrolled")) == 1


def test_declining_tells_the_reason_and_leaves_the_door_open(world, brand, program, mia, application):
    for _ in range(2):
        enrollment.decline(brand.id, application.public_id, reason="Too few posts about coffee", actor=ACTOR, now=LATER)
    letter = world.letters()[-1]
    assert "Too few posts about coffee" in letter.body
    again = enrollment.apply(program.public_id, mia.id, note="More now", now=LATER)
    assert again.id != application.id
    assert again.state == "applied"


def test_a_reason_must_be_given(brand, application):
    with pytest.raises(Invalid):
        enrollment.decline(brand.id, application.public_id, reason="  \n ", actor=ACTOR, now=LATER)
    assert state_of(application) == "applied"


def test_what_was_decided_is_not_decided_again(brand, application):
    enrollment.decline(brand.id, application.public_id, reason="No", actor=ACTOR, now=LATER)
    with pytest.raises(programs.Decided):
        enrollment.approve(brand.id, application.public_id, actor=ACTOR, now=LATER)
    assert state_of(application) == "declined"


def test_nobody_is_approved_while_paused(world, brand, program, application):
    from socialshop.flows import program as stories

    stories.pause(brand.id, program.public_id, actor=ACTOR, now=START)
    with pytest.raises(programs.NotJoining):
        enrollment.approve(brand.id, application.public_id, actor=ACTOR, now=LATER)


def test_another_brands_application_is_not_found(world, application):
    stranger = world.brand("pagi")
    for act in (enrollment.approve, enrollment.readmit):
        with pytest.raises(NotFound):
            act(stranger.id, application.public_id, actor=ACTOR, now=LATER)
    for act in (enrollment.decline, enrollment.remove):
        with pytest.raises(NotFound):
            act(stranger.id, application.public_id, reason="x", actor=ACTOR, now=LATER)


def test_leaving_ends_the_stay_once_and_coming_back_is_another(world, brand, mia):
    program = world.program(brand, "Open", joining="open")
    stay = enrollment.apply(program.public_id, mia.id, note="", now=START)
    assert enrollment.leave(program.public_id, mia.id, actor=ACTOR, now=LATER)
    assert not enrollment.leave(program.public_id, mia.id, actor=ACTOR, now=LATER + timedelta(hours=1))
    end_reading()
    assert programs.enrollment_at(program.id, mia.id, LATER - timedelta(microseconds=1)).id == stay.id
    assert programs.enrollment_at(program.id, mia.id, LATER) is None
    back = enrollment.apply(program.public_id, mia.id, note="", now=LATER + timedelta(days=1))
    assert back.id != stay.id
    assert len(programs.stays_of(program.id, mia.id)) == 2
    assert subjects(world) == ["Mia joined Open", "Mia left Open", "Mia joined Open"]


def test_who_never_was_in_cannot_leave(program, mia, application):
    with pytest.raises(NotFound):
        enrollment.leave(program.public_id, mia.id, actor=ACTOR, now=LATER)


def test_removed_is_told_and_only_the_brand_takes_back(world, brand, mia):
    program = world.program(brand, "Open", joining="open")
    stay = enrollment.apply(program.public_id, mia.id, note="", now=START)
    for _ in range(2):
        enrollment.remove(brand.id, stay.public_id, reason="Bought own code", actor=ACTOR, now=LATER)
    assert "Bought own code" in world.letters()[-1].body
    assert len(acts("enrollment.removed")) == 1
    with pytest.raises(programs.NotWelcome):
        enrollment.apply(program.public_id, mia.id, note="", now=LATER)
    back = [enrollment.readmit(brand.id, stay.public_id, actor=ACTOR, now=LATER + timedelta(days=1)).id for _ in range(2)]
    assert back[0] == back[1] != stay.id
    end_reading()
    assert programs.enrollment_at(program.id, mia.id, LATER) is None
    assert programs.enrollment_at(program.id, mia.id, LATER + timedelta(days=1)) is not None


def test_broken_in_the_middle_nothing_happened(world, brand, program, mia, application, broken):
    world.letters()
    for act in (
        lambda: enrollment.approve(brand.id, application.public_id, actor=ACTOR, now=LATER),
        lambda: enrollment.decline(brand.id, application.public_id, reason="No", actor=ACTOR, now=LATER),
    ):
        faults.arm("enrollment.before_commit:raise")
        with pytest.raises(faults.Fault):
            act()
        assert state_of(application) == "applied"
    faults.arm("enrollment.before_commit:raise")
    ana = world.creator("ana")
    with pytest.raises(faults.Fault):
        enrollment.apply(program.public_id, ana.id, note="", now=LATER)
    assert programs.find_newest_enrollment(program.id, ana.id) is None
    assert len(subjects(world)) == 1
    faults.arm("")
    assert enrollment.approve(brand.id, application.public_id, actor=ACTOR, now=LATER)


def race(app, *acts):
    """What each of the acts gave, done at the same moment in threads of their own."""
    gate = Barrier(len(acts))

    def run(act):
        with app.app_context():
            gate.wait()
            try:
                return act()
            except Conflict as error:
                return error
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_two_taps_at_once_are_one_application(app, world, program, mia):
    public_id, creator_id = program.public_id, mia.id
    session().commit()
    found = race(app, *[lambda: enrollment.apply(public_id, creator_id, note="", now=START).id] * 4)
    assert len(set(found)) == 1
    assert len(programs.enrollments_of_program(program.id)) == 1
    assert len(subjects(world)) == 1


def test_yes_and_no_at_once_are_one_of_them(app, world, brand, application):
    brand_id, public_id = brand.id, application.public_id
    session().commit()
    yes, no = race(
        app,
        lambda: enrollment.approve(brand_id, public_id, actor=ACTOR, now=LATER),
        lambda: enrollment.decline(brand_id, public_id, reason="No", actor=ACTOR, now=LATER),
    )
    assert isinstance(yes, programs.Decided) != isinstance(no, programs.Decided)
    assert state_of(application) == ("enrolled" if yes is True else "declined")
    assert len(acts("enrollment.enrolled")) + len(acts("enrollment.declined")) == 1
    assert len(subjects(world)) == 2
