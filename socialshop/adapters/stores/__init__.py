"""Brands' own stores, in our words: who signed this, what is it about, what does it say."""

from .shopify import Shopify
from .told import (
    Ignored,
    Label,
    Problem,
    Problems,
    RefundedLine,
    Store,
    StoreLine,
    StoreOrder,
    StoreRefund,
    Telling,
    Unusable,
    order_from,
)
from .woocommerce import WooCommerce

STORES: dict[str, Store] = {"shopify": Shopify(), "woocommerce": WooCommerce()}

__all__ = [
    "STORES", "Ignored", "Label", "Problem", "Problems", "RefundedLine", "Shopify", "Store", "StoreLine", "StoreOrder",
    "StoreRefund", "Telling", "Unusable", "WooCommerce", "order_from",
]  # fmt: skip
