"""Every room that remembers something, imported once so that the metadata is complete."""

from . import (
    analytics,
    appeals,
    audit,
    catalog,
    clicks,
    commissions,
    connections,
    currencies,
    ledger,
    links,
    media,
    orders,
    pages,
    payouts,
    people,
    programs,
    segments,
    sending,
    social,
    trials,
    uploads,
)

__all__ = [
    "analytics", "appeals", "audit", "catalog", "clicks", "commissions", "connections", "currencies", "ledger", "links",
    "media", "orders", "pages", "payouts", "people", "programs", "segments", "sending", "social", "trials", "uploads",
]  # fmt: skip
