"""The words for money: states, reasons, steps and pockets as people read them, in the viewer's language."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from ..domain import commissions, ledger, programs
from ..flows.receipt import Receipt
from ..kernel import words
from ..kernel.money import EXPONENTS, Money, to_decimal
from .local import locale

SHELVES = ("pending", "held", "due", "paid", "owed_back", "awaiting", "nothing")

STATES = {
    "pending": (_l("Pending"), "info"),
    "held": (_l("On hold"), "warn"),
    "due": (_l("Due"), "accent"),
    "paid": (_l("Paid"), "good"),
    "reversed": (_l("Taken back"), ""),
    "rejected": (_l("Rejected"), "bad"),
}
PAYOUT_STATES = {
    "ready": (_l("Ready"), "info"),
    "sent": (_l("On its way"), "info"),
    "unknown": (_l("Unclear"), "warn"),
    "paid": (_l("Paid"), "good"),
    "returned": (_l("Came back"), "bad"),
}
SKIPS = {
    "no_payee": _l("No payout account stated yet. The balance is kept for the next run."),
    "below_minimum": _l("Below the minimum for a payout. The balance is kept until it is enough."),
    "owed_back": _l("All of it settles what was paid too much before."),
    "pays": _l("Will be paid"),
}
REASONS = {
    "no_terms": _l("The program had no terms yet when the order was placed."),
    "code_not_involved": _l("The code alone does not count in this program; its creator's link was not tapped, or did not win."),
    "not_enrolled": _l("The creator was not in the program when the order was placed."),
    "window_expired": _l("The tap was too long before the order, or came after it."),
    "not_payable": _l("The tap did not count: it was a robot, a preview or a repeat."),
    "unknown_code": _l("The code that was typed is not a code of this program."),
    "no_touch": _l("No link of a creator was tapped and no code was typed."),
    "self_referral": _l("The buyer and the creator have the same e-mail address. Own purchases earn nothing in this program."),
    "below_minimum": _l("The order was smaller than the program asks for."),
    "excluded": _l("The program pays nothing for the goods that were bought."),
    "limit_reached": _l("The program pays only so many times for one subscription, and that is reached."),
    "budget_exhausted": _l("The program's budget is used up."),
    "no_rule": _l("No rule of the program covers the goods that were bought."),
    "lost_to_code": _l("The buyer typed another creator's code, and in this program the code wins."),
    "lost_to_click": _l("The buyer had tapped another creator's link, and in this program the link wins."),
    "not_the_last": _l("The buyer tapped another link later, and in this program the last tap wins."),
    "not_the_first": _l("The buyer had tapped another link before, and in this program the first tap wins."),
    "not_asked": _l("The sale belongs to whoever brought this buyer first."),
    "too_old": _l("The tap was too long before the order."),
    "later_than_order": _l("The tap came after the order."),
    "same_creator": _l("The same creator's code counted."),
    "not_involved": _l("The code counts only together with a tap on its creator's link."),
    "not_winner": _l("The code counts only where its creator's link wins too."),
}
WHY = {
    "wins": _l("Won: this brought the sale."),
    "shares": _l("Won a share: link and code were of two creators, and this program splits."),
    "same_creator": _l("Counted too: link and code are of the same creator, so the sale is booked by the code."),
    "not_payable": _l("Did not count: a robot, a preview or a repeat, not a person's tap."),
    "not_enrolled": _l("Did not count: its creator was not in the program when the order was placed."),
    "too_old": _l("Too old: it lies outside the days in which a tap counts."),
    "later_than_order": _l("Too late: it came after the order was placed."),
    "not_the_last": _l("Lost: another tap came later, and the last one wins."),
    "not_the_first": _l("Lost: another tap came earlier, and the first one wins."),
    "lost_to_code": _l("Lost: a code was typed, and here the code wins."),
    "lost_to_click": _l("Lost: a link was tapped, and here the link wins."),
    "unknown_code": _l("Did not count: this is not a code of this program."),
    "not_involved": _l("Did not count: a code needs a tap on its creator's link here."),
    "not_winner": _l("Did not count: a code needs its creator's link to win here."),
    "self_referral": _l("Did not count: the buyer and the creator have the same e-mail address."),
    "not_asked": _l("Was not looked at: the sale belongs to whoever brought this buyer first."),
    "no_terms": _l("Was not looked at: the program had no terms yet."),
}
STEPS = {
    "accrue": _l("Earned"),
    "adjust": _l("Order changed"),
    "reverse": _l("Taken back"),
    "clawback": _l("Owed back"),
    "due": _l("Hold is over, ready for the next payout"),
    "hold": _l("Put on hold"),
    "release": _l("Hold ended"),
    "reject": _l("Rejected"),
    "dispute": _l("Payment disputed, on hold"),
    "dispute_closed": _l("Dispute closed"),
    "pay": _l("Drawn up for payout"),
    "paid": _l("Arrived"),
    "pay_failed": _l("Payout came back"),
}
CAUSES = {
    "refund": _l("the buyer got money back"),
    "over_refund": _l("the buyer got more back than was left"),
    "chargeback": _l("the buyer's bank took the payment back"),
    "rejected": _l("the brand rejected it"),
    "order_edit": _l("the order was changed"),
}
POCKETS = {
    "owed": _l("what the brand owes"),
    "held": _l("held for the creator"),
    "payable": _l("payable to the creator"),
    "in_transit": _l("on its way"),
    "owed_back": _l("owed back by the creator"),
    "bank": _l("outside, at the bank"),
}
ROUNDINGS = {
    "half_up": _l("halves are rounded up"),
    "half_even": _l("halves are rounded to the even unit"),
    "down": _l("fractions are dropped"),
}
CHANNELS = {
    "page": _l("link page"),
    "instagram": "Instagram",
    "tiktok": "TikTok",
    "whatsapp": "WhatsApp",
    "qr": _l("QR code"),
    "other": _l("elsewhere"),
}
CONDITIONS = {
    "creator": _l("creator"),
    "group": _l("group"),
    "product": _l("product"),
    "category": _l("category"),
    "brand": _l("brand"),
    "customer": _l("buyers"),
    "via": _l("by"),
    "channel": _l("channel"),
    "currency": _l("currency"),
}
SHELF_NAMES = {
    "pending": _l("Pending"),
    "held": _l("On hold"),
    "due": _l("Due"),
    "paid": _l("Paid"),
    "owed_back": _l("Owed back"),
    "awaiting": _l("Awaiting payment"),
    "nothing": _l("Earned nothing"),
    "reversed": _l("Taken back"),
    "rejected": _l("Rejected"),
}
VIAS = {
    "click": _l("by a link"),
    "code": _l("by a code"),
    "subscription": _l("by an earlier payment of the subscription"),
    "lifetime": _l("by this buyer's first order"),
    "override": _l("by a recruited creator"),
}


def state(row: commissions.Commission, now: object) -> tuple[object, str]:
    """Word and tone of a commission's state."""
    return STATES[row.state_at(now)]  # type: ignore[arg-type]


def rate(form: str, text: str, currency: str, per: str) -> str:
    """A rule's rate in words: "12.5%", "Rp5.000 for each piece"."""
    if form == "flat":
        amount = words.money(Money(int(text), currency), locale())
        forms = {
            "order": _l("%(amount)s for the order"),
            "line": _l("%(amount)s for this line"),
            "unit": _l("%(amount)s for each piece"),
        }
        return str(forms[per]) % {"amount": amount}
    percents = ", ".join(percent(part.strip()) for part in text.split(","))
    return str(gettext("%(percents)s by tier", percents=percents)) if form == "tiers" else percents


def number(exact: str, currency: str) -> str:
    """An exact amount in minor units, as decimal text, in major units as the viewer writes numbers: "5062.5" → Rp5.062,5."""
    whole, _, decimals = exact.partition(".")
    places = EXPONENTS[currency]
    major, minor = to_decimal(int(whole), currency).split(".") if places else (whole, "")
    comma = locale() == "id" or currency == "IDR"
    grouped = f"{int(major):,}"
    grouped = grouped.replace(",", ".") if comma else grouped
    return f"{grouped}{',' if comma else '.'}{minor}{decimals}"


def percent(text: str) -> str:
    """12.5% in English, 12,5% in Indonesian."""
    return f"{text.replace('.', ',') if locale() == 'id' else text}%"


def terms_of(found: Receipt) -> list[str]:
    """The terms that counted, as sentences."""
    if not found.terms:
        return []
    return programs.sentences(found.terms, found.program.currency, locale(), zone=found.program.timezone)


def moves(entry: ledger.Entry | None) -> list[tuple[object, str]]:
    """The legs of a ledger entry in words, what leaves a pocket first: (pocket, signed amount)."""
    legs = sorted(entry.legs, key=lambda leg: leg.minor) if entry else []
    return [
        (POCKETS[leg.pocket.kind], ("+" if leg.minor > 0 else "") + words.money(Money(leg.minor, leg.currency), locale()))
        for leg in legs
    ]
