"""An order has been paid, given back or changed: what it earned whom follows, in the caller's transaction.

Everything goes through one door of the engine's: a fact is kept in the program's order of arrival, takes effect once,
and the commissions and the ledger are brought up to it. All of it is safe to repeat.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ..domain import clicks, commissions, connections, links, orders, people, programs
from ..domain.audit import SYSTEM, Actor
from ..domain.replay import Event, OrderEdit, Refund
from ..domain.terms import Click, CreatorFacts, Customer, Line, OrderFacts


def arrive(order_id: int, *, now: datetime, actor: Actor = SYSTEM) -> None:
    """Let a paid order arrive at the engine: attributed and priced once, with the facts known by now."""
    snapshot = orders.facts(order_id)
    program_id = snapshot.program_id or _choose_program(snapshot)
    if program_id is None:
        return  # the brand has no program that could pay for it
    ground = ground_of(program_id, snapshot.at)
    orders.set_program(order_id, program_id)
    for click in clicks.of(program_id, snapshot.visitor, snapshot.click_id):
        take(ground, _click(click), now=now, actor=actor)
    take(ground, facts_of(order_id), now=now, actor=actor, order_id=order_id)
    for refund in orders.refunds_of(order_id):
        take(ground, _refund(refund, snapshot.public_id), now=now, actor=actor)


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
    return commissions.take(ground, event, now=now, actor=f"{actor.kind}:{actor.name}", order_id=order_id)


def ground_of(program_id: int, at: datetime) -> commissions.Ground:
    """The program's terms and people as of an order's time, and its lock: facts arrive one after another."""
    programs.lock(program_id)
    program = programs.engine_program(program_id)
    return commissions.Ground(program_id, program, Enrolled(program_id, at))


def facts_of(order_id: int) -> OrderFacts:
    """What the engine is told of an order. The few extra rupiah of a transfer are not part of it."""
    order = orders.facts(order_id)
    brand = people.get_brand(order.brand_id)
    return OrderFacts(
        id=order.public_id,
        at=order.at,
        currency=order.currency,
        lines=tuple(
            Line(
                line.key, line.price_minor, line.quantity, line.discount_minor,
                product=line.product_ref or None, category=line.category or None, brand=brand.public_id,
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


class Enrolled:
    """A `terms.Creators`: people of a program as they stand for an order of that time. Ids are our row ids as text."""

    def __init__(self, program_id: int, at: datetime) -> None:
        self.program_id, self.at = program_id, at
        self._known: dict[str, CreatorFacts] = {}

    def creator(self, creator_id: str) -> CreatorFacts:
        """See `terms.Creators`."""
        if creator_id not in self._known:
            self._known[creator_id] = self._read(int(creator_id))
        return self._known[creator_id]

    def owner_of(self, code: str) -> CreatorFacts | None:
        """The owner of a code of this program; a code of another program is unknown here."""
        found = links.find_code(code)
        if found is None or found.program_id != self.program_id:
            return None
        return self.creator(str(found.creator_id))

    def _read(self, creator_id: int) -> CreatorFacts:
        email, _ = people.creator_email(creator_id)
        stay = programs.standing_at(self.program_id, [creator_id], self.at)[creator_id]
        return CreatorFacts(
            str(creator_id), email, stay.groups, tuple(sorted(self._codes(creator_id))),
            recruited_by=None if stay.recruited_by is None else str(stay.recruited_by),
            enrolled_at=stay.enrolled_at, left_at=stay.left_at,
        )  # fmt: skip

    def _codes(self, creator_id: int) -> list[str]:
        return [code.code for code in links.codes_of(creator_id) if code.program_id == self.program_id]


def _choose_program(order: orders.OrderSnapshot) -> int | None:
    """The code's program, else that of the newest click, else the store's own, else the brand's only one."""
    own = {program.id for program in programs.programs_of_brand(order.brand_id)}
    code = links.find_code(order.code) if order.code else None
    if code is not None and code.program_id in own:
        return code.program_id
    touched = [click for program_id in own for click in clicks.of(program_id, order.visitor, order.click_id)]
    earlier = [click for click in touched if click.at <= order.at] or touched
    if earlier:
        return max(earlier, key=lambda click: (click.at, click.public_id)).program_id
    store = connections.get(order.connection_id).program_id if order.connection_id is not None else None
    if store in own:
        return store
    only = programs.find_only_live(order.brand_id)
    return None if only is None else only.id


def _click(click: clicks.Click) -> Click:
    return Click(click.public_id, click.at, str(click.creator_id), click.visitor or None, click.channel or None, kind=click.kind)


def _refund(refund: orders.Refund, order: str) -> Refund:
    lines: list[dict[str, Any]] = refund.lines
    if lines:
        parts = tuple((str(line["line"]), int(line["amount"])) for line in lines)
        return Refund(refund.public_id, refund.at, order, lines=parts)
    return Refund(refund.public_id, refund.at, order, amount=refund.amount_minor)
