"""A commission explains itself: touches, terms, arithmetic, due date and every posting, as values for a page.

The numbers are the engine's own: the stored arrival, folded with what happened since. Nothing is decided again here.
What people read is made of these values in `told`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from ...domain import clicks, commissions, orders, payouts, people, programs
from ...domain.replay import OrderBook, Stake, TouchSeen
from ...domain.terms import FxQuote, Version
from ...kernel.database import session
from ...kernel.errors import NotFound
from .lines import Line, Sum, lines_of, sum_of
from .steps import Step, steps_of


@dataclass(frozen=True, slots=True)
class Touch:
    """A click or code that was considered, or what an earlier order left. who: the creator's handle; mine: the receipt's own.

    channel, placement: of a click. said: of a code, "typed" by the buyer or "filled" in for them, "" not known. days_before: how
    long it came before the order. earlier: of a first payment or a buyer's first order, the order that it was.
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
    earlier: orders.Order | None
    said: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """A version of the program's terms: from when on, and its document.

    kept_until: where newer terms replaced it and it promises notice, until when it stays open to whoever had joined before.
    """

    starts_at: datetime
    document: dict[str, Any]
    number: int
    kept_until: datetime | None


@dataclass(frozen=True, slots=True)
class Override:
    """Of a recruiter's part: whose commission it follows, the percentage, and what that commission is worth now."""

    handle: str
    percent: str
    direct: int
    level: int


@dataclass(frozen=True, slots=True)
class Limits:
    """What reasons need to be understood, in minor units of the order's currency. payments: earlier ones that earned."""

    goods: int
    minimum: int | None
    payments: int
    payment_number: int | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """Everything a person needs to see why the amount is what it is. commission is None where nothing was earned.

    ordered_under: the terms of the day of the order (who earned it, the minimum, the wait); terms: those that decide the
    amount, the same ones but where a notice kept older ones open. candidates: what each open version would have given.
    unheard: how many machines had not yet told the taps that they noted when the order was judged.
    """

    order: orders.Order
    brand: people.Brand
    program: programs.Program
    creator: people.Creator
    commission: commissions.Commission | None
    reason: str
    touches: tuple[Touch, ...]
    terms: Terms | None
    ordered_under: Terms | None
    rounding: str
    hold_days: int
    window_days: int
    candidates: tuple[tuple[datetime | None, int], ...]
    via: str
    percent: str
    place: int
    lines: tuple[Line, ...]
    sum: Sum | None
    override: Override | None
    quote: FxQuote | None
    no_rate: str
    limits: Limits
    edited: bool
    steps: tuple[Step, ...]
    paid_by: tuple[tuple[payouts.PayoutItem, payouts.Payout], ...]
    arrived_at: datetime
    unheard: int


@dataclass(frozen=True, slots=True)
class Considered:
    """Somebody who has a receipt for an order: of a commission, or of why there is none (reason, see `reasons_of`)."""

    creator: people.Creator
    commission: commissions.Commission | None
    reason: str


def considered(order_id: int) -> list[Considered]:
    """Everybody who has a receipt for this order: first who earned, then who was considered and did not."""
    rows = commissions.of_order(order_id)
    others = [each for each in commissions.touched_by(order_id) if each not in {row.creator_id for row in rows}]
    named = people.creators_by_id({row.creator_id for row in rows} | set(others))
    earned = [Considered(named[row.creator_id], row, "") for row in rows]
    return earned + [Considered(named[each], None, reasons_of([order_id], each).get(order_id, "")) for each in others]


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
    engine, program = programs.engine_program(attribution.program_id), programs.get(attribution.program_id)
    book = commissions.book_of(order_id, engine)
    direct = str(commission.of_creator_id or creator_id) if commission else str(creator_id)
    stake = next((stake for stake in book.arrival.stakes if stake.creator.id == direct), None)
    today = engine.version_at(book.arrival.order.at)
    version = stake.version if stake else today
    steps = steps_of(commission, engine, stake) if commission else ()
    return Receipt(
        order=orders.get(order_id),
        brand=people.get_brand(program.brand_id),
        program=program,
        creator=people.get_creator(creator_id),
        commission=commission,
        reason=_reason(book, str(creator_id)),
        touches=_touches(book, str(creator_id), attribution),
        terms=_terms(program, version),
        ordered_under=_terms(program, today),
        rounding=version.terms.rounding if version else "half_up",
        hold_days=today.terms.hold_days if today else 0,
        window_days=today.terms.window_days if today else 0,
        candidates=stake.candidates if stake else (),
        via=commission.via if commission else stake.share.via if stake else "",
        percent=stake.share.percent if stake else "",
        place=stake.share.place if stake else 0,
        lines=lines_of(book, stake),
        sum=sum_of(book, stake),
        override=_override(commission, stake, book),
        quote=stake.quote if stake else None,
        no_rate=(version.terms.payout_currency or "") if version and commission and commission.no_rate else "",
        limits=_limits(book, stake),
        edited=any(step.row.reason == "order_edit" for step in steps),
        steps=steps,
        paid_by=tuple(payouts.of_commission(commission.id)) if commission else (),
        arrived_at=attribution.decided_at,
        unheard=len(clicks.nodes.unheard_of(order_id)),
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


def _terms(program: programs.Program, version: Version | None) -> Terms | None:
    """The published version that the engine's one was read from."""
    if version is None or version.starts_at is None:
        return None
    published = programs.versions_of(program.id)
    written = next((each for each in published if each.from_at == version.starts_at), None)
    if written is None:
        return None
    later = min((each.from_at for each in published if each.from_at > written.from_at), default=None)
    notice = version.terms.notice_days
    kept_until = later + timedelta(days=notice) if later is not None and notice else None
    return Terms(version.starts_at, dict(written.terms), written.number, kept_until)


def _limits(book: OrderBook, stake: Stake | None) -> Limits:
    bought = book.arrival.order.subscription
    return Limits(
        sum(book.goods.nets.values()),
        book.arrival.minimum,
        stake.frozen.payments if stake else 0,
        bought.number if bought else None,
    )


def _touches(book: OrderBook, creator: str, attribution: commissions.Attribution) -> tuple[Touch, ...]:
    seen = book.arrival.touches
    handles = people.creators_by_id({int(touch.creator) for touch in seen if touch.creator is not None})
    said = orders.get(attribution.order_id).code_from
    found = []
    for touch in seen:
        owner = handles.get(int(touch.creator)) if touch.creator is not None else None
        click = clicks.find(touch.id) if touch.kind == "click" else None
        found.append(
            Touch(
                touch.kind, touch.at, owner.handle if owner else "", touch.creator == creator, _text(touch),
                click.channel if click else "", click.placement if click else "", touch.won, touch.why,
                (book.arrival.order.at - touch.at).days if touch.at else 0, _earlier(touch, attribution),
                said if touch.kind == "code" else "",
            )
        )  # fmt: skip
    return tuple(found)


def _text(touch: TouchSeen) -> str:
    return touch.id.upper() if touch.kind == "code" else ""


def _earlier(touch: TouchSeen, attribution: commissions.Attribution) -> orders.Order | None:
    """The order that a renewal, or a buyer who stays with a creator, goes back to."""
    if touch.kind in ("click", "code"):
        return None
    first = commissions.first_of(attribution, "subscription" if touch.kind == "subscription" else "customer")
    return orders.get(first) if first is not None else None


def _override(commission: commissions.Commission | None, stake: Stake | None, book: OrderBook) -> Override | None:
    if commission is None or commission.level == 0 or stake is None:
        return None
    handle = people.get_creator(commission.of_creator_id).handle
    percent = stake.version.terms.overrides[commission.level - 1]
    return Override(handle, percent, book.direct_amount(stake.creator.id), commission.level)
