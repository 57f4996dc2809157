"""A program from five questions to the creator who joins it, as people meet it on their screens."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from socialshop.domain import orders, people, programs
from socialshop.kernel import clock

from ..conftest import START

ANSWERS = {
    "name": "Teman Senja", "about": "Kopi dari Gayo.", "kind": "percent", "percent": "12,5", "flat": "", "window_days": "30",
    "hold_days": "14", "joining": "approval", "winner": "code", "touch": "last", "minimum_order": "", "minimum_payout": "50.000",
    "buyer_discount": "10", "landing_url": "", "click_parameter": "ss_click",
}  # fmt: skip


@pytest.fixture
def brand(world):
    return world.brand("senja")


@pytest.fixture
def desk(app, world, brand):
    """A browser with the brand's owner signed in."""
    with app.app_context():
        owner = people.members_of(brand.id)[0][1].id
    return world.sign_in(app.test_client(), owner)


@pytest.fixture
def mia(world):
    return world.creator("mia")


@pytest.fixture
def phone(app, world, mia):
    """A browser with Mia signed in."""
    return world.sign_in(app.test_client(), mia.user_id)


def asked(app, question):
    with app.app_context():
        return question()


def hidden(page, *names):
    """The values of a page's hidden fields."""
    return {name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', page.text)[1] for name in names}


def published(world, desk):
    """A program made and published by forms; its public id."""
    made = world.post(desk, "/brand/senja/programs/new", ANSWERS)
    assert made.status_code == 303, made.text
    review = desk.get(made.location)
    url = made.location.removesuffix("/review")
    done = world.post(desk, f"{url}/versions", {"start": "now", "from_at": "", **hidden(review, "seen", "written")})
    assert done.location == url
    return url.rsplit("/", 1)[1]


def test_five_questions_are_read_back_in_both_languages_and_published(app, world, desk, brand):
    made = world.post(desk, "/brand/senja/programs/new", ANSWERS)
    review = desk.get(made.location + "?lang=en")
    assert "Commission: 12.5% of the goods." in review.text
    assert "Komisi: 12,5% dari harga barang." in review.text
    assert "Rp100.000" in review.text
    assert "Rp12.500" in review.text
    url = made.location.removesuffix("/review")
    form = {"start": "now", "from_at": "", **hidden(review, "seen", "written")}
    for _ in range(2):  # a double tap
        assert world.post(desk, f"{url}/versions", form).status_code == 303
    (found,) = asked(app, lambda: programs.programs_of_brand(brand.id))
    assert found.state == "live"
    assert len(asked(app, lambda: programs.versions_of(found.id))) == 1
    assert "The terms in force" in desk.get(url).text


def test_wrong_answers_come_back_with_what_was_typed(world, desk):
    answer = world.post(desk, "/brand/senja/programs/new", {**ANSWERS, "name": "", "percent": "200", "buyer_discount": "99"})
    assert answer.status_code == 422
    assert 'value="200"' in answer.text
    assert "Kopi dari Gayo." in answer.text
    for field in ("percent", "buyer_discount"):
        assert f'id="{field}-error"' in answer.text


def test_what_is_published_is_what_was_looked_at(app, world, desk, brand):
    made = world.post(desk, "/brand/senja/programs/new", ANSWERS)
    url = made.location.removesuffix("/review")
    seen = hidden(desk.get(made.location), "seen", "written")
    world.post(desk, f"{url}/terms", {**ANSWERS, "percent": "90"})  # a colleague, meanwhile
    assert world.post(desk, f"{url}/versions", {"start": "now", **seen}).status_code == 409
    (found,) = asked(app, lambda: programs.programs_of_brand(brand.id))
    assert found.state == "draft"


def test_new_terms_begin_on_a_date_of_the_programs_zone_and_can_be_taken_back(app, world, desk, brand):
    public_id = published(world, desk)
    url = f"/brand/senja/programs/{public_id}"
    world.post(desk, f"{url}/terms", {**ANSWERS, "percent": "15"})
    review = desk.get(f"{url}/review?lang=en")
    seen = hidden(review, "seen", "written")
    assert "<ins>Commission: 15% of the goods.</ins>" in review.text
    assert "<del>Commission: 12.5% of the goods.</del>" in review.text  # what goes is seen before it goes
    for wrong in ("", "tomorrow", "2026-05-31T00:00"):
        answer = world.post(desk, f"{url}/versions", {"start": "later", "from_at": wrong, **seen})
        assert answer.status_code == 422
    world.post(desk, f"{url}/versions", {"start": "later", "from_at": "2026-07-01T00:00", **seen})
    found = asked(app, lambda: programs.program_of(brand.id, public_id))
    history = asked(app, lambda: programs.versions_of(found.id))
    assert history[-1].from_at.isoformat() == "2026-06-30T17:00:00+00:00"
    taken = world.post(desk, f"{url}/versions/{history[-1].public_id}/withdrawal")
    assert taken.status_code == 303
    assert len(asked(app, lambda: programs.versions_of(found.id))) == 1
    assert "Taken back" in desk.get(url).text


def test_apply_approve_leave_as_both_sides_see_it(app, world, desk, phone, mia):
    public_id = published(world, desk)
    offers = phone.get("/creator/programs?q=senja&lang=en")
    assert "12.5% of the goods" in offers.text
    url = f"/creator/programs/{public_id}"
    for _ in range(2):
        assert world.post(phone, f"{url}/application", {"note": "I brew <b>daily</b>"}).location == url
    assert "Your application is with Senja" in phone.get(url).text
    assert "Application" in desk.get("/brand/senja/").text
    row = re.search(r"/brand/senja/creators/(enr_\w+)", desk.get("/brand/senja/creators?shelf=applied").text)[0]
    page = desk.get(row + "?lang=en")
    assert "I brew &lt;b&gt;daily&lt;/b&gt;" in page.text
    assert world.post(desk, f"{row}/approval").status_code == 303
    assert world.post(desk, f"{row}/refusal", {"reason": "too late"}).status_code == 409
    assert world.post(desk, f"{row}/groups", {"groups": "VIP"}).status_code == 303
    assert world.post(desk, f"{row}/groups", {"groups": "<x>"}).status_code == 422
    assert "Start selling" in phone.get(url).text
    assert "held, becomes due and is paid out as agreed" in phone.get(f"{url}/leaving").text
    clock.use(lambda: START + timedelta(days=3))
    for _ in range(2):
        assert world.post(phone, f"{url}/leaving").location == url
    assert "You were in until 4 Jun 2026" in phone.get(url).text
    assert asked(app, lambda: programs.live_enrollments_of(mia.id)) == []


def test_declining_without_a_reason_asks_for_one(world, desk, phone):
    public_id = published(world, desk)
    world.post(phone, f"/creator/programs/{public_id}/application", {"note": ""})
    row = re.search(r"/brand/senja/creators/(enr_\w+)", desk.get("/brand/senja/creators").text)[0]
    assert world.post(desk, f"{row}/refusal", {"reason": " "}).status_code == 422
    world.post(desk, f"{row}/refusal", {"reason": "Not this season"})
    assert "Not this season" in phone.get(f"/creator/programs/{public_id}").text
    assert world.post(desk, f"{row}/readmission").status_code == 303
    assert "Start selling" in phone.get(f"/creator/programs/{public_id}?lang=en").text


def test_removing_says_what_happens_and_needs_a_reason(world, desk, phone):
    public_id = published(world, desk)
    world.post(phone, f"/creator/programs/{public_id}/application", {"note": ""})
    row = re.search(r"/brand/senja/creators/(enr_\w+)", desk.get("/brand/senja/creators").text)[0]
    world.post(desk, f"{row}/approval")
    assert "Orders placed after this moment earn nothing" in desk.get(f"{row}/removal?lang=en").text
    assert world.post(desk, f"{row}/removal", {"reason": ""}).status_code == 422
    assert world.post(desk, f"{row}/removal", {"reason": "Own purchases"}).status_code == 303
    assert world.post(phone, f"/creator/programs/{public_id}/application", {"note": "?"}).status_code == 403


def test_pause_and_end_say_what_happens_first(app, world, desk, phone, brand, mia):
    public_id = published(world, desk)
    url = f"/brand/senja/programs/{public_id}"
    program = asked(app, lambda: programs.program_of(brand.id, public_id))
    world.enroll(program, mia)
    assert "1 creator in it goes on earning" in desk.get(f"{url}/pause?lang=en").text
    world.post(desk, f"{url}/pause")
    assert "You go on earning as before" in phone.get(f"/creator/programs/{public_id}?lang=en").text
    assert world.post(desk, f"{url}/resumption").status_code == 303
    assert "cannot be opened again" in desk.get(f"{url}/end?lang=en").text
    for _ in range(2):
        assert world.post(desk, f"{url}/end").status_code == 303
    assert world.post(desk, f"{url}/resumption").status_code == 409
    assert world.post(desk, f"{url}/terms", ANSWERS).status_code == 409


def test_a_strange_creator_does_not_see_paused_ended_or_drafts(app, world, brand, phone):
    for name, state in (("Draft", "draft"), ("Paused", "paused"), ("Ended", "ended")):
        program = world.program(brand, name, state=state)
        assert phone.get(f"/creator/programs/{program.public_id}").status_code == 404
        assert name not in phone.get("/creator/programs").text.replace("Program", "")


@pytest.mark.parametrize(("role", "path", "status"), [
    ("viewer", "/programs", 200), ("viewer", "/programs/new", 403), ("finance", "/programs/new", 403),
    ("manager", "/programs/new", 200), ("viewer", "/creators", 200), ("manager", "/settings/accounts", 403),
    ("finance", "/settings/accounts", 200),
    ("manager", "/settings", 200), ("viewer", "/", 200),
])  # fmt: skip
def test_roles_open_what_is_theirs(app, world, brand, role, path, status):
    user = world.user(f"{role}@senja.test")
    world.member(brand, user, role)
    client = world.sign_in(app.test_client(), user.id)
    assert client.get(f"/brand/senja{path}").status_code == status


def test_settings_are_kept_or_come_back(app, world, desk, brand):
    typed = {
        "name": "Senja Kopi", "about": "", "contact_email": "halo@senja.test", "whatsapp": "0812 3456 7890",
        "shipping": "Rp15.000", "timezone": "Asia/Makassar", "cod": "y",
    }  # fmt: skip
    assert world.post(desk, "/brand/senja/settings", typed).status_code == 303
    kept = asked(app, lambda: people.get_brand(brand.id))
    assert (kept.name, kept.whatsapp, kept.shipping_minor, kept.cod) == ("Senja Kopi", "6281234567890", 15_000, True)
    assert 'value="+6281234567890"' in desk.get("/brand/senja/settings").text
    wrong = world.post(desk, "/brand/senja/settings", {**typed, "shipping": "cheap", "contact_email": "nobody", "name": "Other"})
    assert wrong.status_code == 422
    for field in ("shipping", "contact_email"):
        assert f'id="{field}-error"' in wrong.text
    assert asked(app, lambda: people.get_brand(brand.id)).name == "Senja Kopi"


def test_accounts_need_the_password_and_are_shown_to_buyers_until_retired(app, world, desk, brand):
    typed = {"provider": "BCA", "number": "1234567890", "holder": "PT Senja"}
    clock.use(lambda: START + timedelta(hours=1))
    assert "/auth/prove" in desk.get("/brand/senja/settings/accounts/new").location
    world.post(desk, "/brand/senja/settings/accounts/new", typed)
    assert asked(app, lambda: people.receiving_accounts_of(brand.id)) == []
    clock.use(lambda: START)
    assert world.post(desk, "/brand/senja/settings/accounts/new", {**typed, "number": "12"}).status_code == 422
    for _ in range(2):
        assert world.post(desk, "/brand/senja/settings/accounts/new", typed).status_code == 303
    (account,) = asked(app, lambda: people.receiving_accounts_of(brand.id))
    url = f"/brand/senja/settings/accounts/{account.public_id}/retirement"
    assert "It is your only one" in desk.get(url + "?lang=en").text
    for _ in range(2):
        assert world.post(desk, url).status_code == 303
    assert "•••• 7890" in desk.get("/brand/senja/settings/accounts").text


def test_a_payee_is_masked_and_each_look_is_written_down(app, world, phone, mia):
    assert "Nothing is lost" in phone.get("/creator/payee?lang=en").text
    typed = {"provider": "GOPAY", "number": "0812 3456 7890", "holder": "Mia Sari"}
    assert world.post(phone, "/creator/payee/change", {**typed, "number": "12"}).status_code == 422
    assert world.post(phone, "/creator/payee/change", typed).status_code == 303
    page = phone.get("/creator/payee")
    assert "•••• 7890" in page.text
    assert "081234567890" not in page.text
    shown = world.post(phone, "/creator/payee/number")
    assert "081234567890" in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    from socialshop.domain import audit

    acts = asked(app, lambda: [entry.act for entry in audit.entries_of(mia.public_id)])
    assert acts == ["payee.revealed", "payee.stated"]


def test_a_payee_needs_the_password_and_a_confirmed_address(app, world, phone, mia):
    clock.use(lambda: START + timedelta(hours=1))
    assert "/auth/prove" in phone.get("/creator/payee/change").location
    assert "/auth/prove" in world.post(phone, "/creator/payee/number").location
    clock.use(lambda: START)
    with app.app_context():
        from socialshop.kernel.database import transaction

        with transaction():
            people.get_user(mia.user_id).email_confirmed_at = None
    refused = phone.get("/creator/payee/change?lang=en")
    assert refused.status_code == 403
    assert "<h1>Confirm your e-mail address</h1>" in refused.text  # not "you may not": it says what to do, and leads there
    assert 'href="/auth/account"' in refused.text


def test_a_new_brand_is_led_and_everything_empty_says_what_to_do(desk):
    home = desk.get("/brand/senja/?lang=en").text
    for step in ("Add a product", "Make a program", "State where buyers pay", "Welcome your first creator"):
        assert step in home
    assert "Make your first program" in desk.get("/brand/senja/programs").text
    assert "Make one first" in desk.get("/brand/senja/creators").text


def test_home_counts_what_was_sold(app, world, desk, brand, mia):
    program = world.program(brand)
    world.enroll(program, mia)
    product = world.product(brand, price=100_000)
    code = world.code(mia, program)
    order = world.order((product, 2), paid=True, code=code.code)
    world.order((product, 1))  # unpaid: does not count, but waits
    home = desk.get("/brand/senja/?lang=en").text
    figures = dict(re.findall(r'<span class="label">([^<]+)</span><span class="value">([^<]+)</span>', home))
    goods = asked(app, lambda: sum(orders.nets(order.id).values()))
    assert figures["Orders"] == "1"
    assert figures["Revenue"].replace(".", "") == f"Rp{goods}"
    assert "Order awaits a transfer" in home
