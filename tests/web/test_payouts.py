"""Runs on the brand's screens: layouts, files, the bank's answers, the schedule; and what the creator sees."""

from __future__ import annotations

import html
import io
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text as sql

from socialshop.domain import payouts, people, programs
from socialshop.domain.audit import Actor
from socialshop.flows import payout_schedule, verify
from socialshop.kernel import clock, vault
from socialshop.kernel.database import session, transaction
from tests.conftest import START

PAYDAY = START + timedelta(days=15)
KEY = "a-key-of-the-form-0123"
URL = "/brand/senja/payouts"


@pytest.fixture
def desk(app, world, brand, sale, mia):
    """Finance on pay day."""
    world.payee(mia)
    user = world.user("fina@senja.test")
    world.member(brand, user, "finance")
    clock.use(lambda: PAYDAY)
    return world.sign_in(app.test_client(), user.id)


@pytest.fixture
def run(world, desk):
    return world.post(desk, URL, {"key": KEY}).location


def text(answer):
    return html.unescape(answer.get_data(as_text=True))


def the(app, brand):
    with app.app_context():
        row = payouts.runs_of(brand.id)[0]
        return row, payouts.of_run(row.id)


def upload(world, desk, run, content, name="hasil.csv"):
    data = {"file": (io.BytesIO(content), name)}
    return world.post(desk, run + "/results?lang=en", data, content_type="multipart/form-data")


def somebody():
    return Actor("user", "usr_x", "brand:finance")


def entries(page):
    """What a browser would send of the editor's form as it stands."""
    body = text(page)
    form = body[body.index("data-map-editor") : body.index("</form>", body.index("data-map-editor"))]
    found = {}
    for tag in re.findall(r"<input [^>]*>", form):
        given = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
        checked = " checked" in tag
        if given.get("type") in ("checkbox", "radio") and not checked:
            continue
        if "name" in given and given["name"] != "csrf_token":
            found[given["name"]] = given.get("value", "y")
    for name, options in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        picked = re.search(r'<option selected value="([^"]*)"', options)
        found[name] = picked[1] if picked else re.search(r'value="([^"]*)"', options)[1]
    for name, value in re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>\r?\n?(.*?)</textarea>', form, re.S):
        found[name] = value
    return found


def test_from_the_layout_to_the_banks_answer(world, app, desk, brand, run, mia):
    page = desk.get(f"{URL}/maps/new?from=bca&lang=en")
    assert "could not verify your bank's layout" in text(page)
    assert "0000006789" in text(page)
    assert "0123456789" not in text(page)
    data = entries(page) | {"name": "BCA kami", "debit_account": "8690123456", "fee": "2500", "do": "save"}
    saved = world.post(desk, f"{URL}/maps/new?from=bca&run={run.rsplit('/', 1)[1]}", data)
    assert saved.location == run
    shown = text(desk.get(run + "?lang=en"))
    assert "BCA kami" in shown
    assert "Pays the open payout" in shown
    with app.app_context():
        [own] = payouts.maps_of(brand.id)
    assert world.post(desk, run + "/files", {"map": own.public_id}).location == run + "#files"
    row, [paid] = the(app, brand)
    with app.app_context():
        [file] = payouts.files_of(row.id)
    first = world.post(desk, f"{run}/files/{file.public_id}")
    assert first.get_data() == world.post(desk, f"{run}/files/{file.public_id}").get_data()
    lines = text(first).split("\r\n")
    assert lines[0] == "20260616,8690123456,1,29800.00"
    assert lines[2] == f"0123456789,MIA,29800.00,{paid.public_id.upper().replace('_', '')},mia@example.test"
    assert first.headers["Cache-Control"] == "no-store"
    bad = upload(world, desk, run, b"Berita,Status\nsewa kantor,OKE\n")
    assert "Names no payout" not in text(desk.get(bad.location))
    assert "“sewa kantor” is no payout of this run." in text(desk.get(bad.location + "?lang=en"))
    assert world.post(desk, bad.location, {"do": "drop"}).location == run
    good = upload(world, desk, run, f"Berita,Status\n{paid.public_id},OKE\n".encode())
    assert "What does “OKE” mean? Add the word below." in text(desk.get(good.location))
    reading = {"reference": "Berita", "status": "Status", "header": "y", "skip": "0", "paid": "oke, sukses"}
    refused = world.post(desk, good.location, reading | {"do": "take", "paid": "sukses"})
    assert refused.status_code == 422
    assert world.post(desk, good.location, reading | {"do": "look"}).location == good.location
    assert "Will be marked as paid" in text(desk.get(good.location))
    assert world.post(desk, good.location, reading | {"do": "take"}).status_code == 303
    again = upload(world, desk, run, f"Berita,Status\n{paid.public_id},OKE\n".encode())
    assert again.location == good.location
    assert "Taking it again would change nothing." in text(desk.get(again.location))
    with app.app_context():
        assert payouts.get(paid.id).state == "paid"
        assert payouts.get(paid.id).bank_fee_minor == 2500
        assert verify.run(PAYDAY) == []


def test_columns_are_moved_added_and_taken_away_and_nothing_typed_is_lost(world, app, desk, brand):
    page = desk.get(f"{URL}/maps/new?from=mandiri&lang=en")
    data = entries(page) | {"name": "Bank kami"}
    before = data["columns-0-field"], data["columns-1-field"]
    moved = entries(world.post(desk, f"{URL}/maps/new?from=mandiri", data | {"do": "down:0"}))
    assert (moved["columns-1-field"], moved["columns-0-field"], moved["name"]) == (*before, "Bank kami")
    fewer = entries(world.post(desk, f"{URL}/maps/new?from=mandiri", moved | {"do": "remove:2"}))
    assert len([name for name in fewer if name.endswith("-field")]) == 7
    more = entries(world.post(desk, f"{URL}/maps/new?from=mandiri", fewer | {"do": "add"}))
    assert more["columns-7-field"] == ""
    for odd in ("up:99", "remove:-1", "remove:x", "nonsense"):
        assert world.post(desk, f"{URL}/maps/new?from=mandiri", more | {"do": odd}).status_code == 200
    with app.app_context():
        assert payouts.maps_of(brand.id) == []


def test_what_makes_no_file_is_said_at_its_field(world, desk):
    data = entries(desk.get(f"{URL}/maps/new?from=bca_other&lang=en"))
    wrong = data | {
        "before": "{iban}",
        "max_rows": "0",
        "currency": "",
        "scope": "only",
        "banks": "XYZ",
        "do": "save",
        "name": "",
    }
    answer = world.post(desk, f"{URL}/maps/new?from=bca_other", wrong)
    assert answer.status_code == 422
    for words in ("Between { and }", "Enter a whole number", "Choose the currency", "Enter short names such as BCA"):
        assert words in text(answer)
    assert "Mend these to see the file:" in text(answer)
    assert world.post(desk, f"{URL}/maps/new?from=bca_other", wrong | {"do": "look"}).status_code == 200


def test_two_people_who_change_a_layout_do_not_undo_each_other(world, app, desk, brand):
    with app.app_context(), transaction():
        row = payouts.keep_map(brand.id, "Ours", payouts.NEUTRAL, starter="neutral", now=START)
        url = f"{URL}/maps/{row.public_id}"
    one = entries(desk.get(url))
    assert world.post(desk, url, one | {"name": "First", "do": "save"}).status_code == 303
    late = world.post(desk, url + "?lang=en", one | {"name": "Second", "do": "save"})
    assert world.post(desk, url, one | {"name": "Third", "revision": "9" * 5000, "do": "save"}).status_code == late.status_code
    assert late.status_code == 422
    assert "changed in the meantime" in text(late)
    assert world.post(desk, url + "/archive").status_code == 303
    assert desk.get(url).status_code == 404


def test_a_run_says_what_a_layout_leaves_out(world, app, desk, brand, run):
    with app.app_context(), transaction():
        low = replace(payouts.NEUTRAL, currency="IDR", limit=10_000, limit_name="BI-FAST")
        payouts.keep_map(brand.id, "Low", low, starter="neutral", now=START)
    page = text(desk.get(run + "?lang=en"))
    assert "Pays none of the open payouts" in page
    with app.app_context():
        [low_map] = payouts.maps_of(brand.id)
    refused = world.post(desk, run + "/files?lang=en", {"map": low_map.public_id})
    assert refused.status_code == 422
    assert "No open payout of this run fits this file." in text(refused)
    editor = text(desk.get(f"{URL}/maps/{low_map.public_id}?lang=en"))
    assert "Is above the limit of Rp10.000 for one transfer (BI-FAST)." in editor
    assert world.post(desk, run + "/files", {}).status_code == 422


def test_a_file_is_taken_back_with_a_reason(world, app, desk, brand, run):
    world.post(desk, run + "/files", {"map": "neutral"})
    row, _ = the(app, brand)
    with app.app_context():
        [file] = payouts.files_of(row.id)
    url = f"{run}/files/{file.public_id}/discard"
    assert world.post(desk, url, {"reason": ""}).status_code == 422
    assert world.post(desk, url, {"reason": "salah bank"}).status_code == 303
    assert "salah bank" in text(desk.get(run))
    assert [paid.state for paid in the(app, brand)[1]] == ["ready"]


@pytest.mark.parametrize("content", [b"", b"\x00\x01", b"x" * 200_000])
def test_what_is_no_table_is_refused(world, desk, run, content):
    assert upload(world, desk, run, content).status_code == 422


def test_an_answer_without_rows_is_not_taken(world, desk, run):
    kept = upload(world, desk, run, b"nonsense")
    assert "No rows can be read like this." in text(desk.get(kept.location + "?lang=en"))
    assert world.post(desk, kept.location, {"do": "take", "header": "y", "skip": "0"}).status_code == 422
    assert world.post(desk, kept.location, {"do": "look", "header": "y", "skip": "x"}).status_code == 422


def test_a_page_that_was_overtaken_says_so(world, app, desk, brand, run):
    """Two tabs: what the first one did, the second one is told, and nothing happens twice."""
    content = f"reference,result\n{the(app, brand)[1][0].public_id},paid\n".encode()
    answer = upload(world, desk, run, content).location
    world.post(desk, run + "/files", {"map": "neutral"})
    again = world.post(desk, run + "/files?lang=en", {"map": "neutral"}, follow_redirects=True)
    assert "All payouts of this run have left already" in text(again)
    take = {"do": "take", "reference": "reference", "status": "result", "header": "y", "paid": "paid", "skip": "0"}
    assert world.post(desk, answer, take).location.endswith(run)
    told = world.post(desk, answer + "?lang=en", take, follow_redirects=True)
    assert "This answer was taken before. Nothing was changed again." in text(told)
    assert "Nothing of this run was open any more" in text(world.post(desk, run + "/confirmation?lang=en", follow_redirects=True))


def test_an_answer_that_was_dropped_leads_back_to_its_run(world, desk, run):
    answer = upload(world, desk, run, b"reference,result\nx,paid\n").location
    world.post(desk, answer, {"do": "drop"})
    for gone in (desk.get(answer + "?lang=en"), world.post(desk, answer + "?lang=en", {"do": "take"})):
        assert gone.status_code == 404
        assert "it was dropped" in text(gone)
        assert "Payouts in this run" in text(gone)


def test_a_run_for_nobody_is_not_made_and_the_reason_is_said(world, app, desk, brand, mia):
    with app.app_context(), transaction():
        session().execute(sql("DELETE FROM payees"))
    answer = world.post(desk, URL + "?lang=en", {"key": KEY}, follow_redirects=True)
    assert "No run was made: nobody can be paid right now." in text(answer)
    assert "No payout account stated yet." in text(answer)
    with app.app_context():
        assert payouts.runs_of(brand.id) == []
    client = world.sign_in(app.test_client(), mia.user_id)
    assert "Rp29.800 cannot be paid out yet" in text(client.get("/creator/earnings?lang=en"))


def test_what_was_too_little_is_said_for_as_long_as_it_is(world, app, desk, brand, mia, sale):
    client = world.sign_in(app.test_client(), mia.user_id)
    for key, minimum in (("one", 50_000), ("two", 20_000)):
        with app.app_context(), transaction():
            drawn, _ = payouts.open_run(brand.id, key, at=PAYDAY, started_by="")
            program_id = programs.programs_of_brand(brand.id)[0].id
            payouts.skip(
                drawn, program_id=program_id, creator_id=mia.id, currency="IDR", amount=9_800, minimum=minimum,
                reason="below_minimum",
            )  # fmt: skip
        page = text(client.get("/creator/earnings?lang=en"))
        assert ("Senja pays out from" in page) == (minimum > 29_800)


def test_an_account_that_was_changed_meanwhile_is_told_to_both(world, app, desk, brand, mia, run):
    _, [row] = the(app, brand)
    with app.app_context(), transaction():
        session().execute(sql("UPDATE payees SET number = :number"), {"number": vault.seal("5550001")})
    client = world.sign_in(app.test_client(), mia.user_id)
    assert "You have stated another account since" in text(client.get(f"/creator/payouts/{row.public_id}?lang=en"))
    page = text(desk.get(f"{run}/{row.public_id}?lang=en"))
    assert "The creator has stated another account since" in page
    assert "5550001" not in page


def test_the_schedule_is_settled_and_told(world, app, desk, brand):
    url = f"{URL}/schedule"
    weekly = {"kind": "weekly", "weekday": "2", "day": "1", "second": "16", "hour": "9", "fee_bearer": "creator"}
    assert world.post(desk, url, weekly | {"kind": "twice", "second": "1"}).status_code == 422
    assert world.post(desk, url, weekly | {"fee_bearer": "nobody"}).status_code == 422
    assert world.post(desk, url, weekly).location == URL
    page = text(desk.get(URL + "?lang=en"))
    assert "Every Wednesday at 09:00" in page
    assert "17 Jun 2026" in page
    assert [letter.to for letter in world.letters(now=PAYDAY) if "fee" in letter.subject] == []
    with app.app_context():
        payout_schedule.look({}, now=PAYDAY + timedelta(days=1))
        payout_schedule.take_slot({"brand": brand.id, "slot": "2026-06-17"}, now=PAYDAY + timedelta(days=1))
        job = session().scalar(sql("SELECT payload FROM jobs WHERE name = 'payout.fee_news'"))
        assert job is not None
    page = text(desk.get(URL))
    assert "by schedule" in page
    assert "Waits for you" in page
    made = text(desk.get(f"{URL}/{the(app, brand)[0].public_id}"))
    assert "This run waits for you" in made


def test_the_creator_sees_what_was_sent_and_the_fee(world, app, desk, brand, mia):
    with app.app_context():
        payout_schedule.settle(brand.id, payouts.Rhythm(), "creator", actor=somebody(), now=START)
        with transaction():
            own = payouts.keep_map(
                brand.id, "Fee", replace(payouts.NEUTRAL, currency="IDR", fee=2500), starter="neutral", now=START
            ).public_id
    run = world.post(desk, URL, {"key": KEY}).location
    world.post(desk, run + "/files", {"map": own})
    _, [paid] = the(app, brand)
    assert world.post(desk, f"{run}/{paid.public_id}/confirmation").location == f"{run}/{paid.public_id}"
    creator = world.sign_in(app.test_client(), mia.user_id)
    page = text(creator.get(f"/creator/payouts/{paid.public_id}?lang=en"))
    for words in ("Rp27.300", "Rp29.800", "−Rp2.500", "Sent to you"):
        assert words in page
    assert "fee Rp2.500" in text(creator.get("/creator/earnings"))
    letter = next(
        each for each in world.letters(now=PAYDAY) if "on your account" in each.subject and each.to == "mia@example.test"
    )
    assert letter.subject.startswith("Rp27.300")
    assert "transfer fee of Rp2.500" in letter.body
    stranger = world.sign_in(app.test_client(), world.creator("ana").user_id)
    assert stranger.get(f"/creator/payouts/{paid.public_id}").status_code == 404
    brands = text(desk.get(f"{run}/{paid.public_id}?lang=en"))
    assert "Transfer fee, borne by the creator" in brands


def test_a_payout_that_came_back_says_whether_the_account_was_changed(world, app, desk, brand, mia, run):
    _, [paid] = the(app, brand)
    url = f"{run}/{paid.public_id}"
    world.post(desk, url + "/return", {"reason": "rekening ditutup"})
    assert "has not changed the account yet" in text(desk.get(url + "?lang=en"))
    creator = world.sign_in(app.test_client(), mia.user_id)
    assert "Check your payout account" in text(creator.get(f"/creator/payouts/{paid.public_id}?lang=en"))
    with app.app_context(), transaction():
        later = PAYDAY + timedelta(hours=1)
        facts = {"tenant": "x", "actor": somebody(), "now": later}
        people.state_payee(mia.id, kind="ewallet", provider="PAYPAL", number="Mia@Example.test ", holder="Mia Putri", **facts)
    assert "has stated another account since" in text(desk.get(url))
    assert "it goes there" in text(creator.get(f"/creator/payouts/{paid.public_id}?lang=en"))
    second = world.post(desk, URL, {"key": KEY + "-two"}).location
    assert "PayPal ··@example.test" in text(desk.get(second))
    world.post(desk, second + "/files", {"map": "paypal"})
    row, [again] = the(app, brand)
    with app.app_context():
        [file] = payouts.files_of(row.id)
    sent = text(world.post(desk, f"{second}/files/{file.public_id}"))
    assert sent.startswith(f"mia@example.test,29800,IDR,{again.public_id},")


def test_a_viewer_sees_runs_but_no_layouts_and_no_buttons(world, app, brand, desk, run):
    user = world.user("viewer@senja.test")
    world.member(brand, user, "viewer")
    client = world.sign_in(app.test_client(), user.id)
    assert "Make the file" not in text(client.get(run + "?lang=en"))
    for url in (f"{URL}/maps", f"{URL}/schedule", f"{URL}/maps/new"):
        assert client.get(url).status_code == 403


def test_a_run_that_waits_is_on_the_list_of_what_to_do(world, app, desk, brand, run):
    assert "Payout run waits for you" in text(desk.get("/brand/senja/?lang=en"))
    world.post(desk, run + "/files", {"map": "neutral"})
    assert "Payout run waits for you" not in text(desk.get("/brand/senja/"))


def test_whoever_joins_reads_that_the_fee_is_theirs(world, app, brand, sale, mia):
    creator = world.sign_in(app.test_client(), mia.user_id)
    with app.app_context():
        url = f"/creator/programs/{programs.programs_of_brand(brand.id)[0].public_id}?lang=en"
    assert "transfer fee" not in text(creator.get(url))
    with app.app_context():
        payout_schedule.settle(brand.id, payouts.Rhythm(), "creator", actor=somebody(), now=START)
    assert "The bank's transfer fee comes off your payouts here" in text(creator.get(url))
