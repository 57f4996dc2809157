"""A brand's exchange rates: what is known, what is missing, and the three ways in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_name
from flask import Response as Answer
from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import BooleanField, FileField, SelectField, StringField, TextAreaField

from ...domain import commissions, currencies, people, programs
from ...domain.currencies import Draft
from ...flows import rates as stories
from ...flows import rates_fetch
from ...kernel import words
from ...kernel.clock import utcnow
from ...kernel.errors import N_, FieldError, Invalid, NotFound
from ...kernel.money import EXPONENTS
from .. import paging, sheets
from ..access import BRAND_MONEY, BRAND_VIEW, actor, allow
from ..auth.forms import blame, choices
from ..local import locale, sentence
from . import bp

Page = str | Response | tuple[str, int]
NEWEST, PAGE = 5, 50
COLUMNS = {"base": _l("base"), "quote": _l("quote"), "rate": _l("rate"), "at": _l("at"), "note": _l("note")}
EXAMPLE = (("USD", "IDR", "16250.00", "2026-06-01", "Bank Indonesia"), ("SGD", "IDR", "12050.5", "2026-06-01 09:00", ""))


class RateForm(FlaskForm):  # type: ignore[misc]  # flask-wtf is untyped
    """One rate."""

    base = SelectField(_l("One unit of"), validate_choice=False)
    quote = SelectField(_l("costs this much of"), validate_choice=False)
    rate = StringField(_l("Rate"))
    at = StringField(_l("Holds from"))
    note = StringField(_l("Note"))
    sure = BooleanField(_l("Yes, this rate is right"))

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        named = [(code, f"{code} · {get_currency_name(code, locale=locale())}") for code in EXPONENTS]
        self.base.choices = self.quote.choices = choices(named)


class SheetForm(FlaskForm):  # type: ignore[misc]
    """Rates as a file, or pasted."""

    file = FileField(_l("CSV file"))
    pasted = TextAreaField(_l("Or paste the rows"))


@dataclass(frozen=True, slots=True)
class Stay:
    """Commissions that stay in one currency, since no rate to another was known on a day."""

    program: programs.Program
    currency: str
    wanted: str
    day: str
    rows: tuple[commissions.Commission, ...]


@bp.get("/settings/rates")
@allow(BRAND_VIEW)
def settings_rates() -> Page:
    """Every pair with its newest rates, what the terms need, and what was not converted for want of one."""
    chosen = _pair(request.args["pair"]) if "pair" in request.args else None
    number = paging.page_number()
    shown: dict[tuple[str, str], list[currencies.Rate]] = {}
    if chosen:
        shown[chosen] = currencies.rates_of(g.brand.id, chosen, limit=PAGE + 1, offset=(number - 1) * PAGE)
    counts = {currencies.as_quoted(*sorted(pair)): count for pair, count in currencies.counts_by_pair(g.brand.id).items()}
    for pair in sorted(counts) if not chosen else ():
        shown[pair] = currencies.rates_of(g.brand.id, pair, limit=NEWEST)
    now = utcnow()
    needed = stories.needed_pairs(g.brand.id)
    return render_template(
        "brand/settings_rates.html",
        chosen=chosen,
        number=number,
        size=PAGE,
        shown=shown,
        counts=counts,
        needed=[(pair, currencies.find_newest(g.brand.id, *pair, now)) for pair in needed],
        desk=currencies.desk_of(g.brand.id),
        unknown=_unknown(needed),
        stays=_stays(),
        figure=figure,
        now=now,
        by=_by,
    )


@bp.route("/settings/rates/new", methods=["GET", "POST"])
@allow(BRAND_MONEY)
def settings_rate_new() -> Page:
    """Enter one rate."""
    form = RateForm()
    if not form.is_submitted():
        base, quote = _pair(request.args["pair"]) if "pair" in request.args else ("USD", g.brand.currency)
        form.base.data, form.quote.data = base, quote if quote != base else "IDR"
        form.at.data = _local(utcnow())
        return render_template("brand/settings_rate.html", form=form, ask=False, example=figure("16250.00"))
    try:
        draft = _draft(form)
        stories.enter(g.brand.id, draft, sure=bool(form.sure.data), actor=actor(), now=utcnow())
    except stories.FarApart as refusal:
        form.rate.errors = [sentence(refusal)]
        return render_template("brand/settings_rate.html", form=form, ask=True, example=figure("16250.00")), 422
    except Invalid as refusal:
        if refusal.fields:
            blame(form, refusal)
        else:
            form.rate.errors = [sentence(refusal)]
        return render_template("brand/settings_rate.html", form=form, ask=bool(form.sure.data), example=figure("16250.00")), 422
    flash(gettext("The rate is known from now on. What was converted before stays as it was."), "good")
    return redirect(url_for("brand.settings_rates"), 303)


@bp.route("/settings/rates/import", methods=["GET", "POST"])
@allow(BRAND_MONEY)
def settings_rates_import() -> Page:
    """A file or pasted rows: read and shown, and nothing happens yet."""
    form = SheetForm()
    if not form.is_submitted():
        return render_template("brand/settings_rates_import.html", form=form, rows=None)
    upload = request.files.get("file")
    content = upload.stream.read() if upload is not None and upload.filename else (form.pasted.data or "").encode()
    try:
        rows = _read(content)
    except currencies.BadSheet as refusal:
        form.file.errors = [sentence(refusal)]
        return render_template("brand/settings_rates_import.html", form=form, rows=None), 422
    told = [(row, _what(row)) for row in rows]
    wrong = sum(what == "wrong" for _, what in told)
    page = render_template(
        "brand/settings_rates_import.html",
        form=form,
        rows=told,
        wrong=wrong,
        fresh=sum(what in ("new", "far") for _, what in told),
        content=content.decode("utf-8-sig"),
        figure=figure,
        said=sentence,
        columns=COLUMNS,
    )
    return (page, 422) if wrong else page


@bp.post("/settings/rates/import/rows")
@allow(BRAND_MONEY)
def settings_rates_imported() -> Page:
    """Take in what was shown, all or nothing; what is known already changes nothing."""
    try:
        rows = _read((request.form.get("content", "")).encode())
        if any(row.draft is None for row in rows):
            raise currencies.BadSheet(N_("Some rows are not right any more. Please look at them again."))
        drafts = [row.draft for row in rows if row.draft is not None]
        fresh = stories.take_in(g.brand.id, drafts, actor=actor(), now=utcnow())
    except Invalid as refusal:
        flash(sentence(refusal), "bad")
        return redirect(url_for("brand.settings_rates_import"), 303)
    if fresh:
        flash(ngettext("%(num)d new rate is known now.", "%(num)d new rates are known now.", len(fresh)), "good")
    else:
        flash(gettext("All of them were known already. Nothing has changed."), "info")
    return redirect(url_for("brand.settings_rates"), 303)


@bp.post("/settings/rates/automatic")
@allow(BRAND_MONEY)
def settings_rates_automatic() -> Response:
    """Fetch rates every day, or no more."""
    on = request.form.get("on") == "1"
    rates_fetch.switch(g.brand.id, on, actor=actor(), now=utcnow())
    if on:
        flash(gettext("Rates are fetched every day from now on, the first time right now."), "good")
    else:
        flash(gettext("Rates are no longer fetched. Those that are known stay."), "info")
    return redirect(url_for("brand.settings_rates"), 303)


@bp.get("/settings/rates/example.csv")
@allow(BRAND_VIEW)
def settings_rates_example() -> Answer:
    """A file to begin with, its headings in the reader's language; both are read."""
    return sheets.answer("rates.csv", list(COLUMNS.values()), EXAMPLE)


def figure(rate: str) -> str:
    """A rate with every digit that was told, as the viewer writes numbers: "16250.00" is 16.250,00 in Indonesian."""
    whole, point, decimals = rate.partition(".")
    grouped = f"{int(whole):,}"
    return f"{grouped.replace(',', '.')}{',' if point else ''}{decimals}" if locale() == "id" else f"{grouped}{point}{decimals}"


def _draft(form: RateForm) -> Draft:
    """What was typed; Invalid names the fields, NotARate says how a rate is written."""
    try:
        at = datetime.fromisoformat(form.at.data or "").replace(tzinfo=ZoneInfo(g.brand.timezone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid(fields=[FieldError("at", "not_a_date", N_("Choose a date and a time."))]) from error
    rate = currencies.read_rate(form.rate.data or "")
    return Draft(form.base.data or "", form.quote.data or "", rate, at, form.note.data or "")


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(ZoneInfo(g.brand.timezone)):%Y-%m-%dT%H:%M}"


def _pair(text: str) -> tuple[str, str]:
    """ "USD-IDR" as a pair; NotFound for anything else."""
    base, _, quote = text.partition("-")
    if base == quote or base not in EXPONENTS or quote not in EXPONENTS:
        raise NotFound()
    return base, quote


def _read(content: bytes) -> list[currencies.SheetRow]:
    return currencies.read_sheet(content, zone=g.brand.timezone, now=utcnow())


def _what(row: currencies.SheetRow) -> str:
    """What a row would do: wrong, known, far (new, but far from the rate before it) or new."""
    if row.draft is None:
        return "wrong"
    if currencies.find_known(g.brand.id, row.draft) is not None:
        return "known"
    before = currencies.find_newest(g.brand.id, row.draft.base, row.draft.quote, row.draft.at)
    return "far" if before is not None and stories.is_far(row.draft, before) else "new"


def _unknown(needed: list[tuple[str, str]]) -> list[str]:
    """Pairs that the terms need and that the source said it does not have."""
    desk = currencies.desk_of(g.brand.id)
    pairs = {f"{base}:{quote}" for base, quote in needed}
    return [pair.replace(":", " ↔ ") for pair in (desk.unknown if desk else []) if pair in pairs]


def _stays() -> list[Stay]:
    """What was not converted, by program, currency and day; the newest day first."""
    own = {program.id: program for program in programs.programs_of_brand(g.brand.id)}
    versions = {pid: {v.from_at: v.terms.get("payout_currency") or "" for v in programs.versions_of(pid)} for pid in own}

    def place(row: commissions.Commission) -> tuple[int, str, str, str]:
        wanted = versions[row.program_id].get(row.version_at, "") if row.version_at else ""
        return row.program_id, row.currency, wanted, words.day(row.placed_at, locale(), g.brand.timezone)

    rows = commissions.without_rate(list(own))
    return [Stay(own[key[0]], key[1], key[2], key[3], tuple(found)) for key, found in groupby(rows, place)]


def _by(rate: currencies.Rate) -> str:
    """Who told a rate."""
    if rate.source == "frankfurter":
        return str(gettext("European Central Bank, %(day)s", day=rate.note))
    kind, _, name = rate.entered_by.partition(":")
    user = people.find_user(name) if kind == "user" else None
    who = (user.name or user.email) if user else ""
    return str(gettext("file, %(who)s", who=who) if rate.source == "file" else who)
