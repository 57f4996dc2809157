"""Disputes: a buyer's bank asks for the money of a paid order, and says in the end who keeps it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from ...kernel.database import Model, UtcDateTime, primary_key, public_key, session
from ...kernel.errors import N_, Conflict, NotFound
from ..audit import Actor
from . import queries
from .models import Order, OrderStep
from .moves import log
from .refunds import NothingLeft, RefundTooLarge

_OPEN = text("state = 'open'")


class Dispute(Model):
    """A payment disputed: open → won or lost. amount_minor: of the goods, net; None: all that is left.

    reason: what the bank says; words: what was said when it closed. refund_id: the money that a lost one took away.
    """

    __tablename__ = "disputes"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'won', 'lost')", name="state"),
        CheckConstraint("amount_minor IS NULL OR amount_minor > 0", name="amount"),
        UniqueConstraint("order_id", "key"),
        Index("uq_disputes_open", "order_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("dsp")
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    key: Mapped[str] = mapped_column(String(120))  # of the form, or a provider's id of it
    state: Mapped[str] = mapped_column(String(4), default="open")
    amount_minor: Mapped[int | None]
    reason: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_by: Mapped[str] = mapped_column(String(120))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[str] = mapped_column(String(120), default="")
    words: Mapped[str] = mapped_column(Text, default="")
    refund_id: Mapped[int | None] = mapped_column(ForeignKey("refunds.id"))


class NotDisputable(Conflict):
    """Only what was paid, and is still there, can be asked back by a bank."""

    code = "not_disputable"
    message = N_("Order {number} has not been paid, so nobody can dispute its payment.")


class DisputeRuns(Conflict):
    """One dispute at a time."""

    code = "dispute_runs"
    message = N_("A dispute about order {number} is open already. Close it first.")


class DisputeOver(Conflict):
    """It was closed the other way."""

    code = "dispute_over"
    message = N_("This dispute was closed before, with another outcome.")


def open_dispute(
    order_id: int, *, key: str, amount: int | None, reason: str, now: datetime, actor: Actor
) -> tuple[Dispute, bool]:
    """Begin a dispute, and whether it is new. NotDisputable, DisputeRuns, NothingLeft, RefundTooLarge."""
    order = session().scalars(
        select(Order).where(Order.id == order_id).with_for_update().execution_options(populate_existing=True)
    ).one()  # fmt: skip
    known = session().scalar(select(Dispute).where(Dispute.order_id == order_id, Dispute.key == key))
    if known is not None:
        return known, False
    if order.state not in ("paid", "refunded"):
        raise NotDisputable(number=order.number)
    if find_open_dispute(order_id) is not None:
        raise DisputeRuns(number=order.number)
    left = sum(queries.left_of(order_id).values())
    if not left:
        raise NothingLeft()
    if amount is not None and not 0 < amount <= left:
        raise RefundTooLarge(left, order.currency)
    row = Dispute(
        order_id=order_id, key=key, amount_minor=None if amount == left else amount, reason=reason, opened_at=now,
        opened_by=f"{actor.kind}:{actor.name}",
    )  # fmt: skip
    session().add(row)
    session().flush()
    log(order_id, "disputed", now=now, actor=actor, dispute=row.public_id, amount=row.amount_minor, reason=reason)
    return row, True


def close_dispute(dispute_id: int, *, won: bool, words: str, now: datetime, actor: Actor) -> Dispute | None:
    """End a dispute, by a conditional update; None: it ended so before. DisputeOver: it ended the other way."""
    to = "won" if won else "lost"
    found = session().scalar(
        update(Dispute)
        .where(Dispute.id == dispute_id, Dispute.state == "open")
        .values(state=to, closed_at=now, closed_by=f"{actor.kind}:{actor.name}", words=words)
        .returning(Dispute.id)
        .execution_options(synchronize_session=False)
    )
    row = session().scalars(
        select(Dispute).where(Dispute.id == dispute_id).execution_options(populate_existing=True)
    ).one()  # fmt: skip
    if found is not None:
        log(row.order_id, f"dispute_{to}", now=now, actor=actor, dispute=row.public_id, reason=words)
        return row
    if row.state != to:
        raise DisputeOver()
    return None


def find_open_dispute(order_id: int) -> Dispute | None:
    """The dispute that runs about an order."""
    return session().scalar(select(Dispute).where(Dispute.order_id == order_id, Dispute.state == "open"))


def disputes_of(order_id: int) -> list[Dispute]:
    """An order's disputes, newest first."""
    return list(session().scalars(select(Dispute).where(Dispute.order_id == order_id).order_by(Dispute.id.desc())))


def dispute_of(brand_id: int, public_id: str) -> tuple[Dispute, Order]:
    """A dispute about an order of this brand; NotFound for anybody else's."""
    query = select(Dispute, Order).join(Order, Order.id == Dispute.order_id)
    found = session().execute(query.where(Dispute.public_id == public_id, Order.brand_id == brand_id)).one_or_none()
    if found is None:
        raise NotFound()
    return found[0], found[1]


def dispute_discrepancies() -> Iterator[tuple[str, str, str]]:
    """I-11: each dispute was opened once and closed at most once, and its order's history says so."""
    told: dict[str, list[str]] = {}
    steps = select(OrderStep).where(OrderStep.step.in_(("disputed", "dispute_won", "dispute_lost"))).order_by(OrderStep.id)
    for step in session().scalars(steps):
        told.setdefault(str(step.facts.get("dispute")), []).append(step.step)
    for row in session().scalars(select(Dispute).order_by(Dispute.id)):
        wanted = ["disputed"] if row.state == "open" else ["disputed", f"dispute_{row.state}"]
        said = told.pop(row.public_id, [])
        if said != wanted or (row.closed_at is None) != (row.state == "open"):
            yield "I-11", row.public_id, f"it is {row.state}, but its order's history says {', '.join(said) or 'nothing'}"
    for public_id in told:
        yield "I-11", public_id, "an order's history tells of it, but there is no such dispute"
