"""Files for banks, byte by byte."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from socialshop.domain import payouts
from socialshop.domain.payouts import Column, Map, Transfer
from socialshop.kernel.errors import Invalid

FACTS = payouts.Facts(date(2026, 6, 15), "run_x")
RANI = Transfer(
    "pay_7hK2mQ9vXw4tRb3c", "bank", "MANDIRI", "0012345678901", "Rani Puspita", 1_250_000, "IDR", "rani@example.test",
    "Bank Mandiri", "008", "Rani", "rani",
)  # fmt: skip
BASIC = Map(columns=(Column("account", "account_number"), Column("amount", "amount"), Column("name", "account_name")))


def written(map_, *transfers):
    sheets, left_out = payouts.lay_out(map_, transfers or (RANI,), FACTS)
    assert left_out == []
    return [payouts.write(map_, sheet, FACTS).decode(map_.encoding) for sheet in sheets]


def reasons(map_, *transfers):
    return [each.reason for each in payouts.lay_out(map_, transfers, FACTS)[1]]


def test_columns_come_in_the_order_of_the_map():
    map_ = replace(
        BASIC,
        columns=(Column("No", "row"), Column("Date", "date"), *BASIC.columns, Column("Type", "", "PERSON")),
        quotes="needed", separator="semicolon", dates="DD/MM/YYYY", line_end="lf", encoding="utf-8",
    )  # fmt: skip
    assert written(map_) == ["No;Date;account;amount;name;Type\n1;15/06/2026;0012345678901;1250000;Rani Puspita;PERSON\n"]


def test_lines_above_and_below_are_filled_in():
    map_ = replace(
        BASIC, before=("P,{date},{debit_account},{rows},{total}",), after=("END {file}/{files} {currency}",), header=False,
        dates="YYYYMMDD", debit_account="1230001234567", decimals="2", quotes="none", encoding="ascii",
    )  # fmt: skip
    [text] = written(map_, RANI, replace(RANI, reference="pay_2", amount=50_000))
    assert text.split("\r\n") == [
        "P,20260615,1230001234567,2,1300000.00",
        "0012345678901,1250000.00,Rani Puspita",
        "0012345678901,50000.00,Rani Puspita",
        "END 1/1 IDR",
        "",
    ]


@pytest.mark.parametrize(
    ("decimals", "point", "currency", "minor", "text"),
    [
        ("own", ".", "IDR", 1_250_000, "1250000"),
        ("2", ".", "IDR", 1_250_000, "1250000.00"),
        ("2", ",", "IDR", 1_250_000, "1250000,00"),
        ("own", ".", "USD", 4990, "49.90"),
        ("own", ",", "USD", 5, "0,05"),
        ("own", ".", "KWD", 1500, "1.500"),
        ("2", ".", "KWD", 1500, "1.500"),
        ("0", ".", "JPY", 500, "500"),
    ],
)
def test_amounts_are_written_as_the_bank_reads_them(decimals, point, currency, minor, text):
    map_ = replace(BASIC, decimals=decimals, point=point, quotes="all")
    assert f'"{text}"' in written(map_, replace(RANI, amount=minor, currency=currency))[0]


def test_a_cent_is_never_dropped():
    assert reasons(replace(BASIC, decimals="0"), replace(RANI, currency="USD", amount=4990)) == ["decimals"]


def test_names_are_cleaned_as_the_bank_wants_them():
    map_ = replace(BASIC, letters="upper", plain=True, encoding="ascii", quotes="none", guard="strip")
    assert "ANA JOSE OBRIEN" in written(map_, replace(RANI, account_name="Ána  José O'Brien\""))[0]
    cut = replace(map_, columns=(*BASIC.columns[:2], Column("name", "account_name", length=5)))
    assert ",RANI\r\n" in written(cut)[0]


def test_what_the_file_cannot_hold_is_left_out_and_not_replaced():
    plain = replace(BASIC, letters="upper", plain=True, encoding="ascii")
    assert reasons(plain, replace(RANI, account_name="李小龙")) == ["letters"]
    assert reasons(replace(BASIC, encoding="cp1252"), replace(RANI, account_name="Łukasz")) == ["letters"]
    assert reasons(replace(BASIC, letters="ascii"), replace(RANI, account_name="Łukasz")) == ["letters"]


def test_a_number_is_never_cut():
    short = replace(BASIC, columns=(Column("account", "account_number", length=10), *BASIC.columns[1:]))
    assert reasons(short, RANI) == ["long"]


def test_who_a_map_is_for():
    wallet = replace(RANI, kind="ewallet", bank_code="GOPAY")
    paypal = replace(RANI, kind="ewallet", bank_code="PAYPAL", account_number="rani@example.test")
    assert reasons(replace(BASIC, payees=("bank",)), RANI, wallet, paypal) == ["payee", "payee"]
    assert reasons(replace(BASIC, payees=("paypal",)), RANI, wallet, paypal) == ["payee", "payee"]
    assert reasons(replace(BASIC, banks=("BCA",)), RANI) == ["bank"]
    assert reasons(replace(BASIC, not_banks=("MANDIRI",)), RANI) == ["bank"]
    assert reasons(replace(BASIC, currency="USD"), RANI) == ["currency"]


def test_the_limit_of_a_transfer_is_reached_but_not_passed():
    map_ = replace(BASIC, currency="IDR", limit=payouts.BI_FAST)
    assert reasons(map_, replace(RANI, amount=payouts.BI_FAST), replace(RANI, amount=payouts.BI_FAST + 1)) == ["limit"]


def test_too_many_rows_are_several_files_of_one_currency():
    map_ = replace(BASIC, max_rows=2)
    five = [replace(RANI, reference=f"pay_{n}") for n in range(5)] + [replace(RANI, currency="USD")]
    sheets, _ = payouts.lay_out(map_, five, FACTS)
    assert [(len(s.transfers), s.part, s.parts, s.currencies) for s in sheets] == [
        (2, 1, 4, ("IDR",)), (2, 2, 4, ("IDR",)), (1, 3, 4, ("IDR",)), (1, 4, 4, ("USD",)),
    ]  # fmt: skip
    assert len(payouts.lay_out(replace(map_, mixed=True, max_rows=9), five, FACTS)[0]) == 1


EVIL = st.text(st.sampled_from("=+-@\t\r\n ';,\"|abc1"), min_size=1, max_size=12)


@example('"=', "apostrophe", "none", ",")
@example(',"+', "strip", "none", ",")
@given(EVIL, st.sampled_from(["apostrophe", "strip"]), st.sampled_from(["all", "needed", "none"]), st.sampled_from([*",;\t|"]))
def test_no_cell_is_a_formula_and_no_name_breaks_a_row(name, guard, quotes, separator):
    names = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
    map_ = replace(BASIC, guard=guard, quotes=quotes, separator=names[separator], encoding="utf-8")
    sheets, left_out = payouts.lay_out(map_, [replace(RANI, account_name="a" + name), replace(RANI, account_name=name)], FACTS)
    rows = [row for sheet in sheets for row in csv.reader(
        io.StringIO(payouts.write(map_, sheet, FACTS).decode()), delimiter=separator,
        quoting=csv.QUOTE_NONE if quotes == "none" else csv.QUOTE_MINIMAL)]  # fmt: skip
    assert len(rows) == 1 + 2 - len(left_out)
    for row in rows:
        assert len(row) == 3
        assert all(cell[:1] not in ("=", "+", "-", "@", "\t", "\r") for cell in row)


def test_leading_zeros_stay_whatever_opens_the_file():
    assert '="0012345678901"' in written(replace(BASIC, digits="equals", quotes="none"))[0]
    assert "'0012345678901" in written(replace(BASIC, digits="apostrophe", quotes="needed"))[0]


def test_a_file_is_the_same_every_time():
    sheets, _ = payouts.lay_out(payouts.NEUTRAL, [RANI], FACTS)
    assert payouts.write(payouts.NEUTRAL, sheets[0], FACTS) == payouts.write(payouts.NEUTRAL, sheets[0], FACTS)


@pytest.mark.parametrize("name", payouts.STARTERS)
def test_every_map_to_start_from_can_be_read_and_writes_its_payees(name):
    map_ = payouts.STARTERS[name].map
    assert payouts.read_map(map_.to_document()) == map_
    code = map_.banks[0] if map_.banks else "PAYPAL" if map_.payees == ("paypal",) else "MANDIRI"
    number = "rani@example.test" if code == "PAYPAL" else RANI.account_number
    transfer = replace(RANI, bank_code=code, account_number=number, kind="ewallet" if code == "PAYPAL" else "bank")
    [text] = written(map_, transfer)
    assert text.splitlines()[-1]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"columns": []}, "columns"),
        ({"columns": [{"field": "iban"}]}, "columns-0"),
        ({"columns": [{"field": "amount", "length": -1}]}, "columns-0"),
        ({"columns": [{"field": "amount"}, {"field": "account_number"}] * 21}, "columns"),
        ({"before": ["{iban}"]}, "before"),
        ({"after": ["{date"]}, "after"),
        ({"before": ["x"] * 6}, "before"),
        ({"max_rows": 0}, "max_rows"),
        ({"payees": []}, "payees"),
        ({"limit": 5}, "currency"),
        ({"fee": 5}, "currency"),
        ({"separator": "x"}, "separator"),
        ({"encoding": "ascii", "debit_account": "é"}, "debit_account"),
        ({"currency": "USD", "decimals": "0"}, "decimals"),
        ({"quotes": "none", "point": ",", "decimals": "2"}, "point"),
        ({"debit_account": "1\r\n2"}, "debit_account"),
    ],
)
def test_what_makes_no_file_is_refused_by_name(change, field):
    with pytest.raises(Invalid) as refused:
        payouts.read_map(BASIC.to_document() | change)
    assert field in {each.field for each in refused.value.fields}
