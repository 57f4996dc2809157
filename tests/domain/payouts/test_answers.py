"""What banks answer, row by row."""

from __future__ import annotations

import pytest

from socialshop.domain import payouts
from socialshop.domain.payouts import Expected, Reading
from socialshop.kernel.errors import Invalid

ONE = Expected("pay_7hK2mQ9vXw4tRb3c", "0012345678", 1_250_000, "IDR", "sent")
TWO = Expected("pay_9aB3cD4eF5gH6jK7", "0098765432", 87_500, "IDR", "sent")


def judged(text, *expected, **changes):
    content = text.encode()
    reading = payouts.guess(content)
    if changes:
        reading = payouts.read_reading(reading.to_document() | changes)
    table = payouts.read_table(content, header=reading.header, skip=reading.skip)
    return payouts.judge(table, reading, expected or (ONE, TWO))


def does(text, *expected, **changes):
    return [verdict.does for verdict in judged(text, *expected, **changes)]


def test_a_result_as_banks_write_it():
    text = (
        "No Rekening;Nominal;Berita;Status;Keterangan;Biaya;No Transaksi\n"
        "0012345678;Rp1.250.000,00;PAY7HK2MQ9VXW4TRB3C;BERHASIL;;2.500;FT1\n"
        "0098765432;87.500;KOMISI PAY_9AB3CD4EF5GH6JK7 JUNI;Gagal;Rekening tutup;;FT2\n"
    )
    one, two = judged(text)
    assert (one.does, one.reference, one.fee, one.bank_reference) == ("paid", ONE.reference, 2500, "FT1")
    assert (two.does, two.reference, two.reason, two.fee) == ("returned", TWO.reference, "Rekening tutup", None)


@pytest.mark.parametrize(
    ("row", "what"),
    [
        (f"{ONE.reference},paid,1250000,", "paid"),
        (f"'{ONE.reference},PENDING,1250000,", "unclear"),
        ("pay_other,paid,1250000,", "unknown"),
        (",paid,1250000,", "unknown"),
        (f"{ONE.reference},maybe,1250000,", "word"),
        (f"{ONE.reference},,1250000,", "word"),
        (f"{ONE.reference},paid,1250001,", "amount"),
        (f"{ONE.reference},paid,lots,", "amount_unreadable"),
        (f"{ONE.reference},paid,-1250000,", "paid"),
        (f"{ONE.reference},paid,1250000,******5678", "paid"),
        (f"{ONE.reference},paid,1250000,0012349999", "account"),
    ],
)
def test_each_row_is_one_thing(row, what):
    assert does(f"reference,result,amount,account\n{row}\n") == [what]


def test_what_is_known_changes_nothing_and_what_cannot_be_is_said():
    paid = Expected(ONE.reference, ONE.account, ONE.amount, "IDR", "paid")
    back = Expected(TWO.reference, TWO.account, TWO.amount, "IDR", "returned")
    text = f"reference,result\n{ONE.reference},paid\n{TWO.reference},paid\n"
    assert does(text, paid, back) == ["known", "state"]


def test_one_payout_told_twice():
    same = f"reference,result\n{ONE.reference},paid\n{ONE.reference},paid\n"
    assert does(same) == ["paid", "known"]
    both = f"reference,result\n{ONE.reference},paid\n{ONE.reference},failed\n"
    assert does(both) == ["paid", "twice"]


def test_without_a_reference_account_and_amount_must_fit_one():
    text = "account,amount,result\n0012345678,1250000,paid\n"
    assert does(text) == ["paid"]
    twin = Expected("pay_twin", ONE.account, ONE.amount, "IDR", "sent")
    assert does(text, ONE, twin) == ["ambiguous"]
    assert does("account,result\n0012345678,paid\n") == ["unknown"]


def test_rows_of_others_may_be_passed_over_if_somebody_says_so():
    text = f"reference,result\nrent,paid\n{ONE.reference},paid\n"
    assert does(text) == ["unknown", "paid"]
    assert does(text, strangers=True) == ["stranger", "paid"]


def test_a_file_without_a_header_or_with_rows_above_it_is_read_by_number():
    columns = {"reference": "1", "status": "2"}
    assert does(f"{ONE.reference},paid\n", columns=columns, header=False) == ["paid"]
    above = f"Laporan\nPeriode Juni\nreference,result\n{ONE.reference},paid\n"
    assert does(above, columns={"reference": "reference", "status": "result"}, skip=2) == ["paid"]


def test_a_file_that_lists_only_what_was_paid():
    assert does(f"reference\n{ONE.reference}\n", columns={"reference": "reference", "status": payouts.EVERY_ROW}) == ["paid"]


def test_own_words():
    assert does(f"reference,result\n{ONE.reference},TERKIRIM\n", paid=["Terkirim "]) == ["paid"]
    with pytest.raises(Invalid):
        payouts.read_reading({"paid": ["ok"], "returned": ["OK"]})


@pytest.mark.parametrize("content", [b"", b"\n\n", b"PK\x03\x04\x00\x00", b"a\x00b", b"x" * 200_000, b"," * 100])
def test_what_is_no_table_is_refused(content):
    with pytest.raises(Invalid):
        payouts.read_table(content, header=True, skip=0)


def test_utf_16_and_old_encodings_are_read():
    text = f"reference,result,reason\n{ONE.reference},gagal,José\n"
    for content in (text.encode("utf-16"), text.encode("cp1252"), text.encode("utf-8-sig")):
        [verdict] = payouts.judge(payouts.read_table(content, header=True, skip=0), payouts.guess(content), [ONE])
        assert (verdict.does, verdict.reason) == ("returned", "José")


def test_a_reading_survives_the_document():
    reading = Reading(dict.fromkeys(payouts.RESULT_COLUMNS, "") | {"reference": "Berita"}, skip=3, strangers=True)
    assert payouts.read_reading(reading.to_document()) == reading
