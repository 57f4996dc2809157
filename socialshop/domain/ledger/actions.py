"""Writing moves: once per key, balanced, numbered without gaps, chained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ...kernel import faults
from ...kernel.database import in_parts, next_ids, session, write_rows
from ...kernel.errors import N_, Conflict
from ...kernel.money import Money
from .models import Account, Head, Posting, Snapshot, Transaction
from .rules import GENESIS, NEVER_ABOVE_ZERO, NEVER_BELOW_ZERO, Leg, Pocket, fingerprint, imbalance, tidy


class MoveConflict(Conflict):
    """The key was used for a move that says something else."""

    code = "move_conflict"
    message = N_("The move {key} is already booked with other content.")

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__()


class Unbalanced(Conflict):
    """The legs do not sum to zero in every currency, or are fewer than two."""

    code = "unbalanced"
    message = N_("The move {key} does not balance.")

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__()


class Overdrawn(Conflict):
    """A pocket would hold less than nothing of what a commission put there."""

    code = "overdrawn"
    message = N_("The move {key} takes more from {pocket} than is there.")

    def __init__(self, key: str, pocket: str) -> None:
        self.key, self.pocket = key, pocket
        super().__init__()


def move(
    program_id: int,
    key: str,
    source: Pocket,
    target: Pocket,
    amount: Money,
    *,
    kind: str,
    at: datetime,
    now: datetime,
    commission_id: int | None = None,
    corrects: int | None = None,
) -> int:
    """Take an amount (above 0) from one pocket and put it into another; see `book`."""
    legs = [
        Leg(source, -amount.minor, amount.currency, commission_id),
        Leg(target, amount.minor, amount.currency, commission_id),
    ]
    return book(program_id, key, legs, kind=kind, at=at, now=now, corrects=corrects)


@dataclass(frozen=True, slots=True)
class Move:
    """A move to be written: unique by key, of two or more legs. corrects: the transaction that it puts right."""

    key: str
    legs: Sequence[Leg]
    kind: str
    at: datetime
    corrects: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def book(
    program_id: int,
    key: str,
    legs: Sequence[Leg],
    *,
    kind: str,
    at: datetime,
    now: datetime,
    corrects: int | None = None,
    facts: Mapping[str, Any] | None = None,
) -> int:
    """Write one move and return its id; see `book_all`."""
    return book_all(program_id, [Move(key, legs, kind, at, corrects, dict(facts or {}))], now=now)[0]


def book_all(program_id: int, moves: Sequence[Move], *, now: datetime) -> list[int]:
    """Write moves one after the other and return their ids. A key again with the same legs writes nothing.

    MoveConflict: the key says something else. Unbalanced, Overdrawn: the legs are wrong; then none of them stands, since
    the caller's transaction ends. Keys within one call differ.
    """
    if not moves:
        return []
    tidied = [tidy(move.legs) for move in moves]
    for move, legs in zip(moves, tidied, strict=True):
        if len(legs) < 2 or imbalance(legs):
            raise Unbalanced(move.key)
    head = _lock_head(program_id)
    ids = _known(program_id, moves, tidied)
    new = [(move, legs) for move, legs in zip(moves, tidied, strict=True) if move.key not in ids]
    number, digest, rows = int(head.number), str(head.hash), []
    for (move, legs), transaction_id in zip(new, next_ids(Transaction, len(new)), strict=True):
        previous, number = digest, number + 1
        digest = fingerprint(
            previous=previous, program_id=program_id, number=number, key=move.key, kind=move.kind, corrects_id=move.corrects,
            at=move.at, booked_at=now, facts=move.facts, legs=legs,
        )  # fmt: skip
        ids[move.key] = transaction_id
        rows.append(
            {
                "id": transaction_id, "program_id": program_id, "number": number, "key": move.key, "kind": move.kind,
                "corrects_id": move.corrects, "at": move.at, "booked_at": now, "facts": dict(move.facts),
                "previous_hash": previous, "hash": digest,
            }
        )  # fmt: skip
    if new:
        _write_legs(program_id, [(ids[move.key], legs) for move, legs in new])
        write_rows(Transaction, rows)
        session().execute(
            update(Head)
            .where(Head.program_id == program_id)
            .values(number=number, hash=digest)
            .execution_options(synchronize_session=False)
        )
        _refuse_overdraft(new)
    return [ids[move.key] for move in moves]


def take_snapshots(program_id: int, *, tail: int = 100) -> int:
    """Sum up the pockets of a program that more than `tail` postings have gone into since the last time; how many."""
    _lock_head(program_id)  # no posting of this program is on its way with a smaller id
    since = and_(Posting.account_id == Account.id, Posting.id > func.coalesce(Snapshot.posting_id, 0))
    rows = session().execute(
        select(Account.id, func.max(Posting.id), func.sum(Posting.minor))
        .outerjoin(Snapshot, Snapshot.account_id == Account.id)
        .join(Posting, since)
        .where(Account.program_id == program_id)
        .group_by(Account.id)
        .having(func.count() > tail)
    )
    dialect = postgresql if session().get_bind().dialect.name == "postgresql" else sqlite
    taken = 0
    for account_id, last, minor in rows.all():
        new = dialect.insert(Snapshot).values(account_id=account_id, posting_id=last, minor=int(minor))
        session().execute(
            new.on_conflict_do_update(
                index_elements=["account_id"], set_={"posting_id": last, "minor": Snapshot.minor + int(minor)}
            )
        )
        taken += 1
    return taken


def programs_booked() -> list[int]:
    """The programs that have a ledger."""
    return list(session().scalars(select(Head.program_id).order_by(Head.program_id)))


def _lock_head(program_id: int) -> Any:
    """The end of the chain, ours until the transaction ends: SELECT FOR UPDATE, or SQLite's one writer."""
    dialect = postgresql if session().get_bind().dialect.name == "postgresql" else sqlite
    new = dialect.insert(Head).values(program_id=program_id, number=0, hash=GENESIS)
    session().execute(new.on_conflict_do_nothing(index_elements=["program_id"]))
    return session().execute(select(Head.number, Head.hash).where(Head.program_id == program_id).with_for_update()).one()


def _known(program_id: int, moves: Sequence[Move], tidied: Sequence[Sequence[Leg]]) -> dict[str, int]:
    """The ids of those that are booked already, by key."""
    found: dict[str, int] = {}
    said = {move.key: (move, legs) for move, legs in zip(moves, tidied, strict=True)}
    for keys in in_parts(said):
        rows = session().execute(
            select(Transaction.id, Transaction.key, Transaction.kind, Transaction.program_id).where(Transaction.key.in_(keys))
        )
        for row in rows:
            move, legs = said[row.key]
            if row.kind != move.kind or row.program_id != program_id or tidy(_legs_of(row.id)) != legs:
                raise MoveConflict(row.key)
            found[row.key] = int(row.id)
    return found


def _write_legs(program_id: int, moves: Sequence[tuple[int, Sequence[Leg]]]) -> None:
    accounts = _accounts(program_id, [leg for _, legs in moves for leg in legs])
    rows = [
        [
            {
                "transaction_id": transaction_id, "account_id": accounts[leg.pocket, leg.currency], "minor": leg.minor,
                "currency": leg.currency, "commission_id": leg.commission_id,
            }
            for leg in legs
        ]
        for transaction_id, legs in moves
    ]  # fmt: skip
    if faults.is_armed("ledger.after_first_posting"):  # then one by one, so that it may strike within each of them
        for mine in rows:
            write_rows(Posting, mine[:1])
            faults.point("ledger.after_first_posting")
            write_rows(Posting, mine[1:])
    else:
        write_rows(Posting, [row for mine in rows for row in mine])


def _accounts(program_id: int, legs: Sequence[Leg]) -> dict[tuple[Pocket, str], int]:
    """The ids of the pockets, made where they are new."""
    wanted = {(leg.pocket, leg.currency) for leg in legs}
    found: dict[tuple[Pocket, str], int] = {}
    for owners in in_parts({pocket.creator_id for pocket, _ in wanted}):
        rows = session().execute(
            select(Account.id, Account.kind, Account.creator_id, Account.currency).where(
                Account.program_id == program_id, Account.creator_id.in_(owners)
            )
        )
        found |= {(Pocket(row.kind, row.creator_id), row.currency): int(row.id) for row in rows}
    for pocket, currency in sorted(wanted - set(found), key=lambda each: (each[0].kind, each[0].creator_id, each[1])):
        found[pocket, currency] = int(
            session()
            .execute(
                insert(Account)
                .values(program_id=program_id, kind=pocket.kind, creator_id=pocket.creator_id, currency=currency)
                .returning(Account.id)
            )
            .scalar_one()
        )
    return found


def _legs_of(transaction_id: int) -> list[Leg]:
    rows = session().execute(
        select(Account.kind, Account.creator_id, Posting.minor, Posting.currency, Posting.commission_id)
        .join(Account, Account.id == Posting.account_id)
        .where(Posting.transaction_id == transaction_id)
    )
    return [Leg(Pocket(row.kind, row.creator_id), row.minor, row.currency, row.commission_id) for row in rows]


def _refuse_overdraft(moves: Sequence[tuple[Move, Sequence[Leg]]]) -> None:
    """What a commission put into a pocket is all that may be taken out of it; so no pocket of a creator falls below 0.

    The legs have been written by now, and go with the rest of the transaction when this raises.
    """
    taking = {
        leg.commission_id: move.key
        for move, legs in moves
        for leg in legs
        if leg.commission_id is not None and _could_overdraw(leg)
    }
    for commission_ids in in_parts(taking):
        sums = session().execute(
            select(Posting.commission_id, Account.kind, func.sum(Posting.minor).label("total"))
            .join(Account, Account.id == Posting.account_id)
            .where(Posting.commission_id.in_(commission_ids), Account.creator_id != 0)
            .group_by(Posting.commission_id, Account.id, Account.kind)
        )
        for commission_id, kind, total in sums:
            if commission_id is not None and (
                (kind in NEVER_BELOW_ZERO and total < 0) or (kind in NEVER_ABOVE_ZERO and total > 0)
            ):
                raise Overdrawn(taking[commission_id], kind)


def _could_overdraw(leg: Leg) -> bool:
    """Whether this leg moves its pocket towards the side where it may not be."""
    kind = leg.pocket.kind
    return (kind in NEVER_BELOW_ZERO and leg.minor < 0) or (kind in NEVER_ABOVE_ZERO and leg.minor > 0)
