"""The invitations that this browser followed, kept in its session through sign-up and sign-in: program → invitation."""

from __future__ import annotations

from flask import session, url_for

KEY, MOST = "invites", 5


def keep(program: str, invite: str) -> None:
    """Remember an invitation into a program (public ids); the newest ones stay."""
    others = {known: mine for known, mine in waiting().items() if known != program}
    session[KEY] = dict(list({**others, program: invite}.items())[-MOST:])
    session.permanent = True


def drop(program: str) -> None:
    """Forget the invitation into a program."""
    if program in waiting():
        session[KEY] = {known: mine for known, mine in waiting().items() if known != program}


def of(program: str) -> str:
    """The invitation into a program, "" if there is none."""
    return waiting().get(program, "")


def waiting() -> dict[str, str]:
    """Every invitation that was followed and not used yet."""
    kept = session.get(KEY)
    return {str(program): str(invite) for program, invite in kept.items()} if isinstance(kept, dict) else {}


def onward(otherwise: str) -> str:
    """Where a new creator goes first: to the program that they were invited into last."""
    newest = next(reversed(waiting()), "")
    return url_for("creator.program", program=newest) if newest else otherwise
