"""Reading back an arrival that the live system stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from ..attribution import Declined, TouchSeen
from ..terms import OrderFacts, Place, Program, read_instant
from .arrival import Arrival, Stake
from .people import read_creator
from .plain import frozen_from, priced_from, quote_from, share_from
from .reading import read_event


def arrival_from_document(document: Mapping[str, Any], program: Program) -> Arrival:
    """The arrival that `Arrival.to_document` wrote; the program must still have the versions that it names."""
    return Arrival(
        order=cast(OrderFacts, read_event(document["order"])),
        channel=document["channel"],
        due_at=read_instant(document["due_at"]),
        minimum=document["minimum"],
        declined=tuple(Declined(row["creator"], row["reason"]) for row in document["declined"]),
        touches=tuple(_touch(row) for row in document["touches"]),
        stakes=tuple(_stake(row, program) for row in document["stakes"]),
        zone_name=document["timezone"],
    )


def _touch(row: Mapping[str, Any]) -> TouchSeen:
    return TouchSeen(row["kind"], row["id"], row["creator"], row["at"] and read_instant(row["at"]), row["won"], row["why"])


def _stake(row: Mapping[str, Any], program: Program) -> Stake:
    return Stake(
        creator=read_creator(Place(row["creator"], "creator")),
        share=share_from(row["share"]),
        version=program.version_from(row["version"] and read_instant(row["version"])),
        candidates=tuple((each["version"] and read_instant(each["version"]), each["amount"]) for each in row["candidates"]),
        frozen=frozen_from(row["frozen"]),
        recruiters=tuple(row["recruiters"]),
        pay_currency=row["pay_currency"],
        quote=quote_from(row["quote"]),
        no_rate=row["no_rate"],
        priced=priced_from(row["priced"]),
    )
