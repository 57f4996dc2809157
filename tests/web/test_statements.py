"""Statements as people see them: the list of months, one month, its sheet; each side its own."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from decimal import Decimal

import pytest

from socialshop.domain import commissions, payouts, people
from socialshop.domain.audit import SYSTEM
from socialshop.flows import bank, payout, verify
from socialshop.kernel import clock
from tests.conftest import START

LATER = START + timedelta(days=33)  # July


@pytest.fixture
def paid(world, app, mia, brand, sale):
    """Paid in July."""
    world.payee(mia)
    clock.use(lambda: LATER)
    with app.app_context():
        run = payout.start(brand.id, "key-of-the-form-1", actor=SYSTEM, now=LATER)
        [sent] = payouts.of_run(run.id)
        bank.confirm(sent.id, actor=SYSTEM, now=LATER)
        return sent.public_id


def text(answer):
    return answer.get_data(as_text=True)


def rows(answer):
    return list(csv.DictReader(io.StringIO(text(answer).removeprefix("\ufeff"))))


def test_months_lead_to_statements_that_lead_to_receipts(app, mia, sale, paid, creator, owner):
    with app.app_context():
        commission = commissions.find_of(sale.id, mia.id).public_id
    for client, base, receipt in (
        (creator, "/creator/statements", f"/creator/earnings/{commission}"),
        (owner, f"/brand/senja/statements/{mia.public_id}", f"/brand/senja/commissions/{commission}"),
    ):
        listed = text(client.get(f"{base}?lang=en"))
        assert "July 2026" in listed
        assert "June 2026" in listed
        june, july = text(client.get(f"{base}/2026-06?lang=en")), text(client.get(f"{base}/2026-07?lang=en"))
        assert receipt in june
        for words in ("Earned", "+Rp29.800", "Owed at the end of the month", "Rp29.800", "Asia/Jakarta"):
            assert words in june
        for words in ("Paid out", "−Rp29.800", "Payout to the account ending in 6789", "Owed now; the month is not over yet"):
            assert words in july
    assert "Juli 2026" in text(creator.get("/creator/statements/2026-07?lang=id"))
    with app.app_context():
        assert verify.run(LATER) == []


def test_the_sheet_adds_up(mia, sale, paid, creator, owner):
    for client, base in ((creator, "/creator/statements"), (owner, f"/brand/senja/statements/{mia.public_id}")):
        for month, first, last in (("2026-06", 0, 29_800), ("2026-07", 29_800, 0)):
            answer = client.get(f"{base}/{month}.csv")
            assert answer.mimetype == "text/csv"
            found = rows(answer)
            assert (found[0]["Kind"], Decimal(found[0]["Balance"])) == ("Opening balance", first)
            assert (found[-1]["Kind"], Decimal(found[-1]["Balance"])) == ("Closing balance", last)
            assert sum(Decimal(row["Amount"]) for row in found[1:-1]) == last - first
        assert found[1]["Payout"] == paid
        assert found[1]["Amount"] == "-29800"  # a number, never a formula


def test_a_month_of_nobody_and_somebody_elses_are_not_there(world, app, creator, owner, mia, sale):
    other = world.sign_in(app.test_client(), world.creator("ana").user_id)
    for url in ("2026-06", "2026-06.csv"):
        assert other.get(f"/creator/statements/{url}").status_code == 404
    for url in ("2026-05", "2026-07", "2026-13", "now", "2026-6"):
        assert creator.get(f"/creator/statements/{url}").status_code == 404
    stranger = world.brand("fajar")
    with app.app_context():
        user = next(user for member, user in people.members_of(stranger.id) if member.role == "owner")
    foreign = world.sign_in(app.test_client(), user.id)
    for url in ("", "/2026-06", "/2026-06.csv"):
        assert foreign.get(f"/brand/fajar/statements/{mia.public_id}{url}").status_code == 404


def test_nobody_s_list_says_what_comes(world, app):
    other = world.sign_in(app.test_client(), world.creator("ana").user_id)
    assert "No statement yet" in text(other.get("/creator/statements?lang=en"))
