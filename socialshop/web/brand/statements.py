"""What a brand owes one creator, month by month: the same statement that the creator reads, of this brand's programs only."""

from __future__ import annotations

from flask import Response, g, render_template

from ...domain import people, programs
from ...flows import statement
from ...kernel.clock import utcnow
from ...kernel.errors import NotFound
from .. import statements
from ..access import BRAND_VIEW, allow
from . import bp


@bp.get("/statements/<creator>", endpoint="commission_statements")
@allow(BRAND_VIEW)
def commission_statements(creator: str) -> str:
    """Every month in which something moved or was owed to this creator."""
    person = _creator(creator)
    months = statement.months_of(person.id, now=utcnow(), program_ids=_programs())
    if not months:
        raise NotFound
    return render_template("brand/statements.html", months=months, person=person, words=statements)


@bp.get("/statements/<creator>/<month>", endpoint="commission_statement")
@allow(BRAND_VIEW)
def commission_statement(creator: str, month: str) -> str:
    """One month of this creator."""
    now = utcnow()
    found = statement.of_month(_creator(creator).id, month, now=now, program_ids=_programs())
    return render_template("brand/statement.html", statement=found, words=statements, now=now)


@bp.get("/statements/<creator>/<month>.csv", endpoint="commission_statement_csv")
@allow(BRAND_VIEW)
def commission_statement_csv(creator: str, month: str) -> Response:
    """One month of this creator as a sheet."""
    return statements.sheet(statement.of_month(_creator(creator).id, month, now=utcnow(), program_ids=_programs()))


def _creator(public_id: str) -> people.Creator:
    found = people.find_creator(public_id)
    if found is None:
        raise NotFound
    return found


def _programs() -> list[int]:
    return [program.id for program in programs.programs_of_brand(g.brand.id)]
