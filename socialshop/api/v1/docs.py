"""The API's own description: an OpenAPI document written from the routes, and a page of it for people."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Flask, current_app, redirect, render_template, url_for
from werkzeug.routing import Rule
from werkzeug.wrappers import Response

from ...kernel.money import EXPONENTS
from ...policy import ANYONE, allow, policy_of
from . import bp
from .answers import answer, described
from .query import schemas as query_schemas
from .schemas import PROBLEMS, SCHEMAS

Document = dict[str, Any]
ABOUT = (
    "Read what was earned, why, and what was paid. Amounts are whole minor units of the currency named beside them; instants are "
    "UTC; sentences come in Indonesian or English, as Accept-Language asks."
)
PARAMETERS = {
    "commission": "A commission's id: com_…", "order": "An order's id: ord_…", "payout": "A payout's id: pay_…",
    "month": "A month on the program's own clock: 2026-06",
}  # fmt: skip

page_bp = Blueprint("api_docs", __name__)


@bp.get("/openapi.json")
@allow(ANYONE)
def openapi() -> Response:
    """This description, for machines."""
    return answer(document(current_app))


@page_bp.get("/api/openapi.json")
@allow(ANYONE)
def newest() -> Response:
    """Where machines look first: the description of the newest version."""
    return redirect(url_for(f"{bp.name}.openapi"))


@page_bp.get("/api/docs")
@allow(ANYONE)
def docs() -> str:
    """The same description for people; `type` of every problem leads here."""
    told = document(current_app)
    places = {int(status): codes for status, (_, codes) in PROBLEMS.items()}
    return render_template("api/docs.html", told=told, problems=PROBLEMS, codes=places)


def document(app: Flask) -> Document:
    """The OpenAPI document of all routes of this blueprint that ask for a key."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith(f"{bp.name}.")]
    keyed = [rule for rule in rules if (found := policy_of(app, rule.endpoint)) is not None and found.kind == "key"]
    return {
        "openapi": "3.1.0",
        "info": {"title": "socialshop", "version": "1", "description": ABOUT},
        "servers": [{"url": app.config["SETTINGS"].base_url}],
        "security": [{"key": []}],
        "paths": {_path(rule): {"get": _operation(app, rule)} for rule in sorted(keyed, key=lambda rule: rule.rule)},
        "components": {
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "An API key, made in the settings: ssk_…"}
            },
            "schemas": SCHEMAS,
        },
        "x-exponents": dict(EXPONENTS),
    }


def _path(rule: Rule) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)


def _operation(app: Flask, rule: Rule) -> Document:
    view = app.view_functions[rule.endpoint]
    told, policy = described(view), policy_of(app, rule.endpoint)
    assert policy is not None, "a route without a policy does not start"
    own = [
        {"name": name, "in": "path", "required": True, "description": PARAMETERS[name], "schema": {"type": "string"}}
        for name in sorted(rule.arguments)
    ]
    refusals = {status: PROBLEMS[status] for status in PROBLEMS if status not in (400, 404) or own or told.fields}
    return {
        "operationId": view.__name__,
        "summary": (view.__doc__ or "").strip().split("\n", maxsplit=1)[0],
        "description": f"Needs the scope {', '.join(policy.roles)}.",
        "parameters": [*own, *query_schemas(told.fields)],
        "responses": {
            "200": {
                "description": "Here it is.",
                "headers": {"ETag": {"description": "For If-None-Match.", "schema": {"type": "string"}}},
                "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{told.answer}"}}},
            },
            **{str(status): _refusal(status, text) for status, (text, _) in refusals.items()},
        },
    }


def _refusal(status: int, text: str) -> Document:
    if status == 304:
        return {"description": text}
    return {
        "description": text,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
