"""Putting written terms in force: what both ways of writing them, answers and editor, share."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, g, redirect, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from ...domain import programs, terms
from ...flows import program as stories
from ...kernel.clock import utcnow
from ...kernel.errors import N_, FieldError, Invalid
from ..access import actor
from ..auth.forms import blame
from .program_forms import PublishForm

Page = str | Response | tuple[str, int]
Document = dict[str, Any]


def draft_of(found: programs.Program) -> Document:
    """What is being written, else the newest terms, with every rule's defaults left to the reader."""
    versions = programs.versions_of(found.id)
    document = found.draft or (versions[-1].terms if versions else {})
    return terms.to_document(terms.read(document))


def print_of(document: Mapping[str, Any]) -> str:
    """A fingerprint of what the author looked at: nothing else is published or changed."""
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:32]


def form_for(found: programs.Program) -> PublishForm:
    """The form below the draft as it is read back; it remembers which one this is."""
    seen = max((version.number for version in programs.history_of(found.id)), default=0)
    return PublishForm(data={"seen": str(seen), "written": print_of(draft_of(found))})


def publish(program: str, read_again: Callable[[programs.Program, PublishForm], str]) -> Page:
    """Put the draft in force, now or from a date; `read_again` shows it with what is wrong."""
    found = programs.program_of(g.brand.id, program)
    form = PublishForm()
    if found.draft is None:
        return redirect(url_for("brand.program", program=program), 303)  # the other tap was quicker
    if form.written.data != print_of(draft_of(found)):
        raise programs.TermsMoved()
    seen = form.seen.data or ""
    number = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 7 else -1
    try:
        begins = beginning(form, found.timezone)
        stories.publish(g.brand.id, program, found.draft, seen=number, from_at=begins, actor=actor(), now=utcnow())
    except Invalid as refusal:
        blame(form, refusal)
        return read_again(found, form), 422
    flash(gettext("The terms are published."), "good")
    return redirect(url_for("brand.program", program=program), 303)


def beginning(form: PublishForm, zone: str) -> datetime | None:
    """The instant that was picked, in the program's zone; None: now. Invalid where it is no date."""
    if form.start.data != "later":
        return None
    try:
        return datetime.fromisoformat(form.from_at.data or "").replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid(fields=[FieldError("from_at", "not_a_date", N_("Choose a date and a time."))]) from error
