"""The bank's answers: uploaded, looked at row by row, taken as a whole."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import BooleanField, SelectField, StringField, TextAreaField

from ...domain import payouts, people
from ...flows import bank_results
from ...kernel.clock import utcnow
from ...kernel.errors import DomainError, Invalid
from ..access import BRAND_MONEY, actor, allow
from ..auth.forms import blame, choices
from ..local import sentence
from . import bp, payout_words
from .payout_page import ResultForm, run_page

Page = str | Response | tuple[str, int]
MOST_BYTES = 4_000_000


class ReadingForm(FlaskForm):  # type: ignore[misc]  # flask-wtf is untyped
    """Which column is what, and which words mean what."""

    reference = SelectField(validate_choice=False)
    account = SelectField(validate_choice=False)
    amount = SelectField(validate_choice=False)
    status = SelectField(validate_choice=False)
    reason = SelectField(validate_choice=False)
    fee = SelectField(validate_choice=False)
    bank_reference = SelectField(validate_choice=False)
    header = BooleanField(_l("The first row names the columns"))
    skip = StringField(_l("Rows above the table"))
    paid = TextAreaField(_l("Words that mean it was paid"))
    returned = TextAreaField(_l("Words that mean it came back"))
    unclear = TextAreaField(_l("Words that mean nobody knows yet"))
    strangers = BooleanField(_l("Pass over rows about other transfers"))

    def offer(self, columns: tuple[str, ...]) -> None:
        """Let the columns of the file be chosen."""
        for name in payouts.RESULT_COLUMNS:
            field = self._fields[name]
            field.label.text = str(payout_words.RESULT_COLUMNS[name][0])
            listed = [("", gettext("(none)")), *((column, column) for column in dict.fromkeys(columns))]
            if name == "status":
                listed.append((payouts.EVERY_ROW, gettext("(every row was paid)")))
            field.choices = choices(listed)


@bp.post("/payouts/<run>/results", endpoint="payout_results")
@allow(BRAND_MONEY)
def payout_results(run: str) -> Response | tuple[str, int]:
    """Keep what the bank answered, and lead to what it would do."""
    found, form = payouts.run_of(g.brand.id, run), ResultForm()
    upload = request.files.get("file")
    content = upload.read(MOST_BYTES) if upload else b""
    try:
        result, _ = bank_results.upload(found, content, (upload.filename if upload else "") or "", actor=actor(), now=utcnow())
    except Invalid as refused:
        form.file.errors = [gettext(field.message) for field in refused.fields] or [sentence(refused)]
        return run_page(payouts.run_of(g.brand.id, run), results=form), 422
    return redirect(url_for("brand.payout_result", run=run, bank_result=result.public_id), 303)


@bp.get("/payouts/<run>/results/<bank_result>", endpoint="payout_result")
@allow(BRAND_MONEY)
def payout_result(run: str, bank_result: str) -> Page:
    """What an answer would do, or did."""
    found = payouts.run_of(g.brand.id, run)
    result = payouts.find_result(found.id, bank_result)
    if result is None:
        return _gone(found)
    reading = bank_results.reading_of(result)
    return _page(found, result, reading, _filled(reading))


@bp.post("/payouts/<run>/results/<bank_result>", endpoint="payout_result_taken")
@allow(BRAND_MONEY)
def payout_result_taken(run: str, bank_result: str) -> Page:
    """Look again with other columns or words, take it, or drop it."""
    found = payouts.run_of(g.brand.id, run)
    result = payouts.find_result(found.id, bank_result)
    if result is None:
        return _gone(found)
    if result.state == "taken":
        flash(gettext("This answer was taken before. Nothing was changed again."), "info")
        return redirect(url_for("brand.payout_result", run=run, bank_result=bank_result), 303)
    if request.form.get("do") == "drop":
        bank_results.drop(result, now=utcnow())
        flash(gettext("Dropped. Nothing was changed."), "info")
        return redirect(url_for("brand.payout_run", run=run), 303)
    form = ReadingForm()
    before = bank_results.reading_of(result)
    try:
        reading = payouts.read_reading(_document(form))
        bank_results.look(found, result, reading)
        if request.form.get("do") != "take":
            bank_results.settle_reading(result, reading)
            return redirect(url_for("brand.payout_result", run=run, bank_result=bank_result), 303)
        changed = bank_results.apply(found, result, reading, actor=actor(), now=utcnow())
    except bank_results.RowsWrong as refused:
        found = payouts.run_of(g.brand.id, run)
        form.form_errors = [sentence(refused)]
        return _page(found, payouts.result_of(found.id, bank_result), reading, form), 422
    except Invalid as refused:
        blame(form, refused)
        return _page(found, result, before, form), 422
    flash(
        gettext(
            "%(paid)s paid, %(returned)s came back, %(unknown)s unclear.",
            paid=changed["paid"], returned=changed["returned"], unknown=changed["unknown"],
        ),
        "good",
    )  # fmt: skip
    return redirect(url_for("brand.payout_run", run=run), 303)


def _gone(run: payouts.PayoutRun) -> tuple[str, int]:
    """The answer was dropped, perhaps in another tab or by somebody else; what is left is the run."""
    flash(gettext("This answer is not there any more: it was dropped. Upload the file again if you need it."), "info")
    return run_page(run), 404


def _page(run: payouts.PayoutRun, result: payouts.BankResult, reading: payouts.Reading, form: ReadingForm) -> str:
    try:
        preview = bank_results.look(run, result, reading)
    except DomainError as refused:
        form.form_errors = [*form.form_errors, sentence(refused)]
        preview = bank_results.Preview((), ())
    form.offer(tuple(preview.columns))
    rows = {row.public_id: row for row in payouts.of_run(run.id)}
    creators = people.creators_by_id({row.creator_id for row in rows.values()})
    return render_template(
        "brand/payout_result.html", run=run, result=result, form=form, preview=preview, words=payout_words, rows=rows,
        creators=creators, shown=_shown(preview),
    )  # fmt: skip


def _shown(preview: bank_results.Preview, most: int = 200) -> list[payouts.Verdict]:
    """Rows that need somebody first, then the others, not more than a page holds."""
    return sorted(preview.verdicts, key=lambda verdict: (not verdict.wrong, verdict.row))[:most]


def _filled(reading: payouts.Reading) -> ReadingForm:
    data: dict[str, Any] = {
        **reading.columns,
        "header": reading.header,
        "skip": str(reading.skip),
        "strangers": reading.strangers,
    }
    for name in ("paid", "returned", "unclear"):
        data[name] = ", ".join(getattr(reading, name))
    return ReadingForm(formdata=None, data=data)


def _document(form: ReadingForm) -> dict[str, Any]:
    skip = (form.skip.data or "0").strip()
    words = {name: (form._fields[name].data or "").replace("\n", ",").split(",") for name in ("paid", "returned", "unclear")}
    return {
        "columns": {name: form._fields[name].data or "" for name in payouts.RESULT_COLUMNS}, "header": bool(form.header.data),
        "skip": int(skip) if skip.isascii() and skip.isdigit() and len(skip) < 4 else -1, "strangers": bool(form.strangers.data),
        **words,
    }  # fmt: skip
