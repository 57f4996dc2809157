"""Many events of stores at once: what is plainly a new, paid order is settled together, everything else one by one.

Together means one lock and one transaction for a store's orders, with every event marked in it. Where that fails, each is
worked alone, so that one bad event harms no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.exc import OperationalError

from ..adapters.stores import STORES, StoreOrder, Unusable
from ..domain import connections, orders
from ..domain.connections import Connection, Kept, reason
from ..kernel import faults, garbage
from ..kernel.database import end_reading, transaction
from ..kernel.errors import DomainError
from . import inbound, settle, store_order

log = structlog.get_logger("inbound")
Payload = Mapping[str, Any]


def work_many(payloads: Sequence[Payload], *, now: datetime) -> list[Exception | None]:
    """Work these events; for each None, or why it failed and should be tried again. Safe to repeat, as `inbound.work`."""
    by_store = connections.kept_by_store({payload["event"] for payload in payloads})
    end_reading()
    failed: dict[int, Exception] = {}
    for connection_id, event_ids in by_store.items():
        try:
            with garbage.by_hand():
                done = _together(connection_id, event_ids, now=now) if len(event_ids) > 1 else set()
        except OperationalError as error:  # the database itself is in trouble: one by one would only take longer
            failed |= dict.fromkeys(event_ids, error)
            continue
        except Exception:  # whatever it was, it is found again, alone, with the event that it belongs to
            log.warning("orders could not be settled together", events=len(event_ids), exc_info=True)
            done = set()
        failed |= _one_by_one((event_id for event_id in event_ids if event_id not in done), now=now)
    return [failed.get(payload["event"]) for payload in payloads]


def _one_by_one(event_ids: Iterable[int], *, now: datetime) -> dict[int, Exception]:
    failed: dict[int, Exception] = {}
    for event_id in event_ids:
        try:
            inbound.work({"event": event_id}, now=now)
        except Exception as error:  # its own job says so; the others go on
            failed[event_id] = error
    return failed


def _together(connection_id: int, event_ids: Sequence[int], *, now: datetime) -> set[int]:
    """Settle what is plain among these events in one transaction; which ones that were."""
    with transaction():
        connection = connections.lock(connection_id)
        plain = _plain(connection, connections.kept_of(connection_id, event_ids))
        if plain:
            _settle(connection, plain, now=now)
            faults.point("worker.after_effects_before_commit")
    inbound.EVENTS.labels(connection.provider, "worked").inc(len(plain))
    return {event.id for event, _ in plain}


def _plain(connection: Connection, events: Sequence[Kept]) -> list[tuple[Kept, StoreOrder]]:
    """Those that tell a new order that is paid and nothing else, and that nothing waits for; the first telling of each."""
    store, names = STORES[connection.provider], inbound.click_names(connection)
    first = {event.object_id: event for event in reversed(events)}
    told = {event.object_id: event for event in first.values() if event.object_id and not store.is_refund(event.topic)}
    past = orders.known_outside(connection.id, told) | connections.with_a_past(connection.id, told)
    found: list[tuple[Kept, StoreOrder]] = []
    for object_id, event in sorted(told.items(), key=lambda each: each[1].id):
        if object_id in past:
            continue
        try:
            telling = store.read(event.body, event.topic, click_names=names)
        except Unusable:
            continue  # alone, it is put aside with its reason
        if isinstance(telling, StoreOrder) and telling.remote_id == object_id and _only_paid(telling):
            found.append((event, telling))
    return found


def _only_paid(told: StoreOrder) -> bool:
    return told.was_paid and told.standing == "paid" and not told.refunds


def _settle(connection: Connection, plain: list[tuple[Kept, StoreOrder]], *, now: datetime) -> None:
    """Book the orders, let them arrive, and mark their events."""
    codes = store_order.Codes(connection.brand_id, {code for _, told in plain for code in told.codes})
    drafts: list[orders.Draft] = []
    for event, told in list(plain):
        draft = store_order.draft_of(connection, told, codes)
        try:
            orders.check(draft)
        except DomainError:
            plain.remove((event, told))
        else:
            drafts.append(draft)
    paid = orders.PaidOutside(connection.brand_id, connection.id, drafts, now=now)
    routed = settle.route(paid.snapshots)
    programs = {one.order.order_id: one.program_id for one in routed}
    paid.write(programs, actor=store_order.actor_of(connection))
    outcomes = settle.arrive_together(routed, now=now)
    marks: dict[str | None, list[int]] = {}
    for (event, _), order in zip(plain, paid.snapshots, strict=True):
        marks.setdefault(outcomes.get(order.order_id, "no_program"), []).append(event.id)
    for nothing, event_ids in marks.items():
        why = reason("earned") if nothing is None else reason("earned_nothing", reason=nothing)
        connections.mark_worked(event_ids, why, now=now)
