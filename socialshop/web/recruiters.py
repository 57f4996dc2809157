"""What a recruiter gets, in the words of the pages that tell it."""

from __future__ import annotations

from datetime import datetime

from ..domain import people, programs, terms
from ..kernel.money import percentage
from .explain import percent


def parts(program_id: int, at: datetime) -> list[str]:
    """The percentages for the recruiter, the recruiter's recruiter, … under the terms in force, as people write them.

    [] where the terms give recruiters nothing.
    """
    current = programs.terms_now(program_id, at)
    found = terms.read(current.terms).overrides if current else ()
    return [percent(text) for text in found] if any(map(percentage, found)) else []


def problem(program: programs.Program, creator_id: int, recruiter_id: int) -> programs.CannotRecruit | None:
    """Why this creator cannot be that one's recruiter, if so."""
    try:
        programs.check_recruiter(program, creator_id, recruiter_id)
    except programs.CannotRecruit as refusal:
        return refusal
    return None


def handle_of(creator_id: int | None) -> str:
    """A recruiter's handle; "" where there is none."""
    return people.get_creator(creator_id).handle if creator_id is not None else ""
