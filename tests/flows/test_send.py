"""Payouts by a provider: sent once, noted truly, looked up when unclear, back in the balance when they fail."""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import inspect, text

from socialshop import worker
from socialshop.adapters import payouts as providers
from socialshop.adapters.payouts import wire, xendit
from socialshop.domain import audit, ledger, payouts, sending
from socialshop.flows import bank, bank_files, payout, send, send_account, send_look, send_words, verify
from socialshop.kernel import faults, jobs, words
from socialshop.kernel.database import end_reading, session, transaction
from socialshop.kernel.money import Money
from socialshop.web import logs

from ..doubles.payouts import FakePayouts
from ..doubles.xendit import KEY, TOKEN, XenditDouble
from ..send_stage import OWNER, connect, listening, state_of, work
from .money_story import FINANCE, LATER, order, staged

pytestmark = pytest.mark.usefixtures("room")
SOON = LATER + timedelta(minutes=3)
HOURS = LATER + timedelta(hours=1)


@pytest.fixture(autouse=True)
def hurried(monkeypatch) -> None:
    """Budgets of a second instead of nine."""
    monkeypatch.setattr(wire, "SILENCE", 0.6)
    monkeypatch.setattr(wire.ask, "__kwdefaults__", {**(wire.ask.__kwdefaults__ or {}), "seconds": 1.0})


@pytest.fixture
def double(app) -> Iterator[XenditDouble]:
    with XenditDouble(slow=20, send=listening(app)) as made:
        yield made
    faults.arm("")


def rupiah(order_id="o1", **facts):
    return order(order_id, price=500_000, currency="IDR", **facts)


@pytest.fixture
def story(double):
    """One payout of Rp50.000, ready, and a connected provider."""
    stage = staged(rupiah())
    connect(stage.brand_id, double, now=LATER)
    run = payout.start(stage.brand_id, "k", actor=FINANCE, now=LATER)
    return stage, run


def only(run):
    end_reading()
    [found] = payouts.of_run(run.id)
    session().refresh(found)
    return found


def pockets(stage, name="A"):
    creator = stage.ids[name]
    found = {kind: ledger.balances(kind, creator_id=creator) for kind in ("held", "payable", "in_transit", "owed_back")}
    return {kind: next(iter(rows.values())) for kind, rows in found.items() if rows}


def outside():
    return ledger.balances("bank")


def clean(now=HOURS):
    assert verify.run(now) == []


def in_a_file(run, now=LATER):
    """What a file for the bank made now would pay."""
    try:
        bank_files.make(run, bank_files.choice(run.brand_id, "neutral"), actor=FINANCE, now=now)
    except bank_files.NothingForThisFile:
        return []
    return [payout.public_id for file in payouts.files_of(run.id) for _, payout in payouts.rows_of(file.id)]


def handed(run, now=LATER):
    send.choose(run, actor=OWNER, now=now)
    work(now)
    return only(run)


# --- the good way ----------------------------------------------------------------------------------


def test_from_ready_to_paid_by_a_message(story, double):
    stage, run = story
    found = handed(run)
    assert (found.state, found.via, state_of(found.id)) == ("sent", "xendit", "underway")
    assert found.reference == double.of(found.public_id)["id"]
    assert pockets(stage) == {"in_transit": 50_000}
    assert double.turn(found.public_id, "SUCCEEDED", told=3) == [200, 200, 200]
    work(SOON)
    assert (only(run).state, state_of(found.id)) == ("paid", "done")
    assert pockets(stage) == {}
    assert outside() == {(0, "IDR"): 50_000}
    assert double.paid() == [found.public_id]
    assert [event.state for event in session().query(sending.PayoutEvent)] == ["worked"]
    clean()


def test_what_is_sent_is_what_the_provider_was_asked_for(story, double):
    _, run = story
    found = handed(run)
    asked = double.of(found.public_id)
    assert (asked["amount"], asked["currency"], asked["channel_code"]) == (50_000, "IDR", "ID_BCA")
    assert asked["channel_properties"] == {"account_number": "0123456789", "account_holder_name": "A"}


@pytest.mark.parametrize(("word", "why"), [("FAILED", "INVALID_DESTINATION"), ("CANCELLED", ""), ("COMPLIANCE_REJECTED", "")])
def test_what_the_provider_could_not_deliver_is_the_creators_balance_again(story, double, word, why):
    stage, run = story
    found = handed(run)
    remote = double.of(found.public_id)
    remote["status"] = word
    if why:
        remote["failure_code"] = why
    send_look.sweep({}, now=LATER + sending.SWEEP)
    work(LATER + sending.SWEEP)
    assert only(run).state == "returned"
    assert only(run).why
    assert pockets(stage) == {"payable": 50_000}
    clean()
    again = payout.start(stage.brand_id, "k2", actor=FINANCE, now=HOURS)
    assert only(again).amount_minor == 50_000


def test_money_that_the_bank_sends_back_later_is_the_creators_again(story, double):
    stage, run = story
    found = handed(run)
    double.turn(found.public_id, "SUCCEEDED")
    work(SOON)
    double.turn(found.public_id, "REVERSED", told=2)
    work(HOURS)
    assert only(run).state == "returned"
    assert pockets(stage) == {"payable": 50_000}
    assert outside() == {}
    clean()


def test_a_reversal_that_no_message_told_is_found_by_the_sweep(story, double):
    stage, run = story
    found = handed(run)
    double.hook = ""
    double.turn(found.public_id, "SUCCEEDED")
    for hours in (1, 26):
        send_look.sweep({}, now=LATER + timedelta(hours=hours))
        work(LATER + timedelta(hours=hours))
    assert only(run).state == "paid"
    double.turn(found.public_id, "REVERSED")
    later = LATER + timedelta(days=3)
    send_look.sweep({}, now=later)
    work(later)
    assert only(run).state == "returned"
    assert pockets(stage) == {"payable": 50_000}
    clean(later)


def test_everything_twice_changes_nothing(story, double):
    _stage, run = story
    send.choose(run, actor=OWNER, now=LATER)
    with pytest.raises(send.NothingToSend):
        send.choose(run, actor=OWNER, now=LATER)
    row = sending.of_payout(only(run).id)
    for _ in range(2):
        send.send({"sending": row.id}, now=LATER)
        send_look.ask({"sending": row.id}, now=SOON)
        send_look.sweep({}, now=SOON)
    work(SOON)
    found = only(run)
    assert double.taken() == {found.public_id: 1}
    double.turn(found.public_id, "SUCCEEDED", told=2)
    work(SOON)
    send_look.ask({"sending": row.id}, now=HOURS)
    send_look.ask({"sending": row.id}, now=HOURS)
    assert outside() == {(0, "IDR"): 50_000}
    assert [step.step for step in payouts.steps_of(found.id)] == ["ready", "sent", "paid"]
    clean()


@pytest.mark.parametrize("word", ["REQUESTED", "SUCCEEDED"])
def test_a_person_decides_only_what_is_unclear(story, double, word):
    _stage, run = story
    found = handed(run)
    double.turn(found.public_id, word)
    work(SOON)
    before = only(run).state
    with pytest.raises(send.NotUnclear):
        send.decide(found.id, "returned", "I think so", actor=FINANCE, now=SOON)
    assert only(run).state == before
    clean()


def test_handing_over_and_claiming_are_conditional(story, double):
    """The last guards by themselves: whoever comes second changes nothing."""
    _, run = story
    found = only(run)
    with transaction():
        assert payouts.hand_to(found.id, "xendit")
        assert not payouts.hand_to(found.id, "xendit")
        account = sending.account_of(run.brand_id)
        row = sending.hand_over(found.id, found.public_id, account_id=account.id, channel="ID_BCA", now=LATER)
        assert sending.hand_over(found.id, found.public_id, account_id=account.id, channel="ID_BCA", now=LATER) is None
        assert sending.move(row.id, "calling")
        assert not sending.move(row.id, "calling")
        assert not sending.move(row.id, "decided")
        assert sending.move(row.id, "underway")
        assert not sending.move(row.id, "waiting")


def test_what_is_in_a_file_cannot_be_handed_over_even_by_itself(story):
    _, run = story
    in_a_file(run)
    with transaction():
        assert not payouts.hand_to(only_id(run), "xendit")


def only_id(run):
    return payouts.of_run(run.id)[0].id


def test_another_provider_needs_nothing_but_its_client_and_its_fee_is_booked(app):
    fake = FakePayouts(fee=Money(2_500, "IDR"))
    providers.offer("xendit", lambda _key: fake)
    stage = staged(rupiah())
    send_account.connect(stage.brand_id, api_key="k" * 20, token=fake.token, actor=OWNER, now=LATER)
    run = payout.start(stage.brand_id, "k", actor=FINANCE, now=LATER)
    found = handed(run)
    fake.turn(found.public_id, "SUCCEEDED")
    for now in (SOON, HOURS):
        send_look.ask({"sending": sending.of_payout(found.id).id}, now=now)
    assert (only(run).state, only(run).bank_fee_minor) == ("paid", 2_500)
    assert outside() == {(0, "IDR"): 52_500}
    assert pockets(stage) == {}
    clean()


# --- either the file or the provider ---------------------------------------------------------------


def test_what_is_handed_over_is_in_no_bank_file_and_the_other_way_round(story, double):
    stage, run = story
    send.choose(run, actor=OWNER, now=LATER)
    found = only(run)
    assert in_a_file(run) == []
    assert bank.confirm_all(run, actor=FINANCE, now=LATER) == 0
    for deed in (
        lambda: bank.confirm(found.id, actor=FINANCE, now=LATER),
        lambda: bank.return_(found.id, reason="x", actor=FINANCE, now=LATER),
        lambda: bank.lose_sight(found.id, reason="x", actor=FINANCE, now=LATER),
    ):
        with pytest.raises(bank.WithTheProvider):
            deed()
    assert pockets(stage) == {"in_transit": 50_000}


def test_what_is_in_a_bank_file_is_not_handed_over(story, double):
    _, run = story
    assert in_a_file(run) == [only(run).public_id]
    with pytest.raises(send.NothingToSend):
        send.choose(run, actor=OWNER, now=LATER)
    assert double.payouts == {}


def test_file_and_provider_at_once_are_one_way(app, story, double):
    _, run = story
    end_reading()
    begin, said = threading.Barrier(2), []

    def try_(deed):
        with app.app_context():
            mine = payouts.run(run.id)
            begin.wait()
            try:
                said.append(deed(mine))
            except Exception as error:
                said.append(type(error).__name__)

    chosen = bank_files.choice(run.brand_id, "neutral")
    deeds = (
        lambda run: send.choose(run, actor=OWNER, now=LATER),
        lambda run: bank_files.make(run, chosen, actor=FINANCE, now=LATER),
    )
    threads = [threading.Thread(target=try_, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    work(LATER)
    found = only(run)
    files = [file for file in payouts.files_of(run.id) if file.discarded_at is None]
    assert (len(files), len(double.payouts)) in ((1, 0), (0, 1)), said
    assert (found.via == "xendit") == (not files)
    clean()


def test_what_cannot_go_this_way_stays_for_the_file_with_the_reason(double):
    stage = staged(rupiah(), order("o2", code="b"), minimum_payout={})
    connect(stage.brand_id, double, now=LATER)
    run = payout.start(stage.brand_id, "k", actor=FINANCE, now=LATER)
    planned = send.plan(run)
    assert [(p.currency, channel.code) for p, channel in planned.ready] == [("IDR", "ID_BCA")]
    assert [(p.currency, why) for p, why in planned.left] == [("USD", "currency")]
    send.choose(run, actor=OWNER, now=LATER)
    work(LATER)
    assert {(p.currency, p.state, p.via) for p in payouts.of_run(run.id)} == {("IDR", "sent", "xendit"), ("USD", "ready", None)}
    clean()


def test_two_payouts_of_one_run_at_once_by_two_workers_are_called_once_each(app, double):
    stage = staged(rupiah(), rupiah("o2", code="b"))
    connect(stage.brand_id, double, now=LATER)
    run = payout.start(stage.brand_id, "k", actor=FINANCE, now=LATER)
    send.choose(run, actor=OWNER, now=LATER)
    rows = [sending.of_payout(each.id).id for each in payouts.of_run(run.id)]
    end_reading()
    begin = threading.Barrier(8)

    def worker_() -> None:
        with app.app_context():
            begin.wait()
            for row in rows:
                send.send({"sending": row}, now=LATER)

    threads = [threading.Thread(target=worker_) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([asked for asked in double.asked if asked == ("POST", "/v2/payouts")]) == 2
    assert sorted(double.taken().values()) == [1, 1]
    clean()


def test_the_creator_reads_a_providers_reason_in_their_language(story, double, monkeypatch):
    _, run = story
    double.bad_numbers.add("0123456789")
    catalogue = words.catalogue("id")
    sentence = send_words.FAILURES["RECIPIENT_ACCOUNT_NUMBER_ERROR"]
    monkeypatch.setattr(catalogue, "_catalog", {**catalogue._catalog, sentence: "Nomor rekeningnya keliru."})
    found = handed(run)
    letter = session().query(jobs.Job).where(jobs.Job.key == f"letter:payout_returned:{found.public_id}").one()
    assert (letter.payload["locale"], letter.payload["facts"]["reason"]) == ("id", "Nomor rekeningnya keliru.")


# --- refusals --------------------------------------------------------------------------------------


def test_a_wrong_account_number_comes_back_to_the_creator(story, double):
    stage, run = story
    double.bad_numbers.add("0123456789")
    found = handed(run)
    assert (found.state, state_of(found.id)) == ("returned", "done")
    assert "account number" in found.why
    assert pockets(stage) == {"payable": 50_000}
    clean()


def test_what_is_the_brands_matter_is_handed_back_and_can_be_sent_again_or_by_file(story, double):
    _stage, run = story
    double.balance = 0
    found = handed(run)
    assert (found.state, found.via, state_of(found.id)) == ("ready", None, "refused")
    double.balance = None
    key = sending.of_payout(found.id).key
    found = handed(run, now=SOON)
    assert (found.state, found.via, sending.of_payout(found.id).key) == ("sent", "xendit", key)
    assert double.taken() == {found.public_id: 1}
    clean()


# --- nobody knows ----------------------------------------------------------------------------------

# how the call ends → (is the payout at the provider, what we call it at first)
HOSTILE = {
    "slow": (1, "unknown"), "silent": (0, "unknown"), "drip": (1, "unknown"), "lost": (1, "unknown"), "lost_before": (0, "unknown"),
    "500": (1, "unknown"), "503": (0, "unknown"), "html": (0, "unknown"), "html_403": (0, "unknown"), "redirect": (0, "unknown"),
    "endless": (0, "unknown"), "cut_off": (1, "unknown"), "other_reference": (1, "unknown"), "no_json": (1, "unknown"),
    "429": (0, "ready"),
}  # fmt: skip


@pytest.mark.parametrize("how", HOSTILE)
def test_every_hostile_answer_ends_in_a_declared_state_and_then_in_one_payment(story, double, how):
    stage, run = story
    taken, state = HOSTILE[how]
    double.strike(how)
    found = handed(run)
    assert found.state == state
    assert sum(double.taken().values()) == taken
    assert pockets(stage) == {"in_transit": 50_000}
    clean()
    work(LATER + timedelta(seconds=40))  # the look-ups by job
    if taken:
        assert (only(run).state, state_of(found.id)) == ("sent", "underway")
    work(SOON)
    assert (only(run).state, state_of(found.id)) == ("sent", "underway")
    assert double.taken() == {found.public_id: 1}
    double.turn(found.public_id, "SUCCEEDED")
    work(HOURS)
    assert only(run).state == "paid"
    assert outside() == {(0, "IDR"): 50_000}
    assert double.paid() == [found.public_id]
    clean()


def test_what_the_provider_does_not_know_is_not_called_again_while_a_call_may_be_on_its_way(story, double):
    _, run = story
    double.strike("lost_before")
    found = handed(run)
    just_before = LATER + sending.CALL_IS_OVER - timedelta(seconds=1)
    send_look.ask({"sending": sending.of_payout(found.id).id}, now=just_before)
    work(just_before)
    assert (only(run).state, double.payouts) == ("unknown", {})
    work(SOON)
    assert only(run).state == "sent"


def test_a_call_of_long_ago_is_never_repeated_but_decided_by_a_person(story, double):
    stage, run = story
    double.strike("lost_before")
    found = handed(run)
    double.strike("503", at="look", times=100)
    for hours in (1, 10, 20):
        work(LATER + timedelta(hours=hours))
    double.calm()
    late = LATER + timedelta(hours=21)
    send_look.sweep({}, now=late)
    work(late)
    row = sending.of_payout(found.id)
    assert (only(run).state, row.state, row.why, row.next_at) == ("unknown", "unknown", "absent", None)
    assert double.payouts == {}
    with pytest.raises(bank.ReasonNeeded):
        send.decide(found.id, "returned", " ", actor=FINANCE, now=late)
    assert send.decide(found.id, "returned", "Xendit support: never received", actor=FINANCE, now=late)
    assert not send.decide(found.id, "returned", "Xendit support: never received", actor=FINANCE, now=late)
    with pytest.raises(send.NotUnclear):
        send.decide(found.id, "paid", "no, it was paid", actor=FINANCE, now=late)
    assert pockets(stage) == {"payable": 50_000}
    entry = audit.search(subject=found.public_id)[0]
    assert (entry.act, entry.reason, entry.actor) == (
        "payout.returned",
        "Xendit support: never received",
        "user:usr_fina (brand:finance)",
    )
    clean(late)


def test_another_key_is_another_account_so_nothing_is_called_again(story, double):
    _, run = story
    double.strike("lost")
    found = handed(run)
    with XenditDouble(key="xnd_development_TheOtherAccount01") as other:
        connect(only_brand(run), other, now=LATER)
        work(HOURS)
        send_look.sweep({}, now=HOURS)
        work(HOURS)
        assert other.payouts == {}
    row = sending.of_payout(found.id)
    assert (row.state, row.why, only(run).state) == ("unknown", "other_key", "unknown")


def only_brand(run):
    return run.brand_id


def test_another_amount_under_our_reference_is_not_ours(story, double):
    stage, run = story
    double.strike("lost")
    found = handed(run)
    double.of(found.public_id)["amount"] = 49_999
    work(HOURS)
    row = sending.of_payout(found.id)
    assert (row.state, row.why, only(run).state) == ("unknown", "mismatch", "unknown")
    double.of(found.public_id)["status"] = "SUCCEEDED"
    send_look.look_up(row.id, now=HOURS)
    assert only(run).state == "unknown"
    assert pockets(stage) == {"in_transit": 50_000}


def test_two_payouts_under_one_reference_are_for_a_person(story, double):
    _, run = story
    double.strike("lost")
    found = handed(run)
    double.payouts["disb-second"] = {**double.of(found.public_id), "id": "disb-second"}
    work(HOURS)
    assert (sending.of_payout(found.id).why, only(run).state) == ("twice", "unknown")


def test_what_a_person_decided_no_answer_changes_but_a_contradiction_is_flagged(story, double):
    stage, run = story
    double.strike("lost")
    double.strike("503", at="look", times=50)
    found = handed(run)
    send.decide(found.id, "returned", "I called Xendit: it was not there", actor=FINANCE, now=SOON)
    double.calm()
    double.turn(found.public_id, "SUCCEEDED")
    work(HOURS)
    row = sending.of_payout(found.id)
    assert (only(run).state, row.state, row.contradicted) == ("returned", "decided", True)
    assert pockets(stage) == {"payable": 50_000}
    assert [entry.act for entry in audit.search(subject=found.public_id)].count("payout.contradicted") == 1
    clean()


def test_decided_as_paid_and_confirmed_by_the_provider_is_no_contradiction(story, double):
    _, run = story
    double.strike("lost")
    double.strike("503", at="look", times=50)
    found = handed(run)
    send.decide(found.id, "paid", "seen on the statement", actor=FINANCE, now=SOON)
    double.calm()
    double.turn(found.public_id, "SUCCEEDED")
    work(HOURS)
    assert (only(run).state, sending.of_payout(found.id).contradicted) == ("paid", False)
    assert outside() == {(0, "IDR"): 50_000}
    clean()


# --- broken in the middle --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "taken"),
    [
        ("payout.before_send:raise", 0), ("payout.response_lost:raise", 1), ("payout.response_lost:drop-response", 1),
        ("payout.after_send_before_save:raise", 1), ("payout.reconcile.mid:raise", 1),
    ],
)  # fmt: skip
def test_broken_in_the_middle_it_ends_in_one_payment(story, double, fault, taken):
    stage, run = story
    send.choose(run, actor=OWNER, now=LATER)
    faults.arm(fault)
    work(LATER)
    faults.arm("")
    assert sum(double.taken().values()) == taken
    assert pockets(stage) == {"in_transit": 50_000}
    clean()
    for minutes in (1, 3, 6, 16):
        work(LATER + timedelta(minutes=minutes))
    found = only(run)
    assert (found.state, state_of(found.id)) == ("sent", "underway")
    assert double.asked.count(("POST", "/v2/payouts")) == 1  # what may have been taken is looked up, not called again
    assert double.taken() == {found.public_id: 1}
    double.turn(found.public_id, "SUCCEEDED")
    work(HOURS)
    assert outside() == {(0, "IDR"): 50_000}
    assert double.paid() == [found.public_id]
    clean()


def test_a_call_that_was_begun_long_before_the_worker_came_back_is_looked_up(story, double):
    _, run = story
    send.choose(run, actor=OWNER, now=LATER)
    faults.arm("payout.after_send_before_save:raise")
    work(LATER)
    faults.arm("")
    send.send({"sending": sending.of_payout(only(run).id).id}, now=SOON)
    assert (only(run).state, state_of(only(run).id)) == ("unknown", "unknown")
    work(SOON)
    assert only(run).state == "sent"
    assert double.asked.count(("POST", "/v2/payouts")) == 1
    clean()


def test_a_sweep_that_breaks_leaves_nothing_half_done(story, double):
    _, run = story
    found = handed(run)
    double.hook = ""
    double.turn(found.public_id, "SUCCEEDED")
    faults.arm("payout.reconcile.mid:raise")
    with pytest.raises(faults.Fault):
        send_look.sweep({}, now=HOURS)
    faults.arm("")
    send_look.sweep({}, now=HOURS)
    work(HOURS)
    assert only(run).state == "paid"
    clean()


def test_a_choice_that_breaks_hands_nothing_over(story, double, monkeypatch):
    _, run = story
    monkeypatch.setattr(audit, "note", lambda *_a, **_k: (_ for _ in ()).throw(RuntimeError("full disk")))
    with pytest.raises(RuntimeError):
        send.choose(run, actor=OWNER, now=LATER)
    monkeypatch.undo()
    assert only(run).via is None
    assert sending.of_payout(only(run).id) is None
    work(LATER)
    assert double.payouts == {}


def test_no_network_while_a_transaction_is_open(story):
    _, run = story
    send.choose(run, actor=OWNER, now=LATER)
    row = sending.of_payout(only(run).id)
    with pytest.raises(RuntimeError, match="already open"), transaction():
        send.send({"sending": row.id}, now=LATER)


def test_nothing_is_held_open_while_a_provider_is_asked(story, double, monkeypatch):
    """No connection to the database has a transaction open during a call, not even to read."""
    _, run = story
    seen = []

    def look(self, method, path, **more):
        seen.append((method, session().in_transaction()))
        return real(self, method, path, **more)

    real = xendit.Xendit._ask
    monkeypatch.setattr(xendit.Xendit, "_ask", look)
    found = handed(run)
    row_id = sending.of_payout(found.id).id
    send_look.look_up(row_id, now=SOON)
    send_account.check(run.brand_id, actor=OWNER, now=SOON)
    send.call_back(found.id, actor=OWNER, now=SOON)
    assert [method for method, _ in seen] == ["POST", "GET", "GET", "POST"]
    assert not any(open_ for _, open_ in seen)


# --- nobody there ----------------------------------------------------------------------------------


def test_nobody_at_the_address_waits_and_goes_on(story, double):
    _stage, run = story
    providers.set_up(xendit_url="http://127.0.0.1:9")
    found = handed(run)
    assert (found.state, state_of(found.id)) == ("ready", "waiting")
    for minutes in (1, 5, 30, 60):
        work(LATER + timedelta(minutes=minutes))
    providers.set_up(xendit_url=double.url)
    late = LATER + timedelta(days=2)
    send_look.sweep({}, now=late)
    work(late)
    assert only(run).state == "sent"
    assert double.taken() == {found.public_id: 1}
    clean(late)


def test_called_back_before_it_went_and_while_it_is_held(story, double):
    stage, run = story
    send.choose(run, actor=OWNER, now=LATER)
    assert send.call_back(only(run).id, actor=FINANCE, now=LATER)
    assert (only(run).via, state_of(only(run).id)) == (None, "refused")
    found = handed(run, now=SOON)
    assert found.state == "sent"
    assert send.call_back(found.id, actor=FINANCE, now=SOON)
    assert only(run).state == "returned"
    assert pockets(stage) == {"payable": 50_000}
    clean()


def test_what_is_worked_already_cannot_be_called_back(story, double):
    _, run = story
    found = handed(run)
    double.turn(found.public_id, "REQUESTED")
    assert not send.call_back(found.id, actor=FINANCE, now=SOON)
    assert only(run).state == "sent"


def test_disconnecting_hands_back_what_waits_and_leaves_the_rest_to_a_person(double):
    stage = staged(rupiah(), rupiah("o2", code="b"))
    account = connect(stage.brand_id, double, now=LATER)
    run = payout.start(stage.brand_id, "k", actor=FINANCE, now=LATER)
    send.choose(run, actor=OWNER, now=LATER)
    first, second = payouts.of_run(run.id)
    send.send({"sending": sending.of_payout(first.id).id}, now=LATER)
    assert send_account.disconnect(stage.brand_id, actor=OWNER, now=SOON)
    assert not send_account.disconnect(stage.brand_id, actor=OWNER, now=SOON)
    end_reading()
    session().refresh(account)
    assert (account.state, account.api_key, account.token) == ("off", None, None)
    states = {(p.state, p.via) for p in payouts.of_run(run.id)}
    assert states == {("unknown", "xendit"), ("ready", None)}
    work(HOURS)
    assert send.decide(first.id, "paid", "seen at Xendit", actor=FINANCE, now=HOURS)
    assert in_a_file(run, now=HOURS) == [second.public_id]
    clean()


# --- secrets ---------------------------------------------------------------------------------------


@pytest.fixture
def log(app, monkeypatch) -> Iterator[io.StringIO]:
    """Our log, written onto a stream that the test reads."""
    stream = io.StringIO()
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", stream)
        logs.set_up(as_json=True)
        yield stream
    logs.set_up(as_json=False)


def test_the_key_and_the_token_are_written_nowhere(double, log):
    """Every cell of every table, every job, every line of log, and what failures say of themselves."""
    stage = staged(rupiah())
    connect(stage.brand_id, double, now=LATER)
    run = payout.start(stage.brand_id, "k", actor=FINANCE, now=LATER)
    for how in ("429", "lost_before", "500"):
        double.strike(how)
    faults.arm("payout.before_send:raise")
    send.choose(run, actor=OWNER, now=LATER)
    for minutes in (0, 1, 3, 6, 20, 60):
        work(LATER + timedelta(minutes=minutes))
    double.turn(only(run).public_id, "SUCCEEDED", told=2)
    double.tell(only(run).public_id, token="wrong-" + TOKEN)
    work(HOURS)
    assert only(run).state == "paid"
    said = log.getvalue()
    assert "job failed" in said
    for secret in (KEY, TOKEN):
        assert secret not in said
        assert secret not in repr(xendit.Xendit(KEY, double.url))
    with session().get_bind().connect() as connection:
        for table in inspect(connection).get_table_names():
            for row in connection.execute(text(f'SELECT * FROM "{table}"')):
                for cell in row:
                    shown = cell.decode("utf-8", "replace") if isinstance(cell, bytes) else str(cell)
                    assert KEY not in shown, table
                    assert TOKEN not in shown, table
                    assert "0123456789" not in shown, table  # the creator's account, which messages name too
    assert worker.HANDLERS["payout.send"] is send.send
    assert {job.payload.keys() >= {"sending"} for job in session().query(jobs.Job).where(jobs.Job.name == "payout.send")} == {
        True
    }


# --- the self-check --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("UPDATE payout_sendings SET key = 'socialshop-other'", "key does not follow"),
        ("UPDATE payout_sendings SET state = 'refused'", "is refused"),
        ("UPDATE payout_sendings SET state = 'done'", "is done, but its payout is sent"),
        ("UPDATE payouts SET via = NULL", "into a bank file"),
        ("DELETE FROM payout_sendings", "never handed over"),
    ],
)
def test_the_self_check_sees_what_cannot_be(story, wrong, said):
    _, run = story
    handed(run)
    clean()
    with transaction():
        session().execute(text(wrong))
    assert any(said in finding.what and finding.check == "I-8" for finding in verify.run(HOURS))
