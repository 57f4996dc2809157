"""The map editor's form: from a map to fields and back, and its buttons for columns."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, FieldList, Form, FormField, HiddenField, RadioField, SelectField, StringField, TextAreaField

from ...domain import payouts, people
from ...kernel.errors import N_, FieldError, Invalid
from ...kernel.money import EXPONENTS, NotAnAmount, to_decimal
from ...kernel.prices import read_price
from ..auth.forms import choices

_DATES = {
    "YYYY-MM-DD": "2026-06-15", "YYYYMMDD": "20260615", "DD/MM/YYYY": "15/06/2026", "DD-MM-YYYY": "15-06-2026",
    "DDMMYYYY": "15062026", "MM/DD/YYYY": "06/15/2026",
}  # fmt: skip
_LABELS: dict[str, list[tuple[str, object]]] = {
    "separator": [
        ("comma", _l("Comma ,")), ("semicolon", _l("Semicolon ;")), ("tab", _l("Tab")), ("pipe", _l("Vertical bar |")),
    ],
    "dates": [*_DATES.items()],
    "decimals": [
        ("own", _l("As the currency has them")), ("2", _l("Always two: 125000.00")), ("0", _l("None: 125000")),
    ],
    "point": [(".", _l("Point: 49.90")), (",", _l("Comma: 49,90"))],
    "quotes": [("all", _l("Around every cell")), ("needed", _l("Where needed")), ("none", _l("Never"))],
    "encoding": [
        ("utf-8-sig", _l("UTF-8, for spreadsheets")), ("utf-8", "UTF-8"), ("cp1252", "Windows-1252"),
        ("ascii", _l("ASCII only")),
    ],
    "line_end": [("crlf", _l("Windows (CR LF)")), ("lf", _l("Unix (LF)"))],
    "letters": [
        ("as_is", _l("As they are")), ("ascii", _l("Without accents")), ("upper", _l("CAPITALS without accents")),
    ],
    "digits": [
        ("plain", _l("Plain: 0123")), ("apostrophe", _l("With an apostrophe: '0123")), ("equals", _l('As text: ="0123"')),
    ],
    "guard": [
        ("apostrophe", _l("Put an apostrophe in front")), ("strip", _l("Take the sign away")),
    ],
}  # fmt: skip


class ColumnForm(Form):
    """One column."""

    header = StringField(_l("Header"))
    field = SelectField(_l("What stands in it"), validate_choice=False)
    text = StringField(_l("Fixed text"))
    length = StringField(_l("Longest"))

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.field.choices = choices([("", _l("Fixed text")), *((key, _l(name)) for key, name in payouts.FIELDS.items())])


class MapForm(FlaskForm):  # type: ignore[misc]  # flask-wtf is untyped
    """A whole map."""

    revision = HiddenField()
    name = StringField(_l("Name"))
    for_bank = BooleanField(_l("Bank accounts"))
    for_ewallet = BooleanField(_l("E-wallets"))
    for_paypal = BooleanField(_l("PayPal e-mails"))
    scope = RadioField(
        _l("Which of them?"),
        choices=choices([("all", _l("All")), ("only", _l("Only these")), ("not", _l("All but these"))]),
        default="all",
        validate_choice=False,
    )
    banks = StringField(_l("Banks and e-wallets"))
    currency = SelectField(_l("Currency"), validate_choice=False)
    limit = StringField(_l("Most for one transfer"))
    limit_name = StringField(_l("Name of that limit"))
    fee = StringField(_l("Fee for each transfer"))
    debit_account = StringField(_l("Your account that is debited"))
    description = StringField(_l("Text for the creator's statement"))
    columns = FieldList(FormField(ColumnForm), label=_l("Columns"))
    header = BooleanField(_l("The first row names the columns"))
    before = TextAreaField(_l("Lines above the table"))
    after = TextAreaField(_l("Lines below the table"))
    separator = SelectField(_l("Between cells"), choices=choices(_LABELS["separator"]), validate_choice=False)
    quotes = SelectField(_l("Quotes"), choices=choices(_LABELS["quotes"]), validate_choice=False)
    decimals = SelectField(_l("Decimals of amounts"), choices=choices(_LABELS["decimals"]), validate_choice=False)
    point = SelectField(_l("Decimal sign"), choices=choices(_LABELS["point"]), validate_choice=False)
    dates = SelectField(_l("Dates"), choices=choices(_LABELS["dates"]), validate_choice=False)
    encoding = SelectField(_l("Encoding"), choices=choices(_LABELS["encoding"]), validate_choice=False)
    line_end = SelectField(_l("Ends of lines"), choices=choices(_LABELS["line_end"]), validate_choice=False)
    max_rows = StringField(_l("Most rows in one file"))
    mixed = BooleanField(_l("Several currencies in one file"))
    letters = SelectField(_l("Letters"), choices=choices(_LABELS["letters"]), validate_choice=False)
    plain = BooleanField(_l("Only letters, digits and . , / - @"))
    digits = SelectField(_l("Account numbers"), choices=choices(_LABELS["digits"]), validate_choice=False)
    guard = SelectField(_l("Cells that a spreadsheet would calculate"), choices=choices(_LABELS["guard"]), validate_choice=False)

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.currency.choices = choices([("", _l("Any")), *((code, code) for code in EXPONENTS)])


def filled(name: str, map_: payouts.Map, revision: int) -> MapForm:
    """The form that shows a map."""
    data: dict[str, Any] = {
        key: getattr(map_, key)
        for key in (*_LABELS, "header", "mixed", "plain", "currency", "limit_name", "debit_account", "description")
    }
    for kind in payouts.PAYEES:
        data[f"for_{kind}"] = kind in map_.payees
    for key in ("limit", "fee"):
        minor = getattr(map_, key)
        data[key] = to_decimal(minor, map_.currency) if minor and map_.currency else ""
    data |= {
        "name": name, "revision": str(revision), "scope": "only" if map_.banks else "not" if map_.not_banks else "all",
        "banks": ", ".join(map_.banks or map_.not_banks), "before": "\n".join(map_.before), "after": "\n".join(map_.after),
        "max_rows": str(map_.max_rows),
        "columns": [
            {"header": c.header, "field": c.field, "text": c.text, "length": str(c.length or "")} for c in map_.columns
        ],
    }  # fmt: skip
    return MapForm(formdata=None, data=data)


def rearranged(form: MapForm, deed: str) -> MapForm:
    """The form after a column's button: add, up:3, down:3, remove:3. What was typed stays."""
    data = {name: field.data for name, field in form._fields.items() if name != "csrf_token"}
    listed = list(data["columns"])
    act, _, at = deed.partition(":")
    place = int(at) if at.isascii() and at.isdigit() and len(at) < 4 else -1
    if act == "add" and len(listed) < payouts.MOST_COLUMNS:
        listed.append({"header": "", "field": "", "text": "", "length": ""})
    elif 0 <= place < len(listed):
        moved = listed.pop(place)
        if act in ("up", "down"):
            listed.insert(max(place - 1, 0) if act == "up" else place + 1, moved)
    return MapForm(formdata=None, data={**data, "columns": listed})


def read(form: MapForm) -> payouts.Map:
    """The map that the form states; Invalid names each field that cannot be accepted."""
    wrong: list[FieldError] = []
    currency = form.currency.data or ""
    banks = _banks(form, wrong)
    document: dict[str, Any] = {name: form._fields[name].data or "" for name in (*_LABELS, "currency", "limit_name")}
    document |= {
        "columns": [
            {"header": c["header"] or "", "field": c["field"] or "", "text": c["text"] or "", "length": _whole(c["length"])}
            for c in form.columns.data
        ],
        "payees": [kind for kind in payouts.PAYEES if form._fields[f"for_{kind}"].data],
        "banks": banks if form.scope.data == "only" else [], "not_banks": banks if form.scope.data == "not" else [],
        "before": _lines(form.before.data), "after": _lines(form.after.data), "header": bool(form.header.data),
        "mixed": bool(form.mixed.data), "plain": bool(form.plain.data), "max_rows": _whole(form.max_rows.data),
        "limit": _minor(form, "limit", currency, wrong), "fee": _minor(form, "fee", currency, wrong),
        "debit_account": (form.debit_account.data or "").strip(), "description": (form.description.data or "").strip(),
    }  # fmt: skip
    try:
        found = payouts.read_map(document)
    except Invalid as refusal:
        refusal.fields = [*wrong, *map(_placed, refusal.fields)]
        raise
    if wrong:
        raise Invalid(fields=wrong)
    return found


def _placed(error: FieldError) -> FieldError:
    """Errors of single columns stand at the columns, of payees at the first box."""
    if error.field.startswith("columns-"):
        return FieldError("columns", error.code, error.message)
    return FieldError("for_bank", error.code, error.message) if error.field == "payees" else error


def _banks(form: MapForm, wrong: list[FieldError]) -> list[str]:
    if form.scope.data == "all":
        return []
    codes = [code.strip().upper() for code in (form.banks.data or "").replace(";", ",").split(",") if code.strip()]
    if not codes or any(code not in people.BANKS and code not in people.EWALLETS for code in codes):
        message = N_("Enter short names such as BCA, MANDIRI or GOPAY, with commas between them.")
        wrong.append(FieldError("banks", "unknown", message))
    return codes


def _minor(form: MapForm, name: str, currency: str, wrong: list[FieldError]) -> int:
    text = (form._fields[name].data or "").strip()
    if not text:
        return 0
    if not currency:
        return 1  # the map says that a currency is needed
    try:
        return read_price(text, currency)
    except NotAnAmount:
        wrong.append(FieldError(name, "not_an_amount", N_("This is not an amount of money.")))
        return 0


def _lines(text: str | None) -> list[str]:
    return [line for line in (text or "").splitlines() if line.strip()]


def _whole(text: str | None) -> int:
    text = (text or "").strip() or "0"
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else -1
