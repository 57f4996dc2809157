"""Creators bring creators: who is whose recruiter, who may change it, and what it pays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from socialshop.domain import audit, commissions, programs
from socialshop.domain.audit import Actor
from socialshop.flows import enrollment, fulfil, recruit, verify
from socialshop.kernel import clock, faults
from socialshop.kernel.database import end_reading, session
from socialshop.kernel.errors import Invalid, NotFound

from ..conftest import START

OWNER = Actor("user", "usr_owner", "brand:owner")
DAY = timedelta(days=1)
TERMS = {"hold_days": 14, "overrides": ["5", "2"], "rules": [{"id": "r", "percent": "10"}]}


@pytest.fixture
def brand(room, world):
    return world.brand("senja")


@pytest.fixture
def program(world, brand):
    return world.program(brand, terms=TERMS, from_at=START - 9 * DAY)


@pytest.fixture
def cast(world):
    """Three creators by name."""
    return {name: world.creator(name) for name in ("rani", "bima", "citra")}


@pytest.fixture
def rani(world, program, cast):
    """Rani's enrollment."""
    return world.enroll(program, cast["rani"], at=START - 8 * DAY)


@pytest.fixture
def broken():
    yield lambda name: faults.arm(f"{name}:raise")
    faults.arm("")


def apply(program, creator, invite=None, now=START):
    return enrollment.apply(program.public_id, creator.id, note="", now=now, invite=invite.public_id if invite else "")


def change(brand, stay, handle, *, reason="They told us", now=START):
    return recruit.change(brand.id, stay.public_id, handle=handle, reason=reason, actor=OWNER, now=now)


def recruiter_of(stay):
    end_reading()
    return programs.enrollment(stay.id).recruited_by_id


def sold(world, brand, program, creator, *, now=START, price=100_000):
    """A paid order by a code of that creator: what each one has, by creator."""
    clock.use(lambda: now)
    code = f"{creator.handle}{now:%d%H%M}"
    world.code(creator, program, code)
    order = world.order((world.product(brand, price=price), 1), paid=True, code=code, now=now)
    end_reading()
    return order, {row.creator_id: row for row in commissions.of_order(order.id)}


def subjects(world):
    clock.use(lambda: START + 90 * DAY)
    return [(letter.to.split("@")[0], letter.subject) for letter in world.letters()]


def clean():
    assert verify.run(START + 30 * DAY) == []


def test_whoever_comes_by_an_invitation_is_recruited_and_pays_nothing_for_it(world, brand, program, cast, rani):
    bima = apply(program, cast["bima"], rani)
    apply(program, cast["citra"], bima)
    order, rows = sold(world, brand, program, cast["citra"], now=START + DAY)
    assert {world_id: (row.level, row.worth_minor) for world_id, row in rows.items()} == {
        cast["citra"].id: (0, 10_000), cast["bima"].id: (1, 500), cast["rani"].id: (2, 200),
    }  # fmt: skip
    fulfil.refund(order.id, key="all", full=True, reason="broken", now=START + 2 * DAY, actor=OWNER)
    end_reading()
    assert {row.worth_minor for row in commissions.of_order(order.id)} == {0}
    clean()


def test_two_taps_are_one_recruit_and_one_letter(world, program, cast, rani):
    first, again = apply(program, cast["bima"], rani), apply(program, cast["bima"], rani, now=START + DAY)
    assert first.id == again.id
    assert recruiter_of(first) == cast["rani"].id
    assert [each for each in subjects(world) if each[0] == "rani"] == [("rani", "@bima joined Teman Senja through you")]


def test_the_recruiter_is_told_when_the_brand_says_yes(world, brand, cast):
    program = world.program(brand, "Careful", terms=TERMS, joining="approval")
    invite = world.enroll(program, cast["rani"])
    asked = apply(program, cast["bima"], invite)
    assert ("rani", "@bima joined Careful through you") not in subjects(world)
    for _ in range(2):
        enrollment.approve(brand.id, asked.public_id, actor=OWNER, now=START + DAY)
    assert subjects(world).count(("rani", "@bima joined Careful through you")) == 1


def test_who_gets_nothing_for_it_has_no_letter(world, brand, cast):
    plain = world.program(brand, "Plain")
    invite = world.enroll(plain, cast["rani"])
    assert apply(plain, cast["bima"], invite).recruited_by_id == cast["rani"].id
    careful = world.program(brand, "Careful", terms=TERMS, joining="approval")
    gone = world.enroll(careful, cast["rani"])
    asked = apply(careful, cast["bima"], gone)
    enrollment.leave(careful.public_id, cast["rani"].id, actor=OWNER, now=START)
    enrollment.approve(brand.id, asked.public_id, actor=OWNER, now=START + DAY)
    assert not [subject for who, subject in subjects(world) if who == "rani"]


def test_broken_in_the_middle_nobody_is_recruited(world, program, cast, rani, broken):
    broken("enrollment.before_commit")
    with pytest.raises(faults.Fault):
        apply(program, cast["bima"], rani)
    faults.arm("")
    end_reading()
    assert programs.recruits_of(program.id, cast["rani"].id) == []
    assert recruiter_of(apply(program, cast["bima"], rani)) == cast["rani"].id


def test_nobody_recruits_themselves(program, cast, rani):
    enrollment.leave(program.public_id, cast["rani"].id, actor=OWNER, now=START)
    with pytest.raises(programs.CannotRecruit) as refusal:
        apply(program, cast["rani"], rani, now=START + DAY)
    assert refusal.value.sentence() == "Nobody can recruit themselves."


def test_a_circle_is_refused_with_a_sentence(program, cast, rani):
    bima = apply(program, cast["bima"], rani)
    citra = apply(program, cast["citra"], bima)
    enrollment.leave(program.public_id, cast["rani"].id, actor=OWNER, now=START + DAY)
    with pytest.raises(programs.CannotRecruit, match="cannot go both ways"):
        apply(program, cast["rani"], citra, now=START + 2 * DAY)
    assert apply(program, cast["rani"], now=START + 2 * DAY).recruited_by_id is None


def test_an_invitation_of_somebody_who_left_counts_no_more(program, cast, rani):
    enrollment.leave(program.public_id, cast["rani"].id, actor=OWNER, now=START)
    with pytest.raises(programs.CannotRecruit, match="is not in Teman Senja any more"):
        apply(program, cast["bima"], rani)


def test_an_invitation_into_another_program_is_none_here(world, brand, program, cast, rani):
    other = world.program(brand, "Other", terms=TERMS)
    assert apply(other, cast["bima"], rani).recruited_by_id is None


def test_whoever_brought_somebody_first_stays_when_they_come_back(world, program, cast, rani):
    citra = world.enroll(program, cast["citra"], at=START - DAY)
    apply(program, cast["bima"], rani)
    enrollment.leave(program.public_id, cast["bima"].id, actor=OWNER, now=START + DAY)
    assert apply(program, cast["bima"], citra, now=START + 2 * DAY).recruited_by_id == cast["rani"].id


def test_whom_the_brand_takes_back_keeps_the_recruiter(brand, program, cast, rani):
    bima = apply(program, cast["bima"], rani)
    enrollment.remove(brand.id, bima.public_id, reason="spam", actor=OWNER, now=START + DAY)
    again = enrollment.readmit(brand.id, bima.public_id, actor=OWNER, now=START + 2 * DAY)
    assert again.recruited_by_id == cast["rani"].id


def test_a_late_order_of_an_earlier_stay_pays_no_later_recruiter(world, brand, program, cast, rani):
    """Placed while Bima was in by himself, paid after he left and came back through Rani."""
    world.enroll(program, cast["bima"], at=START - 5 * DAY)
    world.code(cast["bima"], program, "bimalate")
    clock.use(lambda: START)
    order = world.order((world.product(brand, price=100_000), 1), code="bimalate", now=START)
    enrollment.leave(program.public_id, cast["bima"].id, actor=OWNER, now=START + timedelta(hours=1))
    apply(program, cast["bima"], rani, now=START + timedelta(hours=2))
    fulfil.confirm_payment(order.id, amount=order.total_minor, now=START + timedelta(hours=3), actor=OWNER)
    end_reading()
    assert [(row.creator_id, row.level) for row in commissions.of_order(order.id)] == [(cast["bima"].id, 0)]
    clean()


# --- the brand's part


def test_the_brand_sets_it_for_orders_that_come_in_from_then_on(world, brand, program, cast, rani):
    bima = world.enroll(program, cast["bima"], at=START - DAY)
    _, before = sold(world, brand, program, cast["bima"], now=START)
    assert change(brand, bima, "@Rani", now=START + DAY)
    assert not change(brand, bima, "rani", now=START + DAY)
    _, after = sold(world, brand, program, cast["bima"], now=START + 2 * DAY)
    assert (set(before), set(after)) == ({cast["bima"].id}, {cast["bima"].id, cast["rani"].id})
    entry = session().scalars(select(audit.Entry).where(audit.Entry.act == "enrollment.recruiter")).one()
    assert (entry.reason, entry.before, entry.after) == ("They told us", {"recruiter": None}, {"recruiter": cast["rani"].id})
    clean()


def test_it_is_taken_away_and_everybody_reads_why(world, brand, program, cast, rani):
    citra = world.enroll(program, cast["citra"], at=START - DAY)
    bima = apply(program, cast["bima"], rani)
    _, first = sold(world, brand, program, cast["bima"], now=START + DAY)
    change(brand, bima, "citra", reason="Citra brought them", now=START + 2 * DAY)
    change(brand, bima, "", reason="Nobody did", now=START + 3 * DAY)
    _, later = sold(world, brand, program, cast["bima"], now=START + 4 * DAY)
    assert (len(first), len(later), citra.creator_id in later) == (2, 1, False)
    told = subjects(world)
    for who, subject in (
        ("bima", "Your recruiter in Teman Senja was changed"),
        ("rani", "@bima no longer counts as brought by you in Teman Senja"),
        ("citra", "@bima counts as brought by you in Teman Senja"),
        ("citra", "@bima no longer counts as brought by you in Teman Senja"),
    ):
        assert (who, subject) in told
    assert told.count(("bima", "Your recruiter in Teman Senja was changed")) == 2
    clean()


def test_what_the_brand_may_not_note(world, brand, program, cast, rani):
    bima = apply(program, cast["bima"], rani)
    for handle, refusal in (("nobody", Invalid), ("citra", Invalid), ("bima", programs.CannotRecruit)):
        with pytest.raises(refusal):
            change(brand, bima, handle)
    with pytest.raises(programs.CannotRecruit, match="cannot go both ways"):
        change(brand, rani, "bima")
    with pytest.raises(Invalid, match="marked fields"):
        change(brand, bima, "", reason=" ")
    with pytest.raises(NotFound):
        change(world.brand("other"), bima, "")
    assert recruiter_of(bima) == cast["rani"].id


def test_a_change_that_breaks_is_none_and_tells_nobody(world, brand, program, cast, rani, broken):
    bima = apply(program, cast["bima"], rani)
    broken("recruit.before_commit")
    with pytest.raises(faults.Fault):
        change(brand, bima, "")
    faults.arm("")
    assert recruiter_of(bima) == cast["rani"].id
    assert not [subject for _, subject in subjects(world) if "changed" in subject]
