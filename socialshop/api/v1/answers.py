"""Answers of the API: JSON with an ETag, the same bytes for the same facts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from flask import Response, request

from ..door import language
from .query import Field

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Described:
    """What the OpenAPI document tells of a view: its schema's name, its query fields, what its path's parameters are."""

    answer: str
    fields: tuple[Field, ...] = ()


def describe(answer: str, *fields: Field) -> Callable[[View], View]:
    """Declare what a view answers (a schema's name) and which query fields it takes."""

    def declare(view: View) -> View:
        cast(Any, view).__described__ = Described(answer, fields)
        return view

    return declare


def described(view: Callable[..., Any]) -> Described:
    """What was declared."""
    found: Described = cast(Any, view).__described__
    return found


def answer(document: dict[str, Any]) -> Response:
    """The document as JSON, or 304 where the caller has it already."""
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    reply = Response(body, mimetype="application/json")
    reply.set_etag(hashlib.sha256(body.encode()).hexdigest()[:32])
    reply.headers["Content-Language"] = language()
    reply.headers["Cache-Control"] = "private, no-cache"
    reply.vary.update(("Authorization", "Accept", "Accept-Language"))
    return cast(Response, reply.make_conditional(request))


def page(rows: list[dict[str, Any]], more: bool) -> Response:
    """One page of a list; next_cursor leads to the next one, null at the end."""
    return answer({"data": rows, "next_cursor": rows[-1]["id"] if more and rows else None})
