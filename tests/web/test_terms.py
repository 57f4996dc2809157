"""The terms editor as people meet it: forms without a script, entries kept, nothing published by accident."""

from __future__ import annotations

import io
import json
import re
from datetime import timedelta

import pytest

from socialshop.domain import people, programs, terms
from socialshop.kernel import clock
from socialshop.kernel.database import transaction

from ..conftest import START

ALL = {
    "window_days": 7, "touch": "first", "code_vs_click": {"code": "70", "click": "30"}, "code_policy": "if_involved",
    "lifetime": True,
    "self_referral": "allow", "hold_days": 10, "minimum_order": {"IDR": 20000, "USD": 150}, "minimum_payout": {"IDR": 50000},
    "base": {"shipping": True, "tax": True}, "rounding": "down", "precedence": "product_first", "notice_days": 30,
    "cap_per_order": {"IDR": 90000}, "budget": {"IDR": 1000000}, "payout_currency": "USD", "overrides": ["5", "2.5"],
    "rules": [
        {"id": "odd id/1", "percent": "12.5", "when": {"creator": ["@mia"], "group": ["vip", "old"], "currency": ["IDR", "USD"]}},
        {"id": "b", "kind": "bonus", "flat": {"IDR": 5000, "USD": 50}, "per": "unit", "cap_per_order": {"IDR": 9000},
         "when": {"product": ["prd_x", "4711"], "category": ["Kopi", "Teh, hijau"], "brand": ["brd"], "customer": "new"}},
        {"id": "t", "tiers": [{"up_to": {"IDR": 100000}, "percent": "5"}, {"percent": "8"}], "tier_mode": "next_order",
         "tier_period": "quarter", "when": {"via": ["click", "code"], "channel": ["qr", "blog"]},
         "recurring": {"payments": 3, "months": 12}},
        {"id": "x", "kind": "exclude", "when": {"category": "Hadiah"}, "from": "2026-06-01T00:00:00Z",
         "until": "2026-07-01T00:00:30Z"},
    ],
}  # fmt: skip


@pytest.fixture
def brand(world):
    return world.brand("senja")


@pytest.fixture
def program(world, brand):
    found = world.program(brand)
    world.enroll(found, world.creator("mia"), groups=("vip",))
    return found


@pytest.fixture
def base(program):
    return f"/brand/senja/programs/{program.public_id}/terms"


@pytest.fixture
def desk(app, world, brand):
    with app.app_context():
        owner = people.members_of(brand.id)[0][1].id
    return world.sign_in(app.test_client(), owner)


def draft(app, program):
    with app.app_context():
        found = programs.get(program.id)
        return terms.to_document(terms.read(found.draft)) if found.draft else None


def written(desk, base):
    return re.search(r'name="written"[^>]*value="([0-9a-f]{32})"', desk.get(f"{base}/import").text)[1]


def fields(page):
    """What a browser would send back from a page's form, unchanged."""
    form = re.search(r'<form class="[^"]*\bform\b[^>]*>(.*?)</form>', page.text, re.S)[1]
    sent: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, kind = re.search(r'name="([^"]*)"', tag), re.search(r'type="([^"]*)"', tag)
        if name is None or kind[1] in ("submit", "file") or (kind[1] in ("radio", "checkbox") and " checked" not in tag):
            continue
        value = re.search(r'value="([^"]*)"', tag)
        sent.setdefault(name[1], []).append(_plain(value[1]) if value else "y" if kind[1] == "checkbox" else "")
    for name, text in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>\s*(.*?)</textarea>', form, re.S):
        sent[name] = [_plain(text)]
    for name, options in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'<option selected[^>]*value="([^"]*)"', options)
        sent[name] = [chosen[1]] if chosen else []
    sent.pop("csrf_token", None)
    return sent


def _plain(text):
    return text.replace("&#34;", '"').replace("&amp;", "&").replace("&#39;", "'")


def put(world, desk, base, document):
    sent = world.post(desk, f"{base}/import", {"written": written(desk, base), "pasted": json.dumps(document)})
    assert sent.status_code == 303, sent.text


def test_everything_terms_can_say_survives_every_form(app, world, desk, base, program):
    """Each form is opened and sent back as it is: the document does not change."""
    put(world, desk, base, ALL)
    before = draft(app, program)
    assert before["code_vs_click"] == {"code": "70", "click": "30"}
    for place in ("choices", "rules/1", "rules/2", "rules/3", "rules/4"):
        page = desk.get(f"{base}/editor/{place}")
        answer = world.post(desk, f"{base}/editor/{place}", fields(page))
        assert answer.status_code == 303, (place, answer.text)
        assert draft(app, program) == before, place


def test_the_editor_tells_rules_as_sentences_and_warns(world, desk, base):
    rules = [
        {"id": "a", "percent": "10"},
        {"id": "b", "percent": "20"},
        {"id": "c", "percent": "5", "when": {"creator": "@mia"}},
    ]
    put(world, desk, base, {"rules": rules})
    page = desk.get(f"{base}/editor").text
    assert "for @mia" in page
    assert "This rule never wins: rule 1 fits everything that it fits" in page
    assert "Wins over rule 1 where both fit:" in page
    assert "it names a creator" in page
    assert "20% of the goods" in page


def test_rules_are_added_moved_and_deleted_without_a_script(app, world, desk, base, program):
    new = f"{base}/editor/rules/new?kind=bonus"
    sent = fields(desk.get(new)) | {"percent": "2,5", "customer": "new"}
    assert world.post(desk, new, sent).status_code == 303
    assert draft(app, program)["rules"][1] == {"id": "r1", "kind": "bonus", "percent": "2.5", "when": {"customer": ["new"]}}
    mark = {"written": written(desk, base)}
    assert world.post(desk, f"{base}/editor/rules/2/place", mark | {"direction": "up"}).status_code == 303
    assert [rule["id"] for rule in draft(app, program)["rules"]] == ["r1", "base"]
    mark = {"written": written(desk, base)}
    assert world.post(desk, f"{base}/editor/rules/2/deletion", mark).status_code == 303
    assert [rule["id"] for rule in draft(app, program)["rules"]] == ["r1"]


def test_two_tabs_do_not_overwrite_each_other(app, world, desk, base, program):
    sent = fields(desk.get(f"{base}/editor/rules/1"))
    put(world, desk, base, {"rules": [{"id": "other", "percent": "1"}]})
    answer = world.post(desk, f"{base}/editor/rules/1", sent)
    assert answer.status_code == 409
    assert draft(app, program)["rules"][0]["id"] == "other"


def test_steps_are_added_one_by_one(app, world, desk, base, program):
    new = f"{base}/editor/rules/new"
    sent = fields(desk.get(new)) | {"amount": "tiers", "up_to-0": "1.000.000", "step_percent-0": "5", "more": "1"}
    page = world.post(desk, new, sent)
    assert page.status_code == 200
    assert 'name="up_to-3"' in page.text
    sent = fields(page) | {"step_percent-3": "8"}
    assert world.post(desk, new, sent).status_code == 303
    assert draft(app, program)["rules"][1]["tiers"] == [{"up_to": {"IDR": 1_000_000}, "percent": "5"}, {"percent": "8"}]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"percent": "110"}, "This is not a percentage"),
        ({"amount": "flat", "flat": "lots"}, "This is not an amount of money"),
        ({"amount": "flat", "flat": ""}, "Say how much a sale earns"),
        ({"amount": "tiers"}, "Give every step its percentage"),
        ({"amount": "tiers", "step_percent-0": "5", "step_percent-1": "6"}, "Every step but the last needs a limit"),
        (
            {
                "amount": "tiers",
                "up_to-0": "9",
                "step_percent-0": "5",
                "up_to-1": "9",
                "step_percent-1": "6",
                "step_percent-2": "7",
            },
            "The limits must rise",
        ),
        ({"percent": "5", "payments": "0"}, "Use a whole number"),
        ({"percent": "5", "from_at": "soon"}, "Choose a date"),
        ({"percent": "5", "from_at": "2026-07-02T00:00", "until_at": "2026-07-01T00:00"}, "The end must come after the start"),
        ({"percent": "5", "creator": "999"}, "Choose creators of this program"),
        ({"percent": "5", "kind": "odd"}, "Please choose one"),
    ],
)
def test_a_rule_that_cannot_be_comes_back_with_its_entries(app, world, desk, base, program, change, message):
    new = f"{base}/editor/rules/new"
    answer = world.post(desk, new, fields(desk.get(new)) | {"category_more": "Kopi Gayo"} | change)
    assert answer.status_code == 422
    assert message in answer.text
    assert "Kopi Gayo" in answer.text
    assert draft(app, program) is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"window_days": "x"}, "window_days"),
        ({"code_vs_click": "split", "code_share": "100"}, "code_share"),
        ({"overrides": "5; x"}, "overrides"),
        ({"budget": "EUR x"}, "budget"),
        ({"payout_currency": "XXX"}, "payout_currency"),
    ],
)
def test_choices_are_refused_by_field(world, desk, base, change, field):
    url = f"{base}/editor/choices"
    answer = world.post(desk, url, fields(desk.get(url)) | change)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text


def test_import_names_the_place_and_keeps_the_draft(app, world, desk, base, program):
    for text, place in (
        ('{"rules": [{"id": "a", "percent": 10}]}', "terms.rules[0] (rule &#34;a&#34;).percent"),
        ('{"rules": [{"id": "a", "percent": "10", "when": {"creator": "@nobody"}}]}', "when.creator"),
        ('{"rules": [], "rules": []}', "document"),
        ("{", "document"),
        ("[]", "terms"),
        ('{"colour": "red"}', "terms.colour"),
    ):
        answer = world.post(desk, f"{base}/import", {"written": written(desk, base), "pasted": text})
        assert (answer.status_code, place in answer.text) == (422, True), (text, answer.text)
    assert draft(app, program) is None


def test_export_reads_back_to_the_same_and_names_no_row_ids(app, world, desk, base, program):
    put(world, desk, base, ALL)
    answer = desk.get(f"{base}.json")
    assert answer.mimetype == "application/json"
    document = json.loads(answer.text)
    assert document["rules"][0]["when"]["creator"] == ["@mia"]
    before = draft(app, program)
    file = {"file": (io.BytesIO(answer.data), "terms.json"), "written": written(desk, base)}
    assert world.post(desk, f"{base}/import", file, content_type="multipart/form-data").status_code == 303
    assert draft(app, program) == before


def test_preview_says_what_changes_and_publishing_puts_it_in_force(app, world, desk, base, program):
    with app.app_context(), transaction():
        programs.keep_draft(program.id, {"rules": [{"id": "base", "percent": "5"}], "notice_days": 7})
    page = desk.get(f"{base}/preview")
    assert "<del>Commission: 10% of the goods.</del>" in page.text
    assert "<ins>Commission: 5% of the goods.</ins>" in page.text
    assert "promise no notice" in page.text
    clock.use(lambda: START + timedelta(hours=1))
    answer = world.post(desk, f"{base}/publication", fields(page))
    assert answer.status_code == 303
    with app.app_context():
        assert programs.terms_now(program.id, START + timedelta(hours=1)).terms["notice_days"] == 7
    assert draft(app, program) is None
    history = desk.get(f"{base}/history").text
    assert "Version 2" in history
    assert "<del>Commission: 10% of the goods.</del>" in history
    with app.app_context(), transaction():
        programs.keep_draft(program.id, {"rules": [{"id": "base", "percent": "4"}]})
    page = desk.get(f"{base}/preview").text
    assert "promise 7 days of notice" in page
    assert "until 8 Jun 2026" in page


def test_what_was_looked_at_is_what_is_published(app, world, desk, base, program):
    put(world, desk, base, {"rules": [{"id": "a", "percent": "1"}]})
    sent = fields(desk.get(f"{base}/preview"))
    put(world, desk, base, {"rules": [{"id": "a", "percent": "2"}]})
    assert world.post(desk, f"{base}/publication", sent).status_code == 409
    sent = fields(desk.get(f"{base}/preview")) | {"start": "later", "from_at": "2020-01-01T00:00"}
    answer = world.post(desk, f"{base}/publication", sent)
    assert answer.status_code == 422
    assert "never in the past" in answer.text


def test_the_draft_can_be_begun_again(app, world, desk, base, program):
    put(world, desk, base, {"rules": []})
    world.post(desk, f"{base}/editor/reset", {"written": written(desk, base)})
    assert draft(app, program)["rules"][0]["percent"] == "10"


@pytest.mark.parametrize(
    "place", ["editor", "editor/choices", "editor/rules/new", "editor/rules/1", "preview", "history", "import"]
)
def test_both_languages_and_hostile_names(world, desk, base, place):
    rules = [{"id": "<b>", "percent": "5", "when": {"category": "<script>alert(1)</script>", "group": "a&b"}}]
    put(world, desk, base, {"rules": rules})
    for language in ("id", "en"):
        page = desk.get(f"{base}/{place}?lang={language}")
        assert page.status_code == 200
        assert "<script>alert" not in page.text
