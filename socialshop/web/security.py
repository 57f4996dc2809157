"""Headers that keep a page to itself: CSP with nonces or hashes, and their relatives."""

from __future__ import annotations

import base64
import hashlib
import secrets

from flask import Flask, g, request
from markupsafe import Markup
from werkzeug.wrappers import Response


def init_app(app: Flask) -> None:
    """Add the headers to every answer, and `csp_nonce()` to every template."""
    app.after_request(_headers)
    app.jinja_env.globals.update(csp_nonce=csp_nonce)


def csp_nonce() -> str:
    """This answer's nonce, for `<script nonce=…>`."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def inline_style(css: str) -> Markup:
    """A `<style>` element that the page's CSP allows by the hash of its text; `css` must be our own, or checked."""
    return _inline("style", css)


def inline_script(script: str) -> Markup:
    """A `<script>` element that the page's CSP allows by the hash of its text."""
    return _inline("script", script)


def _inline(element: str, text: str) -> Markup:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    g.setdefault(f"csp_{element}", []).append(f"'sha256-{digest}'")
    return Markup(f"<{element}>{text}</{element}>")  # noqa: S704  # our own text, never a person's


def _policy() -> str:
    scripts = ["'self'", *g.get("csp_script", [])]
    if "csp_nonce" in g:
        scripts.append(f"'nonce-{g.csp_nonce}'")
    styles = ["'self'", *g.get("csp_style", [])]
    return "; ".join(
        [
            "default-src 'self'",
            f"script-src {' '.join(scripts)}",
            f"style-src {' '.join(styles)}",
            "img-src 'self' data: blob:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'self'" if g.get("framed_by_self") else "frame-ancestors 'none'",
        ]
    )


def _headers(answer: Response) -> Response:
    headers = answer.headers
    headers.setdefault("Content-Security-Policy", _policy())
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if "Cache-Control" not in headers:
        headers["Cache-Control"] = "no-store" if answer.mimetype == "text/html" else "private, no-cache"
    return answer
