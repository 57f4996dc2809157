"""`socialshop what-if`: a table, or one JSON document; what cannot be read is refused by file and place."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from socialshop.domain import programs, trials
from socialshop.kernel import clock

from .conftest import START


@pytest.fixture
def program(world):
    brand = world.brand("senja")
    found = world.program(brand)
    mia = world.creator("mia")
    world.enroll(found, mia)
    world.code(mia, found, "mia10")
    product = world.product(brand)
    clock.use(lambda: START + timedelta(hours=1))
    world.order((product, 1), paid=True, code="mia10")
    return found


@pytest.fixture
def call(app, tmp_path):
    """Run the command with a terms document, and perhaps a sheet of orders."""

    def run(program, document, *more, orders=None):
        (tmp_path / "terms.json").write_text(document if isinstance(document, str) else json.dumps(document))
        words = ["what-if", program, str(tmp_path / "terms.json"), *more]
        if orders is not None:
            (tmp_path / "orders.csv").write_text(orders)
            words += ["--orders", str(tmp_path / "orders.csv")]
        return app.test_cli_runner().invoke(args=words)

    return run


SAME, DOUBLE = ({"rules": [{"id": "base", "percent": percent}]} for percent in ("10", "20"))


def test_the_same_terms_differ_in_nothing(call, program):
    result = json.loads(call(program.public_id, SAME, "--json").stdout)
    total = result["totals"]["IDR"]
    assert (total["orders"], total["different"]) == (1, 0)
    assert total["before"] == total["after"] > 0


def test_a_table_names_people_and_products(call, app, program):
    told = call("senja/teman-senja", {"rules": [{"id": "base", "percent": "20", "when": {"creator": "@mia"}}]})
    assert told.exit_code == 0
    assert "@mia" in told.stdout
    assert "1 get more, 0 less" in told.stdout
    with app.app_context():
        assert trials.trials_of(program.id) == []
        assert programs.get(program.id).draft is None


def test_orders_from_a_sheet(call, program):
    told = call(program.public_id, DOUBLE, "--json", orders="order,at,price,creator\nA,2020-01-01,100.000,@mia\n")
    total = json.loads(told.stdout)["totals"]["IDR"]
    assert (total["before"], total["after"]) == (10_000, 20_000)


@pytest.mark.parametrize(
    ("name", "document", "orders", "said"),
    [
        ("prg_none", SAME, None, "there is no such program"),
        ("nobody/nothing", SAME, None, "there is no such program"),
        ("senja/teman-senja", {"rules": [{"id": "r", "percent": 10}]}, None, 'terms.rules[0] (rule "r").percent'),
        ("senja/teman-senja", "{", None, "is not JSON"),
        ("senja/teman-senja", {"rules": [{"id": "r", "percent": "1", "when": {"creator": "@who"}}]}, None, "when.creator"),
        ("senja/teman-senja", SAME, "order,at,price\nA,x,1\n", "orders.csv:2: at"),
    ],
)
def test_what_cannot_be_read_is_refused(call, program, name, document, orders, said):
    told = call(name, document, orders=orders)
    assert told.exit_code == 2
    assert said in told.stderr
    assert told.stdout == ""
