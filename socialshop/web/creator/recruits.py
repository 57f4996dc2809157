"""Whom a creator brought into a program, and what came of it."""

from __future__ import annotations

from flask import g, render_template, url_for

from ...domain import commissions, people, programs
from ...kernel.clock import utcnow
from ...kernel.errors import NotFound
from .. import explain, recruiters
from ..access import CREATOR, allow
from . import bp

LATEST = 20


@bp.get("/programs/<program>/recruits")
@allow(CREATOR)
def program_recruits(program: str) -> str:
    """The invitation to send, everybody who came by it, and what each of them brought; of them no more than the handle."""
    found = programs.find_published(program)
    stay = programs.find_newest_enrollment(found.id, g.creator.id) if found else None
    if found is None or stay is None or stay.enrolled_at is None:
        raise NotFound()
    now = utcnow()
    brought = programs.recruits_of(found.id, g.creator.id)
    sums = commissions.overrides_of(g.creator.id, found.id)
    latest = commissions.recent_overrides(g.creator.id, found.id, limit=LATEST)
    mine = {each.creator_id for each in brought}
    named = mine | {each.of_creator_id for each in sums} | {row.of_creator_id for row in latest}
    handles = {creator_id: creator.handle for creator_id, creator in people.creators_by_id(named).items()}
    parts = recruiters.parts(found.id, now)
    return render_template(
        "creator/recruits.html",
        program=found,
        brand=people.get_brand(found.brand_id),
        invite=url_for("shop.join", invite=stay.public_id, _external=True) if stay.state == "enrolled" and parts else "",
        parts=parts,
        brought=brought,
        sums=sums,
        farther=[each for each in sums if each.of_creator_id not in mine],
        latest=latest,
        handles=handles,
        explain=explain,
        now=now,
    )
