"""Holding with evidence, appealing, answering, deciding, and disputing, as people do it."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image

from socialshop.domain import appeals, commissions, orders, people
from socialshop.flows import verify
from tests.conftest import START

KEY = "a-key-of-the-form-0123"
PDF = b"%PDF-1.7\n1 0 obj << /JS (alert) >> endobj\n%%EOF\n"


def picture(colour=(200, 30, 30)):
    out = io.BytesIO()
    Image.new("RGB", (900, 500), colour).save(out, "JPEG", exif=Image.Exif())
    return out.getvalue()


def text(answer):
    return answer.get_data(as_text=True)


@pytest.fixture
def commission(app, sale, mia):
    with app.app_context():
        return commissions.find_of(sale.id, mia.id).public_id


@pytest.fixture
def desk(commission):
    return f"/brand/senja/commissions/{commission}"


def hold(world, owner, desk, **more):
    data = {"key": KEY, "code": "self_purchase", "reason": "Alamatnya sama.", "note": "nomor HP sama", **more}
    return world.post(owner, f"{desk}/hold?lang=en", data, content_type="multipart/form-data")


def appeal(world, creator, commission, key=KEY, words="Itu tetangga saya.", **more):
    data = {"key": key, "words": words, **more}
    return world.post(creator, f"/creator/earnings/{commission}/appeal?lang=en", data, content_type="multipart/form-data")


def papers_in(page):
    return re.findall(r'href="([^"]*/papers/ppr_\w+)"', page)


def test_a_hold_shows_the_creator_the_reason_and_only_the_evidence_meant_for_them(world, creator, owner, desk, commission):
    answer = hold(
        world, owner, desk,
        papers=[(io.BytesIO(picture()), "../../nota<b>.jpg"), (io.BytesIO(PDF), "chat.pdf")],
        kept=[(io.BytesIO(PDF + b"x" * 10), "internal.pdf")],
    )  # fmt: skip
    assert answer.status_code == 303
    page = text(creator.get(f"/creator/earnings/{commission}?lang=en"))
    assert "It looks as if you bought this yourself" in page
    assert "Alamatnya sama." in page
    assert "nomor HP sama" not in page
    assert "internal.pdf" not in page
    shown = papers_in(page)
    assert len(shown) == 2
    for url in shown:
        answer = creator.get(url)
        assert answer.status_code == 200
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert "no-store" in answer.headers["Cache-Control"]
    kinds = {answer.mimetype: answer for answer in (creator.get(url) for url in shown)}
    assert kinds["application/pdf"].headers["Content-Disposition"].startswith("attachment")
    assert kinds["image/webp"].data[:4] == b"RIFF"  # our own encoding, whatever was sent
    theirs = text(owner.get(f"{desk}?lang=en"))
    assert len(papers_in(theirs)) == 3
    assert "nomor HP sama" in theirs


def test_papers_are_for_the_two_parties_only(world, app, creator, owner, desk, commission, brand):
    hold(world, owner, desk, papers=[(io.BytesIO(PDF), "chat.pdf")], kept=[(io.BytesIO(PDF), "internal.pdf")])
    mine = papers_in(text(creator.get(f"/creator/earnings/{commission}")))
    theirs = papers_in(text(owner.get(desk)))
    kept = next(url for url in theirs if url.rpartition("/")[2] != mine[0].rpartition("/")[2])
    assert creator.get("/creator/papers/" + kept.rpartition("/")[2]).status_code == 404
    stranger = world.sign_in(app.test_client(), world.creator("ana").user_id)
    other = world.brand("lain")
    with app.app_context():
        boss = people.members_of(other.id)[0][1].id
    rival = world.sign_in(app.test_client(), boss)
    viewer = world.user("viewer@senja.test")
    world.member(brand, viewer, "viewer")
    looker = world.sign_in(app.test_client(), viewer.id)
    operator = world.sign_in(app.test_client(), world.user("op@x.test", operator=True).id)
    assert stranger.get(mine[0]).status_code == 404
    assert rival.get(theirs[0].replace("/brand/senja/", "/brand/lain/")).status_code == 404
    assert looker.get(theirs[0]).status_code == 403
    assert "internal.pdf" not in text(looker.get(desk))
    assert operator.get(theirs[0]).status_code == 404
    assert app.test_client().get(theirs[0]).status_code == 302


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"<svg onload=alert(1)>", "x.svg", "Please attach JPEG, PNG or WebP pictures, or PDF files."),
        (b"%PDF-1.7 no end", "x.pdf", "This PDF is damaged"),
        (picture()[:500], "x.jpg", "damaged or incomplete"),
    ],
)
def test_a_file_that_cannot_be_kept_is_named_and_the_words_stay(world, creator, owner, desk, commission, data, name, words):
    hold(world, owner, desk)
    answer = appeal(world, creator, commission, papers=[(io.BytesIO(data), name)])
    assert answer.status_code == 422
    assert words in text(answer)
    assert name in text(answer)
    assert "Itu tetangga saya." in text(answer)


def test_six_files_at_once_are_too_many(world, creator, owner, desk, commission):
    hold(world, owner, desk)
    answer = appeal(world, creator, commission, papers=[(io.BytesIO(PDF), f"{n}.pdf") for n in range(6)])
    assert answer.status_code == 422
    assert "At most 5 files at once." in text(answer)


def test_an_appeal_from_the_receipt_to_the_decision(world, app, creator, owner, desk, commission, mia):
    hold(world, owner, desk)
    assert f"/creator/earnings/{commission}/appeal" in text(creator.get(f"/creator/earnings/{commission}"))
    assert "self-purchase" not in text(creator.get(f"/creator/earnings/{commission}/appeal?lang=en"))  # that is the brand's word
    one = appeal(world, creator, commission, papers=[(io.BytesIO(picture()), "nota.jpg")])
    two = appeal(world, creator, commission)
    assert (one.status_code, one.location) == (303, two.location)
    listed = text(owner.get("/brand/senja/appeals?lang=en"))
    assert "@mia" in listed
    assert "Your turn" in listed
    assert "1 creator has appealed" in text(owner.get("/brand/senja/commissions?lang=en"))
    url = "/brand/senja/appeals/" + one.location.rpartition("/")[2]
    page = text(owner.get(f"{url}?lang=en"))
    for words in ("Itu tetangga saya.", "Your code MIA10".replace("Your code", "Code"), "Alamatnya sama.", "Rp29.800"):
        assert words in page
    refused = world.post(owner, f"{desk}/release?lang=en", follow_redirects=True)
    assert "Please decide the appeal" in text(refused)
    world.post(owner, url + "/messages", {"key": KEY, "words": "Boleh lihat <i>fotonya</i>?"})
    talk = text(creator.get(one.location + "?lang=en"))
    assert "Boleh lihat &lt;i&gt;fotonya&lt;/i&gt;?" in talk
    assert "Your turn" in talk
    world.post(creator, one.location + "/messages", {"key": KEY, "words": "Ini."})
    assert world.post(owner, url + "/decision?lang=en", {"outcome": "grant", "reason": ""}).status_code == 422
    assert world.post(owner, url + "/decision", {"outcome": "grant", "reason": "Maaf, kami keliru."}).status_code == 303
    late = world.post(owner, url + "/decision?lang=en", {"outcome": "deny", "reason": "x"}, follow_redirects=True)
    assert "closed in the meantime" in text(late)
    assert "Maaf, kami keliru." in text(creator.get(one.location))
    with app.app_context():
        assert commissions.get_own(mia.id, commission).state == "pending"
        assert verify.run(START) == []
    subjects = [letter.subject for letter in world.letters()]
    for part in ("is on hold", "@mia appeals", "asks you something", "@mia has answered", "was granted"):
        assert any(part in subject for subject in subjects), part


@pytest.mark.parametrize(
    ("chosen", "words"),
    [({}, "Please choose a reason."), ({"code": "other"}, "Please say why."), ({"code": "return_pending"}, "choose a reason")],
)
def test_a_judgement_without_a_reason_is_refused_at_its_field(world, owner, desk, chosen, words):
    refused = world.post(owner, f"{desk}/rejection?lang=en", {"key": KEY, "reason": "", "note": "kept", **chosen})
    assert refused.status_code == 422
    assert words in text(refused)
    assert "kept" in text(refused)


def test_a_rejection_is_appealed_denied_and_appealed_again_with_something_new(world, app, creator, owner, desk, commission, mia):
    rejection = {"key": KEY, "code": "brand_bidding", "reason": ""}
    assert world.post(owner, f"{desk}/rejection", rejection).status_code == 303
    first = appeal(world, creator, commission).location
    url = "/brand/senja/appeals/" + first.rpartition("/")[2]
    world.post(owner, url + "/decision", {"outcome": "deny", "reason": "Iklannya masih jalan."})
    page = text(creator.get(first + "?lang=en"))
    assert "Denied: what was decided before stays." in page
    assert "bring something new" in page
    again = appeal(world, creator, commission, key=KEY + "2", words="Bukan iklan saya.")
    assert again.status_code == 422
    assert "something new" in text(again)
    again = appeal(world, creator, commission, key=KEY + "2", words="Bukan iklan saya.", papers=[(io.BytesIO(PDF), "b.pdf")])
    assert again.status_code == 303
    world.post(
        owner, "/brand/senja/appeals/" + again.location.rpartition("/")[2] + "/decision", {"outcome": "grant", "reason": "Oh."}
    )
    with app.app_context():
        assert commissions.get_own(mia.id, commission).worth_minor == 29_800
        assert verify.run(START) == []
    assert "Rejection taken back" in text(creator.get(f"/creator/earnings/{commission}?lang=en"))


def test_a_form_sent_twice_is_one_hold_also_where_it_was_changed(world, app, owner, desk, commission, mia):
    hold(world, owner, desk)
    again = hold(world, owner, desk, reason="Lain lagi.")
    assert "That was done before." in text(owner.get(again.location))
    with app.app_context():
        [one] = appeals.shown_to_brand(commissions.get_own(mia.id, commission).order_id, mia.id)
        assert one.row.words == "Alamatnya sama."


def test_a_second_hold_from_another_tab_does_not_hide_the_first(world, app, owner, desk, commission, mia):
    hold(world, owner, desk)
    other = hold(world, owner, desk, key="another-tab-" + KEY, reason="Lain lagi.")
    assert "This is held already." in text(owner.get(other.location))
    with app.app_context():
        [one] = appeals.shown_to_brand(commissions.get_own(mia.id, commission).order_id, mia.id)
        assert one.row.words == "Alamatnya sama."


def test_what_may_not_be_done_leads_back_with_a_word(world, creator, owner, desk, commission):
    answer = appeal(world, creator, commission)
    assert answer.location.endswith(f"/earnings/{commission}")
    assert creator.get(f"/creator/earnings/{commission}/appeal").status_code == 302
    assert owner.get(f"{desk}/evidence").status_code == 302
    hold(world, owner, desk)
    assert owner.get(f"{desk}/hold").status_code == 302  # it is held
    made = appeal(world, creator, commission)
    assert creator.get(f"/creator/earnings/{commission}/appeal").location == made.location
    world.post(creator, made.location + "/withdrawal")
    assert "Withdrawn" in text(creator.get(made.location + "?lang=en"))
    assert text(owner.get("/brand/senja/appeals?state=closed")).count("apl_")
    world.post(owner, f"{desk}/release")
    assert owner.get(f"{desk}/hold").status_code == 200
    assert owner.get(f"{desk}/rejection").status_code == 200


def test_evidence_is_added_later_and_a_rejection_taken_back(world, app, creator, owner, desk, commission, mia):
    hold(world, owner, desk)
    added = {"papers": [(io.BytesIO(PDF), "later.pdf")], "note": ""}
    assert world.post(owner, f"{desk}/evidence", added, content_type="multipart/form-data").status_code == 303
    assert "later.pdf" in text(creator.get(f"/creator/earnings/{commission}"))
    world.post(owner, f"{desk}/rejection", {"key": KEY, "code": "rule_breach", "reason": "Tanpa tanda Iklan."})
    assert "Rejected" in text(creator.get("/creator/earnings?state=rejected&lang=en"))
    world.post(owner, f"{desk}/reinstatement", {"reason": ""})
    with app.app_context():
        assert commissions.get_own(mia.id, commission).state == "rejected"
    world.post(owner, f"{desk}/reinstatement", {"reason": "Tandanya ada."})
    with app.app_context():
        assert commissions.get_own(mia.id, commission).state == "pending"
        assert appeals.standing(orders.get(commissions.get_own(mia.id, commission).order_id).id, mia.id) is None
        assert verify.run(START) == []


def test_a_dispute_from_the_order_to_its_end(world, app, creator, owner, sale, commission):
    page = text(owner.get(f"/brand/senja/orders/{sale.public_id}?lang=en"))
    form = f"/brand/senja/orders/{sale.public_id}/disputes"
    assert form in page
    assert world.post(owner, form, {"key": KEY, "how": "part", "amount": "999.999.999", "reason": "4711"}).status_code == 422
    assert world.post(owner, form, {"key": KEY, "how": "part", "amount": "x", "reason": "4711"}).status_code == 422
    for nothing in ("0", "", "Rp0"):
        answer = world.post(owner, form + "?lang=en", {"key": KEY, "how": "part", "amount": nothing, "reason": "4711"})
        assert answer.status_code == 422
        assert "Write how much the bank asks for, more than 0." in text(answer)
    opened = world.post(owner, form, {"key": KEY, "how": "all", "reason": "Kasus 4711"})
    assert opened.status_code == 303
    assert world.post(owner, form, {"key": KEY, "how": "all", "reason": "Kasus 4711"}).location == opened.location
    receipt = text(creator.get(f"/creator/earnings/{commission}?lang=en"))
    assert "Disputed payment" in receipt
    assert "4711" not in receipt
    assert f"/creator/earnings/{commission}/appeal" not in receipt  # nobody here could change it
    assert world.post(owner, opened.location + "/closing", {"outcome": "lost"}).status_code == 422
    assert world.post(owner, opened.location + "/closing", {"outcome": "lost", "reason": "Kalah"}).status_code == 303
    assert "Dispute lost" in text(owner.get(f"/brand/senja/orders/{sale.public_id}?lang=en"))
    assert "Rp0" in text(creator.get(f"/creator/earnings/{commission}"))
    assert "Nothing to dispute" in text(owner.get(form + "?lang=en"))
    with app.app_context():
        assert verify.run(START) == []
    assert len([letter for letter in world.letters() if "dispute" in letter.subject]) == 2


def test_only_till_roles_judge_decide_and_dispute(world, app, brand, sale, desk):
    for role, status in (("viewer", 403), ("manager", 200), ("finance", 200)):
        user = world.user(f"{role}@senja.test")
        world.member(brand, user, role)
        client = world.sign_in(app.test_client(), user.id)
        assert client.get(desk).status_code == 200
        for url in (f"{desk}/hold", "/brand/senja/appeals", f"/brand/senja/orders/{sale.public_id}/disputes"):
            assert client.get(url).status_code == status
