"""What makes a move a move: balanced legs, and the fingerprint that chains it to the one before. Pure."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from ...kernel.instants import rfc3339

PocketKind = Literal["owed", "held", "payable", "in_transit", "owed_back", "bank"]
NEVER_BELOW_ZERO = ("held", "payable")  # for each commission; in transit, a payout's items pay for each other
NEVER_ABOVE_ZERO = ("owed_back",)
GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Pocket:
    """Where money is. creator_id: 0 for the brand's own ("owed") and the outside's ("bank")."""

    kind: PocketKind
    creator_id: int = 0


@dataclass(frozen=True, slots=True)
class Leg:
    """What one pocket gains (above 0) or loses (below 0), in minor units; commission_id: what it is about."""

    pocket: Pocket
    minor: int
    currency: str
    commission_id: int | None = None


def tidy(legs: Sequence[Leg]) -> list[Leg]:
    """The same legs, those about the same thing added up and zeros left out, in a stable order."""
    sums: dict[tuple[str, int, str, int | None], int] = defaultdict(int)
    for leg in legs:
        sums[leg.pocket.kind, leg.pocket.creator_id, leg.currency, leg.commission_id] += leg.minor
    if len(sums) == len(legs) and all(sums.values()):
        found = list(legs)  # each about something of its own
    else:
        found = [Leg(Pocket(k[0], k[1]), minor, k[2], k[3]) for k, minor in sums.items() if minor]  # type: ignore[arg-type]
    return sorted(found, key=lambda leg: (leg.commission_id or 0, leg.pocket.kind, leg.pocket.creator_id, leg.currency))


def imbalance(legs: Sequence[Leg]) -> dict[str, int]:
    """What is left over per currency; empty when the legs balance."""
    sums: dict[str, int] = defaultdict(int)
    for leg in legs:
        sums[leg.currency] += leg.minor
    return {currency: rest for currency, rest in sums.items() if rest}


_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, check_circular=False).encode


def fingerprint(
    *,
    previous: str,
    program_id: int,
    number: int,
    key: str,
    kind: str,
    corrects_id: int | None,
    at: datetime,
    booked_at: datetime,
    facts: Mapping[str, Any],
    legs: Sequence[Leg],
) -> str:
    """SHA-256 over the previous fingerprint and the canonical JSON of everything that the transaction says.

    legs: as `tidy` leaves them.
    """
    body = {
        "program": program_id, "number": number, "key": key, "kind": kind, "corrects": corrects_id,
        "at": rfc3339(at), "booked_at": rfc3339(booked_at), "facts": facts,
        "legs": [[leg.pocket.kind, leg.pocket.creator_id, leg.minor, leg.currency, leg.commission_id] for leg in legs],
    }  # fmt: skip
    text = _canonical(body)
    return hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()
