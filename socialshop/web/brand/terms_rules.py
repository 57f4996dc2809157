"""One rule of the terms: a form to write it, buttons to move and delete it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs

from ...domain import catalog, programs, terms
from ...flows import terms_files
from ...kernel.errors import N_, Invalid, NotFound
from ..access import BRAND_MANAGE, allow
from ..auth.forms import blame
from . import bp
from .terms import editable, keep, to_editor
from .terms_forms import DeedForm, RuleForm
from .terms_publishing import Document, Page, draft_of, print_of
from .terms_reading import Reader, told_amounts

PRODUCTS = 500  # offered as boxes; others are named by their id
_LISTED = ("creator", "group", "product", "category", "via", "channel", "currency")
_MORE = ("group", "product", "category", "brand", "channel")


@bp.route("/programs/<program>/terms/editor/rules/new", methods=["GET", "POST"])
@allow(BRAND_MANAGE)
def terms_rule_new(program: str) -> Page:
    """Write a rule; it goes to the end of the list."""
    found = editable(program)
    document = draft_of(found)
    kind = request.args.get("kind", "base")
    form = RuleForm(data={"kind": kind if kind in ("base", "bonus", "exclude") else "base", "written": print_of(document)})
    _offer(form, found, None)
    if not form.is_submitted():
        return _page(found, form, None)
    if "more" in request.form:
        form.up_to.append_entry()
        form.step_percent.append_entry()
        return _page(found, form, None)
    try:
        rule = _read(form, found, _new_id(document))
        keep(program, form.written.data, lambda draft: draft | {"rules": [*draft["rules"], rule]})
    except Invalid as refusal:
        blame(form, refusal)
        return _page(found, form, None), 422
    flash(gettext("The rule is in the draft."), "good")
    return to_editor(program, f"rule-{len(document['rules']) + 1}")


@bp.route("/programs/<program>/terms/editor/rules/<int:number>", methods=["GET", "POST"])
@allow(BRAND_MANAGE)
def terms_rule(program: str, number: int) -> Page:
    """Change a rule; number: its place in the list, the first is 1."""
    found = editable(program)
    document = draft_of(found)
    old = _rule_at(document, number)
    rule = terms.read(document).rules[number - 1]
    form = RuleForm(data=_told(rule, found) | {"written": print_of(document)})
    _offer(form, found, rule)
    if not form.is_submitted():
        return _page(found, form, number)
    if "more" in request.form:
        form.up_to.append_entry()
        form.step_percent.append_entry()
        return _page(found, form, number)
    try:
        new = _read(form, found, old["id"])
        keep(program, form.written.data, lambda draft: draft | {"rules": _replaced(draft, number, [new])})
    except Invalid as refusal:
        blame(form, refusal)
        return _page(found, form, number), 422
    flash(gettext("The rule is changed in the draft."), "good")
    return to_editor(program, f"rule-{number}")


@bp.post("/programs/<program>/terms/editor/rules/<int:number>/place")
@allow(BRAND_MANAGE)
def terms_rule_moved(program: str, number: int) -> Response:
    """Move a rule one place up or down."""
    found = editable(program)
    _rule_at(draft_of(found), number)
    step = -1 if request.form.get("direction") == "up" else 1

    def move(draft: Document) -> Document:
        rules = list(draft["rules"])
        target = min(max(number - 1 + step, 0), len(rules) - 1)
        rules.insert(target, rules.pop(number - 1))
        return draft | {"rules": rules}

    keep(program, DeedForm().written.data, move)
    return to_editor(program, f"rule-{max(1, number + step)}")


@bp.post("/programs/<program>/terms/editor/rules/<int:number>/deletion")
@allow(BRAND_MANAGE)
def terms_rule_deleted(program: str, number: int) -> Response:
    """Take a rule out of the draft."""
    found = editable(program)
    _rule_at(draft_of(found), number)
    keep(program, DeedForm().written.data, lambda draft: draft | {"rules": _replaced(draft, number, [])})
    flash(gettext("The rule is out of the draft."), "good")
    return redirect(url_for("brand.terms_editor", program=program), 303)


def _page(found: programs.Program, form: RuleForm, number: int | None) -> str:
    return render_template("brand/terms_rule.html", program=found, form=form, number=number)


def _rule_at(document: Document, number: int) -> dict[str, Any]:
    rules: list[dict[str, Any]] = document["rules"]
    if not 1 <= number <= len(rules):
        raise NotFound()
    return rules[number - 1]


def _replaced(document: Document, number: int, new: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [*document["rules"][: number - 1], *new, *document["rules"][number:]]


def _new_id(document: Document) -> str:
    taken = {rule["id"] for rule in document["rules"]}
    return next(f"r{n}" for n in range(1, len(taken) + 2) if f"r{n}" not in taken)


def _offer(form: RuleForm, found: programs.Program, rule: terms.Rule | None) -> None:
    """Fill in what this program has: its creators, their groups, the brand's products and categories."""
    handles = terms_files.handles_of(found.id)
    products = catalog.products_of(g.brand.id, limit=PRODUCTS)
    form.creator.choices = _boxes((creator_id, f"@{handle}") for creator_id, handle in handles.items())
    stays = programs.enrollments_of_program(found.id)
    form.group.choices = _boxes((group, group) for group in {group for stay in stays for group in stay.groups})
    form.product.choices = [SelectChoice(product.product, product.title) for product in products]
    form.category.choices = _boxes((category, category) for category in catalog.categories_of(g.brand.id))
    if rule is not None and not form.is_submitted():
        for key in _MORE:
            known = {choice.value for choice in form[key].choices} if key in form._fields and key != "brand" else set()
            others = sorted(rule.when.get(key, frozenset()) - known)
            form[f"{key}_more"].data = (", " if key in ("group", "channel") else "\n").join(others)


def _boxes(pairs: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in sorted(pairs, key=lambda pair: pair[1].casefold())]


def _told(rule: terms.Rule, found: programs.Program) -> dict[str, Any]:
    """A rule as the form shows it."""
    currency, zone = found.currency, ZoneInfo(found.timezone)

    def local(at: Any) -> str:
        if at is None:
            return ""
        moment = at.astimezone(zone).replace(tzinfo=None)
        return str(moment.isoformat(timespec="seconds" if moment.second else "minutes"))

    steps = rule.tiers or ()
    told: dict[str, Any] = {
        "kind": rule.kind,
        "amount": "flat" if rule.flat is not None else "tiers" if rule.tiers is not None else "percent",
        "percent": rule.percent or "",
        "flat": told_amounts(rule.flat or {}, currency),
        "per": rule.per,
        "up_to": [told_amounts(step.up_to or {}, currency) for step in steps],
        "step_percent": [step.percent for step in steps],
        "tier_mode": rule.tier_mode,
        "tier_period": rule.tier_period,
        "customer": {0: "", 1: next(iter(rule.when.get("customer", ())), ""), 2: "known"}[len(rule.when.get("customer", ()))],
        "payments": "" if rule.recurring is None or rule.recurring.payments is None else str(rule.recurring.payments),
        "months": "" if rule.recurring is None or rule.recurring.months is None else str(rule.recurring.months),
        "cap_per_order": told_amounts(rule.cap_per_order, currency),
        "from_at": local(rule.starts_at),
        "until_at": local(rule.ends_at),
    }
    return told | {key: sorted(rule.when.get(key, frozenset())) for key in _LISTED}


def _read(form: RuleForm, found: programs.Program, rule_id: str) -> dict[str, Any]:
    """The rule that was typed, as a document; Invalid names the fields."""
    reader = Reader(form, found.currency, found.timezone)
    kind = reader.word("kind", ("base", "bonus", "exclude"))
    rule: dict[str, Any] = {"id": rule_id, "kind": kind}
    if kind != "exclude":
        rule |= _amount(reader, form)
        recurring = {"payments": reader.count("payments"), "months": reader.count("months")}
        if any(recurring.values()):
            rule["recurring"] = {key: value for key, value in recurring.items() if value is not None}
        cap = reader.amounts("cap_per_order")
        if cap:
            rule["cap_per_order"] = cap
    when = _when(reader, found)
    if when:
        rule["when"] = when
    starts, ends = reader.instant("from_at"), reader.instant("until_at")
    if starts and ends and starts >= ends:
        reader.blame("until_at", "before_start", N_("The end must come after the start."))
    rule |= {key: value for key, value in (("from", starts), ("until", ends)) if value}
    reader.done()
    return rule


def _amount(reader: Reader, form: RuleForm) -> dict[str, Any]:
    amount = reader.word("amount", ("percent", "flat", "tiers"))
    if amount == "percent":
        return {"percent": reader.percent("percent")}
    if amount == "flat":
        flat = reader.amounts("flat")
        if not flat and not any(error.field == "flat" for error in reader.wrong):
            reader.blame("flat", "missing", N_("Say how much a sale earns."))
        return {"flat": flat, "per": reader.word("per", ("order", "line", "unit"))}
    return {
        "tiers": _steps(reader, form),
        "tier_mode": reader.word("tier_mode", ("marginal", "next_order")),
        "tier_period": reader.word("tier_period", ("month", "quarter", "year", "all")),
    }


def _steps(reader: Reader, form: RuleForm) -> list[dict[str, Any]]:
    """The steps that were typed: rising limits, the last one without any."""
    typed = [
        ((limit.data or "").strip(), (percent.data or "").strip())
        for limit, percent in zip(form.up_to, form.step_percent, strict=False)
    ]
    typed = [pair for pair in typed if any(pair)]
    if not typed or any(not percent for _, percent in typed):
        reader.blame("step_percent", "missing", N_("Give every step its percentage."))
        return []
    if any(not limit for limit, _ in typed[:-1]) or typed[-1][0]:
        reader.blame("up_to", "shape", N_("Every step but the last needs a limit; the last has none, for all above."))
        return []
    steps: list[dict[str, Any]] = []
    for limit, percent in typed:
        step: dict[str, Any] = {"percent": reader.percent("step_percent", percent)}
        if limit:
            step["up_to"] = reader.amounts("up_to", limit)
            below = steps[-1]["up_to"] if steps else {}
            if any(step["up_to"].get(currency, high + 1) <= high for currency, high in below.items()):
                reader.blame("up_to", "not_rising", N_("The limits must rise from step to step."))
        steps.append(step)
    return steps


def _when(reader: Reader, found: programs.Program) -> dict[str, list[str]]:
    creators = set(terms_files.handles_of(found.id))
    when = {key: reader.picked(key) for key in _LISTED}
    if any(creator not in creators for creator in when["creator"]):
        reader.blame("creator", "unknown", N_("Choose creators of this program."))
    for key in _MORE:
        when[key] = [*when.get(key, []), *reader.listed(f"{key}_more")]
    word = reader.word("customer", ("", "new", "returning", "known"))
    when["customer"] = ["new", "returning"] if word == "known" else [word] if word else []
    return {key: list(dict.fromkeys(values)) for key, values in when.items() if values}
