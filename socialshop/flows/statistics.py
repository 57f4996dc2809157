"""Who counts taps: the counts by day first, the taps themselves where a question is finer."""

from __future__ import annotations

from ..domain import analytics, programs


def taps(zone: str) -> analytics.Taps:
    """What answers questions about taps. zone: the install's, whose days the counts are kept by."""
    return analytics.RolledTaps(analytics.RecentTaps(), zone=zone)


def of_creator(creator_id: int) -> analytics.Scope:
    """All that a creator may see: whatever came by their own links and codes."""
    return analytics.Scope(creator_id=creator_id)


def of_brand(brand_id: int) -> analytics.Scope:
    """All that a brand may see: what came by links and codes of its own programs."""
    own = tuple(program.id for program in programs.programs_of_brand(brand_id))
    return analytics.Scope(brand_id=brand_id, program_ids=own)
