"""Whose sale it was and under which promise, in sentences: the first half of a receipt."""

from __future__ import annotations

from ...domain import programs
from ...kernel.errors import N_
from ...kernel.money import millionths
from .. import money_words
from .facts import Touch
from .lines import decimal
from .voice import Clause, Entry, TouchTold, Voice


def result(voice: Voice) -> list[str]:
    found, row = voice.receipt, voice.receipt.commission
    if row is None:
        texts = [
            voice.word(money_words.REASONS, found.reason)
            if found.reason
            else voice.say(N_("Another creator's link or code won the sale."))
        ]
        return texts + _why_nothing(voice)
    texts = []
    earned = next((step.worth for step in found.steps if step.row.kind == "accrue"), None)
    if earned is not None and earned != row.worth_minor:
        first = voice.money(earned, row.pay_currency)
        texts.append(voice.say(N_("At first it was {first}; what changed since is listed below, step by step."), first=first))
    if row.owed_back_minor:
        given, owed = voice.money(row.given_minor, row.pay_currency), voice.money(row.owed_back_minor, row.pay_currency)
        texts.append(
            voice.say(
                N_("{given} was paid out for it, which is {owed} too much now. That is taken from the next payouts; nobody has to send money back."),
                given=given, owed=owed,
            )
        )  # fmt: skip
    return texts + _due(voice)


def _due(voice: Voice) -> list[str]:
    found, row = voice.receipt, voice.receipt.commission
    assert row is not None, "what earned nothing is never due"
    day, days, state = voice.day(row.due_at), found.hold_days, row.state_at(voice.now)
    if not row.worth_minor or state in ("rejected", "reversed"):
        return []
    if state == "held":
        if row.due_at <= voice.now:
            return [voice.say(N_("It is paid out once the hold is over; its own time of waiting ended on {day}."), day=day)]
        return [voice.say(N_("It is paid out once the hold is over, and not before {day}."), day=day)]
    if not days:
        return [voice.say(N_("It was due at once: the program has no time of waiting."))]
    if state == "due":
        return [
            voice.say(
                N_("It has been due since {day}, {days} days after the order. It comes with the next payout."), day=day, days=days
            )
        ]
    if state == "paid":
        return [voice.say(N_("It was due from {day} on, {days} days after the order."), day=day, days=days)]
    return [
        voice.say(
            N_("It can be paid out from {day} on: that is {days} days after the order, when returns are usually over."),
            day=day, days=days,
        )
    ]  # fmt: skip


def _why_nothing(voice: Voice) -> list[str]:
    """The numbers behind a reason, where there are any."""
    found, limits = voice.receipt, voice.receipt.limits
    if found.reason == "below_minimum" and limits.minimum is not None:
        goods, least = voice.money(limits.goods), voice.money(limits.minimum)
        return [
            voice.say(N_("The goods came to {goods} after discounts; orders of {least} and more earn."), goods=goods, least=least)
        ]
    if found.reason == "limit_reached" and found.terms is not None:
        texts = [
            voice.say(
                N_("This was payment number {number} of the subscription; {earlier} of the payments before it have earned."),
                number=limits.payment_number or 1, earlier=limits.payments,
            )
        ]  # fmt: skip
        return texts + [voice.rules[rule["id"]] for rule in found.terms.document.get("rules", ()) if rule.get("recurring")]
    if found.reason == "budget_exhausted" and found.sum is not None and found.sum.budget is not None:
        budget, left = voice.money(found.sum.budget), voice.money(found.sum.budget_left or 0)
        return [
            voice.say(N_("Of a budget of {budget} in all, {left} was left when the order arrived."), budget=budget, left=left)
        ]
    return []


def policy(voice: Voice) -> list[str]:
    """How the program decides whose sale it is, as its terms of the day say it."""
    under = voice.receipt.ordered_under
    if under is None:
        return []
    told = programs.clauses(under.document, voice.receipt.program.currency, voice.locale, **voice.how())
    return [clause.text for clause in told if clause.topic == "earned"] + _unheard(voice)


def _unheard(voice: Voice) -> list[str]:
    """What to say where machines that note taps were silent when the order was judged."""
    if not voice.receipt.unheard:
        return []
    return [
        voice.say(
            N_("When this order was judged, {count} of our machines that note taps could not be asked; taps noted only there were not considered."),
            count=voice.receipt.unheard,
        )
    ]  # fmt: skip


def touch(voice: Voice, touch: Touch) -> TouchTold:
    parts = [voice.when(touch.at)] if touch.at else []
    if touch.channel:
        parts.append(voice.word(money_words.CHANNELS, touch.channel))
    if touch.placement.startswith("post:"):
        parts.append(voice.say(N_("in a post")))
    elif touch.placement and not touch.placement.startswith("blk_"):
        parts.append(touch.placement)
    if touch.said:
        parts.append(voice.word(money_words.SAID, touch.said))
    if touch.earlier is not None:
        day = voice.day(touch.earlier.placed_at)
        parts.append(voice.say(N_("order {number} of {day}"), number=touch.earlier.number, day=day))
    return TouchTold(_title(voice, touch), _why(voice, touch), " · ".join(parts), touch.won)


def _who(voice: Voice, touch: Touch) -> str:
    if voice.audience == "brand":
        return f"@{touch.who}"
    return voice.say(N_("you")) if touch.mine else voice.say(N_("another creator"))


def _title(voice: Voice, touch: Touch) -> str:
    own, who = touch.mine and voice.audience == "creator", _who(voice, touch)
    if touch.kind == "click":
        return voice.say(N_("Tap on your link")) if own else voice.say(N_("Tap on a link of {who}"), who=who)
    if touch.kind == "code":
        if own:
            return voice.say(N_("Your code {code}"), code=touch.text)
        text = N_("Code {code} of {who}") if touch.who else N_("Code {code}")
        return voice.say(text, code=touch.text, who=who)
    if touch.kind == "subscription":
        return voice.say(N_("First payment of this subscription, brought by {who}"), who=who)
    return voice.say(N_("This buyer's first order, brought by {who}"), who=who)


def _why(voice: Voice, touch: Touch) -> str:
    all_ = voice.receipt.touches
    lost = {each.why for each in all_}
    if touch.why == "too_old":
        days, ago = voice.receipt.window_days, touch.days_before
        return voice.say(
            N_("Too old: a tap counts for {days} days here, and this one came {ago} days before the order."), days=days, ago=ago
        )
    if touch.why == "not_asked":
        kinds = {each.kind for each in all_}
        if "lifetime" in kinds:
            return voice.say(
                N_("Not asked: buyers stay with the creator of their first order here, whatever they tap or type later.")
            )
        if "subscription" in kinds:
            return voice.say(N_("Not asked: a renewal belongs to whoever brought the first payment of the subscription."))
        return voice.say(N_("Not asked: this is a renewal, and we know of no first payment that a creator brought."))
    if touch.why == "wins":
        if touch.kind == "lifetime":
            return voice.say(N_("Won: buyers stay with the creator of their first order here."))
        if touch.kind == "subscription":
            return voice.say(N_("Won: a renewal belongs to whoever brought the first payment."))
        if "lost_to_code" in lost:
            return voice.say(N_("Won: a code was used, and here the code beats the tap."))
        if "lost_to_click" in lost:
            return voice.say(N_("Won: a link was tapped, and here the tap beats the code."))
        if "not_the_last" in lost:
            return voice.say(N_("Won: it was the last tap before the order."))
        if "not_the_first" in lost:
            return voice.say(N_("Won: it was the first tap."))
    return voice.word(money_words.WHY, touch.why)


def share(voice: Voice) -> list[str]:
    """How a sale of two creators is shared."""
    found = voice.receipt
    if found.percent in ("", "100"):
        return []
    own, rest = voice.percent(found.percent), voice.percent(_rest_of(found.percent))
    code, click = (own, rest) if found.place == 0 else (rest, own)
    if found.via == "subscription":
        return [
            voice.say(
                N_("The first payment was shared between two creators, and so are its renewals: {own} is for this one."), own=own
            )
        ]
    return [
        voice.say(
            N_("Code and link were of two creators. Here the code's creator then gets {code} and the link's creator {click} of what each would have earned alone."),
            code=code, click=click,
        )
    ]  # fmt: skip


def terms(voice: Voice) -> list[str]:
    found = voice.receipt
    if found.terms is None:
        return [voice.say(money_words.REASONS["no_terms"])]
    program, day = found.program.name, voice.when(found.terms.starts_at)
    texts = [
        voice.say(
            N_("Version {number} of the terms of {program}, which began on {day}."),
            number=found.terms.number,
            program=program,
            day=day,
        )
    ]
    under = found.ordered_under
    if under is not None and under.number != found.terms.number:
        texts.append(
            voice.say(
                N_("Version {newer} replaced it on {day}. But version {number} promises notice, so it stayed open until {until} to whoever had joined before."),
                number=found.terms.number, newer=under.number, day=voice.when(under.starts_at), until=voice.when(found.terms.kept_until or under.starts_at),
            )
        )  # fmt: skip
        texts.append(
            voice.say(
                N_("Only who brought the sale, the smallest order that earns and the days of waiting follow version {newer}."),
                newer=under.number,
            )
        )
    if len(found.candidates) > 1:
        texts.append(
            voice.say(N_("These versions were open to this creator on the day of the order. The one that gives most counts:"))
        )
    return texts


def candidates(voice: Voice) -> list[Entry]:
    found = voice.receipt
    if len(found.candidates) < 2:
        return []
    counts = found.terms.starts_at if found.terms else None
    entries = []
    for starts_at, amount in found.candidates:
        day = voice.day(starts_at) if starts_at else voice.say(N_("the beginning"))
        text = N_("Version of {day}: this one counts") if starts_at == counts else N_("Version of {day}")
        entries.append(Entry(voice.say(text, day=day), amount, total=starts_at == counts))
    return entries


def clauses(voice: Voice) -> list[Clause]:
    found = voice.receipt
    if found.terms is None:
        return []
    by_text = {text: rule for rule, text in voice.rules.items()}
    told = programs.clauses(found.terms.document, found.program.currency, voice.locale, **voice.how())
    return [Clause(clause.text, by_text.get(clause.text, "")) for clause in told]


def _rest_of(percent: str) -> str:
    """What is left of 100 percent, as text without needless zeros: "33.3333" → "66.6667"."""
    rest = 1_000_000 - millionths(percent)
    return decimal(rest, 10_000, 4) or str(rest // 10_000)
