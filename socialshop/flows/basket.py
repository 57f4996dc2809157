"""What a cart comes to, brand by brand: prices from the shelf, discount from the code, shipping from the brand. Read-only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ..domain import catalog, links, orders, people, programs
from ..kernel.money import Money
from . import drain

CodeState = Literal["none", "good", "unknown", "elsewhere"]


@dataclass(frozen=True, slots=True)
class Line:
    """So many of one variant, at today's price."""

    variant_id: int
    variant_ref: str
    product_id: int
    product_ref: str
    title: str
    variant_name: str
    category: str
    photo: str  # public id of the picture, "" none
    price: Money
    quantity: int
    available: int  # how many may be had now; 0 where it is not sold here any more

    @property
    def total(self) -> Money:
        """Price × quantity."""
        return self.price * self.quantity

    @property
    def short(self) -> bool:
        """Whether fewer are left than are wanted."""
        return self.available < self.quantity

    @property
    def full_title(self) -> str:
        """The product and which of it."""
        return f"{self.title} ({self.variant_name})" if self.variant_name else self.title


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one brand sends: one order."""

    brand: people.Brand
    lines: tuple[Line, ...]
    totals: orders.Totals
    code: str  # "" where the code is not this brand's
    percent: str  # what the code takes off the goods, "" nothing
    methods: tuple[str, ...]  # how it may be paid: "transfer", "cod"

    @property
    def currency(self) -> str:
        """The currency of all its amounts."""
        return self.brand.currency

    @property
    def total(self) -> Money:
        """Goods less discount, with shipping; a transfer adds a few rupiah to tell it apart."""
        return Money(self.totals.total_minor, self.currency)


@dataclass(frozen=True, slots=True)
class Code:
    """A code as it stands: whose, and what it gives."""

    text: str
    state: CodeState
    brand_id: int | None = None
    percent: str = ""


@dataclass(frozen=True, slots=True)
class Basket:
    """All parcels of a cart."""

    parcels: tuple[Parcel, ...]
    code: Code

    @property
    def lines(self) -> list[Line]:
        """Every line of every parcel."""
        return [line for parcel in self.parcels for line in parcel.lines]

    @property
    def short(self) -> list[Line]:
        """Lines of which fewer are left than are wanted."""
        return [line for line in self.lines if line.short]

    @property
    def sums(self) -> list[Money]:
        """What is paid altogether, once per currency."""
        total: dict[str, int] = {}
        for parcel in self.parcels:
            total[parcel.currency] = total.get(parcel.currency, 0) + parcel.total.minor
        return [Money(minor, currency) for currency, minor in total.items()]


def of_cart(cart_id: int, code_text: str = "", *, now: datetime) -> Basket:
    """The cart as it would be ordered now, with this code."""
    picked = orders.items_of(cart_id)
    offers = catalog.offers([item.variant_id for item in picked])
    lines: dict[int, list[Line]] = {}
    brands = people.brands_by_id({offer.brand_id for offer in offers.values()})
    for item in picked:
        offer = offers.get(item.variant_id)
        if offer is not None:
            lines.setdefault(offer.brand_id, []).append(_line(item.quantity, offer, brands[offer.brand_id].currency))
    code = judge_code(code_text, set(lines), now=now)
    return Basket(tuple(_parcel(brands[brand_id], some, code) for brand_id, some in lines.items()), code)


def judge_code(text: str, brand_ids: set[int], *, now: datetime) -> Code:
    """What a code does for a cart with goods of these brands: only a live code of an enrolled creator counts."""
    text = text.strip().casefold()
    if not text:
        return Code("", "none")
    found = links.find_code(text)
    if found is None or found.state != "live":
        return Code(text, "unknown")
    program = programs.get(found.program_id)
    if programs.enrollment_at(program.id, found.creator_id, now) is None:
        return Code(text, "unknown")
    if program.brand_id not in brand_ids:
        return Code(found.code, "elsewhere")
    return Code(found.code, "good", program.brand_id, found.discount)


def code_of_click(click_id: str, brand_ids: set[int], *, now: datetime) -> str:
    """The code of the creator whose link brought the visitor, where it counts for these brands; "" otherwise."""
    click = drain.click(click_id, now=now)
    if click is None or click.program_id is None:
        return ""
    code = links.live_code(click.creator_id, click.program_id)
    return code.code if code is not None and judge_code(code.code, brand_ids, now=now).state == "good" else ""


def code_that_stands(code: str, since: datetime | None, click_id: str, brand_ids: set[int], *, now: datetime) -> str:
    """A code that nobody typed, kept at `since`: it gives way to whoever was tapped later, with their code or without one."""
    click = drain.click(click_id, now=now)
    if click is None or click.program_id is None or (since is not None and click.at <= since):
        return code
    if programs.get(click.program_id).brand_id not in brand_ids:
        return code
    found = links.find_code(code)
    if found is not None and found.creator_id == click.creator_id:
        return code
    return code_of_click(click_id, brand_ids, now=now)


def methods_of(brand: people.Brand) -> tuple[str, ...]:
    """How a brand's orders may be paid here."""
    transfer = ("transfer",) if people.receiving_accounts_of(brand.id) else ()
    return (*transfer, *(("cod",) if brand.cod else ()))


def _line(quantity: int, offer: catalog.Offer, currency: str) -> Line:
    # a price in a currency other than the brand's could not be added to its shipping: not for sale until that is mended
    sellable = offer.buyable and offer.price.currency == currency
    return Line(
        variant_id=offer.variant_id,
        variant_ref=offer.variant,
        product_id=offer.product_id,
        product_ref=offer.product,
        title=offer.title,
        variant_name=offer.variant_name,
        category=offer.category,
        photo=offer.photo,
        price=Money(offer.price.minor, currency),
        quantity=quantity,
        available=offer.available if sellable else 0,
    )


def _parcel(brand: people.Brand, lines: list[Line], code: Code) -> Parcel:
    mine = code.brand_id == brand.id
    goods = sum(line.total.minor for line in lines)
    totals = orders.Totals(
        goods_minor=goods,
        discount_minor=orders.percent_off(goods, code.percent, brand.currency) if mine else 0,
        shipping_minor=brand.shipping_minor,
    )
    return Parcel(brand, tuple(lines), totals, code.text if mine else "", code.percent if mine else "", methods_of(brand))
