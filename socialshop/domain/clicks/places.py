"""The country that a network is registered in: about where somebody is, never more. Pure; the data comes with iptocc."""

from __future__ import annotations

from functools import lru_cache

from iptocc import country_code


@lru_cache(maxsize=16_384)
def country_of(network: str) -> str:
    """ISO 3166 alpha-2 of an address or network without its prefix ("203.0.113.0", "2001:db8:1::"); "" unknown or private."""
    return country_code(network) or "" if network else ""
