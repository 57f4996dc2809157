"""Every number that is shown, once: its name, what it means, how it is made. Pages, CSV and the API all read this.

Amounts are minor units by currency, never added across currencies. Orders belong to the day on which they were placed,
taps to the day on which they happened, each day from midnight to midnight in the zone that was asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from ...kernel.errors import N_

Unit = Literal["count", "percent", "money"]
Amounts = Mapping[str, int]  # currency → minor units


@dataclass(frozen=True, slots=True)
class Measure:
    """One number. `meaning` is a sentence for people; `more_is` says which way it should go, "" where neither is better."""

    name: str
    title: str
    meaning: str
    unit: Unit = "count"
    more_is: Literal["better", "worse", ""] = "better"


_ALL = (
    Measure("views", N_("Page views"), N_("How often people opened the pages. Robots and the creator are left out.")),
    Measure(
        "requests", N_("Requests"), N_("Everything that asked for a tracked link: people, robots, previews, repeats."), more_is=""
    ),
    Measure("clicks", N_("Clicks"), N_("Taps of people on tracked links. A second tap within ten seconds is the same tap.")),
    Measure(
        "apart", N_("Did not count"), N_("Requests that are no clicks: robots, previews, repeats, the creator's own."), more_is=""
    ),
    Measure(
        "visitors", N_("Visitors"),
        N_(
            "Different people who tapped, counted anew each day: two days are two visitors. "
            "Somebody whom we may not remember also counts anew after midnight UTC."
        ),
    ),
    Measure(
        "click_rate", N_("Click rate"), N_("Clicks on the pages' own links for each 100 page views."), "percent"
    ),
    Measure(
        "checkouts", N_("Checkouts"), N_("Orders that were placed after a tap or with a code, whether or not they were paid.")
    ),
    Measure("orders", N_("Paid orders"), N_("Orders that a tap or a code brought, and that were paid.")),
    Measure("kept", N_("Kept orders"), N_("Paid orders that were not given back as a whole.")),
    Measure("conversion", N_("Conversion"), N_("Paid orders for each 100 clicks."), "percent"),
    Measure(
        "refund_rate", N_("Refund rate"), N_("Of 100 paid orders, how many were given back as a whole."), "percent", "worse"
    ),
    Measure(
        "revenue", N_("Sales"),
        N_("The goods of the paid orders after discounts and refunds. Of a shared order only the part that was brought."),
        "money",
    ),
    Measure("average", N_("Average order"), N_("Sales divided by paid orders."), "money"),
    Measure(
        "commission", N_("Commission"),
        N_("What the commissions of these orders are worth now: pending, held, due and paid ones together."), "money",
    ),
    Measure("epc", N_("Earnings per click"), N_("Commission divided by clicks."), "money"),
)  # fmt: skip
MEASURES: dict[str, Measure] = {measure.name: measure for measure in _ALL}

_OF_COMMISSION = (
    Measure("pending", N_("Pending"), N_("Commission whose waiting time runs: the order may still be given back."), "money", ""),
    Measure("held", N_("On hold"), N_("Commission that somebody of the brand looks at before it is paid."), "money", ""),
    Measure("due", N_("Due"), N_("Commission that the next payout brings."), "money"),
    Measure("paid", N_("Paid"), N_("Commission that payouts have brought, or are bringing."), "money"),
    Measure(
        "owed_back", N_("Owed back"),
        N_("What was paid before an order was given back. Later payouts are less by it; it is no part of the commission."),
        "money", "worse",
    ),
)  # fmt: skip
OF_COMMISSION: dict[str, Measure] = {measure.name: measure for measure in _OF_COMMISSION}  # without what is owed back: all of it

# What channels tell about posts; the same names as they have there.
_TOLD = (
    Measure(
        "views", N_("Views"),
        N_("How often the post was seen, as Instagram or TikTok counts it. They tell it hours late, and not of every post."),
    ),
    Measure("likes", N_("Likes"), N_("As Instagram or TikTok counts them.")),
    Measure("comments", N_("Comments"), N_("As Instagram or TikTok counts them.")),
    Measure("shares", N_("Shares"), N_("How often the post was sent on, as Instagram or TikTok counts it.")),
)  # fmt: skip
TOLD: dict[str, Measure] = {measure.name: measure for measure in _TOLD}

# What numbers may be divided by: word for machines → what people read above such a table.
DIMENSIONS: dict[str, str] = {
    "creator": N_("Creators"), "program": N_("Programs"), "link": N_("Links"), "product": N_("Products"), "post": N_("Posts"),
    "channel": N_("Channels"), "placement": N_("Places"), "destination": N_("Destinations"), "country": N_("Countries"),
    "device": N_("Devices"), "system": N_("Systems"), "browser": N_("Browsers"), "inside": N_("Inside apps"),
    "language": N_("Languages"), "referrer": N_("Referring sites"), "utm_source": N_("Sources (UTM)"),
    "utm_medium": N_("Media (UTM)"), "utm_campaign": N_("Campaigns (UTM)"), "via": N_("Matched by"),
}  # fmt: skip
NUMBERED = frozenset({"creator", "program", "link", "product", "post"})  # their values are our own ids
OF_ORDERS = frozenset({"via"})  # a tap has no such thing


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers of one question. views: None where pages are not part of it."""

    requests: int = 0
    clicks: int = 0
    visitors: int = 0
    on_pages: int = 0  # clicks on the pages' own links
    views: int | None = None
    checkouts: int = 0
    orders: int = 0
    kept: int = 0
    revenue: Amounts = field(default_factory=dict)
    commission: Amounts = field(default_factory=dict)

    @property
    def apart(self) -> int:
        """See `MEASURES`."""
        return self.requests - self.clicks

    @property
    def click_rate(self) -> Decimal | None:
        """See `MEASURES`."""
        return None if self.views is None else percent(self.on_pages, self.views)

    @property
    def conversion(self) -> Decimal | None:
        """See `MEASURES`."""
        return percent(self.orders, self.clicks)

    @property
    def refund_rate(self) -> Decimal | None:
        """See `MEASURES`."""
        return percent(self.orders - self.kept, self.orders)

    @property
    def average(self) -> Amounts:
        """See `MEASURES`. An order has one currency, so this is only exact where all have the same."""
        return each(self.revenue, self.orders)

    @property
    def epc(self) -> Amounts:
        """See `MEASURES`."""
        return each(self.commission, self.clicks)

    def exactly(self, name: str, currency: str = "") -> Fraction | None:
        """The measure before it is rounded, of money in one currency; None where nothing is known or to divide by."""
        parts: dict[str, tuple[int | None, int | None]] = {
            "click_rate": (self.on_pages, self.views),
            "conversion": (self.orders, self.clicks),
            "refund_rate": (self.orders - self.kept, self.orders),
            "average": (self.revenue.get(currency), self.orders),
            "epc": (self.commission.get(currency), self.clicks),
        }
        if name in parts:
            part, whole = parts[name]
            return Fraction(part, whole) if part is not None and whole else None
        found = getattr(self, name)
        counted = found.get(currency) if isinstance(found, Mapping) else found
        return None if counted is None else Fraction(counted)

    def of(self, name: str) -> int | Decimal | Amounts | None:
        """The measure with this name."""
        found: int | Decimal | Amounts | None = getattr(self, name)
        return found


def percent(part: int, whole: int) -> Decimal | None:
    """With one decimal, below one percent with two; None where there is nothing to divide by."""
    if whole == 0:
        return None
    found = Decimal(100 * part) / whole
    return found.quantize(Decimal("0.01") if 0 < abs(found) < 1 else Decimal("0.1"))


def each(amounts: Amounts, count: int) -> Amounts:
    """An amount divided by a count, to the nearest minor unit, halves away from zero; empty where the count is 0."""
    if count == 0:
        return {}
    return {
        currency: (1 if minor >= 0 else -1) * ((2 * abs(minor) + count) // (2 * count)) for currency, minor in amounts.items()
    }


def change(now: Fraction | int, before: Fraction | int) -> int | None:
    """By how many percent a number has moved, whole; None where there was nothing before."""
    return None if not before else round(100 * (Fraction(now) - before) / abs(Fraction(before)))
