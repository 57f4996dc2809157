"""Where money goes: checked, encrypted, told by mail, and every look written down."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from socialshop.domain import audit, people
from socialshop.domain.audit import Actor
from socialshop.flows import payee
from socialshop.kernel import clock, faults
from socialshop.kernel.database import end_reading, session, transaction
from socialshop.kernel.errors import Forbidden, Invalid, NotFound

from ..conftest import START

ME = Actor("user", "usr_mia", "creator")
LATER = START + timedelta(days=1)


@pytest.fixture(autouse=True)
def _later(app):
    """Letters and jobs of the days that these stories tell are due."""
    clock.use(lambda: START + timedelta(days=30))


@pytest.fixture
def mia(room, world):
    return world.creator("mia")


def state(creator, *, kind="bank", provider="BCA", number="123 456 7890", holder="Mia Sari", now=START):
    return payee.state_payee(creator.id, kind=kind, provider=provider, number=number, holder=holder, actor=ME, now=now)


def test_stated_once_told_once_and_the_old_one_stays_on_record(world, mia):
    first = state(mia)
    assert state(mia, now=LATER).id == first.id
    second = state(mia, kind="ewallet", provider="GOPAY", number="+62 812-3456-7890", now=LATER)
    end_reading()
    assert people.payee_of(mia.id).id == second.id
    assert second.number == "081234567890"
    assert [p.replaced_at for p in people.payee_history(mia.id)] == [None, LATER]
    letters = world.letters()
    assert len(letters) == 2
    assert "GoPay, number ending in 7890" in letters[1].body
    assert "081234567890" not in letters[1].body


def test_the_number_is_never_plain_at_rest_nor_in_the_audit(mia):
    found = state(mia)
    raw = session().execute(text("SELECT number FROM payees")).scalar()
    assert "1234567890" not in raw
    assert "1234567890" not in str([(e.before, e.after) for e in audit.entries_of(mia.public_id)])
    with transaction():
        assert people.reveal_payee(found.id, actor=ME, tenant=mia.public_id, reason="bank file", now=LATER) == "1234567890"
    looks = session().scalars(select(audit.Entry).where(audit.Entry.act == "payee.revealed")).all()
    assert [(look.reason, look.subject) for look in looks] == [("bank file", found.public_id)]


def test_broken_in_the_middle_the_old_one_stands(world, mia):
    first = state(mia)
    world.letters()
    faults.arm("payee.before_commit:raise")
    with pytest.raises(faults.Fault):
        state(mia, number="9999999999", now=LATER)
    faults.arm("")
    end_reading()
    assert people.payee_of(mia.id).id == first.id
    assert len(world.letters()) == 1


@pytest.mark.parametrize(("facts", "field"), [
    ({"kind": "cash"}, "kind"),
    ({"provider": "GOPAY"}, "provider"),
    ({"number": "12345"}, "number"),
    ({"number": "12345678901"}, "number"),  # BCA has ten digits
    ({"number": "1234x67890"}, "number"),
    ({"provider": "JAGO", "number": "000000000"}, "number"),
    ({"provider": "MANDIRI", "number": "1234567890"}, "number"),
    ({"kind": "ewallet", "provider": "DANA", "number": "021234567"}, "number"),
    ({"kind": "ewallet", "provider": "BCA", "number": "081234567890"}, "provider"),
    ({"holder": " 7 "}, "holder"),
])  # fmt: skip
def test_what_cannot_be_paid_to_is_refused_by_field(mia, facts, field):
    with pytest.raises(Invalid) as refusal:
        state(mia, **facts)
    assert field in [error.field for error in refusal.value.fields]
    assert people.payee_of(mia.id) is None


def test_an_unconfirmed_address_states_nothing(mia):
    with transaction():
        people.get_user(mia.user_id).email_confirmed_at = None
    with pytest.raises(Forbidden):
        state(mia)


def account(brand, owner, number="1234567890", now=START):
    return payee.state_account(brand.id, provider="BCA", number=number, holder="PT Senja", by=owner.id, actor=ME, now=now)


def test_receiving_accounts_come_and_go_with_a_letter(room, world):
    owner = world.user("owner@senja.test")
    brand = world.brand("senja", owner=owner)
    first = account(brand, owner)
    assert account(brand, owner, "123-456-7890").id == first.id
    account(brand, owner, "5555555555")
    assert payee.retire_account(brand.id, first.public_id, actor=ME, now=LATER)
    assert not payee.retire_account(brand.id, first.public_id, actor=ME, now=LATER)
    end_reading()
    assert [a.number for a in people.receiving_accounts_of(brand.id)] == ["5555555555"]
    assert len(people.retired_accounts_of(brand.id)) == 1
    assert len(world.letters()) == 3
    with pytest.raises(NotFound):
        payee.retire_account(world.brand("pagi").id, first.public_id, actor=ME, now=LATER)


def test_every_bank_has_a_clearing_code_of_its_own():
    codes = [bank.clearing for bank in people.BANKS.values()]
    assert len(set(codes)) == len(codes)
    assert all(len(code) == 3 and code.isdigit() for code in codes)


@pytest.mark.parametrize(("typed", "kept"), [
    ("0812 3456 7890", "6281234567890"), ("+65 8123 4567", "6581234567"), ("62812-3456-7890", "6281234567890"), ("", ""),
])  # fmt: skip
def test_a_brand_says_who_it_is(room, world, typed, kept):
    brand = world.brand("senja")
    asked = people.Storefront("Senja Kopi", "Kopi\r\nenak", "Halo@Senja.test", typed, "Asia/Makassar", 15_000, True)
    for expected in (True, False):
        with transaction():
            assert people.change_storefront(people.get_brand(brand.id), asked, actor=ME, now=START) is expected
    found = people.get_brand(brand.id)
    assert (found.name, found.contact_email, found.whatsapp, found.shipping_minor, found.cod) == (
        "Senja Kopi", "halo@senja.test", kept, 15_000, True,
    )  # fmt: skip


@pytest.mark.parametrize(("change", "field"), [
    ({"name": " "}, "name"), ({"contact_email": "x"}, "contact_email"), ({"whatsapp": "call me"}, "whatsapp"),
    ({"timezone": "Mars/Base"}, "timezone"), ({"shipping_minor": -1}, "shipping"),
])  # fmt: skip
def test_what_a_brand_cannot_say_is_named(room, world, change, field):
    brand = world.brand("senja")
    with pytest.raises(Invalid) as refusal, transaction():
        people.change_storefront(
            people.get_brand(brand.id), people.Storefront(**{"name": "Senja", **change}), actor=ME, now=START
        )
    assert [error.field for error in refusal.value.fields] == [field]
