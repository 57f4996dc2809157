"""What if? as people meet it: asked by form, worked out by the worker, shown order by order."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest

from socialshop import worker
from socialshop.domain import people, programs, trials
from socialshop.kernel import clock
from socialshop.kernel.database import transaction

from ..conftest import START


@pytest.fixture
def brand(world):
    return world.brand("senja")


@pytest.fixture
def program(app, world, brand):
    found = world.program(brand)
    mia = world.creator("mia")
    world.enroll(found, mia)
    world.code(mia, found, "mia10")
    product = world.product(brand)
    clock.use(lambda: START + timedelta(hours=1))
    for _ in range(3):
        world.order((product, 1), paid=True, code="mia10")
    with app.app_context(), transaction():
        programs.keep_draft(found.id, {"rules": [{"id": "base", "percent": "20"}]})
    return found


@pytest.fixture
def base(program):
    return f"/brand/senja/programs/{program.public_id}/what-if"


@pytest.fixture
def desk(app, world, brand):
    with app.app_context():
        owner = people.members_of(brand.id)[0][1].id
    return world.sign_in(app.test_client(), owner)


def test_from_the_question_to_the_receipts(app, world, desk, base):
    asked = world.post(desk, base, {"source": "past", "against": "promised"})
    assert asked.status_code == 303, asked.text
    waiting = desk.get(asked.location)
    assert "<progress" in waiting.text
    assert 'http-equiv="refresh"' in waiting.text  # without a script
    state = desk.get(f"{asked.location}/state").json
    assert (state["state"], state["total"]) == ("waiting", 0)
    worker.drain(app)
    assert desk.get(f"{asked.location}/state").json == {"state": "done", "done": 3, "total": 3}
    page = desk.get(asked.location)
    assert "+100.0%" in page.text
    assert "@mia" in page.text
    first = re.search(r'href="([^"]*/differences/1)"', page.text)[1]
    receipt = desk.get(first)
    assert receipt.status_code == 200
    assert "Commission: 10% of the goods." in receipt.text
    assert "Commission: 20% of the goods." in receipt.text
    assert desk.get(f"{asked.location}/differences/4").status_code == 404
    sheet = desk.get(f"{asked.location}/differences.csv")
    assert (sheet.mimetype, len(sheet.text.splitlines())) == ("text/csv", 4)
    assert desk.get(f"{asked.location}?creator=@mia").status_code == 200
    assert desk.get(f"{asked.location}?page=0").status_code == 404
    assert asked.location in desk.get(base).text


def upload(text, name="toko.csv"):
    return {"source": "file", "against": "current", "orders": (io.BytesIO(text), name)}


def test_a_file_with_mistakes_names_rows_and_a_good_one_is_tried(app, world, desk, base):
    def send(text):
        return world.post(desk, base, upload(text), content_type="multipart/form-data")

    refused = send(b"order,at,price,creator\nA,2026-01-01,x,mia\nB,2026-01-01,5,who\n")
    assert refused.status_code == 422
    assert "Row 2" in refused.text
    assert "Row 3" in refused.text
    assert send(b"\xff\xfe\x00").status_code == 422
    empty = world.post(desk, base, {"source": "file", "against": "current"})
    assert (empty.status_code, "Choose a file" in empty.text) == (422, True)
    good = send(b"order,at,price,creator\nA,2026-01-01,100.000,mia\n")
    worker.drain(app)
    page = desk.get(good.location).text
    assert "toko.csv" in page
    assert "Rp20.000" in page


def test_the_example_file_can_be_read(app, world, desk, base, program):
    text = desk.get(f"{base}/example.csv").text
    with app.app_context():
        from socialshop.flows import what_if

        reading = what_if.reading_of(programs.get(program.id))
    rows = text.replace("@rani", "mia").replace("'mia", "mia")
    assert trials.check(rows, reading) == 1


def test_without_orders_it_says_what_to_do(app, world, desk, brand):
    empty = world.program(brand, "Kosong")
    asked = world.post(desk, f"/brand/senja/programs/{empty.public_id}/what-if", {"source": "past", "against": "promised"})
    worker.drain(app)
    assert "No orders yet" in desk.get(asked.location).text


def test_an_odd_question_is_refused(world, desk, base):
    assert world.post(desk, base, {"source": "moon"}).status_code == 422


def test_another_programs_trial_is_not_found(app, world, desk, brand, base):
    asked = world.post(desk, base, {"source": "past", "against": "promised"})
    other = world.program(brand, "Lain")
    trial = asked.location.rsplit("/", 1)[1]
    assert desk.get(f"/brand/senja/programs/{other.public_id}/what-if/{trial}").status_code == 404
