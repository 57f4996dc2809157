"""From an empty install to a paid commission and what a refund takes back, tapped through in a real browser; the books are checked after each step."""

from __future__ import annotations

from tests.browser.journey import Journey


def test_the_main_job(install, chromium):
    journey = Journey(install, chromium)
    for step in journey.up_to_the_commission():
        step()
        install.verify()

    journey.days_pass(15)
    journey.sign_in_again("brand", "sekar@senja.test")
    journey.sign_in_again("creator", "rani@kreator.test")
    (row,) = journey.brand_pays_out()
    install.verify()
    assert row["amount"] == "18625"
    assert row["account_number"].strip("'=\"\t") == "2740055123"
    creator = journey.person("creator")
    creator.go("/creator/earnings")
    creator.sees("Paid")

    journey.brand_refunds_part("50000")
    install.verify()
    creator.go("/creator/earnings")
    creator.sees("Rp6.250")  # 12.5 % of the 50,000 that went back: owed, taken from what comes next
    creator.sees("owed back")
