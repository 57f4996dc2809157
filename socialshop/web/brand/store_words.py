"""Stores in a person's words: why an event waits, what a review doubts, the steps and snippets of each kind of store."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext, lazy_gettext

from ...domain import connections
from ...kernel.money import EXPONENTS, NotAnAmount, from_decimal
from ..local import money_filter

_l = lazy_gettext
PROVIDERS = {"shopify": "Shopify", "woocommerce": "WooCommerce"}
STATES = {
    "kept": (_l("in the queue"), "info"),
    "worked": (_l("done"), "good"),
    "parked": (_l("waiting"), "warn"),
    "review": (_l("in review"), "warn"),
    "ignored": (_l("not used"), ""),
    "quarantined": (_l("unreadable"), "bad"),
}
TOPICS = {
    "orders/create": _l("New order"), "orders/paid": _l("Order paid"), "orders/updated": _l("Order changed"),
    "orders/cancelled": _l("Order cancelled"), "refunds/create": _l("Refund"), "order.created": _l("New order"),
    "order.updated": _l("Order changed"), "order.restored": _l("Order restored"), "order.deleted": _l("Order deleted"),
}  # fmt: skip
DECISIONS = {"open": _l("to decide"), "resolved": _l("decided"), "dismissed": _l("dismissed")}
STATED = {
    "total_line_items_price": "gross", "total_discounts": "discount", "discount_total": "discount", "subtotal_price": "goods",
    "shipping_total": "shipping", "total_tax": "tax", "total_price": "total", "total": "total",
}  # fmt: skip
ROWS = {
    "gross": _l("All lines before discounts"), "discount": _l("Discounts"), "goods": _l("Goods after discounts"),
    "shipping": _l("Shipping"), "tax": _l("Tax"), "total": _l("Total"),
}  # fmt: skip


def why_sentence(why: Mapping[str, Any]) -> str:
    """A stored reason in the viewer's language; "" where there is none."""
    template = connections.template_of(why)
    if not template:
        return str(why.get("code", ""))
    facts = {name: _fact(name, value) for name, value in dict(why.get("facts", {})).items()}
    return str(gettext(template)).format_map(_Gaps(facts))


class _Gaps(dict[str, str]):
    """A fact that was not kept shows as a dash rather than breaking the page."""

    def __missing__(self, key: str) -> str:
        return "–"


def _fact(name: str, value: object) -> str:
    if isinstance(value, Mapping) and value.get("currency") in EXPONENTS:
        return money_filter(int(value["minor"]), str(value["currency"]))
    if name == "reason" and value in connections.EARNED_NOTHING:
        return str(gettext(connections.EARNED_NOTHING[str(value)]))
    return str(value)


def side_by_side(proposal: Mapping[str, Any]) -> list[tuple[Any, str, str, bool]]:
    """Rows for the table of a review: what, as the store states it, as its lines add up, and whether they agree."""
    currency = str(proposal["currency"])
    gross = sum(line["price"] * line["quantity"] for line in proposal["lines"])
    discount = sum(line["discount"] for line in proposal["lines"]) + proposal["discount"]
    ours = {
        "gross": gross,
        "discount": discount,
        "goods": gross - discount,
        "shipping": proposal["shipping"],
        "tax": proposal["tax"],
    }
    ours["total"] = ours["goods"] + ours["shipping"] + ours["tax"]
    stated = {STATED[name]: text for name, text in proposal["stated"].items() if name in STATED}
    rows = []
    for name, label in ROWS.items():
        told, agrees = _stated(stated.get(name), currency, ours[name])
        rows.append((label, told, money_filter(ours[name], currency), agrees))
    return rows


def _stated(text: str | None, currency: str, ours: int) -> tuple[str, bool]:
    if text is None:
        return "–", True
    try:
        minor = from_decimal(text, currency)
    except NotAnAmount:
        return text, False
    return money_filter(minor, currency), minor == ours


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook that the brand makes in its store: as the store's screen calls it, and whether it may be left out."""

    name: str
    optional: bool = False


# As the stores' own (English) screens call them.
WEBHOOKS = {
    "shopify": (Webhook("Order payment"), Webhook("Refund create"), Webhook("Order cancellation"), Webhook("Order update", True)),
    "woocommerce": (Webhook("Order created"), Webhook("Order updated")),
}

_SHOPIFY = """<script>
(function (name) {
  try {
    var id = new URLSearchParams(location.search).get(name);
    if (id) localStorage.setItem(name, JSON.stringify({ id: id, at: Date.now() }));
    var kept = JSON.parse(localStorage.getItem(name) || "null");
    if (!kept || Date.now() - kept.at > 30 * 864e5 || sessionStorage.getItem(name) === kept.id) return;
    var attributes = {};
    attributes[name] = kept.id;
    fetch("/cart/update.js", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ attributes: attributes })
    }).then(function () { sessionStorage.setItem(name, kept.id); });
  } catch (e) { /* no storage, no click id: the shop works as ever */ }
})(@NAME@);
</script>"""

_WOOCOMMERCE = """add_action('init', function () {
    if (!empty($_GET[@NAME@]) && is_string($_GET[@NAME@])) {
        $id = substr(sanitize_text_field(wp_unslash($_GET[@NAME@])), 0, 40);
        setcookie(@NAME@, $id, time() + 30 * DAY_IN_SECONDS, '/', '', is_ssl(), true);
        $_COOKIE[@NAME@] = $id;
    }
});
function socialshop_keep_click($order) {
    if (!empty($_COOKIE[@NAME@])) {
        $order->update_meta_data('_' . @NAME@, substr(sanitize_text_field(wp_unslash($_COOKIE[@NAME@])), 0, 40));
    }
}
add_action('woocommerce_checkout_create_order', 'socialshop_keep_click');
add_action('woocommerce_store_api_checkout_update_order_meta', 'socialshop_keep_click');"""


def snippet(provider: str, parameter: str) -> str:
    """Code for the brand's store that carries our click id into the order."""
    if provider == "shopify":
        return _SHOPIFY.replace("@NAME@", json.dumps(parameter).replace("<", "\\u003c"))
    quoted = "'" + parameter.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return _WOOCOMMERCE.replace("@NAME@", quoted)
