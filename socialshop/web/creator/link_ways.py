"""/creator/links/…: a link's rules, its split, its shops, and the box that tells where a tap would lead."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import HiddenField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs

from ...domain import links
from ...flows import ways
from ...kernel.clock import utcnow
from ...kernel.errors import DomainError, Invalid, NotFound
from ...kernel.ways import KINDS, Decision, Guest
from ..access import CREATOR, actor, allow
from ..local import sentence, zone
from ..shop.ways import NAMES
from . import bp, link_words
from .page import own_host
from .page_forms import said, tell

OTHER_ARMS = links.routes.MOST_ARMS - 1


class RuleForm(FlaskForm):  # type: ignore[misc]  # flask-wtf is untyped
    """When … then leads to …"""

    seen = HiddenField()
    devices = SelectMultipleField(_l("Device"), validate_choice=False)
    countries = SelectMultipleField(_l("Country"), validate_choice=False)
    more_countries = StringField(_l("Other countries"))
    languages = SelectMultipleField(_l("Language of the browser"), validate_choice=False)
    days = SelectMultipleField(_l("Day of the week"), validate_choice=False)
    begins = StringField(_l("From this hour"))
    ends = StringField(_l("Until this hour"))
    first = StringField(_l("First day"))
    last = StringField(_l("Last day"))
    url = StringField(_l("Then it leads to"))

    def offer(self) -> RuleForm:
        """Say what can be ticked, in the viewer's language."""
        self.devices.choices = [SelectChoice(word, name) for word, name in link_words.DEVICES.items()]
        self.countries.choices = [SelectChoice(code, link_words.country(code)) for code in link_words.NEAR]
        self.languages.choices = [SelectChoice(code, link_words.language(code)) for code in link_words.LANGUAGES]
        self.days.choices = [SelectChoice(str(day), link_words.day(day)) for day in range(1, 8)]
        return self

    def show(self, rule: dict[str, Any]) -> None:
        """Fill in what the rule is now."""
        when = rule["when"]
        known = [code for code in when.get("countries", ()) if code in link_words.NEAR]
        self.devices.data, self.countries.data, self.languages.data = when.get("devices"), known, when.get("languages")
        self.more_countries.data = ", ".join(
            link_words.country(code) for code in when.get("countries", ()) if code not in link_words.NEAR
        )
        self.days.data = [str(day) for day in when.get("days", ())]
        self.begins.data, self.ends.data = when.get("begins", ""), when.get("ends", "")
        self.first.data, self.last.data = when.get("first", ""), when.get("last", "")
        self.url.data = rule["url"]

    def given(self) -> dict[str, Any] | None:
        """The entries as plain values; None, and said beside the field, where a country is none."""
        codes, unknown = link_words.country_codes(self.more_countries.data or "")
        if unknown:
            self.more_countries.errors = [gettext("There is no country called %(name)s.", name=unknown[0])]
            return None
        return {
            "devices": self.devices.data or [], "countries": [*(self.countries.data or []), *codes],
            "languages": self.languages.data or [], "days": [n for n in range(1, 8) if str(n) in (self.days.data or [])],
            **{name: (getattr(self, name).data or "").strip() for name in ("begins", "ends", "first", "last", "url")},
        }  # fmt: skip


class StoreForm(FlaskForm):  # type: ignore[misc]  # flask-wtf is untyped
    """One more place where the same thing is sold."""

    seen = HiddenField()
    kind = RadioField(_l("Shop"), choices=[SelectChoice(kind, NAMES[kind]) for kind in KINDS], default="shopee")
    url = StringField(_l("Address, or WhatsApp number"))
    label = StringField(_l("Name that visitors see"))
    parameter = StringField(_l("Sub-id parameter"))
    value = StringField(_l("What it carries"), default="{click}")
    text = TextAreaField(_l("What the chat begins with"))


@dataclass(frozen=True, slots=True)
class Tried:
    """What the test box says. wrong: by field, what cannot be tried out at all."""

    sentence: str
    url: str
    wrong: dict[str, str] = field(default_factory=dict)


@bp.route("/links/<link>/rules/new", methods=["GET", "POST"])
@allow(CREATOR)
def link_rule_new(link: str) -> Any:
    """One more rule, after those that are there."""
    return _rule_page(links.link_of(g.creator.id, link), "")


@bp.route("/links/<link>/rules/<way>", methods=["GET", "POST"])
@allow(CREATOR)
def link_rule(link: str, way: str) -> Any:
    """Another rule in this one's place."""
    row = links.link_of(g.creator.id, link)
    if all(entry["word"] != way for entry in links.routes.of(row.routes)["rules"]):
        raise NotFound()
    return _rule_page(row, way)


@bp.post("/links/<link>/rules/<way>/place")
@allow(CREATOR)
def link_rule_moved(link: str, way: str) -> Response:
    """One place up or down."""
    ways.move(g.creator.id, link, "rules", way, _step(), actor=actor(), now=utcnow())
    return _back(link)


@bp.post("/links/<link>/rules/<way>/removal")
@allow(CREATOR)
def link_rule_removed(link: str, way: str) -> Response:
    """A rule less."""
    ways.remove_rule(g.creator.id, link, way, actor=actor(), now=utcnow())
    flash(gettext("The rule is gone."), "info")
    return _back(link)


@bp.route("/links/<link>/split", methods=["GET", "POST"])
@allow(CREATOR)
def link_split(link: str) -> Any:
    """Shares of the taps for several addresses."""
    row = links.link_of(g.creator.id, link)
    form = FlaskForm()
    arms = links.routes.of(row.routes)["arms"]
    rows = [(arm["word"], arm["url"], str(arm["weight"])) for arm in arms if arm["url"]]
    own = next((str(arm["weight"]) for arm in arms if not arm["url"]), "1")
    wrong: dict[str, str] = {}
    if request.method == "POST":
        own = request.form.get("own_weight", "")
        rows = [
            tuple(request.form.get(f"{name}_{n}", "")[:2100] for name in ("word", "url", "weight"))  # type: ignore[misc]
            for n in range(OTHER_ARMS)
        ]
    if form.validate_on_submit():
        try:
            ways.split(g.creator.id, link, own, rows, own_host=own_host(), actor=actor(), now=utcnow())
        except DomainError as refusal:
            wrong = _said_by_field(refusal)
        else:
            flash(gettext("Saved. Each visitor keeps the address that they got."), "good")
            return _back(link)
    rows += [("", "", "1")] * (OTHER_ARMS - len(rows))
    html = render_template("creator/link_split.html", form=form, link=row, own=own, rows=rows, wrong=wrong, shown=links.shown)
    return html, 422 if request.method == "POST" else 200


@bp.route("/links/<link>/shops/new", methods=["GET", "POST"])
@allow(CREATOR)
def link_store_new(link: str) -> Any:
    """One more shop."""
    return _store_page(links.link_of(g.creator.id, link), "")


@bp.route("/links/<link>/shops/<store>", methods=["GET", "POST"])
@allow(CREATOR)
def link_store(link: str, store: str) -> Any:
    """Change a shop."""
    row = links.link_of(g.creator.id, link)
    if all(entry["word"] != store for entry in links.routes.of(row.routes)["stores"]):
        raise NotFound()
    return _store_page(row, store)


@bp.post("/links/<link>/shops/<store>/place")
@allow(CREATOR)
def link_store_moved(link: str, store: str) -> Response:
    """One place up or down."""
    ways.move(g.creator.id, link, "stores", store, _step(), actor=actor(), now=utcnow())
    return _back(link)


@bp.post("/links/<link>/shops/<store>/state")
@allow(CREATOR)
def link_store_turned(link: str, store: str) -> Response:
    """Shown to visitors, or not for now."""
    on = request.form.get("state") == "on"
    ways.turn_store(g.creator.id, link, store, on, actor=actor(), now=utcnow())
    flash(gettext("Visitors see this shop again.") if on else gettext("Visitors do not see this shop for now."), "info")
    return _back(link)


@bp.post("/links/<link>/shops/<store>/removal")
@allow(CREATOR)
def link_store_removed(link: str, store: str) -> Response:
    """A shop less."""
    ways.remove_store(g.creator.id, link, store, actor=actor(), now=utcnow())
    flash(gettext("The shop is gone."), "info")
    return _back(link)


def tried(link: links.TrackedLink, *, clicks: int) -> Tried | None:
    """What the test box's question comes to; None where nothing was asked."""
    if "try" not in request.args:
        return None
    asked = request.args
    devices = {"android": {"phone", "android"}, "ios": {"phone", "ios"}}.get(asked.get("device", ""), {asked.get("device", "")})
    codes, unknown = link_words.country_codes(asked.get("country", ""))
    at = _moment(asked.get("at", ""))
    wrong = {"country": gettext("There is no country called %(name)s.", name=unknown[0])} if unknown else {}
    if at is None and asked.get("at"):
        wrong["at"] = gettext("Choose a date and a time.")
    if wrong:
        return Tried("", "", wrong)
    moment = at or utcnow()
    over = links.standing(link, now=moment, clicks=clicks)
    if over != "live":
        said = {
            "off": gettext("The link is off."), "expired": gettext("The link has ended by then."),
            "spent": gettext("The link has had all its clicks."),
        }[over]  # fmt: skip
        return Tried(said, link.fallback_url)
    guest = Guest(frozenset(devices - {""}), codes[0] if codes else "", asked.get("language", ""))
    decision = ways.try_out(link, guest, moment)
    return Tried(*_told(link, decision))


def _told(link: links.TrackedLink, decision: Decision) -> tuple[str, str]:
    routes = links.routes.of(link.routes)
    if decision.by == "rule":
        rule = routes["rules"][decision.place - 1]
        said = gettext("Rule %(number)s holds: %(when)s.", number=decision.place, when=link_words.conditions(rule["when"]))
        return said, rule["url"]
    if decision.by == "split":
        return gettext("No rule holds, so the split decides: each visitor gets one of the addresses and keeps it."), ""
    if decision.by == "ask":
        plan = ways.plan_of(link)
        names = [link_words.way(link, word) for word in plan.shops] if plan is not None else []
        return gettext("No rule holds, so the visitor chooses: %(shops)s.", shops=", ".join(names)), ""
    if decision.by == "none":
        return gettext("No shop is left, so the link leads where it leads when it is over."), link.fallback_url
    if decision.by == "only":
        store = next((entry for entry in routes["stores"] if entry["word"] == decision.word), None)
        return gettext("Only one shop is left, so it leads there at once."), store["url"] if store else link.url
    return gettext("No rule holds, so it leads to its own address."), link.url


def _rule_page(row: links.TrackedLink, word: str) -> Any:
    form = RuleForm().offer()
    rules = links.routes.of(row.routes)["rules"]
    if request.method == "GET":
        form.seen.data = links.routes.revision(row.routes, "rules")
    if request.method == "GET" and word:
        form.show(next(entry for entry in rules if entry["word"] == word))
    preview, status = "", 200
    if form.validate_on_submit():
        status = 422
        given = form.given()
        try:
            if given is not None and "preview" in request.form:
                when, url = ways.clean_rule(given, own_host=own_host())
                preview, status = link_words.rule({"when": when, "url": url}), 200
            elif given is not None:
                ways.put_rule(
                    g.creator.id, row.public_id, given, word=word, seen=form.seen.data or "", own_host=own_host(), actor=actor(),
                    now=utcnow(),
                )  # fmt: skip
                flash(gettext("The rule holds from now on."), "good")
                return _back(row.public_id)
        except DomainError as refusal:
            _tell(form, row, "rules", refusal)
    elif request.method == "POST":
        status = 422
    html = render_template("creator/link_rule.html", form=form, link=row, word=word, preview=preview)
    return html, status


def _store_page(row: links.TrackedLink, word: str) -> Any:
    form = StoreForm()
    if request.method == "GET":
        form.seen.data = links.routes.revision(row.routes, "stores")
        if word:
            entry = next(entry for entry in links.routes.of(row.routes)["stores"] if entry["word"] == word)
            for name in ("kind", "url", "label", "parameter", "value", "text"):
                getattr(form, name).data = entry[name]
            if entry["kind"] == "whatsapp":
                form.url.data = "+" + entry["url"].rpartition("/")[2]
        else:
            form.text.data = gettext("Hello, I would like to order {product}.\nCode: {code}")
    if form.validate_on_submit():
        given = {name: getattr(form, name).data or "" for name in ("kind", "url", "label", "parameter", "value", "text")}
        try:
            ways.put_store(
                g.creator.id, row.public_id, given, word=word, seen=form.seen.data or "", own_host=own_host(), actor=actor(),
                now=utcnow(),
            )  # fmt: skip
        except DomainError as refusal:
            _tell(form, row, "stores", refusal)
        else:
            flash(gettext("Visitors can choose this shop now."), "good")
            return _back(row.public_id)
    html = render_template("creator/link_store.html", form=form, link=row, word=word, code=ways.code_of(row))
    return html, 422 if request.method == "POST" else 200


def _tell(form: RuleForm | StoreForm, row: links.TrackedLink, name: str, refusal: DomainError) -> None:
    """What is wrong; who has been told that the list is another now may send the same once more."""
    tell(form, refusal)
    if isinstance(refusal, ways.ChangedMeanwhile):
        form.seen.data = links.routes.revision(links.link_of(g.creator.id, row.public_id).routes, name)


def _said_by_field(refusal: DomainError) -> dict[str, str]:
    """What is wrong, by field; under "" what belongs to none."""
    if not isinstance(refusal, Invalid) or not refusal.fields:
        return {"": sentence(refusal)}
    return {wrong.field: said(wrong, refusal) for wrong in refusal.fields}


def _step() -> int:
    return -1 if request.form.get("direction") == "up" else 1


def _back(link: str) -> Response:
    return redirect(url_for("creator.link", link=link) + "#ways", code=303)


def _moment(text: str) -> datetime | None:
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        return None
    if local.tzinfo is not None or not 1970 <= local.year <= 9998:
        return None
    return local.replace(tzinfo=ZoneInfo(zone())).astimezone(UTC)
