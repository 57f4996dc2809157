"""An order has been paid, given back or changed: what it earned whom follows, in the caller's transaction.

Everything goes through one door of the engine's: a fact is kept in the program's order of arrival, takes effect once,
and the commissions and the ledger are brought up to it. All of it is safe to repeat.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ..domain import analytics, clicks, commissions, connections, links, orders, people, programs
from ..domain.audit import SYSTEM, Actor
from ..domain.replay import Event, OrderEdit, Refund
from ..domain.terms import Click, Customer, Line, OrderFacts
from . import nodes
from .crowd import Crowd


@dataclass(frozen=True, slots=True)
class Routed:
    """An order and the program whose terms decide about it, with the taps there that it may go back to."""

    order: orders.OrderSnapshot
    program_id: int
    taps: tuple[clicks.Touch, ...]


def arrive(order_id: int, *, now: datetime, actor: Actor = SYSTEM) -> None:
    """Let a paid order arrive at the engine: attributed and priced once, with the facts known by now."""
    routed = route([orders.facts(order_id)])
    if not routed:
        return  # the brand has no program that could pay for it
    [one] = routed
    if commissions.attribution_of(order_id) is None:  # one that has arrived may have been edited since
        arrive_together(routed, now=now, actor=actor)
    orders.set_program(order_id, one.program_id)
    for refund in orders.refunds_of(order_id):
        take(ground_of(one.program_id, one.order.at), _refund(refund, one.order.public_id), now=now, actor=actor)


def route(snapshots: Sequence[orders.OrderSnapshot]) -> list[Routed]:
    """The programs of paid orders of one brand: the code's, else that of the newest click, else the store's own, else the
    brand's only one. Orders that no program could pay for are left out."""
    if not snapshots:
        return []
    [brand_id] = {order.brand_id for order in snapshots}
    first = clicks.firsts({order.click_id for order in snapshots})  # an order may name a repeat; the tap it repeats counts
    snapshots = [replace(order, click_id=first.get(order.click_id, order.click_id)) for order in snapshots]
    own = {program.id for program in programs.programs_of_brand(brand_id)}
    codes = links.find_codes({order.code for order in snapshots if order.code})
    touched = clicks.of_many(own, {order.visitor for order in snapshots}, {order.click_id for order in snapshots})
    stores = {
        store_id: connections.get(store_id).program_id
        for store_id in {order.connection_id for order in snapshots}
        if store_id is not None
    }
    only = programs.find_only_live(brand_id)
    by_visitor: dict[str, list[clicks.Touch]] = {}
    for click in touched:
        by_visitor.setdefault(click.visitor, []).append(click)
    named = {click.public_id: click for click in touched}
    found: list[Routed] = []
    for order in snapshots:
        taps = list(by_visitor.get(order.visitor, ())) if order.visitor else []
        if order.click_id in named and named[order.click_id] not in taps:
            taps = sorted([*taps, named[order.click_id]], key=lambda click: (click.at, click.id))
        code = codes.get(links.folded(order.code)) if order.code else None
        store = stores.get(order.connection_id) if order.connection_id is not None else None
        program_id = order.program_id or _program(own, code, taps, order.at, store, only)
        if program_id is not None:
            found.append(Routed(order, program_id, tuple(tap for tap in taps if tap.program_id == program_id)))
    return found


def _program(
    own: set[int],
    code: links.ReferralCode | None,
    taps: Sequence[clicks.Touch],
    at: datetime,
    store: int | None,
    only: programs.Program | None,
) -> int | None:
    if code is not None and code.program_id in own:
        return code.program_id
    earlier = [click for click in taps if click.at <= at] or taps
    if earlier:
        return max(earlier, key=lambda click: (click.at, click.public_id)).program_id
    if store in own:
        return store
    return None if only is None else only.id


def arrive_together(routed: Sequence[Routed], *, now: datetime, actor: Actor = SYSTEM) -> dict[int, str | None]:
    """Let orders of one brand, whose rows are written, arrive at their programs in this order, each as if it came alone.

    By order, why it earned nothing, or None where it earned.
    """
    outcomes: dict[int, str | None] = {}
    brands = {brand_id: people.get_brand(brand_id).public_id for brand_id in {one.order.brand_id for one in routed}}
    wanted = sorted({one.program_id for one in routed})
    for program_id in wanted:  # always in the same order, so that two batches never wait for each other
        programs.lock(program_id)
    for program_id in wanted:
        mine = [one for one in routed if one.program_id == program_id]
        crowd = Crowd(program_id)
        crowd.expect({tap.creator_id for one in mine for tap in one.taps}, {one.order.code for one in mine if one.order.code})
        newcomers = [
            commissions.Newcomer(
                one.order.order_id,
                _facts(one.order, brands[one.order.brand_id]),
                crowd.at(one.order.at),
                tuple(map(_click, one.taps)),
            )
            for one in mine
        ]
        program = programs.engine_program(program_id)
        arrived = commissions.arrive(program_id, program, newcomers, now=now, actor=_by(actor))
        analytics.note_sources(arrived)
        nodes.note(arrived, now=now)
        outcomes |= arrived
    return outcomes


def give_back(refund_id: int, *, now: datetime, actor: Actor = SYSTEM) -> None:
    """Let a refund take back its part of the commissions; one of an order that has not arrived waits with it."""
    refund = orders.refund(refund_id)
    snapshot = orders.facts(refund.order_id)
    if snapshot.program_id is None:
        return  # `arrive` takes it along
    take(ground_of(snapshot.program_id, snapshot.at), _refund(refund, snapshot.public_id), now=now, actor=actor)


def edited(order_id: int, key: str, *, now: datetime, at: datetime | None = None, actor: Actor = SYSTEM) -> None:
    """Let the order's lines and amounts, which were stated anew, price it again under its own terms."""
    snapshot = orders.facts(order_id)
    if snapshot.program_id is None:
        return
    facts = facts_of(order_id)
    event = OrderEdit(
        f"{snapshot.public_id}:edit:{key}", at or now, snapshot.public_id, facts.lines, facts.discount, facts.shipping, facts.tax
    )
    take(ground_of(snapshot.program_id, snapshot.at), event, now=now, actor=actor)


def take(ground: commissions.Ground, event: Event, *, now: datetime, actor: Actor = SYSTEM, order_id: int | None = None) -> bool:
    """Take one fact of the engine; False: it is known already. The program is locked by `ground_of`."""
    return commissions.take(ground, event, now=now, actor=_by(actor), order_id=order_id)


def ground_of(program_id: int, at: datetime) -> commissions.Ground:
    """The program's terms and people as of an order's time, and its lock: facts arrive one after another."""
    programs.lock(program_id)
    program = programs.engine_program(program_id)
    return commissions.Ground(program_id, program, Crowd(program_id).at(at))


def facts_of(order_id: int) -> OrderFacts:
    """What the engine is told of an order. The few extra rupiah of a transfer are not part of it."""
    order = orders.facts(order_id)
    return _facts(order, people.get_brand(order.brand_id).public_id)


def _facts(order: orders.OrderSnapshot, brand: str) -> OrderFacts:
    return OrderFacts(
        id=order.public_id,
        at=order.at,
        currency=order.currency,
        lines=tuple(
            Line(
                line.key, line.price_minor, line.quantity, line.discount_minor,
                product=line.product_ref or None, category=line.category or None, brand=brand,
            )
            for line in order.lines
        ),
        discount=order.discount_minor,
        shipping=order.shipping_minor,
        tax=order.tax_minor,
        visitor=order.visitor or None,
        click=order.click_id or None,
        code=order.code or None,
        customer=Customer(order.customer or None, order.customer_email or None, order.customer_new),
    )  # fmt: skip


def _by(actor: Actor) -> str:
    return f"{actor.kind}:{actor.name}"


def _click(click: clicks.Click | clicks.Touch) -> Click:
    return Click(click.public_id, click.at, str(click.creator_id), click.visitor or None, click.channel or None, kind=click.kind)


def _refund(refund: orders.Refund, order: str) -> Refund:
    lines: list[dict[str, Any]] = refund.lines
    if lines:
        parts = tuple((str(line["line"]), int(line["amount"])) for line in lines)
        return Refund(refund.public_id, refund.at, order, lines=parts)
    return Refund(refund.public_id, refund.at, order, amount=refund.amount_minor)
