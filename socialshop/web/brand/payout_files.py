"""The files of a run: made by a map, downloaded, taken back."""

from __future__ import annotations

from flask import Response as FlaskResponse
from flask import flash, g, redirect, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from ...domain import payouts
from ...flows import bank_files
from ...kernel.clock import utcnow
from ...kernel.errors import Invalid
from ..access import BRAND_MONEY, actor, allow
from ..local import sentence
from . import bp
from .payout_page import DiscardForm, FileForm, run_page

Page = Response | tuple[str, int]


@bp.post("/payouts/<run>/files", endpoint="payout_files")
@allow(BRAND_MONEY)
def payout_files(run: str) -> Page:
    """Make the files; their payouts count as sent from then on."""
    found, form = payouts.run_of(g.brand.id, run), FileForm()
    if not form.map.data:
        form.map.errors = [gettext("Please choose one.")]
        return run_page(found, files=form), 422
    try:
        made = bank_files.make(found, bank_files.choice(g.brand.id, form.map.data or ""), actor=actor(), now=utcnow())
    except bank_files.NothingForThisFile as refused:
        if not any(row.state == "ready" and row.via is None for row in payouts.of_run(found.id)):
            flash(gettext("All payouts of this run have left already, in a file or by your provider. No file was made."), "info")
            return redirect(url_for("brand.payout_run", run=run), 303)
        form.map.errors = [sentence(refused)]
        return run_page(payouts.run_of(g.brand.id, run), files=form), 422
    flash(
        ngettext(
            "The file is made. Download it and pay at your bank.", "%(num)s files are made. Download them and pay at your bank.",
            len(made),
        ),
        "good",
    )  # fmt: skip
    return redirect(url_for("brand.payout_run", run=run) + "#files", 303)


@bp.post("/payouts/<run>/files/<bank_file>", endpoint="payout_file")
@allow(BRAND_MONEY)
def payout_file(run: str, bank_file: str) -> FlaskResponse:
    """The file for the bank; it holds account numbers, so who took it is on record."""
    name, content = bank_files.download(payouts.run_of(g.brand.id, run), bank_file, actor=actor(), now=utcnow())
    answer = FlaskResponse(content, mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.post("/payouts/<run>/files/<bank_file>/discard", endpoint="payout_file_discard")
@allow(BRAND_MONEY)
def payout_file_discard(run: str, bank_file: str) -> Page:
    """The file never went to the bank."""
    found, form = payouts.run_of(g.brand.id, run), DiscardForm()
    payouts.file_of(found.id, bank_file)
    try:
        done = bank_files.discard(found, bank_file, reason=form.reason.data or "", actor=actor(), now=utcnow())
    except (Invalid, bank_files.AnswerIsKnown) as refused:
        fields = refused.fields if isinstance(refused, Invalid) else []
        form.reason.errors = [gettext(field.message) for field in fields] or [sentence(refused)]
        form.file.data = bank_file
        return run_page(payouts.run_of(g.brand.id, run), discard=form), 422
    if done:
        flash(gettext("Taken back. Its payouts are ready for another file."), "good")
    return redirect(url_for("brand.payout_run", run=run) + "#files", 303)
