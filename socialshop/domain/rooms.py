"""Every room that remembers something, imported once so that the metadata is complete."""

from . import (
    audit,
    catalog,
    clicks,
    commissions,
    connections,
    ledger,
    links,
    media,
    orders,
    pages,
    payouts,
    people,
    programs,
    trials,
)

__all__ = [
    "audit", "catalog", "clicks", "commissions", "connections", "ledger", "links", "media", "orders", "pages", "payouts",
    "people", "programs", "trials",
]  # fmt: skip
