"""What the API's answers look like, as JSON Schema: every field is named, none may be missing, none may be more."""

from __future__ import annotations

from typing import Any

from ...domain.analytics import MEASURES

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
TEXTS: Schema = {"type": "array", "items": TEXT}
FLAG: Schema = {"type": "boolean"}
WHOLE: Schema = {"type": "integer"}
MINOR: Schema = {"type": "integer", "description": "Minor units of the currency named beside it; below 0 where it is taken away."}
CURRENCY: Schema = {"type": "string", "pattern": "^[A-Z]{3}$"}
INSTANT: Schema = {"type": "string", "format": "date-time", "description": "UTC."}


def _object(about: str, **fields: Schema) -> Schema:
    return {
        "type": "object", "description": about, "properties": fields, "required": sorted(fields), "additionalProperties": False,
    }  # fmt: skip


def _or_null(schema: Schema) -> Schema:
    if "$ref" in schema:
        return {"oneOf": [schema, {"type": "null"}]}
    return {**schema, "type": [schema["type"], "null"]}


def _list(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _words(*known: str) -> Schema:
    return {"type": "string", "enum": list(known)}


def _page(name: str) -> Schema:
    return _object(
        "A page of a list, the newest first.",
        data=_list(_ref(name)),
        next_cursor={**_or_null(TEXT), "description": "Give it as `cursor` for the next page; null on the last one."},
    )


STATES = _words("pending", "held", "due", "paid", "reversed", "rejected")
PAYOUT_STATES = _words("ready", "sent", "unknown", "paid", "returned")
ENTRY = _object("One line of a sum, as the page says it.", text=TEXT, amount=MINOR, notes=TEXTS, total=FLAG, rule=_or_null(TEXT))

_commission = {
    "id": TEXT, "order": _ref("Order"), "program": _ref("Program"), "creator": _ref("Creator"),
    "level": {**WHOLE, "description": "0: of the creator who brought the sale. 1 and more: of a recruiter, so many steps up."},
    "of": {"oneOf": [_ref("Creator"), {"type": "null"}]}, "via": TEXT, "state": STATES, "currency": CURRENCY,
    "original": MINOR, "amount": MINOR,
    "pay_currency": {**CURRENCY, "description": "What worth, paid, open and owed_back are in."},
    "worth": MINOR, "paid": MINOR, "open": MINOR, "owed_back": MINOR, "rate": _or_null(TEXT), "no_rate": FLAG, "held": FLAG,
    "held_why": {**TEXT, "description": "A sentence; empty where nothing holds it."},
    "due_at": INSTANT, "terms_from": _or_null(INSTANT), "accrued_at": INSTANT,
}  # fmt: skip
_payout = {
    "id": TEXT, "program": _ref("Program"), "creator": _ref("Creator"), "currency": CURRENCY, "amount": MINOR, "fee": MINOR,
    "state": PAYOUT_STATES, "why": TEXT, "reference": TEXT,
    "account": _object("Where it goes; of the number only its end.", kind=TEXT, provider=TEXT, ending=TEXT),
    "drawn_at": INSTANT, "closed_at": _or_null(INSTANT),
}  # fmt: skip

TOUCH = _object(
    "A tap or code that was considered, or an earlier order; `text` says why it counted or not.",
    kind=_words("click", "code", "subscription", "lifetime"),
    creator={**_or_null(TEXT), "description": "Handle; null for others."},
    mine=FLAG, code=_or_null(TEXT), at=_or_null(INSTANT), channel=_or_null(TEXT), won=FLAG, why=TEXT, text=TEXT,
)  # fmt: skip
TERMS = _object(
    "The version that decided the amount, and its sentences.",
    version=WHOLE, version_of_order=WHOLE, texts=TEXTS,
    clauses=_list(_object("One sentence of the terms.", rule=_or_null(TEXT), text=TEXT)),
    candidates=_list(_object("A version that was open to them.", **{"from": _or_null(INSTANT)}, amount=MINOR, counts=FLAG)),
    **{"from": INSTANT},
)  # fmt: skip
EARNED = _object(
    "What one rule gave on one line.",
    rule=TEXT, bonus=FLAG, form=_words("percent", "flat", "tiers"), per=TEXT, rate=TEXT, exact=_or_null(TEXT), amount=MINOR,
    after_cap=MINOR, cap=_or_null(MINOR), volume=_or_null(MINOR),
    tiers=_list(_object("A step that the line reached.", percent=TEXT, base=MINOR, up_to=_or_null(MINOR), **{"from": MINOR})),
)  # fmt: skip
LINE = _object(
    "One line of the order, from its price to what it gives.",
    key=TEXT, title=TEXT, quantity=WHOLE, price=MINOR, gross=MINOR, discount=MINOR, order_discount=MINOR, net=MINOR,
    shipping=MINOR, tax=MINOR, base=MINOR, excluded=FLAG, amount=MINOR, earned=_list(EARNED), entries=_list(ENTRY),
)  # fmt: skip
SUM = _object(
    "All lines together after each limit.",
    earned=MINOR, after_rule_caps=MINOR, after_order_cap=MINOR, after_budget=MINOR, total=MINOR, order_cap=_or_null(MINOR),
    budget=_or_null(MINOR), budget_left=_or_null(MINOR), exact_share=_or_null(TEXT), entries=_list(ENTRY),
)  # fmt: skip
STEP = _object(
    "Something that happened to the commission. `kind` may get new words.",
    kind=TEXT, reason=_or_null(TEXT), amount=MINOR, worth_after=_or_null(MINOR), at=INSTANT, state=STATES, words=TEXT,
    ledger_entry=_or_null(WHOLE), payout=_or_null(TEXT), text=TEXT, texts=TEXTS,
    moves=_list(_object("One leg of the ledger entry.", pocket=TEXT, amount=MINOR, currency=CURRENCY)),
)  # fmt: skip


def _nullable(schema: Schema) -> Schema:
    return {"oneOf": [schema, {"type": "null"}]}


RECEIPT = _object(
    "Why a commission is what it is: the facts, and beside them the sentences of the page in the language that was asked for.",
    order=_ref("Order"), program=_ref("Program"), creator=_ref("Creator"), commission=_nullable(_ref("Commission")),
    reason={**_or_null(TEXT), "description": "Where nothing was earned: why."}, arrived_at=INSTANT, texts=TEXTS,
    touches=_list(TOUCH), share=_nullable(_object("Whose part it is.", via=TEXT, percent=TEXT, texts=TEXTS)),
    terms=_nullable(TERMS), lines=_list(LINE), sum=_nullable(SUM),
    override=_nullable(_object("A recruiter's part.", of=TEXT, level=WHOLE, percent=TEXT, direct=MINOR, texts=TEXTS)),
    rounding=_object("How amounts are rounded.", rule=_words("half_up", "half_even", "down"), texts=TEXTS),
    conversion=_nullable(
        _object(
            "The locked quote; all null where none was known.",
            base=_or_null(CURRENCY), quote=_or_null(CURRENCY), rate=_or_null(TEXT), quoted_at=_or_null(INSTANT), texts=TEXTS,
        )
    ),
    steps=_list(STEP),
    payouts=_list(_object("A payout that settled some of it.", id=TEXT, state=PAYOUT_STATES, amount=MINOR, text=TEXT)),
)  # fmt: skip
STATEMENT_LINE = _object(
    "One change of the balance.",
    kind=TEXT, reason=_or_null(TEXT), amount=MINOR, written_at=INSTANT, happened_at=INSTANT, ledger_entry=WHOLE,
    commission=_or_null(TEXT), order=_or_null(TEXT), payout=_or_null(TEXT), text=TEXT,
)  # fmt: skip
ACCOUNT = _object(
    "One program in one currency, from `from` until before `until`.",
    program=_ref("Program"), currency=CURRENCY, timezone=TEXT, until=INSTANT, opening=MINOR, closing=MINOR,
    pockets=_object("What the closing balance consists of.", held=MINOR, payable=MINOR, in_transit=MINOR, owed_back=MINOR),
    groups=_list(
        _object(
            "Lines of one sort.",
            group=_words("earned", "adjusted", "taken_back", "paid", "fee", "returned", "other"), total=MINOR,
            lines=_list(STATEMENT_LINE),
        )
    ),
    **{"from": INSTANT},
)  # fmt: skip

DAY: Schema = {"type": "string", "format": "date"}
_days: dict[str, Schema] = {
    "from": DAY,
    "to": {**DAY, "description": "The last day, which is part of it."},
    "timezone": {**TEXT, "description": "Whose midnights divide the days."},
}


def _measure(name: str, schema: Schema) -> Schema:
    """A number with the meaning that the pages give it."""
    return {**schema, "description": MEASURES[name].meaning}


def _amounts(*names: str) -> Schema:
    amounts = {name: _measure(name, MINOR) for name in names}
    return _list(_object("Amounts in one currency, in its minor units.", currency=CURRENCY, **amounts))


_FIGURES = _object(
    "The numbers of some days. Percentages have one decimal, and are null where there is nothing to divide by.",
    **{name: _measure(name, WHOLE) for name in ("requests", "clicks", "apart", "visitors", "checkouts", "orders", "kept")},
    views=_or_null(_measure("views", WHOLE)),
    **{name: _or_null(_measure(name, TEXT)) for name in ("click_rate", "conversion", "refund_rate")},
    amounts=_amounts("revenue", "commission", "average", "epc"),
)
_STATISTICS_ROW = _object(
    "One row. value: an id of ours or a word, empty for unknown; counts of clicks are null where a click has no such thing.",
    value=TEXT, name=TEXT, clicks=_or_null(_measure("clicks", WHOLE)),
    **{name: _measure(name, WHOLE) for name in ("checkouts", "orders", "kept")},
    conversion=_or_null(_measure("conversion", TEXT)), amounts=_amounts("revenue", "commission", "epc"),
)  # fmt: skip

SCHEMAS: dict[str, Schema] = {
    "Figures": _FIGURES,
    "Statistics": _object(
        "Some days, and the days before.",
        **_days, figures=_ref("Figures"), before=_object("As many days before.", **_days, figures=_ref("Figures")),
        apart=_list(
            _object("Requests that are no clicks, by class and reason.", **{"class": TEXT, "reason": TEXT, "requests": WHOLE})
        ),
    ),
    "StatisticsRow": _STATISTICS_ROW,
    "StatisticsTable": _object(
        "The numbers of some days, divided. An order that two rows share stands in both.",
        **_days, by=TEXT, data=_list(_ref("StatisticsRow")), left_out=WHOLE,
        others={"oneOf": [_ref("StatisticsRow"), {"type": "null"}]},
    ),
    "Brand": _object("A brand.", id=TEXT, slug=TEXT, name=TEXT),
    "Creator": _object("A creator.", id=TEXT, handle=TEXT),
    "Program": _object("A program.", id=TEXT, name=TEXT, brand=_ref("Brand")),
    "Order": _object("An order, without its buyer.", id=TEXT, number=TEXT, placed_at=INSTANT, currency=CURRENCY),
    "Commission": _object("What one creator has of one order.", **_commission),
    "CommissionList": _page("Commission"),
    "Receipt": RECEIPT,
    "ReceiptList": _page("Receipt"),
    "Month": _object(
        "A month of one program and currency.",
        month=TEXT, program=_ref("Program"), currency=CURRENCY, opening=MINOR, closing=MINOR, moves=WHOLE,
    ),
    "MonthList": _page("Month"),
    "Statement": _object(
        "A month, line by line. `over`: nothing can be added to it any more.",
        month=TEXT, over=FLAG, creator=_ref("Creator"), accounts=_list(ACCOUNT),
    ),
    "PayoutRow": _object("One payout of a list.", **_payout),
    "PayoutList": _page("PayoutRow"),
    "Payout": _object(
        "One payout, with what it settles.",
        **_payout,
        items=_list(_object("What it gives for one commission, or takes back.", commission=TEXT, amount=MINOR, state=TEXT)),
    ),
    "Problem": {
        "type": "object",
        "description": "Why a request was refused (RFC 9457).",
        "properties": {
            "type": {"type": "string", "format": "uri-reference"}, "title": TEXT, "status": WHOLE, "detail": TEXT,
            "instance": TEXT, "code": {**TEXT, "description": "A stable word for machines."}, "request_id": TEXT,
            "limit": {**TEXT, "description": "Which limit was hit."},
            "errors": _list(_object("What is wrong where.", pointer=TEXT, code=TEXT, message=TEXT)),
        },
        "required": ["type", "title", "status", "detail", "instance", "code", "request_id"],
        "additionalProperties": False,
    },
}  # fmt: skip

PROBLEMS: dict[int, tuple[str, tuple[str, ...]]] = {  # status: what it means, and the codes that come with it
    304: ("The answer is the same as the one that If-None-Match names.", ()),
    400: ("The address holds a character that no address has.", ("bad_request",)),
    401: ("No key, or one that is not valid.", ("key_missing", "key_refused")),
    403: ("The key is made for something else.", ("scope_missing",)),
    404: ("It does not exist, or is somebody else's.", ("not_found",)),
    405: ("Allow names the methods that are taken.", ("method_not_allowed",)),
    406: ("Accept leaves JSON out.", ("not_acceptable",)),
    422: ("Some query fields are unknown or wrong; errors names all of them.", ("invalid",)),
    429: ("Too many requests; Retry-After says when to try again.", ("too_many",)),
    500: ("A defect on our side, noted under request_id.", ("internal",)),
    503: ("The database cannot be reached; Retry-After says when to try again.", ("unavailable",)),
}
