"""Maps to start from. Pure.

PayPal publishes its columns. What BCA and Mandiri take depends on the service that a brand has with them and is handed
out by the bank, and Wise gives each account its template: those are a beginning, to be compared with the template and
changed.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...kernel.errors import N_
from .columns import Column, Map

BI_FAST = 250_000_000


@dataclass(frozen=True, slots=True)
class Starter:
    """A map to start from. sure: the provider publishes this layout; else it must be compared first."""

    name: str
    about: str
    map: Map
    sure: bool


NEUTRAL = Map(
    columns=tuple(
        Column(name, name) for name in ("bank_code", "account_number", "account_name", "amount", "currency", "reference", "email")
    ),
    mixed=True,
)
_INDONESIAN = {
    "currency": "IDR", "letters": "upper", "plain": True, "guard": "strip", "quotes": "none", "encoding": "ascii",
    "dates": "YYYYMMDD", "payees": ("bank",), "max_rows": 1000,
}  # fmt: skip

STARTERS: dict[str, Starter] = {
    "neutral": Starter(
        N_("Neutral CSV"),
        N_("Opens in any spreadsheet: bank, number, holder, amount, currency, our reference, e-mail."),
        NEUTRAL,
        True,
    ),
    "bca": Starter(
        N_("BCA, to BCA accounts"),
        N_("For KlikBCA Bisnis: transfers inside BCA. A second map pays other banks."),
        Map(
            columns=(
                Column("Account", "account_number"),
                Column("Name", "account_name", length=35),
                Column("Amount", "amount"),
                Column("Remark", "reference"),
                Column("Email", "email"),
            ),
            before=("{date},{debit_account},{rows},{total}",), decimals="2", banks=("BCA",), **_INDONESIAN,  # type: ignore[arg-type]
        ),
        False,
    ),
    "bca_other": Starter(
        N_("BCA, to other banks (BI-FAST)"),
        N_("For KlikBCA Bisnis: transfers to other banks, up to Rp250.000.000 each."),
        Map(
            columns=(
                Column("Bank Code", "clearing_code"),
                Column("Account", "account_number"),
                Column("Name", "account_name", length=35),
                Column("Amount", "amount"),
                Column("Remark", "reference"),
                Column("Email", "email"),
            ),
            before=("{date},{debit_account},{rows},{total}",), decimals="2", not_banks=("BCA",), limit=BI_FAST,
            limit_name="BI-FAST", fee=2500, **_INDONESIAN,  # type: ignore[arg-type]
        ),
        False,
    ),
    "mandiri": Starter(
        N_("Mandiri (Kopra, MCM)"),
        N_("For Mandiri's upload with maker and approver: a summary line, then the transfers."),
        Map(
            columns=(
                Column("", "account_number"),
                Column("", "account_name", length=35),
                Column("", "currency"),
                Column("", "amount"),
                Column("", "reference"),
                Column("", "clearing_code"),
                Column("", "bank_name", length=35),
                Column("", "email"),
            ),
            before=("P,{date},{debit_account},{rows},{total}",), header=False, limit=BI_FAST, limit_name="BI-FAST", fee=2500,
            **_INDONESIAN,  # type: ignore[arg-type]
        ),
        False,
    ),
    "paypal": Starter(
        N_("PayPal Payouts"),
        N_("Creators who gave a PayPal e-mail. One currency in a file, 5,000 rows at most."),
        Map(
            columns=(
                Column("", "account_number"),
                Column("", "amount"),
                Column("", "currency"),
                Column("", "reference", length=30),
                Column("", "description", length=400),
                Column("", "", "PAYPAL"),
            ),
            header=False, quotes="needed", encoding="utf-8", guard="strip", payees=("paypal",), max_rows=5000,
        ),
        True,
    ),
    "wise": Starter(
        N_("Wise batch"),
        N_("Compare the header with the template that Wise gives you: it differs by country. 1,000 rows at most."),
        Map(
            columns=(
                Column("name", "account_name"),
                Column("recipientEmail", "email"),
                Column("paymentReference", "reference"),
                Column("receiverType", "", "PERSON"),
                Column("amountCurrency", "", "target"),
                Column("amount", "amount"),
                Column("sourceCurrency", "currency"),
                Column("targetCurrency", "currency"),
                Column("accountNumber", "account_number"),
                Column("bankCode", "clearing_code"),
            ),
            quotes="needed", encoding="utf-8", guard="strip", payees=("bank",), max_rows=1000,
        ),
        False,
    ),
}  # fmt: skip
