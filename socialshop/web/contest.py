"""What both sides see of a hold, a rejection, an appeal or a dispute: words, attached files, and the case in one piece."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime

from flask import Flask, flash, request, send_file
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import HiddenField, MultipleFileField, TextAreaField
from wtforms.validators import InputRequired, Length

from ..domain import appeals, commissions, orders
from ..flows import appeal as stories
from ..flows import judge, money_words, papers
from ..kernel.clock import utcnow
from ..kernel.errors import Invalid
from .access import actor
from .local import sentence

REASONS = {side: {code: _l(reason.told_to(side)) for code, reason in appeals.REASONS.items()} for side in ("brand", "creator")}
NAMES = {code: _l(reason.name) for code, reason in appeals.REASONS.items()}
HINTS = {code: _l(reason.hint) for code, reason in appeals.REASONS.items()}
APPEALS = {
    "open": (_l("Waits for the brand"), "warn"),
    "asked": (_l("Waits for the creator"), "info"),
    "granted": (_l("Granted"), "good"),
    "denied": (_l("Denied"), "bad"),
    "withdrawn": (_l("Withdrawn"), ""),
}
DISPUTES = {"open": (_l("Open"), "warn"), "won": (_l("Won"), "good"), "lost": (_l("Lost"), "bad")}
KEY = [InputRequired(), Length(min=16, max=80)]
ACCEPTED = "image/jpeg,image/png,image/webp,application/pdf"


def init_app(app: Flask) -> None:
    """Offer the words to templates."""
    app.add_template_filter(why, "why")
    app.add_template_filter(ago, "days_until")
    app.jinja_env.globals.update(accepted_papers=ACCEPTED)


def why(text: str, quote: bool = True, side: str = "creator") -> str:
    """A stored reason ("code: words", several parted by "; ") in the reader's language."""
    return money_words.why(text, gettext, quote=quote, side=side)


def ago(since: datetime, now: datetime) -> str:
    """How long something has waited: "today", "3 days"."""
    days = (now - since).days
    return str(ngettext("%(num)s day", "%(num)s days", days) if days else gettext("less than a day"))


class MessageForm(FlaskForm):  # type: ignore[misc]
    """What one side says, with files."""

    key = HiddenField(validators=KEY)
    words = TextAreaField(_l("Your message"), [InputRequired(_l("Please write something.")), Length(max=appeals.MAX_WORDS)])
    papers = MultipleFileField(_l("Pictures or PDFs"))


def uploaded(form: FlaskForm, field: str) -> tuple[appeals.PaperDraft, ...] | None:
    """The files of a form's field; None where one was refused, and the form says which and why."""
    files = [(file.filename, file.read()) for file in request.files.getlist(field) if file.filename]
    try:
        return papers.read(files)
    except appeals.FileRefused as refused:
        name = getattr(refused, "file", "")
        form[field].errors = [f"{name}: {sentence(refused)}" if name else sentence(refused)]
        return None


def tell(form: MessageForm, appeal_id: int, side: appeals.Side, done: str) -> bool:
    """Add what one side says to the thread, and say what came of it; False: the form is to be shown again."""
    papers = uploaded(form, "papers") if form.validate() else None
    if papers is None:
        return False
    try:
        stories.say(
            appeal_id, side, key=str(form.key.data), words=str(form.words.data), papers=papers, actor=actor(), now=utcnow()
        )
    except Invalid as refused:
        blame(form, refused)
        return False
    except appeals.AppealMoved as refused:
        flash(sentence(refused), "warn")
    else:
        flash(done, "good")
    return True


def blame(form: FlaskForm, refused: Invalid) -> None:
    """Tie a refusal to the form's fields, in the reader's language."""
    for each in refused.fields:
        if each.field in form:
            form[each.field].errors = [sentence(Invalid(each.message))]
    if not refused.fields:
        form.form_errors.append(sentence(refused))


def answer(paper: appeals.Paper) -> Response:
    """A paper for one of its two parties: a picture of our own making opens, a PDF is only ever saved. Nothing is cached."""
    kind = "image/webp" if paper.kind == "picture" else "application/pdf"
    sent: Response = send_file(
        io.BytesIO(paper.content), mimetype=kind, as_attachment=paper.kind == "pdf", download_name=paper.name, max_age=0
    )
    sent.headers["Cache-Control"] = "private, no-store"
    sent.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    sent.headers["X-Content-Type-Options"] = "nosniff"
    sent.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return sent


@dataclass(frozen=True, slots=True)
class Case:
    """All that stands or stood between a brand and a creator about one order."""

    judgements: list[appeals.Shown]
    made: list[appeals.Appeal]
    running: appeals.Appeal | None
    may_appeal: bool
    disputes: list[orders.Dispute]

    @property
    def standing(self) -> appeals.Shown | None:
        """The judgement that counts now."""
        return next((each for each in self.judgements if each.stands), None)


def case_of(commission: commissions.Commission, *, for_brand: bool = False) -> Case:
    """The case of a commission, as this side may see it."""
    order_id, creator_id = commission.order_id, commission.creator_id
    shown = appeals.shown_to_brand if for_brand else appeals.shown_to_creator
    mine = appeals.of_case(order_id, creator_id)
    return Case(
        shown(order_id, creator_id),
        mine,
        next((row for row in mine if row.state in appeals.RUNNING), None),
        stories.may_appeal(commission),
        orders.disputes_of(order_id),
    )


def stakes_of(rows: list[appeals.Appeal]) -> dict[int, tuple[commissions.Commission, int, appeals.Judgement | None]]:
    """By appeal: its commission, what it is about in minor units, and the judgement."""
    known = commissions.by_ids({row.commission_id for row in rows})
    found = {}
    for row in rows:
        judgements = {each.id: each for each in appeals.judgements_of(row.order_id, row.creator_id)}
        judgement = judgements.get(row.judgement_id or 0)
        found[row.id] = (known[row.commission_id], judge.at_stake(known[row.commission_id], judgement), judgement)
    return found
