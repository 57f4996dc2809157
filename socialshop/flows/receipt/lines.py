"""The arithmetic of a receipt: each line from its price to its commission, with every limit on the way, as values.

The amounts are the engine's own, as stored; only what leads to them is laid out beside.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...domain import orders
from ...domain.replay import OrderBook, Stake
from ...domain.terms import OrderFacts, Piece, PricedLine, Rule, Terms
from ...kernel.errors import NotFound
from ...kernel.money import millionths, split

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Part:
    """What of a line lies in one tier: `base` minor units, at this percentage; begins: where the tier begins, up_to: its end."""

    percent: str
    base: int
    begins: int
    up_to: int | None


@dataclass(frozen=True, slots=True)
class Earned:
    """What one rule gave on one line. form: percent, flat or tiers; rate: as the terms say it, flat in minor units.

    exact: what it comes to before it is rounded, as decimal text in minor units; "" where nothing was rounded.
    tiers: `volume` sold before this line in the tier's `period`, and the `parts` of the line; one part where mode is next_order.
    amount: as rounded; capped: after the rule's own limit `cap` for one order.
    """

    rule: str
    bonus: bool
    form: str
    per: str
    rate: str
    exact: str
    amount: int
    capped: int
    cap: int | None
    mode: str
    period: str
    volume: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the order; amounts in minor units of the order's currency.

    discount: its own; order_discount, shipping, tax: its share of the order's. amount: what it gives after all limits.
    """

    key: str
    title: str
    quantity: int
    price: int
    gross: int
    discount: int
    order_discount: int
    net: int
    shipping: int
    tax: int
    base: int
    excluded: bool
    earned: tuple[Earned, ...]
    amount: int

    @property
    def before_limits(self) -> int:
        """What its rules give, before the limits of the whole order and the split."""
        return sum(each.capped for each in self.earned)


@dataclass(frozen=True, slots=True)
class Sum:
    """The order's commission after each limit, in minor units. budget_left: None without a budget.

    exact_share: of a split, what the percentage gives before whole units are dealt out, as decimal text; else "".
    """

    earned: int
    after_rule_caps: int
    after_order_cap: int
    after_budget: int
    total: int
    order_cap: int | None
    budget: int | None
    budget_left: int | None
    exact_share: str


def lines_of(book: OrderBook, stake: Stake | None) -> tuple[Line, ...]:
    """The order's lines as last priced; without a stake, as they are, with nothing earned."""
    titles = {line.key: line.title for line in orders.lines_of(_order_id(book))}
    terms = stake.version.terms if stake else None
    priced = {line.line: line for line in book.priced_of(stake).lines} if stake else {}
    shares = _shares(book.order, terms)
    volumes = _volumes(book, stake)
    found = []
    for i, line in enumerate(book.order.lines):
        mine, gross = priced.get(line.id), line.price * line.quantity
        off, shipping, tax = shares[i]
        net = gross - line.discount - off
        base = mine.base if mine else net
        earned = _earned(mine, terms, volumes, book.order.currency) if mine and terms else ()
        found.append(
            Line(
                line.id, titles.get(line.id, line.id), line.quantity, line.price, gross, line.discount, off, net, shipping, tax,
                base, bool(mine and mine.excluded), earned, mine.amount if mine else 0,
            )
        )  # fmt: skip
    return tuple(found)


def sum_of(book: OrderBook, stake: Stake | None) -> Sum | None:
    """All lines together; None where nobody is credited."""
    if stake is None:
        return None
    stages, terms, currency = book.priced_of(stake).stages, stake.version.terms, book.order.currency
    share = millionths(stake.share.percent) * stages.after_budget
    return Sum(
        stages.earned, stages.after_rule_caps, stages.after_order_cap, stages.after_budget, stages.total,
        terms.cap_per_order.get(currency), terms.budget.get(currency), stake.frozen.budget_left,
        decimal(share, _MILLION) if stake.share.percent != "100" else "",
    )  # fmt: skip


def decimal(numerator: int, denominator: int, places: int = 6) -> str:
    """A fraction as decimal text; "" where it is whole. What is longer than `places` is cut, and ends in "…"."""
    units, rest = divmod(numerator, denominator)
    if not rest:
        return ""
    digits, left = divmod(rest * 10**places, denominator)
    return f"{units}.{f'{digits:0{places}d}'.rstrip('0') or '0'}" + ("…" if left else "")


def _order_id(book: OrderBook) -> int:
    """Our row of the order that a book is about."""
    found = orders.find(book.arrival.order.id)
    if found is None:
        raise NotFound()
    return found.id


def _shares(order: OrderFacts, terms: Terms | None) -> list[tuple[int, int, int]]:
    """Per line: its share of the order's discount, shipping and tax, as the engine deals them out."""
    rests = [line.price * line.quantity - line.discount for line in order.lines]
    offs = split(order.discount, rests) if order.discount else [0] * len(rests)
    nets = [rest - off for rest, off in zip(rests, offs, strict=True)]
    shipping = split(order.shipping, nets) if terms and terms.base_shipping and order.shipping else [0] * len(nets)
    tax = split(order.tax, nets) if terms and terms.base_tax and order.tax else [0] * len(nets)
    return list(zip(offs, shipping, tax, strict=True))


def _volumes(book: OrderBook, stake: Stake | None) -> dict[tuple[str, str], int]:
    """By rule and line, what a tier's volume stands at before this line: lines fill the brackets one after the other."""
    found: dict[tuple[str, str], int] = {}
    if stake is None:
        return found
    rules = {rule.id: rule for rule in stake.version.terms.rules if rule.tiers is not None}
    filled = {rule.id: stake.frozen.volumes.get(rule.tier_period, 0) for rule in rules.values()}
    for line in book.priced_of(stake).lines:
        for piece in line.pieces:
            if piece.rule in rules:
                found[piece.rule, line.line] = filled[piece.rule]
                if rules[piece.rule].tier_mode == "marginal":
                    filled[piece.rule] += line.base
    return found


def _earned(line: PricedLine, terms: Terms, volumes: dict[tuple[str, str], int], currency: str) -> tuple[Earned, ...]:
    rules = {rule.id: rule for rule in terms.rules}
    return tuple(
        _piece(piece, rules[piece.rule], line.base, volumes.get((piece.rule, line.line), 0), currency) for piece in line.pieces
    )


def _piece(piece: Piece, rule: Rule, base: int, volume: int, currency: str) -> Earned:
    form = "percent" if rule.percent is not None else "flat" if rule.flat is not None else "tiers"
    parts = _parts(rule, base, volume, currency) if form == "tiers" else ()
    exact = ""
    if form == "percent":
        exact = decimal(base * millionths(piece.rate), _MILLION)
    elif form == "tiers":
        exact = decimal(sum(part.base * millionths(part.percent) for part in parts), _MILLION)
    return Earned(
        piece.rule, piece.bonus, form, rule.per, piece.rate, exact, piece.amount, piece.capped, rule.cap_per_order.get(currency),
        rule.tier_mode, rule.tier_period, volume, parts,
    )  # fmt: skip


def _parts(rule: Rule, base: int, volume: int, currency: str) -> tuple[Part, ...]:
    """The line over the tiers: all of it in the reached one (next_order), or from `volume` upward (marginal)."""
    found: list[Part] = []
    begins, left, filled = 0, base, volume
    for tier in rule.tiers or ():
        end = None if tier.up_to is None else tier.up_to[currency]
        if rule.tier_mode == "next_order":
            if end is None or volume < end:
                return (Part(tier.percent, base, begins, end),)
        else:
            room = left if end is None else min(left, max(0, end - filled))
            if room or (not base and (end is None or filled < end)):
                found.append(Part(tier.percent, room, begins, end))
            filled, left = filled + room, left - room
            if not left:
                break
        begins = end or 0
    return tuple(found)
