"""What one creator earns on one order under one version of the terms, line by line.

The steps are those of the specification, section 4: rules, each rule's cap, the order's cap, the budget, the split.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Literal

from ...kernel.money import millionths, split
from .caps import scaled_down
from .document import Rule, Terms
from .facts import CreatorFacts, History, OrderFacts, Share
from .goods import bases_of, nets_of
from .instants import period_bounds
from .matching import Buyer, Offer, fits, offer
from .rates import amounts_on, rate_text

Reason = Literal["below_minimum", "excluded", "limit_reached", "budget_exhausted", "no_rule"]

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Frozen:
    """What the terms asked about other orders when this one arrived; later edits reckon with it again.

    volumes: the creator's earlier volume by tier period. payments: earlier commissions on the subscription.
    budget_left: None where there is no budget.
    """

    volumes: Mapping[str, int] = field(default_factory=dict)
    payments: int = 0
    first_period_start: datetime | None = None
    budget_left: int | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """What one rule gave on one line: `amount` as rounded, `capped` after the rule's own cap. rate: as the terms say it."""

    rule: str
    bonus: bool
    rate: str
    amount: int
    capped: int


@dataclass(frozen=True, slots=True)
class PricedLine:
    """One line as it was priced; `amount` is what the creator gets after all limits and the split."""

    line: str
    net: int
    base: int
    excluded: bool
    rule: str | None
    bonus: tuple[str, ...]
    pieces: tuple[Piece, ...]
    amount: int


@dataclass(frozen=True, slots=True)
class Stages:
    """The order's commission after each step; `total` is after the split."""

    earned: int = 0
    after_rule_caps: int = 0
    after_order_cap: int = 0
    after_budget: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class Priced:
    """A creator's direct commission. limited: some rule matched a line that earns, but for its recurring limit."""

    lines: tuple[PricedLine, ...]
    stages: Stages
    below_minimum: bool = False
    limited: bool = False
    budget_cut_to_nothing: bool = False

    @property
    def total(self) -> int:
        """The commission in minor units of the order's currency."""
        return self.stages.total

    @property
    def reason(self) -> Reason | None:
        """Why nothing was earned; None if something was."""
        if self.stages.total:
            return None
        if self.below_minimum:
            return "below_minimum"
        if all(line.excluded for line in self.lines):
            return "excluded"
        if self.limited:
            return "limit_reached"
        return "budget_exhausted" if self.budget_cut_to_nothing else "no_rule"


def freeze(order: OrderFacts, creator: CreatorFacts, terms: Terms, history: History, zone: tzinfo) -> Frozen:
    """Ask the history what these terms need to know about other orders, and nothing else."""
    volumes: dict[str, int] = {}
    for rule in terms.rules:
        if rule.tiers is not None and rule.tier_period not in volumes:
            start, end = period_bounds(rule.tier_period, order.at, zone)
            volumes[rule.tier_period] = history.volume(creator.id, order.currency, start, end)
    payments, first_period_start = 0, None
    if order.subscription is not None and any(rule.recurring for rule in terms.rules):
        payments = history.payments(creator.id, order.subscription.id)
        first = history.first_payment(order.subscription.id)
        # Without an earlier one this is payment number 1 itself: a renewal without it is credited to nobody.
        first_period_start = first.period_start if first else order.subscription.period_start
    budget = terms.budget.get(order.currency)
    budget_left = None if budget is None else max(0, budget - history.budget_used(order.currency))
    return Frozen(volumes, payments, first_period_start, budget_left)


def price(
    order: OrderFacts,
    creator: CreatorFacts,
    share: Share,
    channel: str | None,
    terms: Terms,
    frozen: Frozen,
    *,
    minimum: int | None,
    zone: tzinfo,
) -> Priced:
    """The creator's commission on the order. minimum: the least net that earns, from the version of the order's time."""
    nets = nets_of(order)
    bases = bases_of(order, nets, terms)
    if minimum is not None and sum(nets) < minimum:
        return _below_minimum(order, nets, bases)
    buyer = Buyer(order, creator, share.via, channel, frozen.payments, frozen.first_period_start, zone)
    found = offer(terms, buyer)
    sheet = _Sheet(order, bases, terms, frozen.volumes, found)
    sheet.fill()
    return _limited(sheet, nets, terms.cap_per_order.get(order.currency), frozen.budget_left, share)


@dataclass(slots=True)
class _Sheet:
    """The work sheet of one pricing: which rules earn on which lines, and how much."""

    order: OrderFacts
    bases: list[int]
    terms: Terms
    volumes: Mapping[str, int]
    offer: Offer
    excluded: list[bool] = field(default_factory=list)
    winners: list[Rule | None] = field(default_factory=list)
    pieces: list[list[Piece]] = field(default_factory=list)

    def fill(self) -> None:
        """Find the rules of every line and what they give."""
        lines = self.order.lines
        self.excluded = [self.offer.excluded(line) for line in lines] if self.offer.excludes else [False] * len(lines)
        self.pieces = [[] for _ in lines]
        won: dict[str, tuple[Rule, list[int]]] = {}
        for i, excluded in enumerate(self.excluded):
            winner = None if excluded else self._winner(i)
            self.winners.append(winner)
            if winner is not None:
                won.setdefault(winner.id, (winner, []))[1].append(i)
        for rule, earning in won.values():
            self._earn(rule, earning, bonus=False)
        for rule in self.offer.bonuses:
            self._earn(rule, [i for i, line in enumerate(lines) if not self.excluded[i] and fits(rule, line)], bonus=True)

    def _winner(self, i: int) -> Rule | None:
        """The base rule that wins line `i`: the first in the terms' ranking, or the one with the most money."""
        line = self.order.lines[i]
        fitting = (rule for rule in self.offer.bases if fits(rule, line))
        if self.terms.precedence != "highest":
            return next(fitting, None)
        return max(fitting, key=lambda rule: self._amounts(rule, [i])[0], default=None)

    def _amounts(self, rule: Rule, lines: Sequence[int]) -> list[int]:
        bases = [self.bases[i] for i in lines]
        quantities = [self.order.lines[i].quantity for i in lines]
        return amounts_on(rule, bases, quantities, self.order.currency, self.volumes, self.terms.rounding)

    def _earn(self, rule: Rule, lines: list[int], *, bonus: bool) -> None:
        """Write down what the rule gives on its lines, before and after its own cap."""
        if not lines:
            return
        currency = self.order.currency
        amounts = self._amounts(rule, lines)
        capped = scaled_down(amounts, rule.cap_per_order.get(currency)) if rule.cap_per_order else amounts
        rate = rule.percent or rate_text(rule, currency, self.volumes, sum(self.bases[i] for i in lines))
        for i, amount, after_cap in zip(lines, amounts, capped, strict=True):
            self.pieces[i].append(Piece(rule.id, bonus, rate, amount, after_cap))

    @property
    def limited(self) -> bool:
        """Whether a rule whose recurring limit is reached would have matched a line that is not excluded."""
        earning = [line for line, excluded in zip(self.order.lines, self.excluded, strict=True) if not excluded]
        return any(fits(rule, line) for rule in self.offer.ended for line in earning)


def _limited(sheet: _Sheet, nets: list[int], cap: int | None, budget_left: int | None, share: Share) -> Priced:
    """Apply the order's cap, the budget and the split to what the rules gave."""
    earned = sum(piece.amount for pieces in sheet.pieces for piece in pieces)
    amounts = [sum(piece.capped for piece in pieces) for pieces in sheet.pieces]
    after_rule_caps = sum(amounts)
    amounts = scaled_down(amounts, cap)
    after_order_cap = sum(amounts)
    amounts = scaled_down(amounts, budget_left)
    after_budget = sum(amounts)
    total = part_of(after_budget, share)
    if total != after_budget:
        amounts = split(total, amounts)
    stages = Stages(earned, after_rule_caps, after_order_cap, after_budget, total)
    lines = tuple(
        PricedLine(
            line.id, nets[i], sheet.bases[i], sheet.excluded[i],
            None if (winner := sheet.winners[i]) is None else winner.id,
            tuple(piece.rule for piece in sheet.pieces[i] if piece.bonus),
            tuple(sheet.pieces[i]), amounts[i],
        )
        for i, line in enumerate(sheet.order.lines)
    )  # fmt: skip
    cut = total == 0 and part_of(after_order_cap, share) > 0
    return Priced(lines, stages, limited=bool(sheet.offer.ended) and sheet.limited, budget_cut_to_nothing=cut)


def part_of(total: int, share: Share) -> int:
    """The creator's part of a commission, by largest remainder over both shares; a unit left over goes to the code first."""
    if share.percent == "100":
        return total
    own = millionths(share.percent)
    weights = [own, _MILLION - own] if share.place == 0 else [_MILLION - own, own]
    return split(total, weights)[share.place]


def _below_minimum(order: OrderFacts, nets: list[int], bases: list[int]) -> Priced:
    rows = zip(order.lines, nets, bases, strict=True)
    lines = tuple(PricedLine(line.id, net, base, False, None, (), (), 0) for line, net, base in rows)
    return Priced(lines, Stages(), below_minimum=True)
