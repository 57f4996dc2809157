"""Exchange rates on the brand's screens: entering, importing, fetching, and what could not be converted."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO

import pytest

from socialshop.domain import commissions, currencies, people
from socialshop.flows import rates_fetch, verify
from socialshop.kernel import clock
from socialshop.kernel.database import end_reading
from tests.doubles.rates import FakeRates

from ..conftest import START

PAYS_IDR = {"hold_days": 14, "payout_currency": "IDR", "rules": [{"id": "r", "percent": "10"}]}
URL = "/brand/senja/settings/rates"
TYPED = {"base": "USD", "quote": "IDR", "rate": "16250.00", "at": "2026-06-01T10:00", "note": "BI"}


@pytest.fixture
def brand(world):
    return world.brand("senja", currency="USD")


@pytest.fixture
def program(world, brand):
    return world.program(brand, terms=PAYS_IDR, from_at=START - timedelta(days=1))


@pytest.fixture
def desk(app, world, brand):
    with app.app_context():
        owner = people.members_of(brand.id)[0][1].id
    return world.sign_in(app.test_client(), owner)


def known(app, brand):
    with app.app_context():
        end_reading()
        return currencies.rates_of(brand.id)


def test_nothing_is_needed_where_nothing_converts(desk):
    assert "No exchange rates needed" in desk.get(URL).text


def test_a_rate_by_hand_twice_is_one(app, world, desk, brand, program):
    page = desk.get(URL)
    assert "USD ↔ IDR" in page.text
    assert "No rate known" in page.text
    for _ in range(2):
        assert world.post(desk, f"{URL}/new", TYPED).location == URL
    assert len(known(app, brand)) == 1
    assert "16,250.00 IDR" in desk.get(URL).text
    assert "16.250,00 IDR" in desk.get(f"{URL}?lang=id").text
    with app.app_context():
        assert verify.run(START) == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [({"rate": "16.250"}, "can be read in two ways. Write 16250 or 16.2500."), ({"rate": ""}, "is not a rate"),
     ({"quote": "USD"}, "Choose two different currencies."), ({"base": "XXX"}, "Choose a currency."),
     ({"at": "gestern"}, "Choose a date and a time."), ({"at": "1999-01-01T00:00"}, "between the year 2000")],
)  # fmt: skip
def test_what_cannot_be_taken_is_said_beside_its_field(app, world, desk, brand, typed, said):
    answer = world.post(desk, f"{URL}/new", TYPED | typed)
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="BI"' in answer.text
    assert known(app, brand) == []


def test_a_rate_far_from_the_last_one_needs_a_second_look(app, world, desk, brand):
    world.post(desk, f"{URL}/new", TYPED)
    answer = world.post(desk, f"{URL}/new", TYPED | {"rate": "162500"})
    assert answer.status_code == 422
    assert "1 USD = 16250.00 IDR" in answer.text
    assert 'name="sure"' in answer.text
    assert world.post(desk, f"{URL}/new", TYPED | {"rate": "162500", "sure": "y"}).status_code == 303
    assert len(known(app, brand)) == 2


def test_a_file_is_shown_first_and_counts_once(app, world, desk, brand, program):
    sheet = "base,quote,rate,at,note\nUSD,IDR,16250,2026-06-01,\nUSD,IDR,16000,2026-05-30,<b>BI</b>\n"
    shown = world.post(desk, f"{URL}/import", {"file": (BytesIO(sheet.encode()), "kurs.csv")}, content_type="multipart/form-data")
    assert shown.status_code == 200
    assert "2 new rates" in shown.text
    assert "<b>BI" not in shown.text
    assert known(app, brand) == []
    content = re.search(r'<textarea name="content" hidden>(.*?)</textarea>', shown.text, re.DOTALL)[1]
    for _ in range(2):
        world.post(desk, f"{URL}/import/rows", {"content": content.replace("&lt;", "<").replace("&gt;", ">")})
    assert len(known(app, brand)) == 2
    again = world.post(desk, f"{URL}/import", {"pasted": sheet})
    assert "Every row of this file is known already." in again.text


def test_a_file_with_a_wrong_row_says_which_and_imports_nothing(app, world, desk, brand):
    sheet = "base,quote,rate,at\nUSD,IDR,16250,2026-06-01\nUSD,IDR,16.250,2026-06-02\n"
    answer = world.post(desk, f"{URL}/import", {"pasted": sheet})
    assert answer.status_code == 422
    assert "1 row has to be mended" in answer.text
    assert "can be read in two ways" in answer.text
    assert world.post(desk, f"{URL}/import/rows", {"content": sheet}).location == f"{URL}/import"
    assert known(app, brand) == []
    assert world.post(desk, f"{URL}/import", {"pasted": "nonsense"}).status_code == 422


def test_fetching_by_itself_is_switched_on_and_off(app, world, desk, brand, program):
    fake = FakeRates()
    rates_fetch.set_up(fake)
    world.post(desk, f"{URL}/automatic", {"on": "1"})
    assert "The first rates are on their way" in desk.get(URL).text
    with app.app_context():
        rates_fetch.fetch({"brand": brand.id}, now=START)
    page = desk.get(URL).text
    assert "European Central Bank, 2026-05-29" in page
    assert "Last fetched" in page
    fake.failure = ConnectionError()  # not one of our words: a bug stays a bug
    world.post(desk, f"{URL}/automatic", {"on": "0"})
    assert "Fetch them every day" in desk.get(URL).text


def test_what_was_not_converted_is_listed_with_its_receipt(app, world, desk, brand, program):
    mia = world.creator("mia")
    world.enroll(program, mia, at=START - timedelta(days=1))
    world.code(mia, program, "mia10")
    product = world.product(brand, price=4990)
    for _ in range(2):
        world.order((product, 1), paid=True, code="mia10")
    page = desk.get(URL).text
    assert "2 commissions stay in USD because no rate to IDR was known on" in page
    with app.app_context():
        row = commissions.without_rate([program.id])[0].public_id
    receipt = desk.get(f"/brand/senja/commissions/{row}")
    assert "no exchange rate was known" in receipt.text


def test_terms_that_pay_in_a_currency_without_a_rate_lead_to_the_rates(world, desk, brand):
    draft = world.program(brand, state="draft", terms=PAYS_IDR)
    for page in ("terms/editor", "terms/editor/choices", "terms/preview"):
        answer = desk.get(f"/brand/senja/programs/{draft.public_id}/{page}").text
        assert "No rate is known yet for USD ↔ IDR." in answer
        assert f'href="{URL}"' in answer
    world.post(desk, f"{URL}/new", TYPED)
    clock.use(lambda: START + timedelta(hours=1))
    assert "No rate is known yet" not in desk.get(f"/brand/senja/programs/{draft.public_id}/terms/editor").text


@pytest.mark.parametrize("role", ["viewer", "manager"])
def test_only_who_minds_the_money_enters_rates(app, world, brand, program, role):
    member = world.user("other@example.test")
    world.member(brand, member, role)
    browser = world.sign_in(app.test_client(), member.id)
    assert "Enter a rate" not in browser.get(URL).text
    assert browser.get(f"{URL}/new").status_code == 403
    assert world.post(browser, f"{URL}/new", TYPED).status_code == 403
    assert world.post(browser, f"{URL}/automatic", {"on": "1"}).status_code == 403
