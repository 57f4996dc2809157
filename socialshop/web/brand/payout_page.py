"""The page of one run, which several views come back to."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import HiddenField, RadioField, StringField
from wtforms.validators import Length

from ...domain import payouts, people, programs
from ...flows import bank_files
from ...kernel.clock import utcnow
from .. import explain
from ..auth.forms import choices
from . import payout_words


class OutcomeForm(FlaskForm):  # type: ignore[misc]  # flask-wtf is untyped
    """What a person says about one payout."""

    reason = StringField(_l("Reason"), [Length(max=300)])


class ResultForm(FlaskForm):  # type: ignore[misc]
    """The bank's answer as a file."""

    file = FileField(_l("Result file (CSV)"))


class FileForm(FlaskForm):  # type: ignore[misc]
    """Which map the run's file is made by."""

    map = RadioField(_l("Which file?"), validate_choice=False)


class DiscardForm(FlaskForm):  # type: ignore[misc]
    """Why a file never went to the bank."""

    file = HiddenField()
    reason = StringField(_l("Reason"), [Length(max=300)])


@dataclass(frozen=True, slots=True)
class Offered:
    """A map as it is offered for a run."""

    choice: bank_files.Choice
    plan: bank_files.Plan

    @property
    def left_out(self) -> list[str]:
        """Why it does not pay some of the open payouts."""
        return payout_words.left_out_briefly(self.plan.left_out)


def run_page(
    run: payouts.PayoutRun,
    *,
    results: ResultForm | None = None,
    files: FileForm | None = None,
    discard: DiscardForm | None = None,
) -> str:
    """The run as it stands; forms that were refused are shown where they belong."""
    rows, skips = payouts.of_run(run.id), payouts.skips_of(run.id)
    free = [row for row in rows if row.state == "ready" and row.via is None]
    offered = _offered(run) if free else []
    by_payout = payouts.files_by_payout(run.id)
    decided = {by_payout[row.id].id for row in rows if row.id in by_payout and row.state != "sent"}
    file_form = files or FileForm(formdata=None)
    file_form.map.choices = choices([(each.choice.key, each.choice.name) for each in offered])
    if file_form.map.data is None and offered:
        file_form.map.data = max(offered, key=lambda each: each.plan.rows).choice.key
    return render_template(
        "brand/payout.html", run=run, rows=rows, skips=skips, totals=payouts.totals_of([run.id])[run.id],
        creators=people.creators_by_id({row.creator_id for row in rows} | {skip.creator_id for skip in skips}),
        explain=explain, words=payout_words, free_count=len(free), offered=offered, file_form=file_form,
        open_count=sum(row.state in ("ready", "sent") and row.via is None for row in rows),
        files=payouts.files_of(run.id), undecided={file.id for file in by_payout.values()} - decided,
        programs=programs.programs_by_id({row.program_id for row in rows} | {skip.program_id for skip in skips}),
        discard=discard or DiscardForm(formdata=None),
        results=results or ResultForm(formdata=None), answers=payouts.results_of(run.id),
    )  # fmt: skip


def _offered(run: payouts.PayoutRun) -> list[Offered]:
    now = utcnow()
    return [Offered(choice, bank_files.look(run, choice.map, now=now)) for choice in bank_files.choices(run.brand_id)]
