"""An invitation into a program, from one creator to another."""

from __future__ import annotations

from flask import render_template
from flask_login import current_user

from ...domain import people, programs
from ...kernel.clock import utcnow
from ...kernel.errors import NotFound
from .. import invites, recruiters
from ..access import ANYONE, allow
from ..local import locale
from . import bp


@bp.get("/join/<invite>")
@allow(ANYONE)
def join(invite: str) -> str:
    """Who invites into what, what the recruiter gets for it, and the way in; the invitation is kept through sign-up."""
    found = programs.find_inviter(invite)
    if found is None:
        raise NotFound()
    stay, program = found
    now = utcnow()
    me = people.creator_of(current_user.user.id) if current_user.is_authenticated else None
    newest = programs.find_newest_enrollment(program.id, stay.creator_id)
    own = me is not None and me.id == stay.creator_id
    valid = program.state == "live" and newest is not None and newest.state == "enrolled"
    if valid and not own:
        invites.keep(program.public_id, invite)
    current = programs.terms_now(program.id, now)
    return render_template(
        "shop/join.html",
        inviter=people.get_creator(stay.creator_id),
        program=program,
        brand=people.get_brand(program.brand_id),
        head=programs.headline(current.terms, program.currency, locale()) if current else "",
        parts=recruiters.parts(program.id, now),
        valid=valid,
        own=own,
        me=me,
    )
