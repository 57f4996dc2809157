"""Who may open what: every route, every kind of person, checked against the policy it declares (I-25, I-26).

Generated from the route table, so a new route is in it by itself; a parameter that nobody has a value for fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import AnyConverter, IntegerConverter, Rule
from werkzeug.test import TestResponse

from socialshop.app import create_app
from socialshop.config import Settings
from socialshop.web import access
from socialshop.web.access import ANYONE, allow, policy_of
from tests.builders import World

from .parameters import PARAMETERS, Cast

PERSONAS = (
    "anonymous", "stranger", "creator_a", "creator_b", "owner_a", "manager_a", "finance_a", "viewer_a", "owner_b", "operator",
)  # fmt: skip
IN = 299  # what a view answers here that the guard let somebody into
SAFE = {"GET", "HEAD", "OPTIONS"}


@pytest.fixture
def cast(world: World) -> Cast:
    cast = Cast(world)
    for role in ("manager", "finance", "viewer"):
        world.member(cast.brand_a, cast.user(f"{role}_a"), role)
    cast.user("operator", operator=True)
    assert cast.brand_b
    return cast


def client_of(cast: Cast, persona: str) -> FlaskClient:
    client = cast.world.app.test_client()
    if persona == "anonymous":
        return client
    owners = {"creator_a": cast.creator_a, "creator_b": cast.creator_b} if persona.startswith("creator") else {}
    user_id = owners[persona].user_id if owners else cast.user(persona).id
    return cast.world.sign_in(client, user_id)


def routes(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Every rule with each of its methods."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method


def value_of(cast: Cast, rule: Rule, name: str) -> str:
    """What stands in the address for this parameter, owned by tenant A; the same at each asking."""
    converter = rule._converters[name]
    if isinstance(converter, AnyConverter):
        return str(next(iter(converter.items)))
    key = f"{rule.endpoint}:{name}"
    key = key if key in PARAMETERS else name
    assert key in PARAMETERS, f"{rule} has a parameter <{name}> without a value in tests/web/parameters.py"
    if key not in cast.made:
        cast.made[key] = PARAMETERS[key](cast)
    return cast.made[key]


def address(cast: Cast, rule: Rule, **other: str) -> str:
    """A route's address, of tenant A's things but for `other`."""
    values = {name: other.get(name) or value_of(cast, rule, name) for name in rule.arguments}
    path = cast.world.app.url_map.bind("localhost").build(
        rule.endpoint, {n: int(v) if isinstance(rule._converters[n], IntegerConverter) else v for n, v in values.items()}
    )
    return str(path)


def ask(cast: Cast, client: FlaskClient, method: str, url: str) -> TestResponse:
    if method == "POST":
        return cast.world.post(client, url)
    if method in ("PATCH", "DELETE"):
        return client.open(url, method=method, headers={"X-CSRFToken": cast.world.token(client), "Tus-Resumable": "1.0.0"})
    assert method in SAFE, f"{method}: say here how it brings its CSRF token"
    return client.open(url, method=method)


def expected(rule: Rule, method: str, persona: str, policy: access.Policy) -> int:
    """The status that the policy declares: let in, sent to sign in, not allowed, or not found."""
    if policy.kind in ("anyone", "signature"):
        return IN
    if policy.kind == "key":
        return 401  # no cookie opens these; tests/api/test_matrix.py asks them with keys
    if persona == "anonymous":
        return 302 if method in SAFE else 401
    if policy.kind == "creator":
        return IN if persona.startswith("creator") else 302
    if policy.kind == "brand":
        role, _, tenant = persona.partition("_")
        if tenant != "a" or persona == "creator_a":
            return 404
        return IN if role in policy.roles else 403
    if policy.kind == "operator":
        return IN if persona == "operator" else 404
    assert policy.kind == "signed_in"
    return IN


def test_every_parameter_has_a_value(cast: Cast) -> None:
    for rule in cast.world.app.url_map.iter_rules():
        for name in rule.arguments:
            assert value_of(cast, rule, name)


@pytest.mark.parametrize("persona", PERSONAS)
def test_the_guard_lets_in_whom_the_policy_names(cast: Cast, persona: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = cast.world.app
    urls = [(rule, method, address(cast, rule)) for rule, method in routes(app)]
    policies = {rule.endpoint: policy_of(app, rule.endpoint) for rule, _, _ in urls}
    for endpoint, policy in policies.items():
        assert policy is not None
        monkeypatch.setitem(app.view_functions, endpoint, allow(policy)(lambda **_: ("", IN)))
    client = client_of(cast, persona)
    wrong = {}
    for rule, method, url in urls:
        policy = policies[rule.endpoint]
        assert policy is not None
        answer = ask(cast, client, method, url)
        wanted = expected(rule, method, persona, policy)
        to_sign_in = (answer.location or "").startswith("/auth/sign-in?next=")
        if answer.status_code != wanted or (wanted == 302 and to_sign_in != (persona == "anonymous")):
            wrong[f"{method} {rule}"] = (answer.status_code, wanted)
    assert wrong == {}


# --- a foreign id is a missing id ------------------------------------------------------------------


def missing(rule: Rule, name: str, value: str) -> str:
    """An id of the same shape that nothing has."""
    if isinstance(rule._converters[name], IntegerConverter):
        return "987654321"
    prefix, dash, _ = value.partition("_")
    return f"{prefix}_{'z' * 16}" if dash else "no-such-thing"


def said(answer: TestResponse, *ids: str) -> tuple[int, str]:
    """Status and body without nonces, tokens and the asked-for ids."""
    text = re.sub(r'value="[^"]{40,}"|nonce="[^"]*"|req_\w+', "", answer.text)
    for one in sorted(ids, key=len, reverse=True):
        text = text.replace(one, "·") if len(one) > 3 else text
    return answer.status_code, text


def owned(app: Flask) -> Iterator[tuple[Rule, str, list[str]]]:
    """Routes that name a tenant's things, with the names of these parameters."""
    for rule, method in routes(app):
        policy = policy_of(app, rule.endpoint)
        assert policy is not None
        names = [
            name
            for name in sorted(rule.arguments)
            if name != "brand"
            and not isinstance(rule._converters[name], AnyConverter)
            and (rule.endpoint.split(".")[0], name) not in OFFERED
        ]
        if names and policy.kind not in ("anyone", "signature", "key"):
            yield rule, method, names


# what a brand offers to every creator is nobody's secret: (blueprint, parameter)
OFFERED = {("creator", "program")}
OTHERS = {"creator": ("creator_a", "creator_b"), "brand": ("owner_a", "owner_b"), "signed_in": ("creator_a", "creator_b")}


def test_a_foreign_id_answers_like_a_missing_one(cast: Cast) -> None:
    app = cast.world.app
    wrong = {}
    clients = {persona: client_of(cast, persona) for persona in PERSONAS}
    for rule, method, names in owned(app):
        policy = policy_of(app, rule.endpoint)
        assert policy is not None
        if policy.kind not in OTHERS:
            continue
        client = clients[OTHERS[policy.kind][1]]
        own_desk = {"brand": cast.brand_b.slug} if policy.kind == "brand" else {}
        ids = {name: value_of(cast, rule, name) for name in names}
        nothing = {name: missing(rule, name, value) for name, value in ids.items()}
        url, other_url = address(cast, rule, **own_desk), address(cast, rule, **own_desk, **nothing)
        foreign = said(ask(cast, client, method, url), url, *ids.values())
        absent = said(ask(cast, client, method, other_url), other_url, *nothing.values())
        if foreign != absent:
            wrong[f"{method} {rule}"] = (foreign[0], absent[0])
        elif foreign[0] not in (404, 410) and "token" not in names:
            wrong[f"{method} {rule}"] = foreign[0]
    assert wrong == {}


def test_a_foreign_brand_answers_like_a_missing_one(cast: Cast) -> None:
    app, client = cast.world.app, client_of(cast, "owner_b")
    wrong = {}
    for rule, method in routes(app):
        if "brand" in rule.arguments:
            foreign = said(ask(cast, client, method, address(cast, rule)), cast.brand_a.slug)
            absent = said(ask(cast, client, method, address(cast, rule, brand="no-such-brand")), "no-such-brand")
            if foreign != absent or foreign[0] != 404:
                wrong[f"{method} {rule}"] = (foreign[0], absent[0])
    assert wrong == {}


def test_the_owner_finds_what_is_theirs(cast: Cast) -> None:
    """Without this, the two tests above would also pass with ids that exist nowhere."""
    app = cast.world.app
    wrong = {}
    for rule, _, names in ((r, m, n) for r, m, n in owned(app) if m == "GET" and "token" not in n):
        policy = policy_of(app, rule.endpoint)
        assert policy is not None
        persona = OTHERS[policy.kind][0] if policy.kind in OTHERS else "operator"
        answer = client_of(cast, persona).get(address(cast, rule))
        if answer.status_code >= 400:
            wrong[f"GET {rule}"] = (answer.status_code, names)
        answer.close()  # files are given out by hand
    assert wrong == {}


def test_what_is_posted_to_is_found_by_its_owner(settings: Settings, world: World) -> None:
    """The same for forms; each in a world of its own, since forms change it."""
    app = world.app
    wrong = {}
    todo = [(rule.endpoint, method) for rule, method, names in owned(app) if method != "GET" and "token" not in names]
    for number, (endpoint, method) in enumerate(todo):
        cast = Cast(_elsewhere(world, number))
        rule = next(r for r, m in routes(app) if r.endpoint == endpoint and m == method)
        policy = policy_of(app, endpoint)
        assert policy is not None
        persona = OTHERS[policy.kind][0] if policy.kind in OTHERS else "operator"
        cast.user("operator", operator=True)
        answer = ask(cast, client_of(cast, persona), method, address(cast, rule))
        if answer.status_code in (401, 403, 404) or answer.status_code >= 500:
            wrong[f"{method} {rule}"] = answer.status_code
    assert wrong == {}


def _elsewhere(world: World, number: int) -> World:
    """Other tenants in the same database: a world whose names all carry a number."""

    class Numbered(World):
        def user(self, email: str = "mia@example.test", **facts: object) -> object:  # type: ignore[override]
            return World.user(self, f"{number}-{email}", **facts)  # type: ignore[arg-type]

        def creator(self, handle: str = "mia", **facts: object) -> object:  # type: ignore[override]
            return World.creator(self, f"{handle}-{number}", **facts)  # type: ignore[arg-type]

        def brand(self, slug: str = "senja", **facts: object) -> object:  # type: ignore[override]
            return World.brand(self, f"{slug}-{number}", **facts)  # type: ignore[arg-type]

    return Numbered(world.app)


# --- forms -----------------------------------------------------------------------------------------


def test_no_form_is_taken_without_its_token(cast: Cast) -> None:
    """Only signed webhooks, which prove themselves, need none."""
    app = cast.world.app
    taken = set()
    for persona in ("anonymous", "owner_a", "creator_a", "operator"):
        client = client_of(cast, persona)
        for rule, method in routes(app):
            if method not in SAFE:
                answer = client.open(address(cast, rule), method=method)
                policy = policy_of(app, rule.endpoint)
                assert policy is not None
                refused_before = expected(rule, method, persona, policy) != IN
                if answer.status_code != 400 and not refused_before:
                    taken.add((rule.endpoint, policy.kind))
    assert {kind for _, kind in taken} <= {"signature"}, taken


# --- the build itself ------------------------------------------------------------------------------


def test_an_app_with_an_undeclared_route_does_not_start(settings: Settings) -> None:
    app = create_app(settings)
    app.add_url_rule("/forgotten", "forgotten", lambda: "")
    with pytest.raises(RuntimeError, match="forgotten"):
        access.check(app)
    app.view_functions["forgotten"] = allow(ANYONE)(lambda: "")
    access.check(app)


def test_an_undeclared_route_is_closed_to_everybody(settings: Settings) -> None:
    app = create_app(settings)
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    assert app.test_client().get("/forgotten").status_code == 403
