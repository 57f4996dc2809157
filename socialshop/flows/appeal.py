"""A creator appeals a held or rejected commission, both sides talk, and a person of the brand decides.

Time decides nothing: whoever has the turn is reminded by mail, and a hold stays a hold until somebody ends it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from ..domain import appeals, audit, commissions, orders, people
from ..domain.audit import Actor
from ..kernel.database import end_reading, transaction
from ..kernel.errors import N_, Conflict, FieldError, Invalid
from ..kernel.money import Money
from . import judge, letters
from .bank import ReasonNeeded

DECIDERS = ("owner", "manager", "finance")


class NotAppealable(Conflict):
    """Nobody of the brand holds or rejects this commission, so there is nothing that a person could change."""

    code = "not_appealable"
    message = N_("This commission is neither held nor rejected by the brand, so there is nothing to appeal.")


class AppealRuns(Conflict):
    """One at a time."""

    code = "appeal_runs"
    message = N_("Your appeal about this order is still open. Please add to that one.")


NOTHING_NEW = N_(
    "Your last appeal was denied. You may appeal again with something new: say what it is, and attach a file that was not "
    "there before."
)
WORDS_MISSING = N_("Please say why, in your own words.")


def may_appeal(commission: commissions.Commission) -> bool:
    """Whether a person's hold or rejection stands that an appeal could change, and none runs."""
    order_id, creator_id = commission.order_id, commission.creator_id
    return _contested(order_id, creator_id) and appeals.find_running(order_id, creator_id) is None


def needs_new(commission: commissions.Commission) -> bool:
    """Whether the judgement that stands was appealed and kept: only something new opens it again."""
    standing = appeals.standing(commission.order_id, commission.creator_id)
    earlier = appeals.of_case(commission.order_id, commission.creator_id)
    return any(row.state == "denied" and row.judgement_id == (standing.id if standing else None) for row in earlier)


def open_(
    commission_id: int, *, key: str, words: str, papers: Sequence[appeals.PaperDraft], actor: Actor, now: datetime
) -> appeals.Appeal:
    """Appeal what is held or rejected; the same key again is the same appeal. NotAppealable, AppealRuns, Invalid."""
    words = _said(words)
    with transaction():
        bench = judge.bench_of(commission_id)
        commission, case = bench.commission, bench.case
        known = appeals.find_by_key(case.creator_id, key)
        if known is not None:
            return known
        if not _contested(case.order_id, case.creator_id):
            raise NotAppealable()
        if appeals.find_running(case.order_id, case.creator_id) is not None:
            raise AppealRuns()
        if needs_new(commission):
            _something_new(case, words, papers)
        standing = appeals.standing(case.order_id, case.creator_id)
        appeal = appeals.open_appeal(case, standing.id if standing else None, key, now=now, actor=judge.name_of(actor))
        appeals.say(appeal, "creator", key, words, papers, now=now, actor=judge.name_of(actor))
        _note("appeal.opened", appeal, actor=actor, now=now)
        _to_brand("appeal_received", appeal, key, now=now, words=words)
    return appeal


def say(
    appeal_id: int, side: appeals.Side, *, key: str, words: str, papers: Sequence[appeals.PaperDraft], actor: Actor, now: datetime
) -> bool:
    """Add to the thread, which gives the turn to the other side; False: it was said before. AppealMoved: it is closed."""
    words = _said(words)
    with transaction():
        appeal = _locked(appeal_id)
        if appeal.state not in appeals.RUNNING:
            raise appeals.AppealMoved()
        said = appeals.say(appeal, side, f"{side}:{key}", words, papers, now=now, actor=judge.name_of(actor))
        if said is None:
            return False
        turn: Any = "asked" if side == "brand" else "open"
        if appeal.state != turn:
            appeals.move(appeal_id, turn, now=now, actor=judge.name_of(actor))
        _note("appeal.answered", appeal, actor=actor, now=now)
        if side == "brand":
            _to_creator("appeal_message", appeal, str(said.place), now=now, words=words)
        else:
            _to_brand("appeal_reply", appeal, str(said.place), now=now, words=words)
    return True


def decide(appeal_id: int, *, grant: bool, reason: str, actor: Actor, now: datetime) -> bool:
    """A person grants or denies it, and says why; False: it was so decided before. ReasonNeeded, AppealMoved.

    Granted: holds are released, and a rejection is taken back. Denied: everything stays as it is.
    """
    if not reason.strip():
        raise ReasonNeeded()
    reason = reason.strip()[: appeals.MAX_WORDS]
    with transaction():
        appeal = _locked(appeal_id)
        to: Any = "granted" if grant else "denied"
        if appeal.state == to:
            return False
        appeal = appeals.move(appeal_id, to, now=now, actor=judge.name_of(actor), words=reason)
        if grant:
            judge.undo_rejections(judge.bench_of(appeal.commission_id), reason, actor=actor, now=now)
        _note(f"appeal.{to}", appeal, actor=actor, now=now, reason=reason)
        outcome = letters.Word(N_("granted") if grant else N_("denied"))
        what_now = letters.Word(
            N_("What was kept back counts again; it is paid out like any other commission.")
            if grant
            else N_("What was decided before stays. If you have something new, you may appeal once more from your receipt.")
        )
        _to_creator("appeal_decided", appeal, "", now=now, words=reason, outcome=outcome, what_now=what_now)
    return True


def withdraw(appeal_id: int, *, actor: Actor, now: datetime) -> bool:
    """The creator takes the appeal back; False: done before. AppealMoved: it was decided."""
    with transaction():
        appeal = _locked(appeal_id)
        if appeal.state == "withdrawn":
            return False
        appeal = appeals.move(appeal_id, "withdrawn", now=now, actor=judge.name_of(actor))
        _note("appeal.withdrawn", appeal, actor=actor, now=now)
        _to_brand("appeal_withdrawn", appeal, "", now=now)
    return True


def remind(_payload: dict[str, Any], *, now: datetime) -> None:
    """Job "appeals.remind": a letter to whoever has had the turn for days. Safe to repeat; it decides nothing."""
    for appeal_id in appeals.due_for_reminder(now):
        with transaction():
            appeal = appeals.remind(appeal_id, now=now)
            if appeal is None:
                continue
            days = (now - appeal.turn_since).days
            if appeal.state == "open":
                _to_brand("appeal_waiting", appeal, f"{now:%Y-%m-%d}", now=now, days=days)
            else:
                _to_creator("appeal_your_turn", appeal, f"{now:%Y-%m-%d}", now=now, days=days)
    end_reading()


def _contested(order_id: int, creator_id: int) -> bool:
    """Whether a hold or rejection by a person stands: the engine's word, so also one without a judgement of ours."""
    held = any(":hold:" in hold_id for hold_id, _ in commissions.open_holds(order_id, creator_id))
    return held or bool(commissions.open_rejects(order_id, creator_id))


def _locked(appeal_id: int) -> appeals.Appeal:
    """The appeal, behind the lock of its program: what is said and what is decided follow one another."""
    judge.bench_of(appeals.get(appeal_id).commission_id)
    return appeals.get(appeal_id)


def _said(words: str) -> str:
    words = words.strip()[: appeals.MAX_WORDS]
    if not words:
        raise Invalid(fields=[FieldError("words", "missing", WORDS_MISSING)])
    return words


def _something_new(case: appeals.Case, words: str, papers: Iterable[appeals.PaperDraft]) -> None:
    """A denied appeal is not asked again in the same words: what is new, and a file that shows it."""
    known_words, known_files = appeals.said_before(case.order_id, case.creator_id)
    if " ".join(words.casefold().split()) in known_words:
        raise Invalid(fields=[FieldError("words", "nothing_new", NOTHING_NEW)])
    if all(paper.sha256 in known_files for paper in papers):
        raise Invalid(fields=[FieldError("papers", "nothing_new", NOTHING_NEW)])


def _note(act: str, appeal: appeals.Appeal, *, actor: Actor, now: datetime, reason: str = "") -> None:
    tenant = people.get_brand(appeal.brand_id).public_id
    state = appeals.get(appeal.id).state
    audit.note(act, appeal.public_id, actor=actor, tenant=tenant, now=now, after={"state": state}, reason=reason)


def _facts(appeal: appeals.Appeal) -> dict[str, letters.Fact]:
    commission = commissions.by_ids([appeal.commission_id])[appeal.commission_id]
    judgements = {row.id: row for row in appeals.judgements_of(appeal.order_id, appeal.creator_id)}
    amount = judge.at_stake(commission, judgements.get(appeal.judgement_id or 0))
    creator, brand = people.get_creator(appeal.creator_id), people.get_brand(appeal.brand_id)
    return {
        "name": creator.name, "handle": creator.handle, "brand": brand.name, "slug": brand.slug, "appeal": appeal.public_id,
        "order": orders.get(appeal.order_id).number, "amount": Money(amount, commission.pay_currency),
    }  # fmt: skip


def _to_brand(kind: str, appeal: appeals.Appeal, once: str, *, now: datetime, **facts: letters.Fact) -> None:
    for email, locale in people.brand_emails(appeal.brand_id, DECIDERS):
        key = f"{kind}:{appeal.public_id}:{once}:{email}"
        letters.post(to=email, kind=kind, locale=locale, facts=_facts(appeal) | facts, key=key, now=now)


def _to_creator(kind: str, appeal: appeals.Appeal, once: str, *, now: datetime, **facts: letters.Fact) -> None:
    email, locale = people.creator_email(appeal.creator_id)
    key = f"{kind}:{appeal.public_id}:{once}"
    letters.post(to=email, kind=kind, locale=locale, facts=_facts(appeal) | facts, key=key, now=now)
