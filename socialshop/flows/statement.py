"""A creator's month in a program: what was owed at its start, everything that moved, what is owed at its end.

All of it is the ledger's: the balance is the sum of the creator's pockets (held, payable, on its way, less owed back). A move
belongs to the month in which it was written, on the program's own clock, so each lies in exactly one month.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from ..domain import commissions, ledger, orders, payouts, people, programs
from ..kernel.errors import NotFound

MOST_MONTHS = 120  # of a list
GROUPS = ("earned", "adjusted", "taken_back", "paid", "fee", "returned", "other")
_GROUP_OF = {
    "accrue": "earned", "adjust": "adjusted", "reverse": "taken_back", "clawback": "taken_back", "reject": "taken_back",
    "dispute_closed": "taken_back", "paid": "paid", "fee": "fee", "pay_failed": "returned",
}  # fmt: skip
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that changed the balance. minor: signed from the creator's side. kind, reason: words for machines.

    at: when it happened; booked_at: when it was written, which decides the month. entry: the ledger's number for it.
    payout: of what was paid, returned, or charged as a fee; commission, order: of everything else.
    """

    kind: str
    reason: str
    words: str
    at: datetime
    booked_at: datetime
    minor: int
    entry: int
    commission: commissions.Commission | None
    order: orders.Order | None
    payout: payouts.Payout | None


@dataclass(frozen=True, slots=True)
class Group:
    """Lines of one sort, one of GROUPS."""

    name: str
    lines: tuple[Line, ...]

    @property
    def total(self) -> int:
        """Their sum in minor units."""
        return sum(line.minor for line in self.lines)


@dataclass(frozen=True, slots=True)
class Account:
    """One program in one currency, from `start` until before `end`. pockets: what the closing balance consists of."""

    program: programs.Program
    brand: people.Brand
    currency: str
    start: datetime
    end: datetime
    opening: int
    closing: int
    groups: tuple[Group, ...]
    pockets: dict[ledger.PocketKind, int]


@dataclass(frozen=True, slots=True)
class Statement:
    """A creator's month, by program and currency. over: no move can be added to it any more."""

    creator: people.Creator
    month: str
    accounts: tuple[Account, ...]
    over: bool


@dataclass(frozen=True, slots=True)
class Month:
    """One month of one program and currency, for lists: the balance at both ends and how many moves lie between."""

    month: str
    program: programs.Program
    brand: people.Brand
    currency: str
    opening: int
    closing: int
    moves: int


def bounds(month: str, zone: str) -> tuple[datetime, datetime]:
    """First instant of "2026-06" on the clock of `zone`, and of the next month, in UTC; NotFound for what is no month."""
    found = _MONTH.match(month)
    if found is None or not 1970 <= int(found[1]) <= 9998:
        raise NotFound()
    year, number = int(found[1]), int(found[2])
    later = (year + number // 12, number % 12 + 1)
    clock = ZoneInfo(zone)
    return datetime(year, number, 1, tzinfo=clock).astimezone(UTC), datetime(*later, 1, tzinfo=clock).astimezone(UTC)


def month_of(at: datetime, zone: str) -> str:
    """The month of an instant on the clock of `zone`: "2026-06"."""
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m")


def of_month(creator_id: int, month: str, *, now: datetime, program_ids: Collection[int] | None = None) -> Statement:
    """The creator's statement; program_ids: only of these (a brand's). NotFound before anything moved, and for the future."""
    accounts: list[Account] = []
    known = over = False
    for program in _programs(creator_id, program_ids):
        start, end = bounds(month, program.timezone)
        first = ledger.first_booked(program.id, creator_id)
        if first is None or first >= end or start > now:
            continue
        known, over = True, end <= now
        accounts += _accounts(program, creator_id, start, end)
    if not known:
        bounds(month, "UTC")
        raise NotFound()
    return Statement(people.get_creator(creator_id), month, tuple(accounts), over)


def months_of(creator_id: int, *, now: datetime, program_ids: Collection[int] | None = None) -> list[Month]:
    """Every month since the first move in which something moved or was owed, the newest first."""
    found: list[Month] = []
    for program in _programs(creator_id, program_ids):
        first = ledger.first_booked(program.id, creator_id)
        if first is None:
            continue
        months = _months_between(month_of(first, program.timezone), month_of(max(now, first), program.timezone))
        instants = [bounds(months[0], program.timezone)[0]] + [bounds(month, program.timezone)[1] for month in months]
        brand = people.get_brand(program.brand_id)
        for currency, levels in ledger.levels_at(program.id, creator_id, instants).items():
            for month, before, after in zip(months, levels, levels[1:], strict=False):
                moves = after.moves - before.moves
                if moves or before.minor or after.minor:
                    found.append(Month(month, program, brand, currency, before.minor, after.minor, moves))
    found.sort(key=lambda each: (each.brand.name, each.program.name, each.currency))
    return sorted(found, key=lambda each: each.month, reverse=True)


def _programs(creator_id: int, program_ids: Collection[int] | None) -> list[programs.Program]:
    mine = ledger.programs_of_creator(creator_id)
    wanted = mine if program_ids is None else mine & set(program_ids)
    return sorted(programs.programs_by_id(wanted).values(), key=lambda program: program.id)


def _months_between(first: str, last: str) -> list[str]:
    """Both included, oldest first; the newest MOST_MONTHS of them."""
    low, high = (int(text[:4]) * 12 + int(text[5:]) - 1 for text in (first, last))
    return [f"{n // 12:04}-{n % 12 + 1:02}" for n in range(max(low, high - MOST_MONTHS + 1), high + 1)]


def _accounts(program: programs.Program, creator_id: int, start: datetime, end: datetime) -> list[Account]:
    before, after = ledger.pockets_at(program.id, creator_id, start), ledger.pockets_at(program.id, creator_id, end)
    moved = ledger.movements(program.id, creator_id, start, end)
    lines: dict[str, list[Line]] = {}
    for currency, line in _lines(moved):
        lines.setdefault(currency, []).append(line)
    brand = people.get_brand(program.brand_id)
    found = []
    for currency in sorted(after):
        opening, closing = sum(before.get(currency, {}).values()), sum(after[currency].values())
        if opening or closing or currency in lines:
            groups = _grouped(lines.get(currency, []))
            found.append(Account(program, brand, currency, start, end, opening, closing, groups, after[currency]))
    return found


def _grouped(lines: Iterable[Line]) -> tuple[Group, ...]:
    by_group: dict[str, list[Line]] = {}
    for line in lines:
        by_group.setdefault("taken_back" if line.reason == "reinstated" else _GROUP_OF.get(line.kind, "other"), []).append(line)
    return tuple(Group(name, tuple(by_group[name])) for name in GROUPS if name in by_group)


def _lines(moved: list[ledger.Movement]) -> list[tuple[str, Line]]:
    """The moves as people read them: by payout where one is behind them, else by commission and step."""
    rows = commissions.by_ids({move.commission_id for move in moved if move.commission_id is not None})
    ordered = orders.orders_by_id([row.order_id for row in rows.values()])
    steps = commissions.steps_in({move.transaction_id for move in moved if not move.key.startswith("payout:")})
    names = {move.transaction_id: move.key.split(":")[1] for move in moved if move.key.startswith("payout:")}
    sent = payouts.by_public_ids(set(names.values()))
    found: list[tuple[str, Line]] = []
    of_payout: dict[tuple[int, str], list[ledger.Movement]] = {}
    for move in moved:
        if move.transaction_id in names:
            of_payout.setdefault((move.transaction_id, move.currency), []).append(move)
            continue
        row = rows.get(move.commission_id or 0)
        order = ordered.get(row.order_id) if row else None
        for kind, reason, words, minor in _parts(move, steps.get((move.transaction_id, move.commission_id or 0), [])):
            line = Line(kind, reason, words, move.at, move.booked_at, minor, move.number, row, order, None)
            found.append((move.currency, line))
    for (transaction_id, currency), parts in of_payout.items():
        one, total = parts[0], sum(move.minor for move in parts)
        payout = sent.get(names[transaction_id])
        if total:
            why = payout.why if payout and one.kind == "pay_failed" else ""
            found.append((currency, Line(one.kind, "", why, one.at, one.booked_at, total, one.number, None, None, payout)))
    return sorted(found, key=lambda each: each[1].entry)


def _parts(move: ledger.Movement, steps: list[commissions.CommissionStep]) -> list[tuple[str, str, str, int]]:
    """(kind, reason, words, minor): the commission's own steps where they add up to the move, else the move as a whole."""
    own = [(step.kind, step.reason, step.words, step.minor) for step in steps if step.minor]
    if own and sum(part[3] for part in own) == move.minor:
        return own
    return [(move.kind, steps[0].reason if steps else "", steps[0].words if steps else "", move.minor)]
