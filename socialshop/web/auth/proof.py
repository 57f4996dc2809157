"""Before something that matters, the person at the browser gives their password again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar

from flask import flash, redirect, request, url_for
from flask_babel import gettext
from flask_login import current_user

from ...kernel.clock import utcnow

FRESH = timedelta(minutes=10)
FRESH_TO_SEND = timedelta(minutes=20)  # a form that was opened in time can still be sent
View = TypeVar("View", bound=Callable[..., Any])


def prove_recently(view: View) -> View:
    """Ask for the password first where it was not given lately; below `@allow`, on the form and on what it sends."""

    @wraps(view)
    def guarded(*args: Any, **values: Any) -> Any:
        reading = request.method in ("GET", "HEAD")
        if utcnow() - current_user.session.proved_at <= (FRESH if reading else FRESH_TO_SEND):
            return view(*args, **values)
        if not reading:
            flash(gettext("Nothing was changed yet: please confirm that it is you, then send the form again."), "warn")
        back = request.full_path.rstrip("?") if reading else request.headers.get("Referer", "")
        return redirect(url_for("auth.prove", next=_path_of(back)), 303)

    return guarded  # type: ignore[return-value]


def _path_of(address: str) -> str:
    # of a Referer only the path counts; the page checks it again
    from urllib.parse import urlsplit

    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")
