"""The arithmetic of a receipt in sentences: line by line, limit by limit, and the conversion."""

from __future__ import annotations

from fractions import Fraction

from ...domain.commissions import Commission
from ...domain.terms import FxQuote
from ...kernel.errors import N_
from ...kernel.money import EXPONENTS, millionths
from .. import money_words
from .lines import Earned, Line, Sum, decimal
from .voice import Entry, LineTold, Voice, rate_of

_PERIODS = {
    "month": N_("Sold in that calendar month before this line: {volume}."),
    "quarter": N_("Sold in that quarter before this line: {volume}."),
    "year": N_("Sold in that year before this line: {volume}."),
    "all": N_("Sold in all before this line: {volume}."),
}


def arithmetic(voice: Voice) -> list[str]:
    """What is to be known before the lines."""
    found, override = voice.receipt, voice.receipt.override
    if override is not None:
        exact = decimal(override.direct * millionths(override.percent), 1_000_000)
        facts = {
            "handle": override.handle, "direct": voice.money(override.direct), "percent": voice.percent(override.percent),
            "amount": voice.money(found.commission.amount_minor if found.commission else 0), "level": override.level,
        }  # fmt: skip
        texts = [voice.say(N_("@{handle} brought the sale and has {direct} of it now."), **facts)]
        if override.level == 1:
            texts.append(
                voice.say(
                    N_("You recruited @{handle} and get {percent} of that on top, paid by the brand: {amount}.")
                    if voice.audience == "creator"
                    else N_("This creator recruited @{handle} and gets {percent} of that on top, paid by the brand: {amount}."),
                    **facts,
                )
            )
        else:
            texts.append(
                voice.say(
                    N_(
                        "This creator is {level} steps above @{handle} in the chain of recruiters and gets {percent} of that on top, paid by the brand: {amount}."
                    ),
                    **facts,
                )
            )
        return [" ".join(texts) + (f" ({_rounded(voice, exact)})" if exact else "")]
    if found.edited:
        return [
            voice.say(
                N_(
                    "The order was changed afterwards: these are its lines as they are now, under the terms of the day it was placed."
                )
            )
        ]
    return []


def lines(voice: Voice) -> list[LineTold]:
    """Each line from its price to what it gives."""
    if voice.receipt.override is not None:
        return []
    return [LineTold(f"{line.quantity} × {line.title}", tuple(_entries(voice, line))) for line in voice.receipt.lines]


def _entries(voice: Voice, line: Line) -> list[Entry]:
    price = (f"{line.quantity} × {voice.money(line.price)}",) if line.quantity > 1 else ()
    found = [Entry(voice.say(N_("Price")), line.gross, price)]
    if line.discount:
        found.append(Entry(voice.say(N_("Discount on this line")), -line.discount))
    if line.order_discount:
        whole = voice.say(N_("shared over the lines by their price"))
        found.append(Entry(voice.say(N_("Its share of the order's discount")), -line.order_discount, (whole,)))
    for text, minor in ((N_("Its share of the shipping"), line.shipping), (N_("Its share of the tax"), line.tax)):
        if minor:
            found.append(
                Entry(voice.say(text), minor, (voice.say(N_("shared over the lines by what they cost after discounts")),))
            )
    counts = N_("Counts for the commission") if voice.receipt.sum is not None else N_("Goods after discounts")
    found.append(Entry(voice.say(counts), line.base, total=True))
    found += [_earned(voice, each, line) for each in line.earned] or [Entry(_nothing(voice, line), 0)]
    if line.amount != line.before_limits:
        found.append(Entry(voice.say(N_("What this line gives after the limits below")), line.amount, total=True))
    return found


def _nothing(voice: Voice, line: Line) -> str:
    found = voice.receipt
    if line.excluded:
        return voice.say(N_("These goods are excluded from the program"))
    if found.reason == "below_minimum":
        return voice.say(N_("The order was smaller than the program asks for"))
    if found.sum is None:
        return voice.say(N_("Nothing for this creator: the sale is not theirs"))
    if found.reason == "limit_reached":
        return voice.say(N_("The rule for it pays only so many times for one subscription, and that is reached"))
    return voice.say(N_("No rule covers this line"))


def _earned(voice: Voice, each: Earned, line: Line) -> Entry:
    label, notes = _rate(voice, each, line), []
    if each.bonus:
        label = voice.say(N_("Bonus: {what}"), what=label)
    if each.form == "tiers":
        notes.append(voice.say(_PERIODS[each.period], volume=voice.money(each.volume)) + _steps(voice, each))
    if each.exact:
        notes.append(_rounded(voice, each.exact))
    if each.capped != each.amount and each.cap is not None:
        whole = sum(other.amount for one in voice.receipt.lines for other in one.earned if other.rule == each.rule)
        notes.append(
            voice.say(
                N_("cut from {amount}: on all its lines this rule gave {whole}, and in one order it gives at most {cap}"),
                amount=voice.money(each.amount), whole=voice.money(whole), cap=voice.money(each.cap),
            )
        )  # fmt: skip
    sentence = voice.rules.get(each.rule, "")
    if sentence:
        notes.append(voice.say(N_("by the rule: {sentence}"), sentence=sentence))
    return Entry(label, each.capped, tuple(notes), rule=each.rule)


def _rate(voice: Voice, each: Earned, line: Line) -> str:
    if each.form == "percent":
        return voice.say(N_("{percent} of {amount}"), percent=voice.percent(each.rate), amount=voice.money(line.base))
    if each.form == "tiers":
        told = [(voice.percent(part.percent), voice.money(part.base)) for part in each.parts]
        return " + ".join(voice.say(N_("{percent} of {amount}"), percent=percent, amount=amount) for percent, amount in told)
    flat = voice.money(int(each.rate))
    if each.per == "unit":
        text = N_("{amount} for each of {count} pieces") if line.quantity > 1 else N_("{amount} for the piece")
        return voice.say(text, amount=flat, count=line.quantity)
    if each.per == "line":
        return voice.say(N_("{amount} for this product"), amount=flat)
    return voice.say(N_("{amount} for the whole order, shared over its lines"), amount=flat)


def _steps(voice: Voice, each: Earned) -> str:
    """Between which sums each step lies that this line reached."""
    texts = []
    for part in each.parts:
        percent, begins = voice.percent(part.percent), voice.money(part.begins)
        if part.up_to is None:
            texts.append(voice.say(N_("The step of {percent} begins at {begins}."), percent=percent, begins=begins))
        else:
            end = voice.money(part.up_to)
            texts.append(
                voice.say(N_("The step of {percent} goes from {begins} to {end}."), percent=percent, begins=begins, end=end)
            )
    if each.mode == "next_order":
        texts.append(voice.say(N_("The whole order earns the step that was reached before it.")))
    return "".join(f" {text}" for text in texts)


def _rounded(voice: Voice, exact: str) -> str:
    return voice.say(N_("exactly {number}, rounded"), number=voice.exact(exact))


def sum_(voice: Voice) -> list[Entry]:
    """All lines together, and every limit that took something."""
    found = voice.receipt.sum
    if found is None or voice.receipt.override is not None:
        return []
    stages = (found.after_rule_caps, found.after_order_cap, found.after_budget, found.total)
    entries = []
    if len(set(stages)) > 1:
        entries.append(Entry(voice.say(N_("All lines together")), found.after_rule_caps))
    if found.after_order_cap != found.after_rule_caps:
        entries.append(_capped(voice, found))
    if found.after_budget != found.after_order_cap:
        entries.append(_budgeted(voice, found))
    if voice.receipt.percent not in ("", "100"):
        entries.append(_split(voice, found))
    row = voice.receipt.commission
    later = row is not None and row.amount_minor != found.total
    label = N_("Commission, before what happened since") if later else N_("Commission")
    return [*entries, Entry(voice.say(label), found.total, total=True)]


def _capped(voice: Voice, found: Sum) -> Entry:
    cap = voice.money(found.order_cap or 0)
    note = voice.say(N_("shared over the lines by what they gave; a unit that is left over goes to the largest fraction"))
    return Entry(voice.say(N_("One order earns at most {cap}"), cap=cap), found.after_order_cap, (note,))


def _budgeted(voice: Voice, found: Sum) -> Entry:
    budget, used = voice.money(found.budget or 0), voice.money((found.budget or 0) - (found.budget_left or 0))
    note = voice.say(N_("of {budget} in all, {used} was used by earlier sales"), budget=budget, used=used)
    return Entry(voice.say(N_("What was left of the program's budget")), found.after_budget, (note,))


def _split(voice: Voice, found: Sum) -> Entry:
    own, whole = voice.percent(voice.receipt.percent), voice.money(found.after_budget)
    notes = [voice.say(N_("worked out as if this creator alone had brought the sale"))]
    if found.exact_share:
        notes.append(
            voice.say(
                N_("exactly {number}; the two parts are whole units that add up, so the larger fraction is rounded up (when equal: the code's)"),
                number=voice.exact(found.exact_share),
            )
        )  # fmt: skip
    return Entry(voice.say(N_("{percent} of {amount} for this creator"), percent=own, amount=whole), found.total, tuple(notes))


def notes(voice: Voice) -> list[str]:
    """How amounts are rounded."""
    found = voice.receipt
    if found.sum is None and found.override is None:
        return []
    one, rounding = voice.money(1), voice.word(money_words.ROUNDINGS, found.rounding)
    return [voice.say(N_("The smallest amount is {one}; {rounding}."), one=one, rounding=rounding)]


def conversion(voice: Voice) -> list[str]:
    """At which rate it was converted, or why it was not."""
    found, row, quote = voice.receipt, voice.receipt.commission, voice.receipt.quote
    if row is None:
        return []
    if found.no_rate:
        return [
            voice.say(
                N_("The program pays in {wanted}, but no exchange rate was known for the day of the order. So it stays in {currency}; no rate was guessed."),
                wanted=found.no_rate, currency=row.currency,
            )
        ]  # fmt: skip
    if quote is None:
        return []
    return [
        voice.say(
            N_("It is paid in {currency}. The newest rate known when the order was placed counts, and stays whatever comes later: 1 {base} = {rate} {quote} (of {when})."),
            currency=row.pay_currency, base=quote.base, rate=rate_of(quote.rate, voice.locale), quote=quote.quote, when=voice.when(quote.at),
        ),
        _converted(voice, row, quote),
    ]  # fmt: skip


def _converted(voice: Voice, row: Commission, quote: FxQuote) -> str:
    """What the commission is in the currency it is paid in, and what that was before it was rounded."""
    rate = Fraction(quote.rate) if row.currency == quote.base else 1 / Fraction(quote.rate)
    rate *= Fraction(10 ** EXPONENTS[row.pay_currency], 10 ** EXPONENTS[row.currency])
    exact = decimal(row.amount_minor * rate.numerator, rate.denominator)
    facts = {"before": voice.money(row.amount_minor), "after": voice.money(row.worth_minor, row.pay_currency)}
    if exact:
        number = voice.exact(exact, row.pay_currency)
        return voice.say(N_("At that rate {before} are {after} now (exactly {number}, rounded)."), number=number, **facts)
    return voice.say(N_("At that rate {before} are {after} now."), **facts)
