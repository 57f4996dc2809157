"""API keys on screen: made once, shown once, in no page, log, letter, table or file afterwards; revoked for good (I-27)."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import inspect, select, text

from socialshop.domain import audit, people
from socialshop.domain.people import ApiKey, KeyHolder
from socialshop.flows import keys as stories
from socialshop.kernel import faults, jobs
from socialshop.kernel.database import session
from tests.conftest import START

FORM = "a-key-of-the-form-0123"


@pytest.fixture
def owner(world, app, brand):
    with app.app_context():
        user = next(user for member, user in people.members_of(brand.id) if member.role == "owner")
    return world.sign_in(app.test_client(), user.id)


def secrets_in(page):
    return set(re.findall(r"ssk_\w{8}_[\w-]{43}", page))


def made(world, client, url, name="Books", key=FORM):
    answer = world.post(client, f"{url}?lang=en", {"key": key, "name": name})
    assert answer.status_code == 201, answer.text
    [secret] = secrets_in(answer.text)
    return answer, secret


def test_the_secret_is_nowhere_but_in_that_one_answer(world, app, creator, owner, mia, brand, capfd):
    for client, url in ((creator, "/creator/keys"), (owner, "/brand/senja/settings/keys")):
        answer, secret = made(world, client, url, key=FORM + url[:6])
        assert answer.headers["Cache-Control"] == "no-store"
        reads = app.test_client().get("/api/v1/commissions", headers={"Authorization": f"Bearer {secret}"})
        assert reads.status_code == 200
        assert app.test_client().get("/api/v1/commissions", headers={"Authorization": f"Bearer {secret}x"}).status_code == 401
        tail = secret[13:]
        for page in (client.get(url).text, client.get("/auth/account").text, reads.text):
            assert tail not in page
        with app.app_context():
            assert everything_in(tail) == []
        assert [letter for letter in world.letters() if tail in letter.body + letter.subject] == []
        out, err = capfd.readouterr()
        assert tail not in out + err
        assert secret[:12] in client.get(url).text  # by its beginning people tell keys apart
    assert [letter.subject for letter in world.letters()] == ["A new API key: Books"] * 2
    assert secrets_in("ssk_" + "a" * 8 + "_" + "b" * 43)  # the pattern does find one


def everything_in(needle):
    """The tables that hold this text anywhere."""
    found = []
    for table in inspect(session().get_bind()).get_table_names():
        rows = session().execute(text(f'SELECT * FROM "{table}"')).all()
        if any(needle in str(value) for row in rows for value in row):
            found.append(table)
    return found


def test_a_double_tap_makes_one_key(world, app, creator, mia):
    made(world, creator, "/creator/keys")
    again = world.post(creator, "/creator/keys?lang=en", {"key": FORM, "name": "Books"}, follow_redirects=True)
    assert secrets_in(again.text) == set()
    assert "This key was made already" in again.text
    with app.app_context():
        assert len(people.keys_of(KeyHolder(creator=mia))) == 1


def test_a_key_needs_a_name_and_there_are_not_too_many(world, app, creator):
    for data in ({"key": FORM, "name": "  "}, {"name": "Books"}, {"key": "short", "name": "Books"}, {}):
        answer = world.post(creator, "/creator/keys?lang=en", data)
        assert answer.status_code == 422
        assert secrets_in(answer.text) == set()
    assert "Give the key a name" in world.post(creator, "/creator/keys?lang=en", {"key": FORM, "name": ""}).text
    for n in range(20):
        made(world, creator, "/creator/keys", key=f"{FORM}-{n}")
    answer = world.post(creator, "/creator/keys?lang=en", {"key": FORM, "name": "One more"}, follow_redirects=True)
    assert "There are 20 keys already." in answer.text


def test_revoked_is_revoked_and_once(world, app, creator, owner, mia):
    _, secret = made(world, creator, "/creator/keys")
    with app.app_context():
        public_id = people.keys_of(KeyHolder(creator=mia))[0].public_id
    assert world.post(owner, f"/brand/senja/settings/keys/{public_id}/revocation").status_code == 404
    assert app.test_client().get("/api/v1/payouts", headers={"Authorization": f"Bearer {secret}"}).status_code == 200
    for _ in range(2):
        assert world.post(creator, f"/creator/keys/{public_id}/revocation").status_code == 303
    assert app.test_client().get("/api/v1/payouts", headers={"Authorization": f"Bearer {secret}"}).status_code == 401
    assert "Revoked" in creator.get("/creator/keys?lang=en").text
    assert [letter.subject for letter in world.letters()] == ["A new API key: Books", "API key revoked: Books"]
    with app.app_context():
        acts = [entry.act for entry in audit.entries_of(mia.public_id)]
    assert acts == ["key.revoked", "key.made"]


def test_only_owners_of_a_brand_and_who_gave_the_password_lately(world, app, brand, creator):
    for role in ("manager", "finance", "viewer"):
        user = world.user(f"{role}@senja.test")
        world.member(brand, user, role)
        client = world.sign_in(app.test_client(), user.id)
        assert client.get("/brand/senja/settings/keys").status_code == 403
        assert world.post(client, "/brand/senja/settings/keys", {"key": FORM, "name": "Books"}).status_code == 403
    with app.app_context():
        row = session().scalars(select(people.LoginSession).order_by(people.LoginSession.id)).first()
        session_id = row.id
    world._do(lambda: setattr(session().get_one(people.LoginSession, session_id), "proved_at", START.replace(year=2025)))
    assert creator.get("/creator/keys").location.startswith("/auth/prove")
    assert world.post(creator, "/creator/keys", {"key": FORM, "name": "Books"}).location.startswith("/auth/prove")
    with app.app_context():
        assert session().scalars(select(ApiKey)).all() == []


def test_a_break_in_the_middle_leaves_nothing(app, room, world, mia):
    user = people.get_user(mia.user_id)
    facts = {"name": "Books", "scopes": people.KEY_SCOPES, "form_key": FORM, "made_by": user.id}
    holder, actor = KeyHolder(creator=people.get_creator(mia.id)), audit.Actor("user", user.public_id, "creator")
    faults.arm("keys.before_commit:raise")
    with pytest.raises(faults.Fault):
        stories.make(holder, **facts, actor=actor, now=START)
    faults.arm("")
    assert people.keys_of(holder) == []
    assert audit.entries_of(mia.public_id) == []
    assert session().scalars(select(jobs.Job)).all() == []
    key, secret = stories.make(holder, **facts, actor=actor, now=START)
    found = people.find_key(secret)
    assert found is not None
    assert found[0].public_id == key.public_id
