"""The real documents of ../shared/real, posted and signed, to web and worker running as processes; the worker does the rest by itself."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from socialshop.app import create_app
from socialshop.config import Settings
from socialshop.domain.audit import Actor
from socialshop.flows import review
from socialshop.kernel import clock
from socialshop.kernel.clock import utcnow
from socialshop.kernel.database import db
from tests import real_documents as real
from tests.doubles.stores import over_http
from tests.running import Install
from tests.store_stage import set_stage

pytestmark = real.needs_them
WOO_PLACED = datetime(2017, 3, 22, 19, 28, 2, tzinfo=UTC)
SHOPIFY_PLACED = datetime(2008, 1, 10, 16, 0, tzinfo=UTC)
SECRET = "a key that test and server share"


@pytest.fixture
def install(tmp_path, blank_database):
    made = Install(tmp_path, database_url=blank_database(tmp_path), settings={"FLASK_SECRET_KEY": SECRET}).start()
    yield made
    made.stop()


@pytest.fixture
def app(install):
    """A second reader of the same database, to set the stage and to look at what came of it."""
    made = create_app(
        Settings(
            env="test",
            instance=install.folder / "instance",
            database_url=install.database_url,
            secret_key=SECRET,
            password_cost="cheap",
        )
    )
    clock.use(clock.system_clock)
    yield made
    with made.app_context():
        db.session.remove()
        db.engine.dispose()


def settled(stage, wanted, *, seconds=30):
    """Wait until the worker has brought the stage's events to `wanted` states."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        states = [state for state, _ in stage.events()]
        if states == wanted:
            return
        time.sleep(0.2)
    raise AssertionError(f"{stage.events()} is not {wanted}")


@pytest.mark.parametrize("by", ["nothing", "click", "code"])
def test_the_woocommerce_order(install, app, by):
    stage = set_stage(app, "woocommerce", currency="USD", before=None if by == "nothing" else WOO_PLACED)
    store = real.store_at("woocommerce", over_http(install.url), stage.path, stage.secret)
    added = {"click": stage.click} if by == "click" else {"code": "RANI10"} if by == "code" else {}
    letter = real.woo_order(store, **added)
    for _ in range(3):  # the same again changes nothing
        assert store.deliver(letter) == 200
    settled(stage, ["worked"])
    assert stage.earned() == ([] if by == "nothing" else [(by, 225, "USD")])
    if by == "nothing":
        assert stage.reasons() == [{"code": "earned_nothing", "facts": {"reason": "no_terms"}}]
    assert (
        store.once(real.store_at("woocommerce", over_http(install.url), stage.path, "wrong").letter("order.created", b"{}"))
        == 401
    )
    install.verify()


def test_the_untidy_shopify_order_and_its_refund(install, app):
    stage = set_stage(app, "shopify", currency="USD", before=SHOPIFY_PLACED)
    store = real.store_at("shopify", over_http(install.url), stage.path, stage.secret)
    for letter in (real.shopify_order(store, click=stage.click), real.shopify_refund(store)):
        for _ in range(2):
            assert store.deliver(letter) == 200
    settled(stage, ["review", "parked"])
    assert [item["code"] for item in stage.review().reasons] == [
        "lines_differ",
        "subtotal_differs",
        "code_not_allocated",
        "not_paid",
    ]
    install.verify()
    lines = (review.SetLine("466157049", 19900, 1), review.SetLine("518995019", 19900, 0), review.SetLine("703073504", 19900, 1))
    decision = review.Decision(lines, discount_minor=1000, tax_minor=1194, paid_at=SHOPIFY_PLACED)
    with app.app_context():
        review.resolve(stage.review(), decision, actor=Actor("user", "usr_owner", "brand:owner"), now=utcnow())
    settled(stage, ["worked", "worked"])
    assert stage.earned() == [("click", 0, "USD")]  # 48.50, and all of it back with the refund
    install.verify()
