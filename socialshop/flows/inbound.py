"""What a brand's store tells us: kept once at the door, worked once in the background.

The mark on the event and everything it causes are one commit, so a repeat finds the mark and changes nothing. One event
of a store is worked at a time. An event that arrives before what it refers to is parked and worked right after it; what
refers to an order in review waits with it. What a person has decided about an order, no later document undoes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from prometheus_client import Counter

from ..adapters.stores import STORES, Ignored, Label, Problems, StoreRefund, Telling, Unusable
from ..domain import audit, connections, orders, programs
from ..domain.audit import Actor
from ..domain.connections import Connection, InboundEvent, reason
from ..kernel import faults, jobs
from ..kernel.database import session, transaction
from ..kernel.errors import Conflict, Invalid
from . import store_letters, store_order, store_refund

DEFAULT_CLICK_PARAMETER = "ss_click"
TOPICS = (
    "orders/create",
    "orders/paid",
    "orders/updated",
    "orders/cancelled",
    "order.created",
    "order.updated",
    "order.restored",
)
EVENTS = Counter("socialshop_inbound_events_total", "Webhooks worked", ["provider", "state"])
log = structlog.get_logger("inbound")
Why = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """What the door answers."""

    public_id: str
    duplicate: bool


def keep(connection_id: int, label: Label, body: bytes, *, proved: bool, now: datetime) -> Kept:
    """Keep a signed webhook and the job that works it, in one commit. The same event again is told as such."""
    state, why = "kept", {}
    if not label.known:
        state, why = "ignored", reason("unknown_topic")
    elif label.trouble:
        state, why = "quarantined", reason(label.trouble)
    with transaction():
        kept = connections.keep(
            connection_id,
            event_key=label.key,
            business_key=label.business_key,
            topic=label.topic,
            object_id=label.object_id,
            body=body,
            delivery=label.delivery,
            told_at=label.told_at,
            now=now,
            state=state,
            why=why,
        )
        if kept is None:
            return Kept("", duplicate=True)
        event_id, public_id = kept
        if proved:
            connections.note_proof(connection_id, now=now)
        if state == "kept":
            jobs.add("inbound.work", {"event": event_id}, key=f"inbound:{event_id}", now=now)
        elif state == "quarantined":
            _alarm(connections.get(connection_id), public_id, why, now=now)
    return Kept(public_id, duplicate=False)


def work(payload: dict[str, Any], *, now: datetime) -> None:
    """Work one event. Safe to repeat: only a kept event is worked, and its mark commits with its effects."""
    with transaction():
        connection = connections.lock(connections.get_event(payload["event"]).connection_id)
        event = connections.get_event(payload["event"])
        session().refresh(event)
        if event.state != "kept":
            return
        if _work(connection, event, now=now) == "worked":
            work_parked(connection, event.object_id, now=now)
        faults.point("worker.after_effects_before_commit")


def let_again(connection: Connection, event: InboundEvent, *, actor: Actor, tenant: str, now: datetime) -> bool:
    """Let a quarantined event be read again, say after an update or after its order came; False where it is not quarantined."""
    with transaction():
        tries = connections.let_again(event.id)
        if tries is None:
            return False
        jobs.add("inbound.work", {"event": event.id}, key=f"inbound:{event.id}:again:{tries}", now=now)
        audit.note("event.read_again", event.public_id, actor=actor, tenant=tenant, now=now, after={"tries": tries})
    return True


def work_parked(connection: Connection, remote_order_id: str, *, now: datetime) -> None:
    """Work what waited for this order, in the order in which it came; what must go on waiting stays."""
    moving = True
    while moving:  # what is worked may be what another one waits for
        moving = False
        for event in connections.parked_for(connection.id, remote_order_id):
            moving = _work(connection, event, now=now) == "worked" or moving


def _work(connection: Connection, event: InboundEvent, *, now: datetime) -> str:
    """Work one event inside the caller's transaction; one that cannot be booked leaves nothing behind but its reason."""
    try:
        with session().begin_nested():
            state, why = _take(connection, event, now=now)
    except Unusable as error:
        state, why = "quarantined", reason(error.code, **error.facts)
    except (Invalid, Conflict) as error:
        state, why = "quarantined", reason("refused", text=error.sentence())
    connections.settle_event(event, state, why, now=now)
    EVENTS.labels(connection.provider, state).inc()
    if state == "quarantined":
        _alarm(connection, event.public_id, why, now=now)
    return state


def _take(connection: Connection, event: InboundEvent, *, now: datetime) -> tuple[str, Why]:
    """What an event comes to: its new state and why."""
    store = STORES[connection.provider]
    if store.is_refund(event.topic) and connections.told_before(event):
        return "ignored", reason("told_before")
    if connections.open_review_of(connection.id, event.object_id) is not None:
        return "parked", reason("waits_for_review", order=event.object_id)
    order = orders.find_outside(connection.id, event.object_id)
    if store.is_refund(event.topic):
        if order is None:
            return "parked", reason("waits_for_order", order=event.object_id)
        if order.state not in ("paid", "refunded"):
            return "parked", reason("waits_for_payment", order=order.number)
        refund, by = _told_refund(connection, event), store_order.actor_of(connection)
        return "worked", store_refund.book(order.id, refund, actor=by, decided=_decided(connection, event), now=now)
    told = read(connection, event)
    if isinstance(told, Ignored):
        return "ignored", reason(told.code, **told.facts)
    if isinstance(told, Problems):
        return store_order.doubt(connection, event, told.order, told.problems, now=now)
    if isinstance(told, StoreRefund):
        raise Unusable("no_order_id")
    return store_order.tell(connection, event, told, now=now)


def read(connection: Connection, event: InboundEvent) -> Telling:
    """What the event's document says."""
    telling = connections.newest_telling(connection.id, event.object_id, TOPICS)
    return STORES[connection.provider].read(
        event.body, event.topic, click_names=click_names(connection), order_body=telling.body if telling else None
    )


def click_names(connection: Connection) -> list[str]:
    """Under which names this brand's stores carry our click ids."""
    names = {program.click_parameter for program in programs.programs_of_brand(connection.brand_id)}
    return sorted(names | {DEFAULT_CLICK_PARAMETER})


def _told_refund(connection: Connection, event: InboundEvent) -> StoreRefund:
    told = read(connection, event)
    if not isinstance(told, StoreRefund):
        raise Unusable("no_order_id")
    return told


def _decided(connection: Connection, event: InboundEvent) -> bool:
    """Whether a person has set this order's lines."""
    review = connections.decided_review_of(connection.id, event.object_id)
    return review is not None and review.state == "resolved"


def _alarm(connection: Connection, event_public_id: str, why: Why, *, now: datetime) -> None:
    """Tell operators (log, list) and the brand that something signed could not be used; retrying would not help."""
    log.error(
        "inbound event quarantined", connection=connection.public_id, inbound_event=event_public_id, why=why.get("code", "")
    )
    store_letters.quarantined(connection, event_public_id, now=now)
