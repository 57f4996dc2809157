"""The real documents of ../shared/real, posted signed: unchanged, or with only a click id or a code added.

The same steps run over Flask's test client and over a running server: a `Stage` says where, a `send` says how.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from .doubles.stores import Delivery, Double, Send, ShopifyDouble, WooDouble

FOLDER = Path(__file__).parent.parent.parent / "shared" / "real"
needs_them = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"the real documents are not in {FOLDER}")


def raw(name: str) -> bytes:
    """The bytes as their makers publish them."""
    return (FOLDER / f"{name}.json").read_bytes()


def shopify_order(store: Double, *, click: str = "", code: str = "", topic: str = "orders/paid") -> Delivery:
    """The untidy Shopify order; with a click id, one more note attribute; with a code, one more discount code worth nothing."""
    if not click and not code:
        return store.letter(topic, raw("shopify-order"))
    document = json.loads(raw("shopify-order"))
    if click:
        document["note_attributes"].append({"name": "ss_click", "value": click})
    if code:
        document["discount_codes"].append({"code": code, "amount": "0.00", "type": "fixed_amount"})
    return store.letter(topic, document)


def shopify_refund(store: Double) -> Delivery:
    """Its refund: two pieces back, no subtotals."""
    return store.letter("refunds/create", raw("shopify-refund"))


def woo_order(store: Double, *, click: str = "", code: str = "", topic: str = "order.created") -> Delivery:
    """The WooCommerce order; with a click id, one more meta entry; with a code, one coupon line that takes nothing off."""
    if not click and not code:
        return store.letter(topic, raw("woocommerce-order"))
    document = json.loads(raw("woocommerce-order"))
    if click:
        document["meta_data"].append({"id": 13107, "key": "ss_click", "value": click})
    if code:
        document["coupon_lines"].append({"id": 319, "code": code, "discount": "0.00", "discount_tax": "0.00"})
    return store.letter(topic, document)


def store_at(provider: str, send: Send, path: str, secret: str) -> Any:
    """The double that speaks for this connection."""
    kinds: Mapping[str, type[Double]] = {"shopify": ShopifyDouble, "woocommerce": WooDouble}
    return kinds[provider](send, path, secret)
