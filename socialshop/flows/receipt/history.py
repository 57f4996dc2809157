"""What happened to a commission, in sentences: every posting, what it was worth afterwards, and every payout."""

from __future__ import annotations

from ...kernel.errors import N_
from .. import money_words
from .steps import GoodsBack, Step
from .voice import Entry, StepTold, Voice


def steps(voice: Voice) -> list[StepTold]:
    """Every step of the commission, oldest first."""
    return [_step(voice, step) for step in voice.receipt.steps]


def _step(voice: Voice, step: Step) -> StepTold:
    row, entry = step.row, step.entry
    legs = sorted(entry.legs, key=lambda leg: leg.minor) if entry else []
    return StepTold(
        title=_title(voice, step),
        minor=row.minor,
        sentences=tuple(_sentences(voice, step)),
        quoted=_quoted(voice, step),
        when=voice.when(row.at),
        entry=entry.number if entry else None,
        written=voice.say(N_("written {when} · fingerprint {hash}"), when=voice.when(entry.booked_at), hash=entry.hash[:12]) if entry else "",
        moves=tuple((voice.word(money_words.POCKETS, leg.pocket.kind), leg.minor) for leg in legs),
    )  # fmt: skip


def _quoted(voice: Voice, step: Step) -> str:
    """What somebody wrote or decided; what was written to the creator who brought the sale is not for their recruiter."""
    row = step.row
    if row.kind not in ("hold", "reject", "reverse", "clawback"):
        return row.words
    quote = voice.audience == "brand" or voice.receipt.override is None
    return money_words.why(row.words, voice.say, quote=quote, side=voice.audience)


def _title(voice: Voice, step: Step) -> str:
    row = step.row
    if row.kind == "pay" and row.minor > 0:
        return voice.say(N_("Settled out of a payout for other sales"))
    if row.kind == "pay_failed" and row.minor < 0:
        return voice.say(N_("That payout came back, so it is owed again"))
    if row.kind == "dispute" and not step.open:
        return voice.word(money_words.STEPS, "dispute_of_nothing")
    return voice.word(money_words.STEPS, "reinstate" if row.reason == "reinstated" else row.kind)


def _sentences(voice: Voice, step: Step) -> list[str]:
    row = step.row
    texts = []
    if row.reason:
        texts.append(voice.say(N_("Because {cause}."), cause=voice.word(money_words.CAUSES, row.reason)))
    if row.kind == "dispute" and not step.open:
        texts.append(voice.say(N_("Nothing of this commission was open, so there was nothing to hold back.")))
    if row.kind == "due" and voice.receipt.hold_days:
        texts.append(voice.say(N_("The wait of {days} days after the order is over."), days=voice.receipt.hold_days))
    texts += [_goods(voice, each) for each in step.goods]
    override = voice.receipt.override
    if step.direct is not None and override is not None and row.kind == "accrue" and step.direct != override.direct:
        direct, percent = voice.money(step.direct), voice.percent(override.percent)
        texts.append(
            voice.say(N_("{percent} of the commission that it follows, which was {direct} then."), percent=percent, direct=direct)
        )
    if step.direct is not None and override is not None and row.kind != "accrue":
        direct, percent = voice.money(step.direct), voice.percent(override.percent)
        texts.append(
            voice.say(
                N_("It is always {percent} of the commission that it follows, which is {direct} now."),
                percent=percent,
                direct=direct,
            )
        )
    if step.worth is not None and row.kind != "accrue" and step.first:
        texts.append(_worth(voice, step))
    if row.kind == "clawback":
        texts.append(voice.say(N_("This much had been paid out already. So it is owed back, and taken from the next payouts.")))
    if step.payout is not None and row.kind == "pay":
        amount, day = voice.money(step.payout.amount_minor, step.payout.currency), voice.day(step.payout.drawn_at)
        texts.append(voice.say(N_("Part of a payout of {amount}, drawn up on {day}."), amount=amount, day=day))
    return texts


def _goods(voice: Voice, back: GoodsBack) -> str:
    """How a refund of a line takes back its part of the line's commission."""
    facts = {
        "title": back.title, "back": voice.money(back.back), "net": voice.money(back.net), "commission": voice.money(back.commission),
        "taken": voice.money(back.taken), "before": voice.money(back.taken_before), "exact": voice.exact(back.exact) if back.exact else "",
    }  # fmt: skip
    if back.exact:
        text = voice.say(
            N_(
                "{title}: {back} of {net} has gone back to the buyer so far. The same part of the line's {commission} is taken back: exactly {exact}, rounded to {taken}."
            ),
            **facts,
        )
    else:
        text = voice.say(
            N_(
                "{title}: {back} of {net} has gone back to the buyer so far. The same part of the line's {commission} is taken back: {taken}."
            ),
            **facts,
        )
    if back.taken_before:
        text += " " + voice.say(N_("Of that, {before} was taken back before."), **facts)
    return text


def _worth(voice: Voice, step: Step) -> str:
    row = voice.receipt.commission
    assert row is not None, "steps are of a commission"
    worth, before = voice.money(step.worth or 0, row.pay_currency), voice.money(step.worth_before, row.pay_currency)
    if voice.receipt.quote is not None and step.amount is not None:
        amount = voice.money(step.amount)
        return voice.say(
            N_("The commission is {amount} after this, at the locked rate {worth}; before it was {before}."),
            amount=amount,
            worth=worth,
            before=before,
        )
    return voice.say(N_("The commission is {worth} after this; before it was {before}."), worth=worth, before=before)


def payouts(voice: Voice) -> list[Entry]:
    """The payouts that paid something for it, or took something back."""
    found = []
    for item, payout in voice.receipt.paid_by:
        whole, end = voice.money(payout.amount_minor, payout.currency), payout.payee_number[-4:]
        own = voice.audience == "creator"
        text = N_("Part of a payout of {whole} to your account ending in {end}") if own else N_("Part of a payout of {whole}")
        state = voice.word(money_words.PAYOUT_STATES, payout.state)
        label = f"{voice.day(payout.drawn_at)} · {state}"
        found.append(Entry(label, item.minor, (voice.say(text, whole=whole, end=end),)))
    return found
