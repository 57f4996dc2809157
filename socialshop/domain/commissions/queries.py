"""Questions about commissions: earnings of a creator, costs of a brand, one receipt's rows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Select, case, func, select

from ...kernel.database import session
from ...kernel.errors import NotFound
from .. import ledger
from .models import Attribution, Commission, CommissionStep, Credit, Declined, Touched


@dataclass(frozen=True, slots=True)
class Earnings:
    """What a creator has in one currency, in minor units. in_transit: drawn up, the bank has not said yet."""

    currency: str
    pending: int = 0
    held: int = 0
    due: int = 0
    in_transit: int = 0
    paid: int = 0
    owed_back: int = 0


@dataclass(frozen=True, slots=True)
class CreatorCost:
    """What one creator brought a brand and cost it. amount: worth now; all in minor units of `currency`."""

    creator_id: int
    currency: str
    orders: int
    amount: int
    open: int
    given: int
    owed_back: int


_OPEN = case((Commission.worth_minor > Commission.given_minor, Commission.worth_minor - Commission.given_minor), else_=0)
_OWED = case((Commission.given_minor > Commission.worth_minor, Commission.given_minor - Commission.worth_minor), else_=0)


def summary_of_creator(creator_id: int, *, now: datetime, program_id: int | None = None) -> dict[str, Earnings]:
    """Per currency, what the creator has in which bucket; past its date counts as due even before the next release."""
    bucket = case((Commission.held, "held"), (Commission.due_at <= now, "due"), else_="pending")
    query = (
        select(
            Commission.pay_currency, bucket.label("bucket"), func.sum(_OPEN), func.sum(_OWED), func.sum(Commission.given_minor)
        )
        .where(Commission.creator_id == creator_id)
        .group_by(Commission.pay_currency, "bucket")
    )
    if program_id is not None:
        query = query.where(Commission.program_id == program_id)
    transit = ledger.balances("in_transit", creator_id=creator_id, program_id=program_id)
    sums: dict[str, dict[str, int]] = {}
    for currency, name, open_, owed, given in session().execute(query):
        mine = sums.setdefault(currency, dict.fromkeys(("pending", "held", "due", "owed_back", "given"), 0))
        mine[name] += int(open_)
        mine["owed_back"] += int(owed)
        mine["given"] += int(given)
    return {
        currency: Earnings(
            currency, mine["pending"], mine["held"], mine["due"], on_its_way := transit.get((creator_id, currency), 0),
            mine["given"] - on_its_way, mine["owed_back"],
        )
        for currency, mine in sums.items()
    }  # fmt: skip


def due_of_brand(program_ids: Collection[int], *, now: datetime) -> dict[str, int]:
    """Per currency, what is open, past its hold and held by nobody, less what is owed back."""
    ready = (Commission.due_at <= now) & Commission.held.is_(False)
    query = (
        select(Commission.pay_currency, func.sum(case((ready, _OPEN), else_=0) - _OWED))
        .where(Commission.program_id.in_(program_ids))
        .group_by(Commission.pay_currency)
    )
    return {currency: int(total) for currency, total in session().execute(query) if total}


def cost_of_creators(program_ids: Collection[int]) -> list[CreatorCost]:
    """Per creator and currency, the dearest first."""
    query = (
        select(
            Commission.creator_id, Commission.pay_currency, func.count(Commission.order_id.distinct()),
            func.sum(Commission.worth_minor), func.sum(_OPEN), func.sum(Commission.given_minor), func.sum(_OWED),
        )
        .where(Commission.program_id.in_(program_ids))
        .group_by(Commission.creator_id, Commission.pay_currency)
    )  # fmt: skip
    costs = [CreatorCost(row[0], row[1], row[2], *map(int, row[3:])) for row in session().execute(query)]
    return sorted(costs, key=lambda cost: (-cost.amount, cost.creator_id))


def get_own(creator_id: int, public_id: str) -> Commission:
    """A commission of this creator; NotFound for anybody else's."""
    found = session().scalar(select(Commission).where(Commission.public_id == public_id, Commission.creator_id == creator_id))
    if found is None:
        raise NotFound()
    return found


def get_of_programs(program_ids: Collection[int], public_id: str) -> Commission:
    """A commission of one of these programs; NotFound for anybody else's."""
    found = session().scalar(select(Commission).where(Commission.public_id == public_id, Commission.program_id.in_(program_ids)))
    if found is None:
        raise NotFound()
    return found


def of_order(order_id: int) -> list[Commission]:
    """The order's commissions, direct ones first."""
    return list(
        session().scalars(select(Commission).where(Commission.order_id == order_id).order_by(Commission.level, Commission.id))
    )


def declined_of_order(order_id: int) -> list[Declined]:
    """Who earned nothing of the order, and why."""
    return list(session().scalars(select(Declined).where(Declined.order_id == order_id).order_by(Declined.id)))


def before(
    last: int | None, *, creator_id: int | None, program_ids: Collection[int] | None, state: str, now: datetime, limit: int
) -> list[Commission]:
    """Commissions noted before the one with this internal key (None: from the newest on), the newest first."""
    query = _picked(creator_id, program_ids, state, now)
    if last is not None:
        query = query.where(Commission.id < last)
    return list(session().scalars(query.order_by(Commission.id.desc()).limit(limit)))


def listed(
    *,
    creator_id: int | None = None,
    program_ids: Collection[int] | None = None,
    state: str = "",
    now: datetime,
    limit: int = 50,
    offset: int = 0,
) -> list[Commission]:
    """Commissions, newest order first; state: one of the words a person sees, "" for all."""
    query = _picked(creator_id, program_ids, state, now)
    return list(session().scalars(query.order_by(Commission.placed_at.desc(), Commission.id.desc()).limit(limit).offset(offset)))


def _picked(creator_id: int | None, program_ids: Collection[int] | None, state: str, now: datetime) -> Select[Commission]:
    query = select(Commission)
    if creator_id is not None:
        query = query.where(Commission.creator_id == creator_id)
    if program_ids is not None:
        query = query.where(Commission.program_id.in_(program_ids))
    if state == "due":
        query = query.where((Commission.state == "due") | ((Commission.state == "pending") & (Commission.due_at <= now)))
    elif state == "pending":
        query = query.where(Commission.state == "pending", Commission.due_at > now)
    elif state == "owed_back":
        query = query.where(Commission.given_minor > Commission.worth_minor)
    elif state:
        query = query.where(Commission.state == state)
    return query


def currencies_of(program_id: int) -> set[str]:
    """The currencies of the orders that arrived in a program."""
    query = select(Attribution.currency).where(Attribution.program_id == program_id).distinct()
    return set(session().scalars(query))


def without_rate(program_ids: Collection[int], *, limit: int = 200) -> list[Commission]:
    """Commissions that stay in the order's currency because no rate was known, newest order first."""
    query = select(Commission).where(Commission.program_id.in_(program_ids), Commission.no_rate)
    return list(session().scalars(query.order_by(Commission.placed_at.desc(), Commission.id.desc()).limit(limit)))


@dataclass(frozen=True, slots=True)
class Override:
    """What a recruiter has from the sales of one creator, `level` steps down. worth: now, in minor units of `currency`."""

    of_creator_id: int
    level: int
    currency: str
    orders: int
    worth: int


def overrides_of(creator_id: int, program_id: int) -> list[Override]:
    """A recruiter's overrides by creator and currency, the nearest and largest first."""
    query = (
        select(
            Commission.of_creator_id, Commission.level, Commission.pay_currency, func.count(), func.sum(Commission.worth_minor)
        )
        .where(Commission.creator_id == creator_id, Commission.program_id == program_id, Commission.level > 0)
        .group_by(Commission.of_creator_id, Commission.level, Commission.pay_currency)
    )
    found = [Override(of, level, currency, count, int(worth)) for of, level, currency, count, worth in session().execute(query)]
    return sorted(found, key=lambda each: (each.level, -each.worth, each.of_creator_id))


def recent_overrides(creator_id: int, program_id: int, *, limit: int) -> list[Commission]:
    """A recruiter's newest overrides."""
    query = select(Commission).where(
        Commission.creator_id == creator_id, Commission.program_id == program_id, Commission.level > 0
    )
    return list(session().scalars(query.order_by(Commission.id.desc()).limit(limit)))


def missed_by(creator_id: int, *, limit: int = 50, offset: int = 0) -> list[int]:
    """Ids of the orders that this creator's click or code was considered for and that earned them nothing, newest first."""
    mine = (Commission.order_id == Touched.order_id) & (Commission.creator_id == creator_id)
    query = select(Touched.order_id).where(Touched.creator_id == creator_id, ~select(Commission.id).where(mine).exists())
    return list(session().scalars(query.order_by(Touched.id.desc()).limit(limit).offset(offset)))


def touched_by(order_id: int) -> list[int]:
    """The creators whose clicks or codes were considered for an order."""
    return list(session().scalars(select(Touched.creator_id).where(Touched.order_id == order_id).order_by(Touched.id)))


def was_touched(order_id: int, creator_id: int) -> bool:
    """Whether the creator's click or code was considered for the order."""
    query = select(Touched.id).where(Touched.order_id == order_id, Touched.creator_id == creator_id)
    return session().scalar(query) is not None


def find_of(order_id: int, creator_id: int) -> Commission | None:
    """The creator's commission in the order, the direct one before overrides."""
    query = select(Commission).where(Commission.order_id == order_id, Commission.creator_id == creator_id)
    return session().scalar(query.order_by(Commission.level).limit(1))


def recent_of_creator(creator_id: int, limit: int = 5) -> list[Commission]:
    """The creator's newest commissions."""
    query = select(Commission).where(Commission.creator_id == creator_id).order_by(Commission.id.desc()).limit(limit)
    return list(session().scalars(query))


def next_due(creator_id: int, *, now: datetime) -> datetime | None:
    """When the next pending commission of this creator falls due."""
    return session().scalar(
        select(func.min(Commission.due_at)).where(
            Commission.creator_id == creator_id, Commission.state == "pending", Commission.due_at > now
        )
    )


def steps_of(commission_id: int) -> list[CommissionStep]:
    """Everything that happened to a commission, in order."""
    query = select(CommissionStep).where(CommissionStep.commission_id == commission_id).order_by(CommissionStep.place)
    return list(session().scalars(query))


def first_of(attribution: Attribution, by: Literal["customer", "subscription"]) -> int | None:
    """The order that this one goes back to: its customer's first that credited anybody, or its subscription's first payment."""
    query = select(Attribution.order_id).where(
        Attribution.program_id == attribution.program_id, Attribution.effect < attribution.effect
    )
    if by == "customer":
        credited = select(Credit.id).where(Credit.order_id == Attribution.order_id).exists()
        query = query.where(Attribution.customer == attribution.customer, credited)
    else:
        query = query.where(Attribution.subscription == attribution.subscription, Attribution.payment_number == 1)
    return session().scalar(query.order_by(Attribution.effect).limit(1))


def steps_in(transaction_ids: Collection[int]) -> dict[tuple[int, int], list[CommissionStep]]:
    """The steps that these ledger transactions wrote, by transaction and commission."""
    query = select(CommissionStep).where(CommissionStep.transaction_id.in_(transaction_ids)).order_by(CommissionStep.id)
    found: dict[tuple[int, int], list[CommissionStep]] = {}
    for step in session().scalars(query):
        found.setdefault((step.transaction_id or 0, step.commission_id), []).append(step)
    return found


def by_ids(ids: Collection[int]) -> dict[int, Commission]:
    """Commissions by id, as the database has them now."""
    query = select(Commission).where(Commission.id.in_(ids)).execution_options(populate_existing=True)
    return {row.id: row for row in session().scalars(query)}


def newest_order_at(program_id: int) -> datetime | None:
    """When the latest of the program's orders was placed, by its shop's clock; None before the first."""
    return session().scalar(select(func.max(Attribution.placed_at)).where(Attribution.program_id == program_id))
