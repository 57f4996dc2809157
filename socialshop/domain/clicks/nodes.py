"""The machines that note clicks, and whether each has poured all that it noted. Nothing here commits.

Who must know of every click asks the nodes, and waits for their answers: a node that has been asked pours what its folder
holds, then answers. Numbers are compared, never moments, so clocks that differ or jump change nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, delete, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from ...kernel.database import Model, UtcDateTime, in_parts, session


class Node(Model):
    """A folder of noted taps and the worker that pours it. live → late when somebody waited in vain, → live when it answers."""

    __tablename__ = "nodes"
    __table_args__ = (CheckConstraint("state IN ('live', 'late')", name="state"),)

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    state: Mapped[str] = mapped_column(String(8), default="live")
    asked: Mapped[int] = mapped_column(default=0)  # how often it was asked to pour everything
    answered: Mapped[int] = mapped_column(default=0)  # the newest of these that it has done
    waiting: Mapped[int] = mapped_column(default=0)  # bytes left in its folder when it was last heard of
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    late_since: Mapped[datetime | None] = mapped_column(UtcDateTime)


class UnheardNode(Model):
    """This order was attributed before a node had told all clicks that it may have from before the order."""

    __tablename__ = "unheard_nodes"

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), primary_key=True, autoincrement=False)
    node: Mapped[str] = mapped_column(String(80), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


def nodes_by_name() -> list[Node]:
    """All of them."""
    return list(session().scalars(select(Node).order_by(Node.name)))


def others(own: str) -> dict[str, str]:
    """Every other node → "live" or "late"."""
    return {row[0]: row[1] for row in session().execute(select(Node.name, Node.state).where(Node.name != own))}


def ask(names: Collection[str]) -> dict[str, int]:
    """Ask these nodes to pour everything: the number that each must answer."""
    found = {}
    for name in sorted(names):  # always in the same order, so that two who ask never wait for each other
        asked = update(Node).where(Node.name == name).values(asked=Node.asked + 1).returning(Node.asked)
        number = session().scalar(asked.execution_options(synchronize_session=False))
        if number is not None:  # else it was forgotten a moment ago
            found[name] = int(number)
    return found


def silent(asked: Mapping[str, int]) -> list[str]:
    """Which of the nodes that were asked have not answered yet, by name."""
    rows = session().execute(select(Node.name, Node.answered).where(Node.name.in_(asked)).order_by(Node.name))
    return [name for name, answered in rows if answered < asked[name]]


def asked_of(name: str) -> int:
    """The number that this node was asked last."""
    return session().scalar(select(Node.asked).where(Node.name == name)) or 0


def answer(name: str, number: int, *, waiting: int, now: datetime) -> None:
    """This node has poured all that it had when it was asked so; a new one makes itself known."""
    facts = {"answered": number, "state": "live", "late_since": None, "waiting": waiting, "seen_at": now}
    told = update(Node).where(Node.name == name).values(**facts).returning(Node.name)
    if session().scalar(told.execution_options(synchronize_session=False)) is None:
        session().execute(insert(Node).values(name=name, asked=number, **facts))


def give_up(names: Collection[str], *, now: datetime) -> None:
    """Nobody waits for these nodes any more until they answer."""
    late = update(Node).where(Node.name.in_(names), Node.state == "live").values(state="late", late_since=now)
    session().execute(late.execution_options(synchronize_session=False))


def forget_node(name: str) -> bool:
    """A node that will not come back; False where there is none of that name."""
    return session().scalar(delete(Node).where(Node.name == name).returning(Node.name)) is not None


def forget_nodes_unseen_since(moment: datetime) -> list[str]:
    """Forget late nodes that nobody has heard of for so long; their names."""
    return list(session().scalars(delete(Node).where(Node.state == "late", Node.seen_at < moment).returning(Node.name)))


def note_unheard(order_ids: Collection[int], names: Collection[str], *, now: datetime) -> None:
    """These orders were attributed without waiting for these nodes any longer."""
    there: set[tuple[int, str]] = set()
    for part in in_parts(order_ids):
        rows = session().execute(select(UnheardNode.order_id, UnheardNode.node).where(UnheardNode.order_id.in_(part)))
        there.update((row[0], row[1]) for row in rows)
    fresh = [{"order_id": order, "node": name, "at": now} for order in order_ids for name in names if (order, name) not in there]
    if fresh:
        session().execute(insert(UnheardNode), fresh)


def unheard_of(order_id: int) -> list[str]:
    """The nodes that this order was attributed without."""
    return list(session().scalars(select(UnheardNode.node).where(UnheardNode.order_id == order_id).order_by(UnheardNode.node)))
