"""Many at once: payout runs pressed together, and one event told thousands of times over many connections, to a running server."""

from __future__ import annotations

import http.client
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import func, select

from socialshop.app import create_app
from socialshop.config import Settings
from socialshop.domain import commissions, connections, ledger, orders, payouts, people
from socialshop.flows import payout, verify
from socialshop.kernel import clock
from socialshop.kernel.database import db, end_reading, session

from ..builders import World
from ..doubles.stores import Giving, Sale, ShopifyDouble
from ..running import Install
from ..store_stage import set_stage
from . import budget
from .fresh import Fresh
from .play import BRAND

PRESSES = 32
CONNECTIONS = 64
EVENTS = 10_000 if budget.ALL else 640
SECRET = "a key that test and server share"


def together(count: int, deed: Callable[[int], Any]) -> list[Any]:
    """The answers of so many threads that begin at the same moment."""
    ready, answers = threading.Barrier(count), [None] * count

    def one(n: int) -> None:
        ready.wait()
        try:
            answers[n] = deed(n)
        except Exception as error:  # looked at by the test
            answers[n] = error

    threads = [threading.Thread(target=one, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def due_now(world: World, *, creators: int = 3, each: int = 3) -> int:
    """A brand whose creators have commissions past their hold; its id."""
    now, ago = clock.utcnow(), clock.utcnow() - timedelta(days=20)
    brand = world.brand("senja")
    program = world.program(brand, from_at=ago - timedelta(days=1))
    product = world.product(brand, price=100_000, stock=1_000)
    for name in ("rani", "budi", "sita")[:creators]:
        creator = world.creator(name)
        world.enroll(program, creator, at=ago - timedelta(days=1))
        world.payee(creator)
        code = world.code(creator, program).code
        for _ in range(each):
            world.order((product, 1), code=code, paid=True, now=ago)
    assert now > ago
    return brand.id


def paid_once() -> None:
    """Every commission is in exactly one payout, and each creator got one."""
    items = Counter(session().scalars(select(payouts.PayoutItem.commission_id)))
    assert set(items) == set(session().scalars(select(commissions.Commission.id)))
    assert set(items.values()) == {1}
    owners = Counter(session().scalars(select(payouts.Payout.creator_id)))
    assert set(owners.values()) == {1}
    assert sum(ledger.balances("in_transit").values()) == session().scalar(select(func.sum(payouts.Payout.amount_minor)))
    end_reading()


@pytest.mark.parametrize("keys", ["one key", "a key each"])
def test_a_run_pressed_by_many_at_once(fresh: Fresh, keys: str) -> None:
    fresh.lay()
    app = fresh.app
    brand_id = due_now(World(app))
    db.session.remove()

    def press(n: int) -> str:
        with app.app_context():
            key = "same" if keys == "one key" else f"key-{n}"
            return payout.start(brand_id, key, actor=BRAND, now=clock.utcnow()).public_id

    answers = together(PRESSES, press)
    runs = {answer for answer in answers if isinstance(answer, str)}
    refused = [answer for answer in answers if not isinstance(answer, str)]
    assert all(isinstance(each, payout.NothingDue) for each in refused), refused
    assert len(runs) == 1
    assert len(refused) == (0 if keys == "one key" else PRESSES - 1)
    paid_once()
    assert verify.run(clock.utcnow()) == []


@pytest.fixture
def install(tmp_path: Path, blank_database: Callable[[Path], str]) -> Iterator[Install]:
    made = Install(tmp_path, database_url=blank_database(tmp_path), settings={"FLASK_SECRET_KEY": SECRET}).start()
    yield made
    made.stop()


@pytest.fixture
def beside(install: Install) -> Iterator[Flask]:
    """A second reader of the same database, to set the stage and to look at what came of it."""
    made = create_app(
        Settings(
            env="test", instance=install.folder / "instance", database_url=install.database_url, secret_key=SECRET,
            password_cost="cheap",
        )
    )  # fmt: skip
    clock.use(clock.system_clock)
    with made.app_context():
        yield made
        db.session.remove()
        db.engine.dispose()


def post(connection: http.client.HTTPConnection, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    return answer.status, answer.read()


def test_a_crowd_at_the_door(install: Install, beside: Flask) -> None:
    """First 32 people press the payout button of a running server; then its store tells four events thousands of times."""
    thirty_two_presses(install, beside)
    thousands_of_events(install, beside)


def thirty_two_presses(install: Install, beside: Flask) -> None:
    world = World(beside)
    brand_id = due_now(world)
    owner = world.user("finance@senja.test")
    world.member(people.get_brand(brand_id), owner, "finance")
    cookie, token = signed_in(beside, world, owner.id)
    db.session.remove()

    def press(n: int) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", install.port, timeout=60)
        key = "k" * 20 if n % 2 else f"key-of-press-number-{n}"
        form = urlencode({"csrf_token": token, "key": key}).encode()
        headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded", "Host": f"127.0.0.1:{install.port}"}
        status, _ = post(connection, "/brand/senja/payouts", form, headers)
        connection.close()
        return status

    answers = Counter(together(PRESSES, press))
    assert answers[303] >= 1, answers
    assert set(answers) <= {302, 303, 409}, answers
    budget.note(f"{PRESSES} presses: {dict(answers)}")
    paid_once()


def signed_in(app: Flask, world: World, user_id: int) -> tuple[str, str]:
    """A cookie of a signed-in person that the running server takes too, and a form token that goes with it."""
    client = app.test_client()
    world.sign_in(client, user_id)
    with client.session_transaction() as kept:
        raw = kept.setdefault("csrf_token", secrets.token_hex(20))
    name = app.config["SESSION_COOKIE_NAME"]
    cookie = client.get_cookie(name)
    assert cookie is not None
    return f"{name}={cookie.value}", URLSafeTimedSerializer(SECRET, salt="wtf-csrf-token").dumps(raw)


def thousands_of_events(install: Install, beside: Flask) -> None:
    stage = set_stage(beside, "shopify", name="toko")
    now = clock.utcnow()
    sales = [Sale(id=5001 + n, code=stage.code, placed_at=now) for n in range(3)]
    double = ShopifyDouble(lambda *_: 0, stage.path, stage.secret)
    letters = [double.order(sale) for sale in sales] + [double.refund(sales[0], Giving(1, "11", 1, "100000", now))]
    db.session.remove()
    answers: Counter[int] = Counter()
    lock = threading.Lock()

    def tell(n: int) -> None:
        mine: Counter[int] = Counter()
        connection = http.client.HTTPConnection("127.0.0.1", install.port, timeout=60)
        for i in range(EVENTS // CONNECTIONS):
            letter = letters[(n + i) % len(letters)]
            try:
                status, _ = post(connection, stage.path, letter.body, dict(letter.headers))
            except (http.client.HTTPException, ConnectionError):  # the server closes a connection that it served long enough
                connection.close()
                status, _ = post(connection, stage.path, letter.body, dict(letter.headers))
            mine[status] += 1
        connection.close()
        with lock:
            answers.update(mine)

    began = time.monotonic()
    wrong = [each for each in together(CONNECTIONS, tell) if each is not None]
    budget.note(
        f"{sum(answers.values())} events over {CONNECTIONS} connections in {time.monotonic() - began:.1f} s: {dict(answers)}"
    )
    assert wrong == []
    assert answers == {200: EVENTS // CONNECTIONS * CONNECTIONS}
    deadline = time.monotonic() + 60
    while [state for state, _ in stage.events()] != ["worked"] * 4 and time.monotonic() < deadline:
        time.sleep(0.3)
    assert [state for state, _ in stage.events()] == ["worked"] * 4
    assert stage.asked(lambda: session().scalar(select(func.count()).select_from(connections.InboundEvent))) == 4
    mine = stage.asked(
        lambda: session().scalars(select(orders.Order).where(orders.Order.connection_id == stage.connection.id)).all()
    )
    assert sorted(order.remote_id for order in mine) == ["5001", "5002", "5003"]
    assert sorted(worth for _, worth, _ in stage.earned()) == [20_625, 33_125, 33_125]
    install.verify()
