"""A reader of the API for tests: every answer it gets is checked against the OpenAPI document."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from jsonschema import Draft202012Validator, FormatChecker
from werkzeug.test import TestResponse

from socialshop.api.v1.docs import document
from socialshop.domain import people
from socialshop.domain.people import KeyHolder
from socialshop.kernel.clock import utcnow
from socialshop.kernel.database import session
from socialshop.kernel.vault import new_token
from tests.builders import World


@dataclass
class Reader:
    """Asks with a key; "" sends none."""

    app: Flask
    key: str = ""
    seen: set[tuple[str, int]] = field(default_factory=set)

    def get(self, path: str, status: int = 200, **headers: str) -> TestResponse:
        """The answer, which must have this status and fit the document."""
        sent = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        url = path if path.startswith("/api/") else f"/api/v1/{path}"
        answer = self.app.test_client().get(url, headers={**sent, **{k.replace("_", "-"): v for k, v in headers.items()}})
        assert answer.status_code == status, answer.text
        check(self.app, answer)
        return answer

    def json(self, path: str, status: int = 200, **headers: str) -> Any:
        """The answer's document."""
        return self.get(path, status, **headers).get_json()


def reader(
    world: World, *, brand: people.Brand | None = None, creator: people.Creator | None = None, scopes: Any = None
) -> Reader:
    """A reader with a new key of this owner. scopes: other ones than a key can be made with."""

    def make() -> str:
        owner = creator.user_id if creator is not None else people.members_of(brand.id)[0][1].id  # type: ignore[union-attr]
        row, secret = people.make_key(
            KeyHolder(brand, creator), name="Books", scopes=people.KEY_SCOPES, form_key=new_token(), made_by=owner, now=utcnow()
        )
        if scopes is not None:
            row.scopes = scopes
            session().flush()
        return secret

    return Reader(world.app, world._do(make))


def check(app: Flask, answer: TestResponse) -> None:
    """The answer is what the OpenAPI document says of its address and status."""
    with app.app_context():
        told = document(app)
    path = answer.request.path
    template = next((each for each in told["paths"] if _fits(each, path)), None)
    if answer.status_code == 304:
        assert not answer.data
        return
    problem = answer.status_code >= 400
    wanted = "application/problem+json" if problem else "application/json"
    assert answer.mimetype == wanted
    if template is None:
        name = "Problem"
        if not problem:
            return  # the document itself
    else:
        responses = told["paths"][template]["get"]["responses"]
        assert str(answer.status_code) in responses, f"{path} may answer {answer.status_code}, says no document"
        name = responses[str(answer.status_code)]["content"][wanted]["schema"]["$ref"].rpartition("/")[2]
    schema = {"$ref": f"#/components/schemas/{name}", "components": told["components"]}
    wrong = [f"{error.json_path}: {error.message}" for error in _validator(schema).iter_errors(answer.get_json())]
    assert wrong == []


def _validator(schema: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator(schema, format_checker=FormatChecker())


def _fits(template: str, path: str) -> bool:
    one, other = template.split("/"), path.split("/")
    return len(one) == len(other) and all(a == b or a.startswith("{") for a, b in zip(one, other, strict=True))
