"""Appeals: open, asked, answered, decided by a person; nothing by time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError

from socialshop.domain import appeals, audit, commissions
from socialshop.domain.appeals import PaperDraft
from socialshop.domain.audit import Actor
from socialshop.flows import appeal, judge, payout, verify
from socialshop.flows.bank import ReasonNeeded
from socialshop.kernel import faults
from socialshop.kernel.database import end_reading, session, transaction
from socialshop.kernel.errors import DomainError, Invalid

from .money_story import FINANCE, LATER, ORDERED, order, staged
from .test_judge import commission_of, hold, pockets, reject

pytestmark = pytest.mark.usefixtures("room")
CREATOR = Actor("user", "usr_crea", "creator")


def paper(name="nota"):
    return PaperDraft("pdf", f"{name}.pdf", b"%PDF-1.7 %%EOF", appeals.digest(name.encode()))


def open_(commission, key="k", words="Itu pembeli sungguhan.", papers=(), now=ORDERED):
    return appeal.open_(commission.id, key=key, words=words, papers=papers, actor=CREATOR, now=now)


def decide(row, *, grant, reason="Sudah kami cek.", now=ORDERED):
    return appeal.decide(row.id, grant=grant, reason=reason, actor=FINANCE, now=now)


def held(stage=None):
    stage = stage or staged(order())
    commission = commission_of(stage)
    hold(commission)
    return stage, commission


def state(row):
    return appeals.get(row.id).state


def test_a_granted_appeal_releases_the_hold_and_is_told(world):
    stage, commission = held()
    rows = [open_(commission, papers=[paper()]) for _ in range(2)]
    assert rows[0].id == rows[1].id
    assert [decide(rows[0], grant=True) for _ in range(2)] == [True, False]
    assert (state(rows[0]), commission_of(stage).state) == ("granted", "pending")
    with pytest.raises(appeals.AppealMoved):
        decide(rows[0], grant=False)
    steps = [(step.was, step.state, step.actor) for step in appeals.steps_of(rows[0].id)]
    assert steps == [("", "open", "user:usr_crea"), ("open", "granted", "user:usr_fina")]
    acts = [entry.act for entry in session().scalars(select(audit.Entry).order_by(audit.Entry.id))]
    assert acts == ["commission.held", "appeal.opened", "commission.let_go", "appeal.granted"]
    assert len(world.letters()) == 2  # held, decided; the scenario's brand has nobody who reads mail
    assert verify.run(LATER) == []


def test_a_granted_appeal_against_a_rejection_books_it_again():
    stage = staged(order())
    before = pockets(stage)
    commission = commission_of(stage)
    reject(commission)
    row = open_(commission)
    assert decide(row, grant=True)
    assert (commission_of(stage).state, pockets(stage)) == ("pending", before)
    assert verify.run(LATER) == []


def test_a_denied_one_stays_and_is_made_again_only_with_something_new():
    stage, commission = held()
    first = open_(commission, papers=[paper()])
    decide(first, grant=False)
    assert (state(first), commission_of(stage).state) == ("denied", "held")
    assert appeal.needs_new(commission)
    for words, papers, field in (
        ("  itu PEMBELI   sungguhan. ", [paper("resi")], "words"),
        ("Ada lagi.", [], "papers"),
        ("Ada lagi.", [paper()], "papers"),
    ):
        with pytest.raises(Invalid) as refused:
            open_(commission, key="again", words=words, papers=papers)
        assert refused.value.fields[0].field == field
    again = open_(commission, key="again", words="Ini resinya.", papers=[paper("resi")])
    assert again.id != first.id
    assert verify.run(LATER) == []


def test_a_new_judgement_may_be_appealed_like_the_first():
    _, commission = held()
    decide(open_(commission), grant=False)
    judge.let_go(commission.id, actor=FINANCE, now=ORDERED)
    hold(commission, key="h2")
    assert not appeal.needs_new(commission)
    assert state(open_(commission, key="k2")) == "open"
    assert verify.run(LATER) == []


def test_both_sides_talk_and_the_turn_goes_to_and_fro():
    _, commission = held()
    row = open_(commission)

    def say(side, key, words="…", now=ORDERED):
        actor = FINANCE if side == "brand" else CREATOR
        return appeal.say(row.id, side, key=key, words=words, papers=[paper(key)], actor=actor, now=now)

    assert say("brand", "a") is True
    assert say("brand", "a") is False
    assert state(row) == "asked"
    assert say("brand", "b") is True
    assert say("creator", "a") is True  # each side has its own keys
    assert state(row) == "open"
    assert [message.side for message, _ in appeals.thread_of(row.id)] == ["creator", "brand", "brand", "creator"]
    decide(row, grant=False)
    with pytest.raises(appeals.AppealMoved):
        say("creator", "late")
    assert verify.run(LATER) == []


def test_a_withdrawn_one_changes_nothing_and_may_be_made_again():
    stage, commission = held()
    row = open_(commission)
    assert [appeal.withdraw(row.id, actor=CREATOR, now=ORDERED) for _ in range(2)] == [True, False]
    assert commission_of(stage).state == "held"
    assert state(open_(commission, key="k2")) == "open"
    assert verify.run(LATER) == []


def test_while_one_runs_only_its_decision_moves_the_commission():
    stage, commission = held()
    row = open_(commission)
    for deed in (
        lambda: judge.let_go(commission.id, actor=FINANCE, now=ORDERED),
        lambda: reject(commission),
        lambda: judge.reinstate(commission.id, reason="x", actor=FINANCE, now=ORDERED),
    ):
        with pytest.raises(judge.AppealWaits):
            deed()
    with pytest.raises(appeal.AppealRuns):
        open_(commission, key="second")
    assert (state(row), commission_of(stage).state) == ("open", "held")
    with pytest.raises(ReasonNeeded):
        decide(row, grant=True, reason=" ")


def test_what_nobody_holds_is_not_appealed():
    stage = staged(order())
    with pytest.raises(appeal.NotAppealable):
        open_(commission_of(stage))
    stage.tell({"type": "dispute", "id": "d1", "order": "o1", "at": ORDERED.isoformat()})
    assert commission_of(stage).state == "held"
    with pytest.raises(appeal.NotAppealable):  # a bank decides that, not a person here
        open_(commission_of(stage))


def test_time_decides_nothing_but_reminds(world):
    """A year later it still waits: held, unpaid, and somebody was reminded every third day."""
    stage, commission = held()
    row = open_(commission)
    for days in (1, 2, 3, 4, 6):
        for _ in range(2):
            appeal.remind({}, now=ORDERED + timedelta(days=days))
    appeal.say(row.id, "brand", key="q", words="Boleh lihat notanya?", papers=(), actor=FINANCE, now=ORDERED + timedelta(days=6))
    world.letters(now=LATER)
    for days in (7, 8, 9, 9):
        appeal.remind({}, now=ORDERED + timedelta(days=days))
    reminded = [letter for letter in world.letters(now=LATER) if "/creator/appeals/" in letter.body]
    assert len(reminded) == 2  # the question, and one reminder of it
    later = ORDERED + timedelta(days=365)
    payout.release_due({}, now=later)
    appeal.remind({}, now=later)
    assert (state(row), commission_of(stage).state, commission_of(stage).given_minor) == ("asked", "held", 0)
    assert verify.run(later) == []
    decide(row, grant=True, now=later)
    assert commission_of(stage).state == "due"
    with transaction() as current:
        assert current.scalar(select(func.count(appeals.Appeal.id)).where(appeals.Appeal.remind_at.is_not(None))) == 0


def at_once(app, *deeds):
    """The deeds in as many threads; what each returned, or the refusal's code."""

    def do(deed):
        with app.app_context():
            try:
                return deed()
            except DomainError as refused:
                return refused.code

    end_reading()
    with ThreadPoolExecutor(len(deeds)) as pool:
        return [done.result() for done in [pool.submit(do, deed) for deed in deeds]]


def test_of_many_decisions_at_once_one_counts(app):
    stage, commission = held()
    row = open_(commission)
    row_id = row.id
    answers = [
        (lambda grant=grant: appeal.decide(row_id, grant=grant, reason="x", actor=FINANCE, now=ORDERED))
        for grant in (True, False) * 4
    ]
    found = at_once(app, *answers)
    end_reading()
    assert found.count(True) == 1
    assert found.count(False) == 3
    assert found.count("appeal_moved") == 4
    assert (state(row), commission_of(stage).state) in {("granted", "pending"), ("denied", "held")}
    assert len(appeals.steps_of(row_id)) == 2
    assert verify.run(LATER) == []


def test_of_many_appeals_at_once_one_is_opened(app):
    _, commission = held()
    commission_id = commission.id
    one = [
        (lambda n=n: appeal.open_(commission_id, key=f"k{n}", words="x", papers=(), actor=CREATOR, now=ORDERED).state)
        for n in range(6)
    ]
    found = at_once(app, *one)
    end_reading()
    assert sorted(found) == ["appeal_runs"] * 5 + ["open"]
    assert verify.run(LATER) == []


@pytest.mark.parametrize("deed", ["open", "grant", "deny"])
def test_a_step_that_breaks_in_the_middle_leaves_nothing(monkeypatch, deed):
    def cut(*_args, **_facts):
        raise faults.Fault("letter")

    stage = staged(order())
    commission = commission_of(stage)
    reject(commission)
    row = None if deed == "open" else open_(commission)
    deeds = {
        "open": lambda: open_(commission, papers=[paper()]),
        "grant": lambda: decide(row, grant=True),
        "deny": lambda: decide(row, grant=False),
    }
    said = session().scalar(select(func.count(audit.Entry.id)))
    with monkeypatch.context() as broken:
        broken.setattr(appeal, "_to_brand" if deed == "open" else "_to_creator", cut)  # the last thing that each does
        with pytest.raises(faults.Fault):
            deeds[deed]()
    assert session().scalar(select(func.count(audit.Entry.id))) == said
    assert commission_of(stage).state == "rejected"
    assert verify.run(LATER) == []
    deeds[deed]()
    assert verify.run(LATER) == []


def test_the_database_itself_refuses_a_second_running_appeal_and_an_unknown_state():
    _, commission = held()
    row = open_(commission)
    twin = "INSERT INTO appeals (public_id, key, brand_id, order_id, creator_id, commission_id, state, opened_at, turn_since, decision) "
    with pytest.raises(IntegrityError), transaction() as current:
        current.execute(
            text(
                twin
                + "SELECT 'apl_x', 'x', brand_id, order_id, creator_id, commission_id, 'asked', opened_at, turn_since, '' FROM appeals"
            )
        )
    with pytest.raises(IntegrityError), transaction() as current:
        current.execute(update(appeals.Appeal).where(appeals.Appeal.id == row.id).values(state="expired"))


@pytest.mark.parametrize(
    ("values", "check"),
    [
        ({"state": "denied"}, "I-11"),
        ({"closed_at": ORDERED}, "I-11"),
        ({"state": "granted", "closed_at": ORDERED, "remind_at": None}, "I-34"),
    ],
)
def test_verify_finds_an_appeal_that_left_its_edges(values, check):
    _, commission = held()
    row = open_(commission)
    with transaction() as current:
        current.execute(update(appeals.Appeal).where(appeals.Appeal.id == row.id).values(**values))
    assert check in {finding.check for finding in verify.run(LATER)}


def test_verify_finds_a_decision_that_no_person_made():
    _, commission = held()
    row = open_(commission)
    decide(row, grant=False)
    with transaction() as current:
        current.execute(update(appeals.AppealStep).where(appeals.AppealStep.state == "denied").values(actor="system:socialshop"))
    assert [finding.check for finding in verify.run(LATER)] == ["I-34"]


def test_verify_finds_a_paper_kept_for_a_stranger():
    stage, commission = held()
    open_(commission, papers=[paper()])
    with transaction() as current:
        current.execute(update(appeals.Paper).values(creator_id=stage.ids["B"]))
    assert [finding.check for finding in verify.run(LATER)] == ["I-25"]
    assert commissions.of_order(stage.orders["o1"])
