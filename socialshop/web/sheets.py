"""CSV answers that a spreadsheet opens as text and numbers, never as formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

from flask import Response

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


def cell(value: object) -> str:
    """A value as a harmless cell: what a spreadsheet would run as a formula gets an apostrophe in front."""
    if value is None:
        return ""
    if isinstance(value, int | Decimal):  # a number, also one below 0, is never a formula
        return str(value)
    text = str(value).replace("\x00", "")
    return "'" + text if text.lstrip(" \u00a0\ufeff").startswith(_FORMULA) else text


def answer(filename: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A CSV download with a header row; UTF-8 with a mark, so that Excel reads names as they are written."""
    text = io.StringIO()
    sheet = csv.writer(text)
    sheet.writerow([cell(name) for name in header])
    sheet.writerows([cell(value) for value in row] for row in rows)
    reply = Response("\ufeff" + text.getvalue(), mimetype="text/csv")
    reply.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    reply.headers["Cache-Control"] = "no-store"
    return reply
