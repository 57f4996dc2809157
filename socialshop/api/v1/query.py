"""What a query string may say: declared once for each address, read strictly, and told in the OpenAPI document."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import request

from ...kernel import words
from ...kernel.errors import N_, FieldError, Invalid
from ..door import language

LARGEST_PAGE, USUAL_PAGE = 200, 50
_DIGITS = re.compile(r"[1-9][0-9]{0,8}\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Field:
    """One field. largest: of a whole number from 1 on, else it is text; words: the only texts that it may be, () for any."""

    name: str
    about: str
    largest: int = 0
    usual: int | None = None
    words: tuple[str, ...] = ()

    def schema(self) -> dict[str, Any]:
        """As JSON Schema."""
        if self.largest:
            return {"type": "integer", "minimum": 1, "maximum": self.largest, "default": self.usual}
        return {"type": "string", "maxLength": 200, **({"enum": list(self.words)} if self.words else {})}

    def read(self, text: str) -> int | str | FieldError:
        """The value, or what is wrong with it."""
        at = f"/query/{self.name}"
        if self.largest:
            if not _DIGITS.match(text) or int(text) > self.largest:
                told = words.say(N_("This must be a whole number from 1 to {largest}."), language(), largest=self.largest)
                return FieldError(at, "out_of_range", told)
            return int(text)
        if len(text) > 200 or "\x00" in text or not text:
            return FieldError(at, "bad_text", N_("This must be a text of 1 to 200 characters."))
        if self.words and text not in self.words:
            return FieldError(at, "unknown_word", N_("This is none of the words that are allowed here."))
        return text


LIMIT = Field("limit", "How many rows a page has.", LARGEST_PAGE, USUAL_PAGE)
CURSOR = Field("cursor", "Where the page begins: next_cursor of the page before.")
CREATOR = Field("creator", "Only of this creator, by id. For a brand's key; a creator's key has only its own.")


def read(fields: tuple[Field, ...]) -> dict[str, Any]:
    """The values of this request's query string; Invalid names every field that is wrong, unknown, or there twice."""
    known = {field.name: field for field in fields}
    values: dict[str, Any] = {field.name: field.usual for field in fields}
    wrong: list[FieldError] = []
    for name, texts in request.args.lists():
        field = known.get(name)
        if field is None:
            wrong.append(FieldError(f"/query/{_pointer(name)}", "unknown_field", N_("This field is not known here.")))
        elif len(texts) > 1:
            wrong.append(FieldError(f"/query/{name}", "repeated", N_("This field may be given once.")))
        else:
            value = field.read(texts[0])
            if isinstance(value, FieldError):
                wrong.append(value)
            else:
                values[name] = value
    if wrong:
        raise Invalid(fields=wrong)
    return values


def bad_cursor() -> Invalid:
    """What the cursor names is not a row of this list."""
    return Invalid(fields=[FieldError("/query/cursor", "unknown_cursor", N_("This is no next_cursor of this list."))])


def _pointer(name: str) -> str:
    """A name as a step of a JSON Pointer, cut where it is endless."""
    return name[:100].replace("~", "~0").replace("/", "~1")


def schemas(fields: tuple[Field, ...]) -> list[Mapping[str, Any]]:
    """As parameters of an OpenAPI operation."""
    return [{"name": f.name, "in": "query", "required": False, "description": f.about, "schema": f.schema()} for f in fields]
