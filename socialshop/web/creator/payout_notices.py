"""What stands between a creator and their money: no account, an account that money came back from, or too little yet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ...domain import commissions, payouts, people, programs
from ...flows import payout
from ...kernel.money import Money


@dataclass(frozen=True, slots=True)
class Notices:
    """Payouts that came back while the account is still the same; what waits for an account; who was left out, and why.

    stated: whether an account is stated. waiting: what is due of all programs, where none is.
    """

    stated: bool
    came_back: tuple[tuple[payouts.Payout, people.Brand], ...]
    waiting: tuple[Money, ...]
    left_out: tuple[tuple[payouts.PayoutSkip, people.Brand], ...]


def of(creator_id: int, sums: Iterable[commissions.Earnings], *, now: datetime) -> Notices:
    """The notices of a creator who has earned these sums."""
    payee = people.payee_of(creator_id)
    back = [each for each in payouts.come_back(creator_id=creator_id) if payee is None or payout.same_account(each, payee)]
    left_out = [skip for skip in payouts.standing_skips(creator_id) if _still(skip, now)] if payee is not None else []
    return Notices(
        payee is not None,
        tuple((each, _brand_of(each.program_id)) for each in back if payee is not None),
        tuple(Money(each.due, each.currency) for each in sums if each.due) if payee is None else (),
        tuple((skip, _brand_of(skip.program_id)) for skip in left_out),
    )


def _still(skip: payouts.PayoutSkip, now: datetime) -> bool:
    """Whether the reason of the last run holds today: since then, more may have come together, or less be owed back."""
    mine = commissions.summary_of_creator(skip.creator_id, now=now, program_id=skip.program_id).get(skip.currency)
    if mine is None or not mine.due or skip.reason == "no_payee":
        return False
    return mine.due <= mine.owed_back if skip.reason == "owed_back" else mine.due - mine.owed_back < skip.minimum_minor


def _brand_of(program_id: int) -> people.Brand:
    return people.get_brand(programs.get(program_id).brand_id)
