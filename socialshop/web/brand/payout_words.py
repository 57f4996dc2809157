"""What files, answers and schedules say about payouts, in the viewer's language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import flask_babel
from flask_babel import lazy_gettext as _l

from ...domain import payouts, people
from ...kernel import words
from ...kernel.money import Money
from .. import explain
from ..local import locale

PAYEES = {"bank": _l("banks"), "ewallet": _l("e-wallets"), "paypal": _l("PayPal")}
WEEKDAYS = (_l("Monday"), _l("Tuesday"), _l("Wednesday"), _l("Thursday"), _l("Friday"), _l("Saturday"), _l("Sunday"))
DOES = {
    "paid": (_l("Will be marked as paid"), "good"),
    "returned": (_l("Will be marked as come back"), "warn"),
    "unclear": (_l("Will be marked as unclear"), "warn"),
    "known": (_l("Known already, nothing changes"), ""),
    "stranger": (_l("Not of this run, passed over"), ""),
}
RESULT_COLUMNS = {
    "reference": (_l("Our reference"), _l("Where pay_… stands; words around it do not matter.")),
    "status": (_l("Outcome"), _l("Where the bank says whether it was paid.")),
    "amount": (_l("Amount"), _l("Compared with what was sent.")),
    "account": (_l("Account number"), _l("Compared with the payee's; finds the payout where there is no reference.")),
    "reason": (_l("Reason"), _l("The creator reads it when money came back.")),
    "fee": (_l("Transfer fee"), _l("What the bank charged for this transfer.")),
    "bank_reference": (_l("The bank's reference"), _l("Kept with the payout.")),
}


def gettext(text: str, **facts: object) -> str:
    """The sentence in the viewer's language, as text."""
    return str(flask_babel.gettext(text, **facts))


def ngettext(one: str, many: str, num: int) -> str:
    """The same where a number decides."""
    return str(flask_babel.ngettext(one, many, num))


def left_out(each: payouts.LeftOut) -> str:
    """Why a map cannot pay a transfer, as a sentence."""
    facts = each.facts
    if each.reason == "payee":
        return gettext("Goes to %(payee)s, which this file is not for.", payee=PAYEES[facts["payee"]])
    if each.reason == "bank":
        return gettext("Goes to %(bank)s, which this file is not for.", bank=facts["bank"])
    if each.reason == "currency":
        return gettext("Is in %(currency)s, which this file is not for.", currency=facts["currency"])
    if each.reason == "limit":
        most = words.money(Money(facts["limit"], facts["currency"]), locale())
        return gettext(
            "Is above the limit of %(limit)s for one transfer%(name)s. Pay it another way, or in another file.",
            limit=most, name=f" ({facts['name']})" if facts["name"] else "",
        )  # fmt: skip
    if each.reason == "decimals":
        return gettext("Amounts in %(currency)s need decimals, and this file has none.", currency=facts["currency"])
    if each.reason == "long":
        return gettext("“%(column)s” is longer than %(length)s characters.", column=facts["column"], length=facts["length"])
    return gettext("“%(column)s” has letters that this file cannot hold.", column=facts["column"])


def left_out_briefly(listed: Iterable[payouts.LeftOut]) -> list[str]:
    """The same for many, with how many each sentence is true of."""
    counts = Counter(left_out(each) for each in listed)
    return [f"{count} × {text}" if count > 1 else text for text, count in counts.most_common()]


def row(verdict: payouts.Verdict) -> tuple[str, str]:
    """What a row of the bank's answer does, or what is wrong with it, and the tone."""
    if verdict.does in DOES:
        text, tone = DOES[verdict.does]
        return str(text), tone
    return _wrong(verdict), "bad"


def _wrong(verdict: payouts.Verdict) -> str:
    said, facts = verdict.said, verdict.facts
    if verdict.does == "unknown":
        return gettext("“%(said)s” is no payout of this run.", said=said) if said else gettext("Names no payout of this run.")
    if verdict.does == "ambiguous":
        return gettext("Account and amount fit several payouts of this run.")
    if verdict.does == "amount":
        sent = words.money(Money(facts["sent"], facts["currency"]), locale())
        return gettext("The bank says %(said)s, but %(sent)s was sent.", said=said, sent=sent)
    if verdict.does in ("amount_unreadable", "fee_unreadable"):
        return gettext("“%(said)s” is not an amount of money.", said=said)
    if verdict.does == "account":
        return gettext("The account %(said)s is not the one that this payout goes to.", said=said)
    if verdict.does == "twice":
        return gettext("Says something else about this payout than row %(row)s.", row=facts["row"])
    if verdict.does == "state":
        state = explain.PAYOUT_STATES[facts["state"]][0]
        return gettext("This payout is noted as “%(state)s”; that does not change to what this row says.", state=state)
    if not said:
        return gettext("Does not say what became of it.")
    return gettext("What does “%(said)s” mean? Add the word below.", said=said)


def rhythm(found: payouts.Rhythm) -> str:
    """A schedule as a sentence, its time as on a clock."""
    at = f"{found.hour:02d}.00" if locale() == "id" else f"{found.hour:02d}:00"
    if found.kind == "weekly":
        return gettext("Every %(day)s at %(time)s", day=WEEKDAYS[found.weekday], time=at)
    if found.kind == "monthly":
        return gettext("On day %(day)s of every month at %(time)s", day=found.day, time=at)
    if found.kind == "twice":
        one, two = sorted((found.day, found.second))
        return gettext("On days %(one)s and %(two)s of every month at %(time)s", one=one, two=two, time=at)
    return gettext("By hand only")


def whom(map_: payouts.Map) -> str:
    """Whom a map is for, as half a sentence."""
    kinds = ", ".join(str(PAYEES[kind]) for kind in map_.payees)
    parts = [gettext("for %(kinds)s", kinds=kinds)]
    if map_.banks:
        parts.append(gettext("only %(banks)s", banks=", ".join(map_.banks)))
    if map_.not_banks:
        parts.append(gettext("not %(banks)s", banks=", ".join(map_.not_banks)))
    if map_.currency:
        parts.append(gettext("in %(currency)s", currency=map_.currency))
    if map_.limit:
        most = words.money(Money(map_.limit, map_.currency), locale())
        name = f" ({map_.limit_name})" if map_.limit_name else ""
        parts.append(gettext("up to %(limit)s a transfer", limit=most) + name)
    if map_.fee:
        parts.append(gettext("fee %(fee)s", fee=words.money(Money(map_.fee, map_.currency), locale())))
    return " · ".join(parts)


def covered(count: int, of: int) -> str:
    """How many payouts a file would pay."""
    if count == of:
        return ngettext("Pays the open payout", "Pays all %(num)s open payouts", of)
    return gettext("Pays %(count)s of %(of)s open payouts", count=count, of=of)


def fee(map_: payouts.Map, bearer: str | None) -> str:
    """What a transfer by this map costs, and whom; "" where nothing."""
    if not map_.fee:
        return ""
    said = words.money(Money(map_.fee, map_.currency), locale())
    if bearer == "creator":
        return gettext("Fee %(fee)s each, taken off what creators get", fee=said)
    return gettext("Fee %(fee)s each, borne by you", fee=said)


def account(row_: payouts.Payout) -> str:
    """Where a payout goes, its number but for the end left away."""
    return f"{people.provider_name(row_.payee_provider)} ··{people.ending(row_.payee_number)}"
