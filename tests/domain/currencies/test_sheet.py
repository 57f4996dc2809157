"""Rates from a file: every row is a rate, or says what is wrong with it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from socialshop.domain import currencies

NOW = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)


def rows(text):
    return currencies.read_sheet(text.encode(), zone="Asia/Jakarta", now=NOW)


def test_rows_become_rates_in_the_brands_own_time():
    found = rows(
        "\ufeffbase;quote;rate;at;note\r\nusd;IDR;16250,00;2026-06-01;BI\r\nEUR;IDR;17605.25;2026-06-01T09:00:00+07:00;\r\n"
    )
    assert [(d.base, d.quote, d.rate, d.at, d.note) for d in (row.draft for row in found)] == [
        ("USD", "IDR", "16250.00", datetime(2026, 5, 31, 17, 0, tzinfo=UTC), "BI"),
        ("EUR", "IDR", "17605.25", datetime(2026, 6, 1, 2, 0, tzinfo=UTC), ""),
    ]


def test_indonesian_headings():
    assert rows("dari,ke,kurs,tanggal,catatan\nUSD,IDR,16250,2026-06-01 09:30,\n")[0].draft.at == datetime(
        2026, 6, 1, 2, 30, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("row", "column"),
    [("USD,IDR,16.250,2026-06-01", "rate"), ("USD,IDR,,2026-06-01", "rate"), ("USD,IDR,16250,01/06/2026", "at"),
     ("USD,IDR,16250,", "at"), ("DOLLAR,IDR,16250,2026-06-01", "base"), ("IDR,IDR,1,2026-06-01", "quote"),
     ("USD,IDR,16250,2030-01-01", "at"), ("USD", "rate"), ("USD,IDR,16250,9999-12-31T23:59:59-23:00", "at")],
)  # fmt: skip
def test_a_wrong_cell_is_named(row, column):
    good, bad = rows(f"base,quote,rate,at\nUSD,IDR,16000,2026-05-30\n{row}\n")
    assert good.draft is not None
    assert (bad.number, bad.draft, bad.column) == (3, None, column)
    assert bad.problem.sentence()


def test_two_rates_for_one_moment_cannot_both_be_meant():
    first, second, third = rows(
        "base,quote,rate,at\nUSD,IDR,16250,2026-06-01\nUSD,IDR,16300,2026-06-01\nUSD,IDR,16250.0,2026-06-01\n"
    )
    assert first.draft
    assert second.problem.sentence() == "Row 2 has another rate for the same moment."
    assert third.draft  # the same again


@pytest.mark.parametrize(
    "text", ["", "base,quote,rate\nUSD,IDR,1", "base,base,rate,at,quote\n", "base,quote,rate,at\n", 'base,quote,rate,at\n"USD,1']
)
def test_what_is_no_such_file(text):
    with pytest.raises(currencies.BadSheet):
        rows(text)


def test_a_file_has_at_most_five_hundred_rows():
    with pytest.raises(currencies.BadSheet):
        rows("base,quote,rate,at\n" + "USD,IDR,16250,2026-06-01\n" * 501)
    with pytest.raises(currencies.BadSheet):
        currencies.read_sheet(b"\xff\xfe\x00", zone="UTC", now=NOW)
