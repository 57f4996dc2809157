"""A brand's own maps for bank files: begun from one that is known, changed beside a preview of real rows."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from ...domain import audit, payouts
from ...flows import bank_files
from ...kernel.clock import utcnow
from ...kernel.database import transaction
from ...kernel.errors import Conflict, Invalid
from ..access import BRAND_MONEY, actor, allow
from ..auth.forms import blame
from ..local import sentence
from . import bp, payout_words
from .payout_map_form import MapForm, filled, read, rearranged

Page = str | Response | tuple[str, int]
SHOWN_LINES = 14


@bp.get("/payouts/maps", endpoint="payout_maps")
@allow(BRAND_MONEY)
def payout_maps() -> str:
    """The brand's own maps, and those to start from."""
    own = [(row, payouts.layout(row)) for row in payouts.maps_of(g.brand.id)]
    return render_template("brand/payout_maps.html", own=own, starters=payouts.STARTERS, words=payout_words)


@bp.route("/payouts/maps/new", methods=["GET", "POST"], endpoint="payout_map_new")
@allow(BRAND_MONEY)
def payout_map_new() -> Page:
    """A map of one's own, begun from one that is known: ?from=bca."""
    key = request.args.get("from", "neutral")
    starter = payouts.STARTERS.get(key)
    if starter is None:
        key, starter = "neutral", payouts.STARTERS["neutral"]
    if request.method == "GET":
        return _editor(filled(gettext(starter.name), starter.map, 0), starter=starter)
    return _edited(None, key, starter)


@bp.route("/payouts/maps/<bank_map>", methods=["GET", "POST"], endpoint="payout_map")
@allow(BRAND_MONEY)
def payout_map(bank_map: str) -> Page:
    """Change a map; files that were made by it stay as they are."""
    row = payouts.map_of(g.brand.id, bank_map)
    starter = payouts.STARTERS.get(row.starter, payouts.STARTERS["neutral"])
    if request.method == "GET":
        return _editor(filled(row.name, payouts.layout(row), row.revision), row=row, starter=starter)
    return _edited(row, row.starter, starter)


@bp.post("/payouts/maps/<bank_map>/archive", endpoint="payout_map_archive")
@allow(BRAND_MONEY)
def payout_map_archive(bank_map: str) -> Response:
    """Offer a map no more."""
    payouts.map_of(g.brand.id, bank_map)
    now = utcnow()
    with transaction():
        row = payouts.map_of(g.brand.id, bank_map)
        payouts.archive_map(row, now=now)
        audit.note(
            "bank_map.archived", row.public_id, actor=actor(), tenant=g.brand.public_id, now=now, before={"name": row.name}
        )
    flash(gettext("Put away. Files that were made by it stay."), "good")
    return redirect(url_for("brand.payout_maps"), 303)


def _edited(row: payouts.BankMap | None, key: str, starter: payouts.Starter) -> Page:
    """What one of the editor's buttons does: rearrange, look, or save."""
    form, deed = MapForm(), request.form.get("do", "save")
    if deed not in ("save", "look"):
        return _editor(rearranged(form, deed), row=row, starter=starter)
    try:
        map_ = read(form)
        if deed == "look":
            return _editor(form, row=row, starter=starter)
        kept = _save(row, form, map_, key)
    except Invalid as refused:
        blame(form, refused)
        page = _editor(form, row=row, starter=starter)
        return page if deed == "look" else (page, 422)
    except Conflict as refused:
        form.form_errors = [sentence(refused)]
        return _editor(form, row=row, starter=starter), 422
    flash(gettext("Saved. Pick it when you make the file of a run."), "good")
    run = _run()
    if run is not None:
        return redirect(url_for("brand.payout_run", run=run.public_id), 303)
    return redirect(url_for("brand.payout_map", bank_map=kept), 303)


def _save(row: payouts.BankMap | None, form: MapForm, map_: payouts.Map, key: str) -> str:
    now, name = utcnow(), form.name.data or ""
    seen = form.revision.data or ""
    with transaction():
        before = None if row is None else {"revision": row.revision}
        if row is None:
            row = payouts.keep_map(g.brand.id, name, map_, starter=key, now=now)
        else:
            row = payouts.map_of(g.brand.id, row.public_id)
            payouts.change_map(
                row, name, map_, seen=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else 0, now=now
            )
        audit.note(
            "bank_map.kept", row.public_id, actor=actor(), tenant=g.brand.public_id, now=now, before=before,
            after={"name": name, "columns": [column.field or column.text for column in map_.columns]},
        )  # fmt: skip
        return row.public_id


def _editor(form: MapForm, *, starter: payouts.Starter, row: payouts.BankMap | None = None) -> str:
    run, text, plan = _run() or _newest(), "", None
    try:
        map_ = read(form)
    except Invalid:
        map_ = None
    if map_ is not None:
        plan = shown = bank_files.sample(map_, run, g.brand, now=utcnow())
        if not plan.sheets:
            shown = bank_files.sample(map_, None, g.brand, now=utcnow())
        text = payouts.write(map_, shown.sheets[0], shown.facts).decode(map_.encoding) if shown.sheets else ""
    lines = text.removeprefix("\ufeff").splitlines()
    return render_template(
        "brand/payout_map.html", form=form, row=row, starter=starter, run=run, came_from=_run(), plan=plan, words=payout_words,
        preview="\n".join(lines[:SHOWN_LINES]), more=max(len(lines) - SHOWN_LINES, 0),
        left_out=payout_words.left_out_briefly(plan.left_out) if plan else [], placeholders=payouts.PLACEHOLDERS,
    )  # fmt: skip


def _run() -> payouts.PayoutRun | None:
    """The run that the editor was opened from: ?run=."""
    asked = request.args.get("run", "")
    return payouts.run_of(g.brand.id, asked) if asked else None


def _newest() -> payouts.PayoutRun | None:
    return next(iter(payouts.runs_of(g.brand.id, limit=1)), None)
