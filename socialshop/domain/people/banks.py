"""Indonesian banks and e-wallets, and what a number at each of them looks like. Pure.

`clearing` is the three-digit bank code that transfers are addressed by (Bank Indonesia's list of participants).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...kernel.errors import N_, FieldError
from .rules import normal_email


@dataclass(frozen=True, slots=True)
class Bank:
    """A bank: our code, its clearing code and its name. lengths: digits of an account, where the bank has one answer."""

    code: str
    clearing: str
    name: str
    lengths: tuple[int, ...] = ()


_ALL = [
    Bank("BCA", "014", "BCA (Bank Central Asia)", (10,)),
    Bank("MANDIRI", "008", "Bank Mandiri", (13,)),
    Bank("BRI", "002", "BRI (Bank Rakyat Indonesia)", (15,)),
    Bank("BNI", "009", "BNI (Bank Negara Indonesia)", (10,)),
    Bank("BSI", "451", "BSI (Bank Syariah Indonesia)", (10,)),
    Bank("BTN", "200", "BTN (Bank Tabungan Negara)"),
    Bank("CIMB", "022", "CIMB Niaga"),
    Bank("PERMATA", "013", "Bank Permata"),
    Bank("DANAMON", "011", "Bank Danamon"),
    Bank("JAGO", "542", "Bank Jago"),
    Bank("SEABANK", "535", "SeaBank"),
    Bank("BLU", "501", "blu by BCA Digital"),
    Bank("JENIUS", "213", "SMBC Indonesia / Jenius"),
    Bank("NEO", "490", "Bank Neo Commerce"),
    Bank("ALLO", "567", "Allo Bank"),
    Bank("SUPERBANK", "562", "Superbank"),
    Bank("KROM", "459", "Krom Bank"),
    Bank("RAYA", "494", "Bank Raya"),
    Bank("ALADIN", "947", "Bank Aladin Syariah"),
    Bank("AMAR", "531", "Amar Bank"),
    Bank("OCBC", "028", "OCBC Indonesia"),
    Bank("PANIN", "019", "Panin Bank"),
    Bank("MAYBANK", "016", "Maybank Indonesia"),
    Bank("UOB", "023", "UOB Indonesia"),
    Bank("HSBC", "087", "HSBC Indonesia"),
    Bank("DBS", "046", "DBS Indonesia / digibank"),
    Bank("SCB", "050", "Standard Chartered"),
    Bank("CITI", "031", "Citibank"),
    Bank("MEGA", "426", "Bank Mega"),
    Bank("SINARMAS", "153", "Bank Sinarmas"),
    Bank("KB", "441", "KB Bank (Bukopin)"),
    Bank("MUAMALAT", "147", "Bank Muamalat"),
    Bank("BCA_SYARIAH", "536", "BCA Syariah"),
    Bank("BTPN_SYARIAH", "547", "BTPN Syariah"),
    Bank("MAYAPADA", "097", "Bank Mayapada"),
    Bank("ARTHA_GRAHA", "037", "Bank Artha Graha"),
    Bank("MESTIKA", "151", "Bank Mestika"),
    Bank("HANA", "484", "KEB Hana Bank"),
    Bank("WOORI", "212", "Bank Woori Saudara"),
    Bank("SHINHAN", "152", "Bank Shinhan Indonesia"),
    Bank("BJB", "110", "bank bjb"),
    Bank("DKI", "111", "Bank DKI (Bank Jakarta)"),
    Bank("DIY", "112", "BPD DIY"),
    Bank("JATENG", "113", "Bank Jateng"),
    Bank("JATIM", "114", "Bank Jatim"),
    Bank("ACEH", "116", "Bank Aceh Syariah"),
    Bank("SUMUT", "117", "Bank Sumut"),
    Bank("NAGARI", "118", "Bank Nagari"),
    Bank("RIAU_KEPRI", "119", "BRK Syariah (Riau Kepri)"),
    Bank("SUMSEL_BABEL", "120", "Bank Sumsel Babel"),
    Bank("LAMPUNG", "121", "Bank Lampung"),
    Bank("KALSEL", "122", "Bank Kalsel"),
    Bank("KALBAR", "123", "Bank Kalbar"),
    Bank("KALTIMTARA", "124", "Bankaltimtara"),
    Bank("KALTENG", "125", "Bank Kalteng"),
    Bank("SULSELBAR", "126", "Bank Sulselbar"),
    Bank("SULUTGO", "127", "Bank SulutGo"),
    Bank("NTB", "128", "Bank NTB Syariah"),
    Bank("BALI", "129", "BPD Bali"),
    Bank("NTT", "130", "Bank NTT"),
    Bank("MALUKU", "131", "Bank Maluku Malut"),
    Bank("PAPUA", "132", "Bank Papua"),
    Bank("BENGKULU", "133", "Bank Bengkulu"),
    Bank("SULTENG", "134", "Bank Sulteng"),
    Bank("SULTRA", "135", "Bank Sultra"),
]
BANKS: dict[str, Bank] = {bank.code: bank for bank in _ALL}
EWALLETS: dict[str, str] = {
    "GOPAY": "GoPay", "OVO": "OVO", "DANA": "DANA", "SHOPEEPAY": "ShopeePay", "LINKAJA": "LinkAja", "PAYPAL": "PayPal",
}  # fmt: skip

_MOBILE = re.compile(r"08[1-9][0-9]{7,10}\Z")


def provider_name(code: str) -> str:
    """What people call a bank or e-wallet; the code itself where it is not on our list any more."""
    return BANKS[code].name if code in BANKS else EWALLETS.get(code, code)


def provider_problem(kind: str, provider: str, field: str = "provider") -> FieldError | None:
    """Whether the bank or e-wallet is one of ours, of that kind."""
    known = BANKS if kind == "bank" else EWALLETS if kind == "ewallet" else {}
    if provider in known:
        return None
    return FieldError(field, "choose", N_("Choose your bank.") if kind == "bank" else N_("Choose your e-wallet."))


def read_number(kind: str, provider: str, typed: str, field: str = "number") -> str | FieldError:
    """The bare digits of an account or e-wallet number as typed, or what is wrong with it.

    E-wallets are addressed by mobile number; "+62 812…" and "62812…" become "0812…". PayPal is addressed by e-mail.
    """
    if provider == "PAYPAL":
        return normal_email(typed) or FieldError(field, "not_an_email", N_("Enter the e-mail address of your PayPal account."))
    digits = re.sub(r"[\s.()-]", "", typed)
    if kind == "ewallet":
        digits = re.sub(r"\A(?:\+?62)(?=8)", "0", digits)
        if not _MOBILE.match(digits):
            return FieldError(field, "not_a_mobile", N_("This is not an Indonesian mobile number. It looks like 0812 3456 7890."))
        return digits
    if not (digits.isascii() and digits.isdigit()):
        return FieldError(field, "digits", N_("An account number has digits only."))
    bank = BANKS.get(provider)
    lengths = bank.lengths if bank else ()
    if lengths and len(digits) not in lengths:
        return FieldError(field, f"length_{lengths[0]}", _EXACT[lengths[0]])
    if not 6 <= len(digits) <= 20 or not digits.strip("0"):
        return FieldError(field, "length", N_("An account number has 6 to 20 digits."))
    return digits


_EXACT = {
    10: N_("An account number of this bank has 10 digits."),
    13: N_("An account number of this bank has 13 digits."),
    15: N_("An account number of this bank has 15 digits."),
}


def read_whatsapp(typed: str, field: str = "whatsapp") -> str | FieldError:
    """A WhatsApp number with its country code and no plus ("6281234567890"), "" where none was typed, or what is wrong."""
    digits = re.sub(r"[\s.()-]", "", typed)
    if not digits:
        return ""
    if digits.startswith("0"):
        digits = f"62{digits[1:]}"  # as Indonesians write their own
    digits = digits.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()) or not 8 <= len(digits) <= 15 or digits.startswith("0"):
        return FieldError(field, "not_a_number", N_("This is not a phone number. It looks like 0812 3456 7890 or +65 8123 4567."))
    return digits


def masked(number: str) -> str:
    """All but the last four digits hidden."""
    return f"•••• {number[-4:]}"


def ending(number: str) -> str:
    """What is shown of a number so that its owner knows it: the last four digits, or where an e-mail address is kept."""
    return "@" + number.partition("@")[2] if "@" in number else number[-4:]
