"""Drawing payouts up and moving them along their edges, each move conditional and logged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ...kernel.database import new_id, session
from ...kernel.errors import N_, Conflict
from .. import ledger
from ..ledger import Leg, Pocket
from .models import Payout, PayoutItem, PayoutRun, PayoutSkip, PayoutStep
from .rules import EDGES


class NotAlongAnEdge(Conflict):
    """A payout cannot go from where it is to where somebody wants it."""

    code = "payout_state"
    message = N_("This payout is {state} already, so it cannot become {wanted}.")

    def __init__(self, state: str, wanted: str) -> None:
        self.state, self.wanted = state, wanted
        super().__init__()


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a payout goes, frozen when it is drawn up."""

    kind: str
    provider: str
    number: str
    holder: str


def open_run(
    brand_id: int, key: str, *, at: datetime, started_by: str, fee_bearer: str | None = None, slot: str | None = None
) -> tuple[PayoutRun, bool]:
    """The run with this key, and whether it is new. Of several at once exactly one opens it; the others wait and find it."""
    dialect = postgresql if session().get_bind().dialect.name == "postgresql" else sqlite
    values = {
        "public_id": new_id("run"), "brand_id": brand_id, "key": key, "at": at, "started_by": started_by, "slot": slot,
        "fee_bearer": fee_bearer,
    }  # fmt: skip
    opened = session().execute(
        dialect.insert(PayoutRun).values(**values).on_conflict_do_nothing(index_elements=["key"]).returning(PayoutRun.id)
    )
    new = opened.scalar() is not None
    run = session().scalars(select(PayoutRun).where(PayoutRun.key == key)).one()
    return run, new


def draw_up(
    run: PayoutRun,
    *,
    program_id: int,
    creator_id: int,
    currency: str,
    items: Sequence[tuple[int, int]],
    to: Destination,
    actor: str,
    now: datetime,
) -> Payout:
    """A payout over (commission id, minor) items; its amount is their sum."""
    payout = Payout(
        run_id=run.id, program_id=program_id, creator_id=creator_id, currency=currency, amount_minor=sum(m for _, m in items),
        payee_kind=to.kind, payee_provider=to.provider, payee_number=to.number, payee_holder=to.holder, drawn_at=now,
    )  # fmt: skip
    session().add(payout)
    session().flush()
    ids = [commission_id for commission_id, _ in items]
    places = select(PayoutItem.commission_id, func.max(PayoutItem.place)).where(PayoutItem.commission_id.in_(ids))
    before = {row[0]: row[1] for row in session().execute(places.group_by(PayoutItem.commission_id))}
    for commission_id, minor in items:
        session().add(
            PayoutItem(payout_id=payout.id, commission_id=commission_id, place=before.get(commission_id, 0) + 1, minor=minor)
        )
    session().flush()
    _log(payout.id, "ready", actor, now)
    return payout


def skip(run: PayoutRun, *, program_id: int, creator_id: int, currency: str, amount: int, minimum: int, reason: str) -> None:
    """Note that a creator was left out of a run, and why; the balance stays."""
    session().add(
        PayoutSkip(
            run_id=run.id, program_id=program_id, creator_id=creator_id, currency=currency, amount_minor=amount,
            minimum_minor=minimum, reason=reason,
        )
    )  # fmt: skip
    session().flush()


def move(payout_id: int, target: str, *, actor: str, now: datetime, reason: str = "", reference: str = "") -> str | None:
    """Let a payout go to `target`; the state it came from, or None if it is there already.

    NotAlongAnEdge: it cannot get there from where it is.
    """
    sources = [state for state, targets in EDGES.items() if target in targets]
    payout = session().get(Payout, payout_id, populate_existing=True, with_for_update=True)
    assert payout is not None
    source = payout.state
    if source == target:
        return None
    if source not in sources:
        raise NotAlongAnEdge(source, target)
    values: dict[str, object] = {"state": target, "why": reason[:300]}
    if target in ("paid", "returned"):
        values["closed_at"] = now
    if reference:
        values["reference"] = reference[:120]
    moved = session().execute(
        update(Payout)
        .where(Payout.id == payout_id, Payout.state == source)
        .values(**values)
        .returning(Payout.id)
        .execution_options(synchronize_session=False)
    )
    if moved.scalar() is None:
        raise NotAlongAnEdge(source, target)
    if target in ("paid", "returned"):
        session().execute(
            update(PayoutItem)
            .where(PayoutItem.payout_id == payout_id)
            .values(state="done" if target == "paid" else "failed")
            .execution_options(synchronize_session=False)
        )
    _log(payout_id, target, actor, now, reason)
    session().refresh(payout)
    return source


def send_out(fees: Mapping[int, int], *, actor: str, now: datetime) -> bool:
    """Let ready payouts go into a file together. fees: by payout id, what comes off what is sent.

    False: one of them is not ready any more, or in a provider's hands; the caller rolls back.
    """
    for fee in sorted(set(fees.values())):
        ids = [payout_id for payout_id, own in fees.items() if own == fee]
        sent = session().scalars(
            update(Payout)
            .where(Payout.id.in_(ids), Payout.state == "ready", Payout.via.is_(None))
            .values(state="sent", why="", fee_minor=fee)
            .returning(Payout.id)
            .execution_options(synchronize_session=False)
        )
        if len(sent.all()) != len(ids):
            return False
    steps = [{"payout_id": payout_id, "at": now, "step": "sent", "actor": actor, "reason": ""} for payout_id in sorted(fees)]
    session().execute(insert(PayoutStep), steps)
    return True


def charge(payout: Payout, fee: int, *, on: str, at: datetime, now: datetime) -> None:
    """Book what the bank charged the brand for a transfer beside its amount. on: the step it was charged for."""
    if fee <= 0:
        return
    legs = [Leg(Pocket("owed"), -fee, payout.currency), Leg(Pocket("bank"), fee, payout.currency)]
    facts = {"payout": payout.public_id, "borne_by": "brand"}
    ledger.book(payout.program_id, f"payout:{payout.public_id}:fee:{on}", legs, kind="fee", at=at, now=now, facts=facts)
    payout.bank_fee_minor += fee
    session().flush()


def _log(payout_id: int, step: str, actor: str, now: datetime, reason: str = "") -> None:
    session().add(PayoutStep(payout_id=payout_id, at=now, step=step, actor=actor, reason=reason[:300]))
    session().flush()
