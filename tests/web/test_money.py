"""Earnings, receipts and payout runs as people see them."""

from __future__ import annotations

from datetime import timedelta

from socialshop.domain import commissions, payouts, programs
from socialshop.flows import verify
from socialshop.kernel import clock
from tests.conftest import START

PAYDAY = START + timedelta(days=15)
KEY = "a-key-of-the-form-0123"


def commission_of(app, sale, mia):
    with app.app_context():
        return commissions.find_of(sale.id, mia.id).public_id


def text(answer):
    return answer.get_data(as_text=True)


def pay_day():
    clock.use(lambda: PAYDAY)


def test_the_list_leads_to_a_receipt_that_shows_its_arithmetic(app, creator, sale, mia):
    listed = text(creator.get("/creator/earnings?lang=en"))
    assert "Rp29.800" in listed
    assert sale.number in listed
    page = text(creator.get(f"/creator/earnings/{commission_of(app, sale, mia)}?lang=en"))
    for words in (
        "Your code MIA10",
        "Won: this brought the sale.",
        "Rp298.000",
        "10% of Rp298.000",
        "Rp29.800",
        "Ledger entry 1",
        "15 Jun 2026",
    ):
        assert words in page


def test_a_sale_that_earned_nothing_says_why(world, app, creator, mia, brand, sale):
    own = world.order((world.product(brand, "Teh"), 1), paid=True, code="mia10", email="mia@example.test")
    listed = text(creator.get("/creator/earnings?state=nothing&lang=en"))
    assert "The buyer and the creator have the same e-mail address." in listed
    assert own.number in listed
    assert "The buyer and the creator have the same e-mail address." in text(
        creator.get(f"/creator/earnings/orders/{own.public_id}?lang=en")
    )
    answer = creator.get(f"/creator/earnings/orders/{sale.public_id}")
    assert answer.location.endswith(commission_of(app, sale, mia))


def test_a_brand_reads_why_an_order_earned_a_creator_nothing(world, app, owner, mia, brand, sale):
    own = world.order((world.product(brand, "Teh"), 1), paid=True, code="mia10", email="mia@example.test")
    page = text(owner.get(f"/brand/senja/orders/{own.public_id}?lang=en"))
    url = f"/brand/senja/commissions/orders/{own.public_id}/{mia.public_id}"
    assert url in page
    assert "The buyer and the creator have the same e-mail address." in page
    told = text(owner.get(f"{url}?lang=en"))
    assert "What this sale earned @mia" in told
    assert "Code MIA10 of @mia" in told
    commission = commission_of(app, sale, mia)
    assert commission in text(owner.get(f"/brand/senja/orders/{sale.public_id}"))
    assert owner.get(f"/brand/senja/commissions/orders/{sale.public_id}/{mia.public_id}").location.endswith(commission)
    stranger = world.creator("ana").public_id
    assert owner.get(f"/brand/senja/commissions/orders/{own.public_id}/{stranger}").status_code == 404


def test_nobody_elses_receipt_is_there(world, app, sale, mia):
    stranger = world.sign_in(app.test_client(), world.creator("ana").user_id)
    for url in (f"/creator/earnings/{commission_of(app, sale, mia)}", f"/creator/earnings/orders/{sale.public_id}"):
        assert stranger.get(url).status_code == 404


def test_another_creators_name_is_not_told(world, app, creator, mia, brand, sale):
    """Both lost and won touches are explained, but not whose they were."""
    ana = world.creator("anaputri")
    with app.app_context():
        program = programs.programs_of_brand(brand.id)[0]
    world.enroll(program, ana, at=START - timedelta(days=30))
    world.click(world.link(mia, program=program), visitor="visitor-0123456789", at=START - timedelta(days=1))
    world.code(ana, program, "ana5")
    lost = world.order((world.product(brand, "Teh"), 1), paid=True, code="ana5", visitor="visitor-0123456789")
    page = text(creator.get(f"/creator/earnings/orders/{lost.public_id}?lang=en"))
    assert "another creator" in page
    assert "anaputri" not in page


def test_a_run_from_the_button_to_the_bank(world, app, owner, creator, brand, sale, mia):
    world.payee(mia)
    pay_day()
    page = text(owner.get("/brand/senja/payouts?lang=en"))
    assert "Rp29.800" in page
    one = world.post(owner, "/brand/senja/payouts", {"key": KEY})
    two = world.post(owner, "/brand/senja/payouts", {"key": KEY})
    assert one.status_code == 303
    assert one.location == two.location
    world.post(owner, one.location + "/files", {"map": "neutral"})
    with app.app_context():
        [made] = payouts.files_of(payouts.runs_of(brand.id)[0].id)
    file = world.post(owner, f"{one.location}/files/{made.public_id}")
    assert '"BCA","0123456789","Mia","29800","IDR"' in text(file)
    assert "0123456789" not in text(owner.get(one.location))
    world.post(owner, one.location + "/confirmation")
    assert "On its way" not in text(creator.get("/creator/earnings?lang=en"))
    with app.app_context():
        summary = commissions.summary_of_creator(mia.id, now=PAYDAY)["IDR"]
        assert (summary.paid, summary.in_transit, summary.due) == (29_800, 0, 0)
        assert verify.run(PAYDAY) == []
    assert [(letter.to, letter.subject) for letter in world.letters() if "account" in letter.subject] == [
        ("mia@example.test", "Rp29.800 from Senja is on your account")
    ]


def test_nothing_due_is_said_and_no_run_is_made(world, app, owner, brand, sale):
    answer = world.post(owner, "/brand/senja/payouts", {"key": KEY}, follow_redirects=True)
    assert answer.status_code == 200
    with app.app_context():
        assert payouts.runs_of(brand.id) == []


def test_what_came_back_needs_a_reason_and_keeps_what_was_typed(world, app, owner, creator, brand, sale, mia):
    world.payee(mia)
    pay_day()
    run = world.post(owner, "/brand/senja/payouts", {"key": KEY}).location
    with app.app_context():
        [paid] = payouts.of_run(payouts.runs_of(brand.id)[0].id)
    refused = world.post(owner, f"{run}/{paid.public_id}/return?lang=en", {"reason": " "})
    assert refused.status_code == 422
    assert "Please say why." in text(refused)
    assert world.post(owner, f"{run}/{paid.public_id}/return", {"reason": "rekening ditutup"}).status_code == 303
    assert "rekening ditutup" in text(creator.get("/creator/earnings"))
    overtaken = world.post(owner, f"{run}/{paid.public_id}/confirmation?lang=en", follow_redirects=True)
    assert "By now this payout stands as “Came back”, so nothing was changed." in text(overtaken)
    assert "That was noted already" in text(
        world.post(owner, f"{run}/{paid.public_id}/return?lang=en", {"reason": "once more"}, follow_redirects=True)
    )
    with app.app_context():
        assert verify.run(PAYDAY) == []


def test_hold_and_rejection_reach_the_creator_with_the_reason(world, app, owner, creator, sale, mia):
    commission = commission_of(app, sale, mia)
    url = f"/brand/senja/commissions/{commission}"
    refused = world.post(owner, url + "/hold?lang=en", {"key": KEY, "reason": ""})
    assert refused.status_code == 422
    world.post(owner, url + "/hold", {"key": KEY, "reason": "Checking <b>this</b> order."})
    page = text(creator.get(f"/creator/earnings/{commission}?lang=en"))
    assert "Checking &lt;b&gt;this&lt;/b&gt; order." in page
    world.post(owner, url + "/release")
    assert "On hold" not in text(creator.get(f"/creator/earnings/{commission}?lang=en")).split("4. What happened")[0]
    world.post(owner, url + "/rejection", {"key": KEY, "reason": "It was a reseller."})
    assert "It was a reseller." in text(creator.get(f"/creator/earnings/{commission}"))
    assert len([letter for letter in world.letters() if "commission" in letter.subject]) == 2


def test_only_owner_and_finance_move_money(world, app, brand, sale, mia):
    world.payee(mia)
    pay_day()
    for role, status in (("viewer", 403), ("manager", 403), ("finance", 303)):
        user = world.user(f"{role}@senja.test")
        world.member(brand, user, role)
        client = world.sign_in(app.test_client(), user.id)
        assert client.get("/brand/senja/payouts").status_code == 200
        assert world.post(client, "/brand/senja/payouts", {"key": KEY}).status_code == status


def test_costs_and_commissions_of_a_brand(app, owner, sale, mia):
    page = text(owner.get("/brand/senja/commissions?lang=en"))
    assert "@mia" in page
    assert "Rp29.800" in page
    for state in ("pending", "held", "due", "paid", "owed_back", "reversed", "rejected", "nonsense"):
        assert owner.get(f"/brand/senja/commissions?state={state}").status_code == 200
    assert "Commission of @mia" in text(owner.get(f"/brand/senja/commissions/{commission_of(app, sale, mia)}?lang=en"))
