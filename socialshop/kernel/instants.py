"""Instants as text: RFC 3339, read strictly, written in UTC. Pure."""

from __future__ import annotations

from datetime import UTC, datetime


def instant(text: str) -> datetime:
    """Read an RFC 3339 instant with an offset; ValueError without one."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no offset")
    return moment.astimezone(UTC)


def rfc3339(moment: datetime) -> str:
    """An instant as RFC 3339 in UTC with "Z"; fractions only where there are some."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
