"""A receipt says by itself why a commission is what it is: odd cases, read by somebody who knows nothing of the code."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pytest

from socialshop.domain import commissions
from socialshop.domain.audit import SYSTEM
from socialshop.flows import judge, money_words, receipt, verify
from socialshop.kernel.errors import NotFound

from . import odd_receipts as odd
from .live import Stage

CASES: list[tuple[str, str, str, list[str]]] = [
    ("split_with_caps", "o1", "A", [
        "Won a share: link and code were of two creators, and this program splits.",
        "Here the code's creator then gets 33.3333% and the link's creator 66.6667%",
        "exactly 4.125, rounded",
        "cut from $0.99: on all its lines this rule gave $2.97, and in one order it gives at most $2.00",
        "One order earns at most $10.00",
        "exactly 3.33333; the two parts are whole units that add up",
        "33.3333% of $10.00 for this creator",
    ]),
    ("split_with_caps", "o1", "B", ["66.6667% of $10.00 for this creator", "Code RANI10 of another creator"]),
    ("old_terms_by_notice", "o1", "A", [
        "Version 1 of the terms of p, which began on 1 Jan 2026, 07:00 WIB.",
        "Version 2 replaced it on 1 Jun 2026, 07:00 WIB. But version 1 promises notice, so it stayed open until 1 Jul 2026",
        "Version of 1 Jan 2026: this one counts",
        "15% of $99.99",
        "30 days after the order",
    ]),
    ("tiers_and_refund", "o2", "A", [
        "5% of $29.50 + 8% of $120.50",
        "Sold in that calendar month before this line: $970.50. The step of 5% goes from $0.00 to $1,000.00.",
        "l2: $50.00 of $150.00 has gone back to the buyer so far. The same part of the line's $11.12 is taken back: exactly 3.70666666…, rounded to $3.71.",
        "exactly 4.448, rounded to $4.45. Of that, $3.71 was taken back before.",
        "The commission is $10.20 after this; before it was $10.94.",
        "Commission, before what happened since",
    ]),
    ("converted_and_clawed_back", "o1", "A", [
        "1 USD = 16,250.50 IDR (of 1 Jun 2026, 07:00 WIB)",
        "At that rate $7.49 are Rp121.716 now (exactly 121.716,245, rounded).",
        "Part of a payout of Rp182.656, drawn up on 20 Jun 2026.",
        "This much had been paid out already. So it is owed back, and taken from the next payouts.",
        "Rp182.656 was paid out for it, which is Rp60.940 too much now.",
        "At first it was Rp182.656; what changed since",
    ]),
    ("lifetime_customer", "o2", "B", [
        "The sale belongs to whoever brought an earlier order of this buyer.",
        "This buyer's first order, brought by another creator",
        "order o1 of 2 May 2026",
        "Not asked: buyers stay with the creator of their first order here, whatever they tap or type later.",
    ]),
    ("lifetime_customer", "o2", "A", ["Won: buyers stay with the creator of their first order here."]),
    ("renewal", "o2", "A", ["Won: a renewal belongs to whoever brought the first payment.", "order o1 of 2 Jan 2026"]),
    ("renewal", "o3", "A", [
        "This was payment number 3 of the subscription; 2 of the payments before it have earned.",
        "Commission: 20% of the goods, on subscriptions for the first 2 payments.",
    ]),
    ("recruited", "o1", "B", [
        "get 12.5% of that on top, paid by the brand: $1.13. (exactly 1.125, rounded)",
        "12.5% of the commission that it follows, which was $10.00 then.",
        "It is always 12.5% of the commission that it follows, which is $9.00 now.",
    ]),
    ("too_small", "o1", "A", ["The goods came to $49.99 after discounts; orders of $50.00 and more earn."]),
]  # fmt: skip


def receipt_of(stage: Stage, order: str, creator: str) -> receipt.Receipt:
    order_id, creator_id = stage.orders[order], stage.ids[creator]
    row = commissions.find_of(order_id, creator_id)
    return receipt.of_commission(row) if row is not None else receipt.of_order(order_id, creator_id)


def texts(told: Any) -> list[str]:
    """Every sentence anywhere in it."""
    if isinstance(told, str):
        return [told]
    values = told.values() if isinstance(told, dict) else told if isinstance(told, (list, tuple)) else ()
    return [text for value in values for text in texts(value)]


@pytest.mark.parametrize(("case", "order", "creator", "sentences"), CASES, ids=[f"{c[0]}-{c[1]}-{c[2]}" for c in CASES])
def test_odd_cases_explain_themselves(room: None, case: str, order: str, creator: str, sentences: list[str]) -> None:
    stage = Stage(getattr(odd, case)())
    stage.play()
    found = receipt_of(stage, order, creator)
    told = receipt.tell(found, audience="creator", locale="en", zone="Asia/Jakarta", now=stage.scenario.now)
    said = "\n".join(texts(asdict(told)))
    assert [sentence for sentence in sentences if sentence not in said] == []
    assert_adds_up(found, told)
    for audience in ("creator", "brand"):
        for locale in ("id", "en"):
            both = receipt.tell(found, audience=audience, locale=locale, zone="Asia/Makassar", now=stage.scenario.now)
            assert not [text for text in texts(asdict(both)) if "{" in text or "}" in text]
            assert len(both.steps) == len(told.steps)
    assert verify.run(stage.scenario.now) == []


def assert_adds_up(found: receipt.Receipt, told: receipt.Told) -> None:
    """What stands on the page adds up from top to bottom, and ends at the commission."""
    for line, facts in zip(told.lines, found.lines, strict=False):
        counted = next(i for i, entry in enumerate(line.entries) if entry.total)
        assert sum(entry.minor for entry in line.entries[:counted]) == line.entries[counted].minor == facts.base
        assert facts.amount == line.entries[-1].minor or sum(e.minor for e in line.entries[counted + 1 :]) == facts.amount
    if found.sum is not None and found.override is None:
        assert sum(line.amount for line in found.lines) == found.sum.total == told.sum[-1].minor
    if found.commission is not None:
        earned = [step.minor for step, row in zip(told.steps, found.steps, strict=True) if row.worth is not None]
        assert sum(earned) == found.commission.worth_minor
        assert found.steps[-1].worth in (None, found.commission.worth_minor)


def test_a_creator_is_not_told_who_the_others_are(room: None) -> None:
    stage = Stage(odd.lifetime_customer())
    stage.play()
    found = receipt_of(stage, "o2", "B")
    for_creator = receipt.tell(found, audience="creator", locale="en", zone="UTC", now=stage.scenario.now)
    for_brand = receipt.tell(found, audience="brand", locale="en", zone="UTC", now=stage.scenario.now)
    assert "@creator-b" not in "\n".join(texts(asdict(for_creator)))
    assert "brought by @creator-b" in "\n".join(texts(asdict(for_brand)))


def test_what_a_person_decided_is_told_with_their_reason(room: None) -> None:
    stage = Stage(odd.scenario([odd.order("o1", "2026-06-02T03:00:00Z", 5_000, code="rani10")], "2026-06-03T00:00:00Z"))
    stage.play()
    now, row = stage.scenario.now, receipt_of(stage, "o1", "A").commission
    assert row is not None
    judge.hold(row.id, key="key-of-the-form-1", code="suspicious_clicks", reason="Forty taps in a minute.", actor=SYSTEM, now=now)
    told = receipt.tell(receipt_of(stage, "o1", "A"), audience="creator", locale="en", zone="UTC", now=now)
    step = told.steps[-1]
    assert step.title == "Put on hold"
    assert step.quoted == "The taps that led to this order don’t look like those of people. Forty taps in a minute."


def test_each_side_reads_the_reason_as_it_is_addressed(room: None) -> None:
    stage = Stage(odd.scenario([odd.order("o1", "2026-06-02T03:00:00Z", 5_000, code="rani10")], "2026-06-03T00:00:00Z"))
    stage.play()
    now, row = stage.scenario.now, receipt_of(stage, "o1", "A").commission
    assert row is not None
    judge.hold(row.id, key="key-of-the-form-1", code="self_purchase", reason="One street.", actor=SYSTEM, now=now)
    found = receipt_of(stage, "o1", "A")
    read = {
        side: receipt.tell(found, audience=side, locale="en", zone="UTC", now=now).steps[-1].quoted
        for side in ("creator", "brand")
    }
    assert read["creator"].startswith("It looks as if you bought this yourself")
    assert read["brand"].startswith("It looks as if the creator bought this themselves")


def test_a_hold_whose_own_wait_is_over_names_no_day_to_come(room: None) -> None:
    stage = Stage(odd.scenario([odd.order("o1", "2026-06-02T03:00:00Z", 5_000, code="rani10")], "2026-06-03T00:00:00Z"))
    stage.play()
    now, row = stage.scenario.now, receipt_of(stage, "o1", "A").commission
    assert row is not None
    judge.hold(row.id, key="key-of-the-form-1", code="other", reason="Hm.", actor=SYSTEM, now=now)
    found = receipt_of(stage, "o1", "A")
    said = [
        receipt.tell(found, audience="creator", locale="en", zone="UTC", now=at).result[-1]
        for at in (now, row.due_at, row.due_at + timedelta(days=9))
    ]
    assert "not before" in said[0]
    assert said[1] == said[2]
    assert "its own time of waiting ended on" in said[1]


def test_a_rule_that_names_somebody_else_does_not_say_whom(room: None) -> None:
    rules = [{"id": "all", "percent": "10"}, {"id": "star", "percent": "30", "when": {"creator": "B"}}]
    stage = Stage(
        odd.scenario([odd.order("o1", "2026-06-02T03:00:00Z", 5_000, code="rani10")], "2026-06-03T00:00:00Z", rules=rules)
    )
    stage.play()
    found = receipt_of(stage, "o1", "A")
    told = receipt.tell(found, audience="creator", locale="en", zone="UTC", now=stage.scenario.now)
    assert any("for another creator" in clause.text for clause in told.clauses)
    told = receipt.tell(found, audience="brand", locale="en", zone="UTC", now=stage.scenario.now)
    assert any("for @creator-c" in clause.text for clause in told.clauses)


def test_who_had_nothing_to_do_with_it_has_no_receipt(room: None) -> None:
    stage = Stage(odd.too_small())
    stage.play()
    with pytest.raises(NotFound):
        receipt.of_order(stage.orders["o1"], stage.ids["B"])


@pytest.mark.parametrize(
    ("exact", "currency", "locale", "text"),
    [
        ("5062.5", "IDR", "en", "5.062,5"),
        ("412.5", "USD", "en", "4.125"),
        ("123456.789", "USD", "id", "1.234,56789"),
        ("0.333333…", "USD", "en", "0.00333333…"),
        ("7.5", "JPY", "en", "7.5"),
        ("1234.5", "KWD", "en", "1.2345"),
    ],
)
def test_exact_numbers_are_written_as_people_write_them(exact: str, currency: str, locale: str, text: str) -> None:
    assert receipt.number(exact, currency, locale) == text


def test_what_was_written_to_the_seller_is_not_read_by_their_recruiter() -> None:
    said = money_words.why("self_purchase: alamatnya sama dengan alamatmu", str, quote=False)
    assert "alamat" not in said
    assert said
    assert "alamatnya sama" in money_words.why("self_purchase: alamatnya sama dengan alamatmu", str)
