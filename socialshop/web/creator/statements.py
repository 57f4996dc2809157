"""A creator's months: what was owed, what moved, what is owed; as a page, a sheet, and on paper."""

from __future__ import annotations

from flask import Response, g, render_template

from ...flows import statement
from ...kernel.clock import utcnow
from .. import statements
from ..access import CREATOR, allow
from . import bp


@bp.get("/statements", endpoint="earning_statements")
@allow(CREATOR)
def earning_statements() -> str:
    """Every month in which something moved or was owed."""
    months = statement.months_of(g.creator.id, now=utcnow())
    return render_template("creator/statements.html", months=months, words=statements)


@bp.get("/statements/<month>", endpoint="earning_statement")
@allow(CREATOR)
def earning_statement(month: str) -> str:
    """One month."""
    now = utcnow()
    found = statement.of_month(g.creator.id, month, now=now)
    return render_template("creator/statement.html", statement=found, words=statements, now=now)


@bp.get("/statements/<month>.csv", endpoint="earning_statement_csv")
@allow(CREATOR)
def earning_statement_csv(month: str) -> Response:
    """One month as a sheet."""
    return statements.sheet(statement.of_month(g.creator.id, month, now=utcnow()))
