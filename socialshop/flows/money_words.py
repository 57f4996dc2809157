"""The words for money: states, reasons, steps and pockets as people read them. English; doors translate.

Every dictionary is from a word for machines to a sentence for people. A word that is missing here is said as it is, see `of`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from ..domain import appeals
from ..kernel import words
from ..kernel.errors import N_

STATES = {
    "pending": N_("Pending"),
    "held": N_("On hold"),
    "due": N_("Due"),
    "paid": N_("Paid"),
    "reversed": N_("Taken back"),
    "rejected": N_("Rejected"),
}
PAYOUT_STATES = {
    "ready": N_("Ready"),
    "sent": N_("On its way"),
    "unknown": N_("Unclear"),
    "paid": N_("Paid"),
    "returned": N_("Came back"),
}
REASONS = {
    "no_terms": N_("The program had no terms yet when the order was placed."),
    "code_not_involved": N_("The code alone does not count in this program; its creator's link was not tapped, or did not win."),
    "not_enrolled": N_("The creator was not in the program when the order was placed."),
    "window_expired": N_("The tap was too long before the order, or came after it."),
    "not_payable": N_("The tap did not count: it was a robot, a preview or a repeat."),
    "unknown_code": N_("The code that was used is not a code of this program."),
    "no_touch": N_("No link of a creator was tapped and no code was typed."),
    "self_referral": N_("The buyer and the creator have the same e-mail address. Own purchases earn nothing in this program."),
    "below_minimum": N_("The order was smaller than the program asks for."),
    "excluded": N_("The program pays nothing for the goods that were bought."),
    "limit_reached": N_("The program pays only so many times for one subscription, and that is reached."),
    "budget_exhausted": N_("The program's budget is used up."),
    "no_rule": N_("No rule of the program covers the goods that were bought."),
    "lost_to_code": N_("The buyer used another creator's code, and in this program the code wins."),
    "lost_to_click": N_("The buyer had tapped another creator's link, and in this program the link wins."),
    "not_the_last": N_("The buyer tapped another link later, and in this program the last tap wins."),
    "not_the_first": N_("The buyer had tapped another link before, and in this program the first tap wins."),
    "not_asked": N_("The sale belongs to whoever brought an earlier order of this buyer."),
    "too_old": N_("The tap was too long before the order."),
    "later_than_order": N_("The tap came after the order."),
    "same_creator": N_("The same creator's code counted."),
    "not_involved": N_("The code counts only together with a tap on its creator's link."),
    "not_winner": N_("The code counts only where its creator's link wins too."),
}
WHY = {
    "wins": N_("Won: this brought the sale."),
    "shares": N_("Won a share: link and code were of two creators, and this program splits."),
    "same_creator": N_("Counted too: link and code are of the same creator, so the sale is booked by the code."),
    "not_payable": N_("Did not count: a robot, a preview or a repeat, not a person's tap."),
    "not_enrolled": N_("Did not count: its creator was not in the program when the order was placed."),
    "too_old": N_("Too old: it lies outside the days in which a tap counts."),
    "later_than_order": N_("Too late: it came after the order was placed."),
    "not_the_last": N_("Lost: another tap came later, and the last one wins."),
    "not_the_first": N_("Lost: another tap came earlier, and the first one wins."),
    "lost_to_code": N_("Lost: a code was used, and here the code wins."),
    "lost_to_click": N_("Lost: a link was tapped, and here the link wins."),
    "unknown_code": N_("Did not count: this is not a code of this program."),
    "not_involved": N_("Did not count: a code needs a tap on its creator's link here."),
    "not_winner": N_("Did not count: a code needs its creator's link to win here."),
    "self_referral": N_("Did not count: the buyer and the creator have the same e-mail address."),
    "not_asked": N_("Was not asked: the sale is settled already by an earlier order of this buyer."),
    "no_terms": N_("Was not asked: the program had no terms yet."),
}
SAID = {
    "typed": N_("typed by the buyer"),
    "filled": N_("filled in by a link or page"),
}
STEPS = {
    "accrue": N_("Earned"),
    "adjust": N_("Order changed"),
    "reverse": N_("Taken back"),
    "clawback": N_("Owed back"),
    "due": N_("Hold is over, ready for the next payout"),
    "hold": N_("Put on hold"),
    "release": N_("Hold ended"),
    "reject": N_("Rejected"),
    "dispute": N_("Payment disputed, on hold"),
    "dispute_of_nothing": N_("Payment disputed"),
    "dispute_closed": N_("Dispute closed"),
    "pay": N_("Drawn up for payout"),
    "paid": N_("Arrived"),
    "pay_failed": N_("Payout came back"),
    "fee": N_("Bank fee, taken from the payout"),
    "reinstate": N_("Rejection taken back"),
}
GROUPS = {
    "earned": N_("Earned"),
    "adjusted": N_("Changed with the order"),
    "taken_back": N_("Taken back"),
    "paid": N_("Paid out"),
    "fee": N_("Fees"),
    "returned": N_("Payouts that came back"),
    "other": N_("Other"),
}
CAUSES = {
    "refund": N_("the buyer got money back"),
    "over_refund": N_("the buyer got more back than was left"),
    "chargeback": N_("the buyer's bank took the payment back"),
    "rejected": N_("the brand rejected it"),
    "order_edit": N_("the order was changed"),
    "reinstated": N_("the rejection was taken back"),
}
POCKETS = {
    "owed": N_("what the brand owes"),
    "held": N_("held for the creator"),
    "payable": N_("payable to the creator"),
    "in_transit": N_("on its way"),
    "owed_back": N_("owed back by the creator"),
    "bank": N_("outside, at the bank"),
}
ROUNDINGS = {
    "half_up": N_("halves are rounded up"),
    "half_even": N_("halves are rounded to the even unit"),
    "down": N_("fractions are dropped"),
}
CHANNELS = {
    "page": N_("link page"),
    "instagram": "Instagram",
    "tiktok": "TikTok",
    "whatsapp": "WhatsApp",
    "qr": N_("QR code"),
    "other": N_("elsewhere"),
}
VIAS = {
    "click": N_("by a link"),
    "code": N_("by a code"),
    "subscription": N_("by an earlier payment of the subscription"),
    "lifetime": N_("by this buyer's first order"),
    "override": N_("by a recruited creator"),
}


_PARTS = re.compile(r"; (?=(?:dispute|" + "|".join(code for code in appeals.REASONS if code != "other") + r")(?::|;|$))")


def why(text: str, say: Callable[[str], str], *, quote: bool = True, side: str = "creator") -> str:
    """Why something is held or rejected, from how the engine keeps it ("code: words", several parted by "; ").

    quote: also what the person wrote who decided; it is addressed to the creator who brought the sale, not to recruiters.
    side: who reads it, "creator" or "brand".
    """
    return " ".join(filter(None, (_why(part, say, quote, side) for part in _PARTS.split(text)))) if text else ""


def _why(part: str, say: Callable[[str], str], quote: bool, side: str) -> str:
    if part == "dispute":
        return say(N_("The buyer disputes the payment."))
    code, told = appeals.read_reason(part)
    if not quote:
        return say(N_("The brand decided so about the sale; the creator who brought it has the reason."))
    return told if code == "other" else f"{say(appeals.REASONS[code].told_to(side))} {told}".strip()


def of(table: Mapping[str, str], word: str, locale: str) -> str:
    """The sentence for a word, in `locale`; the word itself where the table does not know it."""
    return words.say(table[word], locale) if word in table else word.replace("_", " ")
