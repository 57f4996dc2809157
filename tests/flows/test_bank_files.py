"""Files that go to the bank and answers that come back: once each, whole or not at all, fees to the last unit."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from socialshop.domain import audit, ledger, payouts
from socialshop.flows import bank, bank_files, bank_results, payout, payout_schedule, verify
from socialshop.kernel import faults
from socialshop.kernel.database import db, end_reading, session, transaction
from socialshop.kernel.errors import Invalid, NotFound

from .money_story import FINANCE, LATER, order, staged

pytestmark = pytest.mark.usefixtures("room")
MAP = replace(payouts.NEUTRAL, currency="USD", fee=250)


def clean(now=LATER):
    assert verify.run(now) == []


def pockets(stage, name="A"):
    found = {kind: ledger.balances(kind, creator_id=stage.ids[name]) for kind in ("held", "payable", "in_transit", "owed_back")}
    return {kind: next(iter(rows.values())) for kind, rows in found.items() if rows}


def outside():
    return ledger.balances("bank").get((0, "USD"), 0)


def own_map(stage, map_=MAP, name="Ours"):
    with transaction():
        row = payouts.keep_map(stage.brand_id, name, map_, starter="neutral", now=LATER)
    return bank_files.choice(stage.brand_id, row.public_id)


def bears(stage, who):
    payout_schedule.settle(stage.brand_id, payouts.Rhythm(), who, actor=FINANCE, now=LATER)


def run_of(stage, key="k"):
    return payout.start(stage.brand_id, key, actor=FINANCE, now=LATER)


def make(run, chosen):
    return bank_files.make(run, chosen, actor=FINANCE, now=LATER)


def answer(run, *rows, head="reference,result,reason,fee"):
    content = "\n".join([head, *(",".join(map(str, row)) for row in rows)]).encode()
    return bank_results.upload(run, content, "hasil.csv", actor=FINANCE, now=LATER)[0]


def take(run, result):
    return bank_results.apply(run, result, bank_results.reading_of(result), actor=FINANCE, now=LATER)


def at_once(app, work, times=6):
    gate, answers = threading.Barrier(times), []

    def one(n):
        with app.app_context():
            gate.wait()
            try:
                answers.append(work(n))
            except Exception as error:
                answers.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=one, args=(n,)) for n in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    end_reading()
    return answers


# files


def test_a_file_is_made_once_and_downloaded_as_often_as_one_likes():
    stage = staged(order(), order("o2", code="b"))
    run, chosen = run_of(stage), own_map(stage)
    [file] = make(run, chosen)
    assert {p.state for p in payouts.of_run(run.id)} == {"sent"}
    name, first = bank_files.download(run, file.public_id, actor=FINANCE, now=LATER)
    bank.confirm(payouts.of_run(run.id)[0].id, actor=FINANCE, now=LATER)  # the run goes on; the file does not change
    again = bank_files.download(run, file.public_id, actor=FINANCE, now=LATER + timedelta(days=3))
    assert again == (name, first)
    assert b"100.00" in first
    with pytest.raises(bank_files.NothingForThisFile):
        make(run, chosen)
    acts = session().scalars(select(audit.Entry.act).where(audit.Entry.act.like("bank_file%"))).all()
    assert acts == ["bank_file.made", "bank_file.downloaded", "bank_file.downloaded"]
    assert session().scalar(select(payouts.BankFile.downloads)) == 2
    clean()


def test_account_numbers_lie_encrypted():
    stage = staged(order())
    make(run_of(stage), own_map(stage))
    stored = session().scalar(text("SELECT content FROM bank_files"))
    assert "0123456789" not in stored
    assert stored.startswith("gAAAA")


@pytest.mark.parametrize("fault", ["payout.before_send:raise", "payout.after_send_before_save:raise"])
def test_a_file_that_breaks_in_the_middle_was_never_made(fault):
    stage = staged(order())
    run, chosen = run_of(stage), own_map(stage)
    faults.arm(fault)
    with pytest.raises(faults.Fault):
        make(run, chosen)
    faults.arm("")
    assert payouts.files_of(run.id) == []
    assert {p.state for p in payouts.of_run(run.id)} == {"ready"}
    clean()
    assert len(make(run, chosen)) == 1
    clean()


def test_two_who_make_the_file_at_once_make_one(app):
    stage = staged(order(), order("o2", code="b"))
    run, chosen = run_of(stage), own_map(stage)
    run_id = run.id
    end_reading()
    answers = at_once(app, lambda n: len(make(payouts.run(run_id), chosen)))
    assert answers.count(1) == 1, answers
    assert all(isinstance(a, (int, payouts.InAnotherFile, bank_files.NothingForThisFile)) for a in answers), answers
    assert len(payouts.files_of(run.id)) == 1
    clean()


def test_the_database_lets_a_payout_into_one_file():
    """The last guard, with every other off."""
    stage = staged(order())
    run = run_of(stage)
    [file] = make(run, own_map(stage))
    [(row, paid)] = payouts.rows_of(file.id)
    with pytest.raises(IntegrityError), transaction() as current:  # noqa: PT012
        current.add(payouts.BankFileRow(file_id=file.id, payout_id=paid.id, place=2, sent_minor=row.sent_minor))
        current.flush()
    again = payouts.NewFile("x.csv", b"x", [(paid.id, 1)], "USD", 1, 1)
    with pytest.raises(payouts.InAnotherFile), transaction():
        payouts.keep_file(run.id, again, map_id=None, map_name="x", by="x", now=LATER)
    clean()


def test_a_file_that_never_went_out_is_taken_back_and_another_may_be_made():
    stage = staged(order(), order("o2", code="b"))
    bears(stage, "creator")
    run, chosen = run_of(stage), own_map(stage)
    [file] = make(run, chosen)
    with pytest.raises(Invalid):
        bank_files.discard(run, file.public_id, reason=" ", actor=FINANCE, now=LATER)
    assert bank_files.discard(run, file.public_id, reason="wrong map", actor=FINANCE, now=LATER)
    assert not bank_files.discard(run, file.public_id, reason="wrong map", actor=FINANCE, now=LATER)
    assert {(p.state, p.fee_minor) for p in payouts.of_run(run.id)} == {("ready", 0)}
    clean()
    [second] = make(run, bank_files.choice(stage.brand_id, "neutral"))
    bank.confirm(payouts.of_run(run.id)[0].id, actor=FINANCE, now=LATER)
    with pytest.raises(bank_files.AnswerIsKnown):
        bank_files.discard(run, second.public_id, reason="too late", actor=FINANCE, now=LATER)
    assert payouts.file_of(run.id, second.public_id).discarded_at is None
    clean()


def test_what_a_map_cannot_pay_stays_ready_for_another():
    stage = staged(order(), order("o2", code="b", price=50_000))
    with transaction():
        session().execute(
            text("UPDATE payees SET provider = 'GOPAY', kind = 'ewallet' WHERE creator_id = :id"), {"id": stage.ids["B"]}
        )
    run = run_of(stage)
    [file] = make(run, own_map(stage, replace(MAP, payees=("bank",))))
    assert sorted(p.state for p in payouts.of_run(run.id)) == ["ready", "sent"]
    plan = bank_files.look(run, replace(MAP, payees=("ewallet",), limit=4_999, limit_name="Wallet"), now=LATER)
    assert [(each.reason, each.facts["limit"]) for each in plan.left_out] == [("limit", 4_999)]
    [wallets] = make(run, own_map(stage, replace(MAP, payees=("ewallet",)), "Wallets"))
    assert (file.rows, wallets.rows) == (1, 1)
    clean()


def test_a_payout_in_a_providers_hands_is_in_no_file():
    stage = staged(order())
    run, chosen = run_of(stage), own_map(stage)
    with transaction():
        session().execute(text("UPDATE payouts SET via = 'xendit'"))
    with pytest.raises(bank_files.NothingForThisFile):
        make(run, chosen)


def test_a_map_of_another_brand_or_one_to_adapt_first_is_not_there():
    stage = staged(order())
    for key in ("map_nope", "bca", "mandiri", "wise"):
        with pytest.raises(NotFound):
            bank_files.choice(stage.brand_id, key)


# answers


def test_an_answer_is_taken_once():
    stage = staged(order(), order("o2", code="b"))
    run = run_of(stage)
    make(run, own_map(stage))
    one, two = payouts.of_run(run.id)
    result = answer(run, (one.public_id, "BERHASIL", "", ""), (two.public_id, "gagal", "rekening tutup", ""))
    assert take(run, result) == {"paid": 1, "returned": 1, "unknown": 0}
    assert take(run, result) == {"paid": 0, "returned": 0, "unknown": 0}
    same, new = bank_results.upload(run, payouts.bytes_of(result), "again.csv", actor=FINANCE, now=LATER)
    assert (same.id, new, same.state) == (result.id, False, "taken")
    assert (pockets(stage, "A"), pockets(stage, "B")) == ({}, {"payable": 10_000})
    assert payouts.get(two.id).why == "rekening tutup"
    clean()


def test_one_wrong_row_and_nothing_is_taken():
    stage = staged(order(), order("o2", code="b"))
    run = run_of(stage)
    make(run, own_map(stage))
    one, _ = payouts.of_run(run.id)
    result = answer(run, (one.public_id, "paid", "", ""), ("pay_strange", "paid", "", ""))
    preview = bank_results.look(run, result, bank_results.reading_of(result))
    assert [(v.row, v.does) for v in preview.verdicts] == [(2, "paid"), (3, "unknown")]
    with pytest.raises(bank_results.RowsWrong) as refused:
        take(run, result)
    assert refused.value.rows == "3"
    assert {p.state for p in payouts.of_run(run.id)} == {"sent"}
    assert payouts.result_of(run.id, result.public_id).state == "open"
    clean()


@pytest.mark.parametrize(
    "fault", ["payout.reconcile.mid:raise", "payout.reconcile.mid:raise:2", "ledger.after_first_posting:raise:2"]
)
def test_an_answer_that_breaks_in_the_middle_leaves_nothing_and_can_be_taken_again(fault):
    stage = staged(order(), order("o2", code="b"))
    run = run_of(stage)
    make(run, own_map(stage))
    result = answer(run, *((each.public_id, "paid", "", "") for each in payouts.of_run(run.id)))
    faults.arm(fault)
    with pytest.raises(faults.Fault):
        take(run, result)
    faults.arm("")
    assert {p.state for p in payouts.of_run(run.id)} == {"sent"}
    assert outside() == 0
    clean()
    assert take(run, payouts.result_of(run.id, result.public_id))["paid"] == 2
    clean()


def test_a_long_answer_goes_on_where_it_broke(monkeypatch):
    monkeypatch.setattr(bank_results, "AT_ONCE", 1)
    stage = staged(order(), order("o2", code="b"))
    run = run_of(stage)
    make(run, own_map(stage))
    result = answer(run, *((each.public_id, "paid", "", "") for each in payouts.of_run(run.id)))
    faults.arm("payout.reconcile.mid:raise:3")  # in the second commit
    with pytest.raises(faults.Fault):
        take(run, result)
    faults.arm("")
    assert sorted(p.state for p in payouts.of_run(run.id)) == ["paid", "sent"]
    clean()
    result = payouts.result_of(run.id, result.public_id)
    assert result.state == "open"
    assert take(run, result) == {"paid": 1, "returned": 0, "unknown": 0}
    result = payouts.result_of(run.id, result.public_id)
    assert (result.state, result.counts["paid"]) == ("taken", 2)
    clean()


def test_many_who_upload_and_take_one_answer_at_once(app):
    stage = staged(order(), order("o2", code="b"))
    run = run_of(stage)
    make(run, own_map(stage))
    rows = [(each.public_id, "paid", "", "") for each in payouts.of_run(run.id)]
    run_id = run.id
    end_reading()
    answers = at_once(app, lambda n: take(payouts.run(run_id), answer(payouts.run(run_id), *rows))["paid"])
    assert sorted(answers, key=str) == [0, 0, 0, 0, 0, 2], answers
    assert len(payouts.results_of(run.id)) == 1
    assert outside() == 20_000 + 2 * 250
    clean()


def test_two_different_answers_about_one_payout_at_once(app):
    stage = staged(order())
    run = run_of(stage)
    make(run, own_map(stage))
    [paid] = payouts.of_run(run.id)
    name, run_id = paid.public_id, run.id
    end_reading()
    answers = at_once(app, lambda n: take(payouts.run(run_id), answer(payouts.run(run_id), (name, "paid", f"n{n}", ""))), times=4)
    assert sorted(each["paid"] for each in answers) == [0, 0, 0, 1]
    clean()


def test_how_a_bank_is_read_is_remembered_with_its_map():
    stage = staged(order(), order("o2", code="b"))
    run = run_of(stage)
    chosen = own_map(stage)
    make(run, chosen)
    one, two = payouts.of_run(run.id)
    head = "Berita Acara,Kondisi"
    result = answer(run, (one.public_id, "Terkirim"), head=head)
    reading = payouts.read_reading(
        {"columns": {"reference": "Berita Acara", "status": "Kondisi"}, "paid": ["terkirim"], "returned": ["balik"]}
    )
    assert bank_results.apply(run, result, reading, actor=FINANCE, now=LATER)["paid"] == 1
    second = answer(run, (two.public_id, "Balik"), head=head)
    assert bank_results.reading_of(second) == reading
    assert take(run, second)["returned"] == 1
    more = answer(run, (two.public_id, "Balik", "1.00"), head=head + ",Nominal")
    assert bank_results.reading_of(more).columns["amount"] == "Nominal"  # never left unchecked
    other = answer(run, (two.public_id, "failed"), head="reference,result")
    assert bank_results.reading_of(other).columns["reference"] == "reference"
    clean()


def test_an_unclear_answer_waits_for_a_person():
    stage = staged(order())
    run = run_of(stage)
    make(run, own_map(stage))
    [paid] = payouts.of_run(run.id)
    assert take(run, answer(run, (paid.public_id, "PENDING", "", "")))["unknown"] == 1
    assert pockets(stage) == {"in_transit": 10_000}
    assert take(run, answer(run, (paid.public_id, "paid", "later", "")))["paid"] == 1
    clean()


# fees


def test_a_fee_that_the_brand_bears_costs_the_creator_nothing():
    stage = staged(order())
    run = run_of(stage)
    make(run, own_map(stage))
    [paid] = payouts.of_run(run.id)
    bank.confirm(paid.id, actor=FINANCE, now=LATER)
    paid = payouts.get(paid.id)
    assert (paid.fee_minor, paid.bank_fee_minor) == (0, 250)
    assert outside() == 10_250
    assert ledger.balances("owed") == {(0, "USD"): -10_250}
    clean()


def test_a_fee_that_the_creator_bears_comes_off_what_is_sent(world):
    stage = staged(order(), order("o2", price=40_000))
    bears(stage, "creator")
    run = run_of(stage)
    [file] = make(run, own_map(stage))
    [paid] = payouts.of_run(run.id)
    assert (paid.amount_minor, paid.fee_minor, file.total_minor) == (14_000, 250, 13_750)
    assert '"137.50"' in bank_files.download(run, file.public_id, actor=FINANCE, now=LATER)[1].decode()
    wrong = answer(run, (paid.public_id, "paid", "140.00"), head="reference,result,amount")
    assert [v.does for v in bank_results.look(run, wrong, bank_results.reading_of(wrong)).verdicts] == ["amount"]
    bank.confirm(paid.id, actor=FINANCE, now=LATER)
    assert not bank.confirm(paid.id, actor=FINANCE, now=LATER)
    assert (outside(), pockets(stage)) == (14_000, {})
    assert payouts.get(paid.id).bank_fee_minor == 0
    clean()
    key = f"payout:{paid.public_id}:fee"
    assert session().scalar(select(ledger.Transaction.kind).where(ledger.Transaction.key == key)) == "fee"
    bank.return_(paid.id, reason="closed after all", actor=FINANCE, now=LATER)
    assert (outside(), pockets(stage)) == (0, {"payable": 14_000})
    clean()


def test_a_fee_larger_than_the_payout_stays_with_the_brand():
    stage = staged(order(price=2_000))
    bears(stage, "creator")
    run = run_of(stage)
    make(run, own_map(stage))
    [paid] = payouts.of_run(run.id)
    bank.confirm(paid.id, actor=FINANCE, now=LATER)
    paid = payouts.get(paid.id)
    assert (paid.amount_minor, paid.fee_minor, paid.bank_fee_minor) == (200, 0, 250)
    clean()


def test_a_clawback_inside_and_a_fee_add_up_to_the_last_unit():
    stage = staged(order())
    bears(stage, "creator")
    first = run_of(stage)
    bank.confirm(payouts.of_run(first.id)[0].id, actor=FINANCE, now=LATER)
    stage.tell({"type": "refund", "id": "r1", "order": "o1", "at": LATER.isoformat(), "amount": 33_333})
    stage.tell(order("o2", price=77_777, at=LATER))
    later = LATER + timedelta(days=15)
    run = payout.start(stage.brand_id, "k2", actor=FINANCE, now=later)
    bank_files.make(run, own_map(stage), actor=FINANCE, now=later)
    [paid] = payouts.of_run(run.id)
    bank.confirm(paid.id, actor=FINANCE, now=later)
    paid = payouts.get(paid.id)
    assert paid.amount_minor == sum(item.minor for item in payouts.items_of(paid.id))
    assert paid.fee_minor == 250
    clean(later)
    bank.return_(paid.id, reason="closed", actor=FINANCE, now=later)
    clean(later)


@pytest.mark.parametrize(
    ("who", "row", "own", "beside"),
    [("brand", "6.50", 0, 650), ("creator", "6.50", 250, 400), ("creator", "0", 250, 0), ("brand", "", 0, 250)],
)
def test_the_banks_own_word_on_the_fee_counts(who, row, own, beside):
    stage = staged(order())
    bears(stage, who)
    run = run_of(stage)
    make(run, own_map(stage))
    [paid] = payouts.of_run(run.id)
    take(run, answer(run, (paid.public_id, "paid", "", row)))
    paid = payouts.get(paid.id)
    assert (paid.fee_minor, paid.bank_fee_minor) == (own, beside)
    assert outside() == 10_000 + beside
    clean()


def test_what_the_bank_keeps_of_a_transfer_that_came_back_is_the_brands():
    stage = staged(order())
    bears(stage, "creator")
    run = run_of(stage)
    make(run, own_map(stage))
    [paid] = payouts.of_run(run.id)
    take(run, answer(run, (paid.public_id, "failed", "closed", "2.50")))
    assert (pockets(stage), outside()) == ({"payable": 10_000}, 250)
    assert payouts.get(paid.id).bank_fee_minor == 250
    clean()


def test_who_bears_the_fee_is_settled_when_the_run_is_drawn_up():
    stage = staged(order())
    run = run_of(stage)
    bears(stage, "creator")
    make(run, own_map(stage))
    assert [p.fee_minor for p in payouts.of_run(run.id)] == [0]


def test_verify_finds_a_fee_that_the_ledger_does_not_know():
    """The negative control of the check."""
    stage = staged(order())
    run = run_of(stage)
    make(run, own_map(stage))
    [paid] = payouts.of_run(run.id)
    bank.confirm(paid.id, actor=FINANCE, now=LATER)
    with transaction():
        session().execute(text("UPDATE payouts SET bank_fee_minor = 251"))
    assert {f.check for f in verify.run(LATER)} == {"I-9"}
    with transaction():
        session().execute(text("UPDATE payouts SET bank_fee_minor = 250"))
        session().execute(text("UPDATE bank_file_rows SET sent_minor = 1"))
    assert {f.check for f in verify.run(LATER)} == {"I-9"}


def test_a_changed_file_is_not_handed_out():
    stage = staged(order())
    run = run_of(stage)
    [file] = make(run, own_map(stage))
    with transaction():
        payouts.file_of(run.id, file.public_id).content = "YmFk"
    with pytest.raises(bank_files.NotTheSameFile):
        bank_files.download(run, file.public_id, actor=FINANCE, now=LATER)
    assert [f.row for f in verify.run(LATER)] == [f"bank_files {file.id}"]


def test_creators_are_told_when_the_fee_becomes_theirs(world):
    stage = staged(order(), order("o2", code="b"))
    bears(stage, "creator")
    bears(stage, "creator")
    payload = session().scalars(text("SELECT payload FROM jobs WHERE name = 'payout.fee_news'")).all()
    assert len(payload) == 1
    job = {"brand": stage.brand_id, "at": LATER.isoformat()}
    payout_schedule.tell_creators(job, now=LATER)
    payout_schedule.tell_creators(job, now=LATER)
    keys = session().scalars(text("SELECT key FROM jobs WHERE key LIKE 'letter:payout_fee_news%'")).all()
    assert len(keys) == 2
    bears(stage, "brand")
    payout_schedule.tell_creators({"brand": stage.brand_id, "at": "later"}, now=LATER)
    assert len(session().scalars(text("SELECT key FROM jobs WHERE key LIKE 'letter:payout_fee_news%'")).all()) == 2
