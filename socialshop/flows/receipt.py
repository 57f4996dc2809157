"""A commission explains itself: touches, terms, arithmetic, due date and every posting, as values for a page.

The numbers are the engine's own: the stored arrival, folded with what happened since. Nothing is computed again here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from ..domain import clicks, commissions, ledger, orders, payouts, people, programs
from ..domain.replay import OrderBook, Stake, TouchSeen
from ..domain.terms import Piece, PricedLine, Rule
from ..kernel.database import session
from ..kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class Touch:
    """A click or code that was considered. who: the creator's handle; mine: of the creator whose receipt this is.

    days_before: whole days between a click and the order.
    """

    kind: str
    at: datetime | None
    who: str
    mine: bool
    text: str
    channel: str
    placement: str
    won: bool
    why: str
    days_before: int


@dataclass(frozen=True, slots=True)
class Earned:
    """What one rule gave on one line. form: percent, flat or tiers; rate: as the terms say it, flat in minor units.

    exact: what the percentage gives before it is rounded, as decimal text in minor units; "" where nothing was rounded.
    """

    bonus: bool
    form: str
    per: str
    rate: str
    exact: str
    amount: int
    capped: int
    only_for: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the order on the way from its price to its commission; amounts in minor units of the order's currency."""

    title: str
    quantity: int
    price: int
    gross: int
    discount: int
    net: int
    added: int
    base: int
    excluded: bool
    earned: tuple[Earned, ...]
    amount: int


@dataclass(frozen=True, slots=True)
class Sum:
    """The order's commission after each limit, in minor units of the order's currency."""

    earned: int
    after_rule_caps: int
    after_order_cap: int
    after_budget: int
    total: int


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened to the commission, with its ledger entry. goods: what a refund gave back of the goods."""

    row: commissions.CommissionStep
    entry: ledger.Entry | None
    goods: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """Everything a person needs to see why the amount is what it is. commission is None where nothing was earned."""

    order: orders.Order
    brand: people.Brand
    program: programs.Program
    creator: people.Creator
    commission: commissions.Commission | None
    reason: str
    touches: tuple[Touch, ...]
    version_at: datetime | None
    terms: dict[str, object]
    rounding: str
    hold_days: int
    window_days: int
    candidates: tuple[tuple[datetime | None, int], ...]
    via: str
    percent: str
    lines: tuple[Line, ...]
    sum: Sum | None
    override: tuple[str, str, int] | None
    quote: tuple[str, str, str, datetime] | None
    edited: bool
    refunded: int
    steps: tuple[Step, ...]
    paid_by: tuple[tuple[payouts.PayoutItem, payouts.Payout], ...]
    arrived_at: datetime


def of_commission(commission: commissions.Commission) -> Receipt:
    """The receipt of a commission."""
    return _receipt(commission.order_id, commission.creator_id, commission)


def of_order(order_id: int, creator_id: int) -> Receipt:
    """The receipt of a sale that earned this creator nothing; NotFound where they had nothing to do with it."""
    if not commissions.was_touched(order_id, creator_id):
        raise NotFound()
    return _receipt(order_id, creator_id, commissions.find_of(order_id, creator_id))


def _receipt(order_id: int, creator_id: int, commission: commissions.Commission | None) -> Receipt:
    attribution = commissions.attribution_of(order_id)
    if attribution is None:
        raise NotFound()
    engine = programs.engine_program(attribution.program_id)
    book, program = commissions.book_of(order_id, engine), programs.get(attribution.program_id)
    direct = str(commission.of_creator_id or creator_id) if commission else str(creator_id)
    stake = next((stake for stake in book.arrival.stakes if stake.creator.id == direct), None)
    version = stake.version if stake else engine.version_at(book.arrival.order.at)
    terms = version.terms if version else None
    ordered_under = engine.version_at(book.arrival.order.at)
    stages = book.priced_of(stake).stages if stake else None
    quote = stake.quote if stake else None
    written = programs.terms_now(program.id, version.starts_at) if version and version.starts_at else None
    return Receipt(
        order=orders.get(order_id),
        brand=people.get_brand(program.brand_id),
        program=program,
        creator=people.get_creator(creator_id),
        commission=commission,
        reason=_reason(book, str(creator_id)),
        touches=_touches(book, str(creator_id)),
        version_at=version.starts_at if version else None,
        terms=dict(written.terms) if written else {},
        rounding=terms.rounding if terms else "half_up",
        hold_days=ordered_under.terms.hold_days if ordered_under else 0,
        window_days=ordered_under.terms.window_days if ordered_under else 0,
        candidates=stake.candidates if stake else (),
        via=commission.via if commission else stake.share.via if stake else "",
        percent=stake.share.percent if stake else "",
        lines=_lines(book, stake, {rule.id: rule for rule in terms.rules} if terms else {}),
        sum=Sum(stages.earned, stages.after_rule_caps, stages.after_order_cap, stages.after_budget, stages.total)
        if stages
        else None,
        override=_override(commission, stake, book),
        quote=(quote.base, quote.quote, quote.rate, quote.at) if quote else None,
        edited=any(step.kind == "adjust" for step in (commissions.steps_of(commission.id) if commission else [])),
        refunded=orders.refunded_minor(order_id),
        steps=_steps(commission),
        paid_by=tuple(payouts.of_commission(commission.id)) if commission else (),
        arrived_at=attribution.decided_at,
    )


def reasons_of(order_ids: list[int], creator_id: int) -> dict[int, str]:
    """In one word each, why these orders earned this creator nothing."""
    rows = session().execute(
        select(commissions.Attribution.order_id, commissions.Attribution.arrival).where(
            commissions.Attribution.order_id.in_(order_ids)
        )
    )
    return {order_id: _reason_in(arrival["declined"], arrival["touches"], str(creator_id)) for order_id, arrival in rows}


def _reason(book: OrderBook, creator: str) -> str:
    declined: list[dict[str, Any]] = [{"creator": row.creator, "reason": row.reason} for row in book.declined]
    touches: list[dict[str, Any]] = [{"creator": touch.creator, "why": touch.why} for touch in book.arrival.touches]
    return _reason_in(declined, touches, creator)


def _reason_in(declined: list[dict[str, Any]], touches: list[dict[str, Any]], creator: str) -> str:
    """Their own declined row first, then why their touch lost, then why nobody was named."""
    mine = [row["reason"] for row in declined if row["creator"] == creator]
    lost = [touch["why"] for touch in touches if touch["creator"] == creator and touch["why"] not in ("wins", "shares")]
    nobody = [row["reason"] for row in declined if row["creator"] is None]
    return next(iter([*mine, *nobody, *lost]), "")


def _touches(book: OrderBook, creator: str) -> tuple[Touch, ...]:
    seen = book.arrival.touches
    handles = people.creators_by_id({int(touch.creator) for touch in seen if touch.creator is not None})
    found = []
    for touch in seen:
        owner = handles.get(int(touch.creator)) if touch.creator is not None else None
        click = clicks.find(touch.id) if touch.kind == "click" else None
        found.append(
            Touch(
                touch.kind, touch.at, owner.handle if owner else "", touch.creator == creator, _text(touch),
                click.channel if click else "", click.placement if click else "", touch.won, touch.why,
                (book.arrival.order.at - touch.at).days if touch.at else 0,
            )
        )  # fmt: skip
    return tuple(found)


def _text(touch: TouchSeen) -> str:
    return touch.id.upper() if touch.kind == "code" else ""


def _lines(book: OrderBook, stake: Stake | None, rules: dict[str, Rule]) -> tuple[Line, ...]:
    """The order's lines as last priced; without a stake, as they are, with nothing earned."""
    titles = {line.key: line.title for line in orders.lines_of(_order_id(book))}
    priced = {line.line: line for line in book.priced_of(stake).lines} if stake else {}
    found = []
    for line in book.order.lines:
        mine = priced.get(line.id)
        gross = line.price * line.quantity
        net = mine.net if mine else gross - line.discount
        found.append(
            Line(
                titles.get(line.id, line.id), line.quantity, line.price, gross, gross - net, net,
                (mine.base - mine.net) if mine else 0, mine.base if mine else net, bool(mine and mine.excluded),
                _earned(mine, rules), mine.amount if mine else 0,
            )
        )  # fmt: skip
    return tuple(found)


def _order_id(book: OrderBook) -> int:
    """Our row of the order that a book is about."""
    found = orders.find(book.arrival.order.id)
    if found is None:
        raise NotFound()
    return found.id


def _earned(line: PricedLine | None, rules: dict[str, Rule]) -> tuple[Earned, ...]:
    return tuple(_piece(piece, rules.get(piece.rule), line.base) for piece in line.pieces) if line else ()


def _piece(piece: Piece, rule: Rule | None, base: int) -> Earned:
    form = "percent" if rule is None or rule.percent is not None else "flat" if rule.flat is not None else "tiers"
    when = sorted(rule.when.items()) if rule else []
    only_for = tuple((key, ", ".join(sorted(values))) for key, values in when)
    return Earned(
        piece.bonus,
        form,
        rule.per if rule else "order",
        piece.rate,
        _exact(form, piece.rate, base),
        piece.amount,
        piece.capped,
        only_for,
    )


def _exact(form: str, rate: str, base: int) -> str:
    """base × rate percent as decimal text; "" where it is whole, or comes from several brackets."""
    if form != "percent":
        return ""
    whole, _, decimals = rate.partition(".")
    scaled = base * int(whole + (decimals + "0000")[:4])
    units, rest = divmod(scaled, 1_000_000)
    return f"{units}.{rest:06d}".rstrip("0") if rest else ""


def _override(commission: commissions.Commission | None, stake: Stake | None, book: OrderBook) -> tuple[str, str, int] | None:
    """Of an override: whose commission it follows, the percentage, and what that commission is worth now."""
    if commission is None or commission.level == 0 or stake is None:
        return None
    handle = people.get_creator(commission.of_creator_id).handle
    return handle, stake.version.terms.overrides[commission.level - 1], book.direct_amount(stake.creator.id)


def _steps(commission: commissions.Commission | None) -> tuple[Step, ...]:
    rows = commissions.steps_of(commission.id) if commission else []
    wanted = {row.transaction_id for row in rows if row.transaction_id is not None}
    entries = ledger.entries(wanted, commission_id=commission.id if commission else None) if wanted else {}
    given_back = _given_back([row.event_id for row in rows], commission) if commission else {}
    return tuple(Step(row, entries.get(row.transaction_id or 0), given_back.get(row.event_id, 0)) for row in rows)


def _given_back(event_ids: list[str], commission: commissions.Commission) -> dict[str, int]:
    """By refund, what the buyer got back for the goods, in minor units of the order's currency."""
    facts = session().scalars(
        select(commissions.ProgramEvent).where(
            commissions.ProgramEvent.program_id == commission.program_id,
            commissions.ProgramEvent.event_id.in_(event_ids),
            commissions.ProgramEvent.type == "refund",
        )
    )
    return {
        fact.event_id: sum(int(line["amount"]) for line in fact.document.get("lines", ())) or int(fact.document.get("amount", 0))
        for fact in facts
    }
