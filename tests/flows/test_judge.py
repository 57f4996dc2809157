"""Holding, rejecting and taking back: with reasons, evidence, letters, and money that stays whole."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from socialshop.domain import appeals, commissions, ledger
from socialshop.domain.appeals import Exhibit, PaperDraft
from socialshop.flows import bank, judge, payout, verify
from socialshop.kernel import faults
from socialshop.kernel.database import session, transaction
from socialshop.kernel.errors import Invalid

from .money_story import FINANCE, LATER, ORDERED, order, staged

pytestmark = pytest.mark.usefixtures("room")
DRAFT = PaperDraft("pdf", "bukti.pdf", b"%PDF-1.7 %%EOF", "ab" * 32)


def commission_of(stage, order_id="o1"):
    [row] = commissions.of_order(stage.orders[order_id])
    return commissions.by_ids([row.id])[row.id]


def pockets(stage):
    found = {}
    for kind in ("owed", "held", "payable", "owed_back"):
        found[kind] = sum(ledger.balances(kind).values())
    return found


def hold(commission, key="h", **how):
    how = {"reason": "", "code": "suspicious_clicks", "actor": FINANCE, "now": ORDERED} | how
    judge.hold(commission.id, key=key, **how)


def reject(commission, key="j", **how):
    how = {"reason": "Bukan pembeli asli.", "code": "rule_breach", "actor": FINANCE, "now": ORDERED} | how
    judge.reject(commission.id, key=key, **how)


def test_a_hold_keeps_reason_and_evidence_each_for_whom_it_is_meant(world):
    stage = staged(order())
    commission = commission_of(stage)
    exhibits = [Exhibit("", True, (DRAFT,)), Exhibit("Sama dengan nomor kreator.", False)]
    for _ in range(2):
        hold(commission, reason="40 taps in a minute.", exhibits=exhibits)
    [mine] = appeals.shown_to_creator(commission.order_id, commission.creator_id)
    assert (mine.row.code, mine.row.words, mine.stands) == ("suspicious_clicks", "40 taps in a minute.", True)
    [(_, [paper])] = mine.evidence
    assert paper.name == "bukti.pdf"
    [theirs] = appeals.shown_to_brand(commission.order_id, commission.creator_id)
    assert [piece.shown for piece, _ in theirs.evidence] == [True, False]
    assert commission_of(stage).held_why == "suspicious_clicks: 40 taps in a minute."
    [letter] = world.letters()
    assert "\n\n“40 taps in a minute.”" in letter.body
    assert "Sama dengan" not in letter.body
    assert verify.run(LATER) == []


@pytest.mark.parametrize(
    ("code", "reason", "refusal"),
    [("other", " ", bank.ReasonNeeded), ("nonsense", "x", Invalid), ("return_pending", "x", Invalid)],
)
def test_a_rejection_needs_a_reason_that_is_one(code, reason, refusal):
    stage = staged(order())
    with pytest.raises(refusal):
        reject(commission_of(stage), code=code, reason=reason)
    assert commission_of(stage).state == "pending"


def test_a_rejection_taken_back_pays_what_it_paid_before(world):
    stage = staged(order())
    before = pockets(stage)
    commission = commission_of(stage)
    hold(commission)
    reject(commission)
    assert (commission_of(stage).state, pockets(stage)) == ("rejected", dict.fromkeys(before, 0))
    assert verify.run(LATER) == []
    for times in (1, 0):
        assert judge.reinstate(commission.id, reason="Kami keliru.", actor=FINANCE, now=ORDERED) == times
    assert len(world.letters()) == 3
    assert (commission_of(stage).state, pockets(stage)) == ("pending", before)
    assert all(not each.stands for each in appeals.shown_to_brand(commission.order_id, commission.creator_id))
    steps = [(step.kind, step.minor, step.reason) for step in commissions.steps_of(commission.id) if step.minor]
    assert steps[1:] == [("reverse", -10_000, "rejected"), ("adjust", 10_000, "reinstated")]
    assert verify.run(LATER) == []
    payout.release_due({}, now=LATER)
    payout.start(stage.brand_id, "k", actor=FINANCE, now=LATER)
    assert commission_of(stage).given_minor == 10_000
    assert verify.run(LATER) == []


def test_what_was_rejected_after_payment_is_owed_no_more_once_it_is_taken_back():
    stage = staged(order())
    payout.release_due({}, now=LATER)
    payout.start(stage.brand_id, "k", actor=FINANCE, now=LATER)
    commission = commission_of(stage)
    reject(commission, now=LATER)
    assert (commission_of(stage).state, commission_of(stage).owed_back_minor) == ("paid", 10_000)
    judge.reinstate(commission.id, reason="Kami keliru.", actor=FINANCE, now=LATER)
    assert (commission_of(stage).state, commission_of(stage).owed_back_minor) == ("paid", 0)
    assert verify.run(LATER) == []


def test_taking_back_does_not_bring_back_what_a_refund_took():
    stage = staged(order())
    commission = commission_of(stage)
    reject(commission)
    stage.tell({"type": "refund", "id": "r1", "order": "o1", "at": ORDERED.isoformat(), "full": True})
    judge.reinstate(commission.id, reason="Kami keliru.", actor=FINANCE, now=ORDERED)
    assert (commission_of(stage).state, commission_of(stage).worth_minor) == ("reversed", 0)
    assert verify.run(LATER) == []


@pytest.mark.parametrize("deed", ["hold", "reject", "reinstate", "let_go"])
@pytest.mark.parametrize("fault", ["ledger.after_first_posting:raise", "ledger.before_commit:raise"])
def test_a_deed_that_breaks_in_the_middle_leaves_nothing(deed, fault):
    stage = staged(order())
    commission = commission_of(stage)
    payout.release_due({}, now=LATER)
    if deed == "let_go":
        hold(commission, now=LATER)
    if deed == "reinstate":
        reject(commission, now=LATER)
    before = (commission_of(stage).state, pockets(stage), len(appeals.judgements_of(commission.order_id, commission.creator_id)))
    deeds = {
        "hold": lambda: hold(commission, key="x", now=LATER),
        "reject": lambda: reject(commission, key="x", now=LATER),
        "reinstate": lambda: judge.reinstate(commission.id, reason="x", actor=FINANCE, now=LATER),
        "let_go": lambda: judge.let_go(commission.id, actor=FINANCE, now=LATER),
    }
    faults.arm(fault)
    with pytest.raises(faults.Fault):
        deeds[deed]()
    faults.arm("")
    after = (commission_of(stage).state, pockets(stage), len(appeals.judgements_of(commission.order_id, commission.creator_id)))
    assert after == before
    assert verify.run(LATER) == []
    deeds[deed]()
    assert verify.run(LATER) == []


def test_evidence_is_added_only_to_what_stands():
    stage = staged(order())
    commission = commission_of(stage)
    with pytest.raises(judge.NotJudged):
        judge.add_evidence(commission.id, [Exhibit("x", True)], actor=FINANCE, now=ORDERED)
    hold(commission)
    judge.add_evidence(commission.id, [Exhibit("x", True), Exhibit(" ", False)], actor=FINANCE, now=ORDERED)
    [mine] = appeals.shown_to_creator(commission.order_id, commission.creator_id)
    assert [piece.words for piece, _ in mine.evidence] == ["x"]


def test_verify_finds_a_judgement_that_the_engine_knows_nothing_of():
    stage = staged(order())
    commission = commission_of(stage)
    hold(commission)
    with transaction() as current:
        current.execute(update(appeals.Judgement).values(ended_at=ORDERED))
    assert [finding.check for finding in verify.run(LATER)] == ["I-34"]
    with transaction() as current:
        current.execute(update(appeals.Judgement).values(ended_at=None, event_id="nothing"))
    assert [finding.check for finding in verify.run(LATER)] == ["I-34"]


def test_verify_finds_a_hold_that_changed_the_worth():
    stage = staged(order())
    hold(commission_of(stage))
    with transaction() as current:
        step = current.scalars(select(commissions.CommissionStep).where(commissions.CommissionStep.kind == "hold")).one()
        current.execute(update(commissions.CommissionStep).where(commissions.CommissionStep.id == step.id).values(minor=-1))
    assert "I-34" in {finding.check for finding in verify.run(LATER)}


def test_a_paper_beyond_the_most_is_refused(monkeypatch):
    stage = staged(order())
    papers = tuple(replace(DRAFT, sha256=str(n)) for n in range(3))
    for limit, most in (("MAX_PAPERS", 2), ("MAX_TOTAL", 3 * len(DRAFT.content) - 1)):
        with monkeypatch.context() as small:
            small.setattr(f"socialshop.domain.appeals.actions.{limit}", most)
            with pytest.raises(appeals.TooManyPapers):
                hold(commission_of(stage), exhibits=[Exhibit("", True, papers)])
    assert session().scalar(select(appeals.Judgement.id)) is None
    hold(commission_of(stage), exhibits=[Exhibit("", True, papers)])
