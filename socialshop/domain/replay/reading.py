"""The strict reading of every event of a scenario."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from ..terms import Click, Customer, FxQuote, Keys, Line, OrderFacts, Place, Subscription, check_discounts, listed, named
from .events import Dispute, DisputeClosed, Event, Hold, OrderEdit, Payout, PayoutFailed, Refund, Reinstate, Reject, Release

_RATE = re.compile(r"(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,18})?\Z")


def read_event(document: object, place: str = "event", creators: Collection[str] | None = None) -> Event:
    """One event from its document, or BadDocument. creators: the ids that are listed; None: any."""
    at = Place(document, place)
    found = at.object()
    if isinstance(found.get("id"), str):
        at = named(at, str(found.get("type", "event")) if isinstance(found.get("type"), str) else "event", str(found["id"]))
    if "type" not in found:
        raise Place(None, f"{at.path}.type").bad("is missing")
    return _READERS[Place(found["type"], f"{at.path}.type").word(tuple(_READERS))](at, creators)


def _click(place: Place, creators: Collection[str] | None) -> Click:
    keys = place.keys(required=("type", "id", "at", "creator"), optional=("visitor", "channel", "class"))
    return Click(
        *_head(keys),
        creator=listed(keys.at("creator"), creators),
        visitor=keys.maybe("visitor", Place.text, None),
        channel=keys.maybe("channel", Place.any_text, None),
        kind=keys.get("class", Place.text, "payable"),
    )


def _order(place: Place, creators: Collection[str] | None) -> OrderFacts:
    keys = place.keys(
        required=("type", "id", "at", "currency", "lines"),
        optional=("discount", "shipping", "tax", "visitor", "click", "code", "channel", "customer", "subscription"),
    )
    order_id, at = _head(keys)
    return OrderFacts(
        order_id,
        at,
        keys.at("currency").currency(),
        **_goods(keys),
        visitor=keys.maybe("visitor", Place.text, None),
        click=keys.maybe("click", Place.text, None),
        code=keys.maybe("code", Place.any_text, None),
        channel=keys.maybe("channel", Place.any_text, None),
        customer=keys.maybe("customer", _customer, Customer()),
        subscription=keys.maybe("subscription", _subscription, None),
    )


def _goods(keys: Keys) -> dict[str, Any]:
    """Lines and amounts, as an order and its edits state them."""
    lines: dict[str, Line] = {}
    for item in keys.at("lines").items():
        line = _line(item)
        if line.id in lines:
            raise item.bad(f"the id {line.id!a} was given to another line")
        lines[line.id] = line
    if not lines:
        raise keys.at("lines").bad("must have at least one line")
    amounts = {key: keys.maybe(key, Place.whole, 0) for key in ("discount", "shipping", "tax")}
    check_discounts(tuple(lines.values()), amounts["discount"], keys.path)
    return {"lines": tuple(lines.values()), **amounts}


def _line(place: Place) -> Line:
    keys = place.keys(required=("id", "price", "quantity"), optional=("product", "category", "brand", "discount"))
    return Line(
        keys.at("id").text(),
        keys.at("price").whole(),
        keys.at("quantity").whole(least=1),
        keys.maybe("discount", Place.whole, 0),
        keys.maybe("product", Place.any_text, None),
        keys.maybe("category", Place.any_text, None),
        keys.maybe("brand", Place.any_text, None),
    )


def _customer(place: Place) -> Customer:
    keys = place.keys(optional=("id", "email", "new"))
    return Customer(
        keys.maybe("id", Place.text, None),
        keys.maybe("email", Place.any_text, None),
        keys.maybe("new", Place.truth, None),
    )


def _subscription(place: Place) -> Subscription | None:
    keys = place.keys(required=("id", "number", "period_start"))
    return Subscription(keys.at("id").text(), keys.at("number").whole(least=1), keys.at("period_start").instant())


def _fx(place: Place, creators: Collection[str] | None) -> FxQuote:
    keys = place.keys(required=("type", "id", "at", "base", "quote", "rate"))
    base, quote, rate = keys.at("base").currency(), keys.at("quote").currency(), keys.at("rate")
    if base == quote:
        raise keys.at("quote").bad("must not be the base")
    if not isinstance(rate.value, str) or not _RATE.match(rate.value) or not rate.value.strip("0."):
        raise rate.bad("must be a decimal number above 0 as text, at most 18 digits before and after the point")
    return FxQuote(*_head(keys), base=base, quote=quote, rate=rate.value)


def _refund(place: Place, creators: Collection[str] | None) -> Refund:
    keys = place.keys(required=("type", "id", "order", "at"), optional=("lines", "amount", "full"))
    if sum(key in keys for key in ("lines", "amount", "full")) != 1:
        raise place.bad("must have exactly one of lines, amount, full")
    if "full" in keys and not keys.at("full").truth():
        raise keys.at("full").bad("must be true")
    return Refund(
        *_head(keys),
        order=keys.at("order").text(),
        lines=keys.get("lines", lambda p: tuple(_refunded_line(item) for item in p.items()), None),
        amount=keys.get("amount", _amount, None),
        full="full" in keys,
    )


def _refunded_line(place: Place) -> tuple[str, int]:
    keys = place.keys(required=("line", "amount"))
    return keys.at("line").text(), keys.at("amount").whole()


def _amount(place: Place) -> int | None:
    return place.whole()


def _order_edit(place: Place, creators: Collection[str] | None) -> OrderEdit:
    keys = place.keys(required=("type", "id", "order", "at", "lines"), optional=("discount", "shipping", "tax"))
    return OrderEdit(*_head(keys), order=keys.at("order").text(), **_goods(keys))


def _dispute(place: Place, creators: Collection[str] | None) -> Dispute:
    keys = place.keys(required=("type", "id", "order", "at"))
    return Dispute(*_head(keys), order=keys.at("order").text())


def _dispute_closed(place: Place, creators: Collection[str] | None) -> DisputeClosed:
    keys = place.keys(required=("type", "id", "dispute", "at", "won"))
    return DisputeClosed(*_head(keys), dispute=keys.at("dispute").text(), won=keys.at("won").truth())


def _hold(place: Place, creators: Collection[str] | None) -> Hold:
    keys = place.keys(required=("type", "id", "order", "creator", "at", "reason"))
    creator = listed(keys.at("creator"), creators)
    return Hold(*_head(keys), order=keys.at("order").text(), creator=creator, reason=keys.at("reason").any_text())


def _release(place: Place, creators: Collection[str] | None) -> Release:
    keys = place.keys(required=("type", "id", "hold", "at"))
    return Release(*_head(keys), hold=keys.at("hold").text())


def _reject(place: Place, creators: Collection[str] | None) -> Reject:
    keys = place.keys(required=("type", "id", "order", "creator", "at"), optional=("reason",))
    creator = listed(keys.at("creator"), creators)
    return Reject(*_head(keys), order=keys.at("order").text(), creator=creator, reason=keys.maybe("reason", Place.any_text, None))


def _reinstate(place: Place, creators: Collection[str] | None) -> Reinstate:
    keys = place.keys(required=("type", "id", "reject", "at"))
    return Reinstate(*_head(keys), reject=keys.at("reject").text())


def _payout(place: Place, creators: Collection[str] | None) -> Payout:
    return Payout(*_head(place.keys(required=("type", "id", "at"))))


def _payout_failed(place: Place, creators: Collection[str] | None) -> PayoutFailed:
    keys = place.keys(required=("type", "id", "payout", "creator", "at"))
    return PayoutFailed(*_head(keys), payout=keys.at("payout").text(), creator=listed(keys.at("creator"), creators))


def _head(keys: Keys) -> tuple[str, datetime]:
    return keys.at("id").text(), keys.at("at").instant()


_READERS: dict[str, Callable[[Place, Collection[str] | None], Event]] = {
    "click": _click,
    "order": _order,
    "fx": _fx,
    "refund": _refund,
    "order_edit": _order_edit,
    "dispute": _dispute,
    "dispute_closed": _dispute_closed,
    "hold": _hold,
    "release": _release,
    "reject": _reject,
    "reinstate": _reinstate,
    "payout": _payout,
    "payout_failed": _payout_failed,
}
