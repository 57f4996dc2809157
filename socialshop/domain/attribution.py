"""Who earned an order (specification, section 3). Pure: facts in, a verdict with its explanation out.

The first of these that names somebody ends the search: the subscription's first payment, the customer's lifetime
creator, the click and the code. Whoever is named and not declined is credited, whatever the order then earns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from ..kernel.money import percentage
from .terms import Click, CreatorFacts, Creators, History, OrderFacts, Share, Terms, days

DeclineReason = Literal[
    "no_terms", "code_not_involved", "not_enrolled", "window_expired", "not_payable", "unknown_code", "no_touch", "self_referral",
    "below_minimum", "excluded", "limit_reached", "budget_exhausted", "no_rule",
]  # fmt: skip

# What a receipt tells about a touch: the codes of the sentences. "wins" and "shares" are the only ones of winners,
# but for "same_creator": a click that counted and whose creator's code was used too.
Why = Literal[
    "wins", "shares", "same_creator", "not_payable", "not_enrolled", "too_old", "later_than_order",
    "not_the_last", "not_the_first", "lost_to_code", "lost_to_click", "unknown_code", "not_involved", "not_winner",
    "self_referral", "not_asked", "no_terms",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class TouchSeen:
    """One touch that was considered: a click, the code, or what an earlier order left ("subscription", "lifetime")."""

    kind: Literal["click", "code", "subscription", "lifetime"]
    id: str
    creator: str | None
    at: datetime | None
    won: bool
    why: Why


@dataclass(frozen=True, slots=True)
class Declined:
    """Somebody, or nobody (None), who earns nothing on the order."""

    creator: str | None
    reason: DeclineReason


@dataclass(frozen=True, slots=True)
class Verdict:
    """Who is credited, code before click; who was named but declined; and why. channel: the order's, or its click's."""

    shares: tuple[Share, ...]
    declined: tuple[Declined, ...]
    touches: tuple[TouchSeen, ...]
    channel: str | None


def judge(order: OrderFacts, clicks: Iterable[Click], creators: Creators, terms: Terms | None, history: History) -> Verdict:
    """Who earned the order, from the clicks known when it arrived. terms: the version of order.at, None where there is none."""
    own = clicks_of(order, clicks)
    if terms is None:
        return _nobody(order, own, creators, "no_terms", "no_terms")
    if order.subscription is not None and order.subscription.number > 1:
        inherited = _subscription_shares(order.subscription.id, history)
        if not inherited:
            return _nobody(order, own, creators, "no_touch", "not_asked")
    else:
        inherited = _lifetime_shares(order, creators, terms, history)
    if inherited:
        return _inherited(order, inherited, own, creators, terms)
    return _by_touch(order, own, creators, terms)


def clicks_of(order: OrderFacts, clicks: Iterable[Click]) -> list[Click]:
    """The clicks of the order's visitor, and the one that the order names; an absent visitor equals nothing."""
    return [
        click
        for click in clicks
        if (click.visitor is not None and click.visitor == order.visitor) or (order.click is not None and click.id == order.click)
    ]


def winning_click(clicks: Iterable[Click], terms: Terms, creators: Creators, ordered_at: datetime) -> Click | None:
    """The click that counts, or None: payable, by somebody enrolled, inside the window, the last (or first) by time, then id."""
    return _pick([click for click in clicks if _flaw(click, terms, creators, ordered_at) is None], terms)


def same_mailbox(one: str | None, other: str | None) -> bool:
    """Whether two e-mail addresses reach the same person; an absent one equals nothing."""
    mailbox = _mailbox(one)
    return mailbox is not None and mailbox == _mailbox(other)


def _pick(counting: Iterable[Click], terms: Terms) -> Click | None:
    """The last or first of the clicks that count, by time, then by id as text."""
    pick = max if terms.touch == "last" else min
    return pick(counting, key=lambda click: (click.at, click.id), default=None)


def _flaw(click: Click, terms: Terms, creators: Creators, ordered_at: datetime) -> Why | None:
    """Why this click does not count; None if it does. The window is half open: exactly `window_days` old counts no more."""
    if click.kind != "payable":
        return "not_payable"
    if not creators.creator(click.creator).enrolled(ordered_at):
        return "not_enrolled"
    return _outside(click, terms, ordered_at)


def _outside(click: Click, terms: Terms, ordered_at: datetime) -> Literal["too_old", "later_than_order"] | None:
    if click.at > ordered_at:
        return "later_than_order"
    return None if ordered_at - click.at < days(terms.window_days) else "too_old"


def _mailbox(email: str | None) -> str | None:
    """The address without what providers ignore: case, "+tag", and for Gmail the dots and the second name of the domain."""
    text = (email or "").strip().lower()
    if not text:
        return None
    local, at, domain = text.rpartition("@") if "@" in text else (text, "", "")
    local = local.partition("+")[0]
    if domain in ("gmail.com", "googlemail.com"):
        local, domain = local.replace(".", ""), "gmail.com"
    return local + at + domain


def _subscription_shares(subscription_id: str, history: History) -> tuple[Share, ...]:
    """A renewal belongs to whoever was credited for payment number 1, in the same shares."""
    first = history.first_payment(subscription_id)
    return tuple(replace(share, via="subscription") for share in first.credited) if first else ()


def _lifetime_shares(order: OrderFacts, creators: Creators, terms: Terms, history: History) -> tuple[Share, ...]:
    """The customer's first credited creator, if still enrolled; of a split the larger share, then the code's."""
    if not terms.lifetime or order.customer.id is None:
        return ()
    credited = history.first_credited(order.customer.id)
    if not credited:
        return ()
    heir = max(credited, key=lambda share: (percentage(share.percent), -share.place)).creator
    return (Share(heir, "lifetime"),) if creators.creator(heir).enrolled(order.at) else ()


def _inherited(order: OrderFacts, named: tuple[Share, ...], own: Sequence[Click], creators: Creators, terms: Terms) -> Verdict:
    """Credit those whom an earlier order named; clicks and code are not asked."""
    shares, declined = _accepted(order, named, creators, terms)
    reasons: Mapping[str | None, Why] = {
        row.creator: "not_enrolled" if row.reason == "not_enrolled" else "self_referral" for row in declined
    }
    seen = [
        TouchSeen(
            "lifetime" if share.via == "lifetime" else "subscription",
            (order.customer.id if share.via == "lifetime" else order.subscription and order.subscription.id) or "",
            share.creator, None, share in shares, reasons.get(share.creator, "wins" if len(named) == 1 else "shares"),
        )
        for share in named
    ]  # fmt: skip
    return Verdict(shares, declined, (*seen, *_unasked(order, own, creators, "not_asked")), order.channel)


def _by_touch(order: OrderFacts, own: Sequence[Click], creators: Creators, terms: Terms) -> Verdict:
    """Steps 3 to 5: the click, the code, or both."""
    flaws = {click.id: _flaw(click, terms, creators, order.at) for click in own}
    counting = [click for click in own if flaws[click.id] is None]
    winner = _pick(counting, terms)
    owner = creators.owner_of(order.code) if order.code is not None else None
    code_flaw = _code_flaw(order, owner, counting, winner, terms)
    named = _named(winner, owner if code_flaw is None else None, terms)
    channel = order.channel if order.channel is not None or winner is None else winner.channel
    shares, declined = _accepted(order, named, creators, terms)
    if not named:
        declined = (Declined(None, _telling_reason(order, own, creators, terms, code_flaw)),)
    touches = [_click_seen(click, flaws[click.id], winner, named, shares, terms) for click in own]
    if order.code is not None:
        touches.append(_code_seen(order.code, owner, code_flaw, named, shares))
    return Verdict(shares, declined, tuple(touches), channel)


def _code_flaw(
    order: OrderFacts, owner: CreatorFacts | None, counting: Sequence[Click], winner: Click | None, terms: Terms
) -> Why | None:
    """Why the order's code does not count; None if it does."""
    if owner is None:
        return "unknown_code"
    if not owner.enrolled(order.at):
        return "not_enrolled"
    if terms.code_policy == "if_involved" and all(click.creator != owner.id for click in counting):
        return "not_involved"
    if terms.code_policy == "if_winner" and (winner is None or winner.creator != owner.id):
        return "not_winner"
    return None


def _named(winner: Click | None, owner: CreatorFacts | None, terms: Terms) -> tuple[Share, ...]:
    """Whom the winning click and the counting code name, in which shares."""
    if owner is None:
        return (Share(winner.creator, "click"),) if winner else ()
    if winner is None or winner.creator == owner.id or terms.code_vs_click == "code":
        return (Share(owner.id, "code"),)
    if terms.code_vs_click == "click":
        return (Share(winner.creator, "click"),)
    code, click = terms.code_vs_click
    return Share(owner.id, "code", code, 0), Share(winner.creator, "click", click, 1)


def _accepted(
    order: OrderFacts, named: tuple[Share, ...], creators: Creators, terms: Terms
) -> tuple[tuple[Share, ...], tuple[Declined, ...]]:
    """Of those who were named: who is credited, and who is declined. In a split the other keeps only their own share."""
    shares, declined = [], []
    for share in named:
        creator = creators.creator(share.creator)
        if not creator.enrolled(order.at):
            declined.append(Declined(creator.id, "not_enrolled"))
        elif terms.self_referral == "reject" and same_mailbox(creator.email, order.customer.email):
            declined.append(Declined(creator.id, "self_referral"))
        else:
            shares.append(share)
    return tuple(shares), tuple(declined)


def _telling_reason(
    order: OrderFacts, own: Sequence[Click], creators: Creators, terms: Terms, code_flaw: Why | None
) -> DeclineReason:
    """Why nobody was named: the first of the reasons, in the specification's order, that holds."""
    if code_flaw in ("not_involved", "not_winner"):
        return "code_not_involved"
    if code_flaw == "not_enrolled" or any(not creators.creator(click.creator).enrolled(order.at) for click in own):
        return "not_enrolled"
    if any(_outside(click, terms, order.at) for click in own):
        return "window_expired"
    if own:
        return "not_payable"
    return "no_touch" if order.code is None else "unknown_code"


def _click_seen(
    click: Click, flaw: Why | None, winner: Click | None, named: tuple[Share, ...], shares: tuple[Share, ...], terms: Terms
) -> TouchSeen:
    def seen(why: Why, *, won: bool = False) -> TouchSeen:
        return TouchSeen("click", click.id, click.creator, click.at, won, why)

    if flaw is not None:
        return seen(flaw)
    if click is not winner:
        return seen("not_the_last" if terms.touch == "last" else "not_the_first")
    mine = [share for share in named if share.creator == click.creator]
    if not mine:
        return seen("lost_to_code")
    if mine[0] not in shares:
        return seen("self_referral")
    return seen("same_creator" if mine[0].via == "code" else "wins" if len(named) == 1 else "shares", won=True)


def _code_seen(
    code: str, owner: CreatorFacts | None, flaw: Why | None, named: tuple[Share, ...], shares: tuple[Share, ...]
) -> TouchSeen:
    def seen(why: Why, *, won: bool = False) -> TouchSeen:
        return TouchSeen("code", code, owner.id if owner else None, None, won, why)

    if flaw is not None:
        return seen(flaw)
    mine = [share for share in named if share.via == "code"]
    if not mine:
        return seen("lost_to_click")
    if mine[0] not in shares:
        return seen("self_referral")
    return seen("wins" if len(named) == 1 else "shares", won=True)


def _nobody(order: OrderFacts, own: Sequence[Click], creators: Creators, reason: DeclineReason, why: Why) -> Verdict:
    return Verdict((), (Declined(None, reason),), _unasked(order, own, creators, why), order.channel)


def _unasked(order: OrderFacts, own: Sequence[Click], creators: Creators, why: Why) -> tuple[TouchSeen, ...]:
    """The touches of an order whose clicks and code did not matter."""
    seen = [TouchSeen("click", click.id, click.creator, click.at, False, why) for click in own]
    if order.code is not None:
        owner = creators.owner_of(order.code)
        seen.append(TouchSeen("code", order.code, owner.id if owner else None, None, False, why))
    return tuple(seen)
