"""What the address of a list asks for: a page of it, or what comes before a row. What is no such number is not heard."""

from __future__ import annotations

from flask import request


def page_number() -> int:
    """`?page=`, from 1 on."""
    return max(1, _number("page", 5) or 1)


def before() -> int | None:
    """`?before=`: rows older than this one."""
    return _number("before", 18)  # what every database keeps as a whole number


def _number(name: str, digits: int) -> int | None:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None
