"""What if? The draft terms tried on past orders or on a file of them: asked here, worked out by a job, shown line by line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Response as FlaskResponse
from flask import g, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response
from wtforms import RadioField

from ...domain import orders, programs, trials
from ...domain.terms import write_instant
from ...flows import terms_files
from ...flows import what_if as stories
from ...kernel import words
from ...kernel.clock import utcnow
from ...kernel.errors import NotFound
from ...kernel.money import to_decimal
from .. import explain, sheets
from ..access import BRAND_MANAGE, actor, allow
from ..auth.forms import choices
from ..local import locale
from . import bp

Page = str | Response | tuple[str, int]

PAGE = 50
# what each column of the file holds; an example of it
COLUMNS: dict[str, tuple[Any, str]] = {
    "order": (_l("The order’s number. The rows of one order stand together."), "1001"),
    "at": (_l("When it was placed, in the program’s time zone, or with an offset."), "2026-10-01 19:30"),
    "price": (_l("Price of one piece."), "149.000"),
    "quantity": (_l("How many pieces; 1 if empty."), "2"),
    "currency": (_l("The program’s currency if empty."), "IDR"),
    "product": (_l("The product’s id, as rules name it."), "prd_…"),
    "category": (_l("The product’s category."), "Skincare"),
    "discount": (_l("Discount on this row."), "10.000"),
    "order_discount": (_l("Discount on the whole order, shared over its rows."), "25.000"),
    "shipping": (_l("Shipping of the order."), "18.000"),
    "tax": (_l("Tax of the order."), "0"),
    "refunded": (_l("What was paid back of the goods."), "50.000"),
    "code": (_l("The referral code that was typed."), "RANI10"),
    "creator": (_l("The creator whose link was tapped, by handle."), "@rani"),
    "channel": (_l("Where that link was."), "instagram"),
    "customer": (_l("A number for the customer; no name or address is needed."), "K-77"),
    "new_customer": (_l("yes or no."), "yes"),
}


class WhatIfForm(FlaskForm):  # type: ignore[misc]  # flask-wtf is untyped
    """Which orders, compared with what."""

    source = RadioField(
        _l("Which orders?"),
        choices=choices([("past", _l("The program’s own past orders")), ("file", _l("Orders from a CSV file"))]),
        default="past",
    )
    orders = FileField(_l("CSV file"))
    against = RadioField(
        _l("Compared with what?"),
        choices=choices(
            [
                ("promised", _l("What was promised when each order was placed")),
                ("current", _l("The terms in force now, for all orders")),
            ]
        ),
        default="promised",
    )


@bp.get("/programs/<program>/what-if")
@allow(BRAND_MANAGE)
def what_if(program: str) -> str:
    """What may be asked, and what was."""
    found = programs.program_of(g.brand.id, program)
    return _ask_page(found, WhatIfForm())


@bp.post("/programs/<program>/what-if")
@allow(BRAND_MANAGE)
def what_if_asked(program: str) -> Page:
    """Have the draft tried; a job does the work."""
    found = programs.program_of(g.brand.id, program)
    form = WhatIfForm()
    if form.source.data not in ("past", "file"):
        form.source.errors = [gettext("Please choose one.")]
        return _ask_page(found, form), 422
    content, name = None, ""
    if form.source.data == "file":
        taken = _content(form)
        if taken is None:
            return _ask_page(found, form), 422
        content, name = taken
    against: Any = form.against.data if form.against.data in ("promised", "current") else "promised"
    try:
        trial = stories.ask(g.brand.id, program, against=against, content=content, file_name=name, actor=actor(), now=utcnow())
    except trials.BadFile as refusal:
        return _ask_page(found, form, refusal), 422
    return redirect(url_for("brand.what_if_trial", program=program, trial=trial.public_id), 303)


@bp.get("/programs/<program>/what-if/example.csv")
@allow(BRAND_MANAGE)
def what_if_example(program: str) -> FlaskResponse:
    """A file to fill in."""
    programs.program_of(g.brand.id, program)
    row = [example if name != "product" else "" for name, (_, example) in COLUMNS.items()]
    return sheets.answer("orders-example.csv", list(COLUMNS), [row])


@bp.get("/programs/<program>/what-if/<trial>")
@allow(BRAND_MANAGE)
def what_if_trial(program: str, trial: str) -> str:
    """How far it is, or what came out."""
    found, tried = _trial(program, trial)
    result = stories.named(found, tried.result) if tried.result else None
    creators = {creator_id: f"@{handle}" for creator_id, handle in terms_files.handles_of(found.id).items()}
    chosen = request.args.get("creator", "")
    chosen = chosen if chosen in creators.values() else ""
    creator_id = next((key for key, name in creators.items() if name == chosen), "")
    page = _page_number()
    count = trials.count_differences(tried.id, creator=creator_id)
    rows = trials.differences_of(tried.id, creator=creator_id, limit=PAGE, offset=PAGE * (page - 1))
    return render_template(
        "brand/what_if_trial.html",
        program=found,
        trial=tried,
        result=result,
        scale=_scale(result),
        rows=rows,
        count=count,
        page=page,
        more=count > PAGE * page,
        creators=creators,
        chosen=chosen,
        numbers=_numbers(tried, rows),
        reasons=explain.REASONS,
        told=_told(found, tried.terms),
    )


@bp.get("/programs/<program>/what-if/<trial>/state")
@allow(BRAND_MANAGE)
def what_if_state(program: str, trial: str) -> Response:
    """How far it is, for the page's script."""
    _, tried = _trial(program, trial)
    answer = jsonify(state=tried.state, done=tried.orders_done, total=tried.orders_total)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.get("/programs/<program>/what-if/<trial>/differences.csv")
@allow(BRAND_MANAGE)
def what_if_sheet(program: str, trial: str) -> FlaskResponse:
    """Every difference, in the orders' order of arrival."""
    found, tried = _trial(program, trial)
    names = terms_files.handles_of(found.id)
    header = [
        gettext("Order"), gettext("Ordered"), gettext("Creator"), gettext("Currency"), gettext("Before"), gettext("After"),
        gettext("Difference"),
    ]  # fmt: skip
    return sheets.answer(f"what-if-{found.slug}.csv", header, _sheet_rows(tried.id, names))


@bp.get("/programs/<program>/what-if/<trial>/differences/<int:place>")
@allow(BRAND_MANAGE)
def what_if_difference(program: str, trial: str, place: int) -> str:
    """One difference: both receipts, side by side."""
    found, tried = _trial(program, trial)
    difference = trials.difference_of(tried.id, place)
    receipts = trials.receipts_of(difference)
    versions = {write_instant(v.from_at): v.terms for v in programs.versions_of(found.id)}
    receipts["before"]["rules"] = _rules(found, versions.get(receipts["before"].get("version") or "", {}))
    receipts["after"]["rules"] = _rules(found, tried.terms)
    titles = terms_files.product_names(g.brand.id, {line["product"] or "" for line in receipts["order"]["lines"]})
    handles = terms_files.handles_of(found.id)
    own = orders.find(difference.order_ref) if tried.source == "past" else None
    return render_template(
        "brand/what_if_difference.html",
        program=found,
        trial=tried,
        difference=difference,
        receipts=receipts,
        titles=titles,
        handles=handles,
        own=own if own is not None and own.brand_id == g.brand.id else None,
        reasons=explain.REASONS,
        vias=explain.VIAS,
    )


def _trial(program: str, trial: str) -> tuple[programs.Program, trials.Trial]:
    found = programs.program_of(g.brand.id, program)
    return found, trials.trial_of(found.id, trial)


def _numbers(tried: trials.Trial, rows: list[trials.TrialDifference]) -> dict[str, str]:
    """What people call these orders; a file's own ids stay what they are."""
    if tried.source == "file":
        return {}
    found = (orders.find(ref) for ref in {row.order_ref for row in rows})
    return {order.public_id: order.number for order in found if order is not None and order.brand_id == g.brand.id}


def _ask_page(found: programs.Program, form: WhatIfForm, refusal: trials.BadFile | None = None) -> str:
    try:
        document: dict[str, Any] | None = stories.draft_of(found)
    except stories.NothingToTry:
        document = None
    errors = refusal.errors if refusal else []
    problems = [(error.row, error.column, words.say(error.message, locale(), **error.facts)) for error in errors]
    return render_template(
        "brand/what_if.html",
        program=found,
        form=form,
        told=_told(found, document) if document else [],
        past=stories.count_orders(found.id),
        trials=trials.trials_of(found.id),
        columns=COLUMNS,
        needed=trials.NEEDED,
        problems=problems,
        more=refusal.more if refusal else 0,
    )


def _content(form: WhatIfForm) -> tuple[str, str] | None:
    """The uploaded text and the file's name; None, with the field blamed, where there is none."""
    upload = form.orders.data
    if not isinstance(upload, FileStorage) or not upload.filename:
        form.orders.errors = [gettext("Choose a file.")]
        return None
    try:
        return upload.stream.read().decode("utf-8-sig"), upload.filename
    except UnicodeDecodeError:
        form.orders.errors = [gettext("This file is not UTF-8 text. Save it as CSV UTF-8.")]
        return None


def _told(found: programs.Program, document: dict[str, Any]) -> list[programs.Clause]:
    names = terms_files.names_for(found, document)
    return [
        clause
        for clause in programs.clauses(document, found.currency, locale(), zone=found.timezone, names=names)
        if clause.topic == "amount"
    ]


def _rules(found: programs.Program, document: dict[str, Any]) -> dict[str, str]:
    """The sentence of each rule, by its id."""
    if not document:
        return {}
    names = terms_files.names_for(found, document)
    return programs.rule_sentences(document, found.currency, locale(), zone=found.timezone, names=names)


def _scale(result: dict[str, Any] | None) -> dict[str, int]:
    """Per currency, the largest sum that is drawn as a bar."""
    if result is None:
        return {}
    return {currency: max(total["before"], total["after"], 1) for currency, total in result["totals"].items()}


def _sheet_rows(trial_id: int, names: dict[str, str]) -> Iterator[list[object]]:
    place = 0
    while rows := trials.differences_after(trial_id, place):
        for row in rows:
            amounts = (row.before_minor, row.after_minor, row.after_minor - row.before_minor)
            before, after, change = (to_decimal(minor, row.currency) for minor in amounts)
            at = row.order_at.isoformat().replace("+00:00", "Z")
            yield [row.order_ref, at, names.get(row.creator, row.creator), row.currency, before, after, change]
        place = rows[-1].place


def _sheet(filename: str, header: list[str], rows: Iterator[list[object]] | Iterator[list[str]]) -> FlaskResponse:
    return sheets.answer(filename, header, rows)


def _page_number() -> int:
    text = request.args.get("page", "1")
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 7 and int(text)):
        raise NotFound()
    return int(text)


def _instant(at: Any) -> str:
    from ...domain.terms import write_instant

    return write_instant(at)
