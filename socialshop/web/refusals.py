"""Refusals become answers: a page for people, problem+json for machines. Kinds map to statuses here, nowhere else."""

from __future__ import annotations

import structlog
from flask import Flask, Response, current_app, g, jsonify, render_template, request
from flask_wtf.csrf import CSRFError
from gunicorn.http.errors import ParseException
from sqlalchemy.exc import InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException, SecurityError

from ..kernel import errors, words
from . import carried
from .local import locale, sentence

STATUSES: list[tuple[type[errors.DomainError], int]] = [
    (errors.Invalid, 422),
    (errors.NotFound, 404),
    (errors.Forbidden, 403),
    (errors.Conflict, 409),
    (errors.Gone, 410),
    (errors.Unauthenticated, 401),
    (errors.TooMany, 429),
    (errors.Unavailable, 503),
]
DETAILS = {  # for machines, where HTTP itself refuses
    400: errors.N_("The request is malformed."),
    404: errors.N_("There is nothing at this address."),
    405: errors.N_("This address does not take that method; Allow names those it takes."),
    406: errors.N_("The answer is JSON, which Accept leaves out."),
    413: errors.N_("The body is too large."),
    414: errors.N_("The address is too long."),
    415: errors.N_("This type of body is not read here."),
    500: errors.N_("Something went wrong on our side. It has been noted under this request_id."),
}
log = structlog.get_logger("web")


def init_app(app: Flask) -> None:
    """Register one handler for each family of failures."""
    app.register_error_handler(errors.DomainError, _refused)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(ParseException, _malformed)
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(InterfaceError, _database_away)
    app.register_error_handler(Exception, _defect)


def status_of(error: errors.DomainError) -> int:
    """The HTTP status of a refusal."""
    return next((status for kind, status in STATUSES if isinstance(error, kind)), 422)


def wants_json() -> bool:
    """Machines' doors answer with problem+json."""
    return request.path.startswith(("/api/", "/hooks/"))


def _answer(status: int, code: str, detail: str, **more: object) -> Response:
    if wants_json():
        body = {
            "type": f"{current_app.config['SETTINGS'].base_url}/api/docs#{code}",
            "title": code.replace("_", " "),
            "status": status,
            "detail": detail or words.say(DETAILS.get(status, DETAILS[500]), locale()),
            "instance": request.path,
            "code": code,
            "request_id": g.get("request_id", ""),
            **more,
        }
        answer = jsonify(body)
        answer.mimetype = "application/problem+json"
    else:
        answer = Response(render_template("error.html", status=status, code=code, detail=detail))
    answer.status_code = status
    return answer


def _refused(error: errors.DomainError) -> Response:
    more: dict[str, object] = {}
    if isinstance(error, errors.Invalid) and error.fields:
        more["errors"] = [{"pointer": f.field, "code": f.code, "message": words.say(f.message, locale())} for f in error.fields]
    elif isinstance(error, errors.TooMany) and error.limit:
        more["limit"] = error.limit
    answer = _answer(status_of(error), error.code, sentence(error), **more)
    if isinstance(error, errors.TooMany):
        answer.headers["Retry-After"] = str(error.retry_after)
    elif isinstance(error, errors.Unavailable):
        answer.headers["Retry-After"] = "5"
    elif isinstance(error, errors.Unauthenticated | errors.Forbidden) and error.challenge:
        answer.headers["WWW-Authenticate"] = error.challenge
    return answer


def _csrf(_error: CSRFError) -> Response:
    if kept := carried.form():  # signed in anew since the form was opened
        return carried.give_back(request.full_path.rstrip("?"), kept, 400)
    return _answer(400, "csrf", sentence(errors.Conflict(errors.N_("The form was open for too long. Please send it again."))))


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if error.response is not None:
        return error.response  # type: ignore[return-value]
    if isinstance(error, SecurityError):  # a foreign Host: no address of ours can be built for a page
        return Response("400 Bad Request\n", status=400, mimetype="text/plain", headers={"Connection": "close"})
    answer = _answer(status, error.name.lower().replace(" ", "_"), "")
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            answer.headers[name] = value
    return answer


def _malformed(_error: ParseException) -> Response:
    """A body that is not what HTTP calls chunked is only found out while it is read."""
    if wants_json():
        return _answer(400, "bad_request", "")
    return Response("400 Bad Request\n", status=400, mimetype="text/plain", headers={"Connection": "close"})


def _database_away(error: Exception) -> Response:
    log.error("database unavailable", error=type(error).__name__)
    return _refused(errors.Unavailable())


def _defect(error: Exception) -> Response:
    log.exception("unhandled exception", error=type(error).__name__)
    if wants_json():
        return _answer(500, "internal", "")
    body = f"500 Internal Server Error\nrequest_id: {g.get('request_id', '')}\n"
    return Response(body, status=500, mimetype="text/plain")
