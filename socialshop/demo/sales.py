"""What was bought, what became of each order, and the payout that followed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ..domain import catalog, orders, payouts, people
from ..domain.audit import Actor
from ..flows import bank_files, bank_results, checkout, drain, fulfil, payout, payout_schedule
from ..kernel.database import transaction
from ..kernel.vault import new_token
from . import abroad
from .taps import PHONE, tap


@dataclass(frozen=True, slots=True)
class Sale:
    """One order of the demo: days before today, whose link or code, what, and what became of it."""

    days: float
    buyer: str
    goods: tuple[tuple[int, int], ...]  # (which of GOODS, how many)
    link: str = ""  # "rani", "rani story", "bima", a post's by its name and channel, or none
    code: str = ""
    method: str = "transfer"
    then: str = "delivered"  # awaiting, paid, shipped, delivered, cancelled, refunded, returned


SALES = [
    Sale(38, "Ayu Lestari", ((0, 2),), "rani"),
    Sale(36, "Dimas Pratama", ((2, 1), (1, 1)), "rani story", "rani10"),
    Sale(33, "Sari Wulandari", ((1, 3),), "", "rani10"),
    Sale(32, "Wei Ling Tan", ((2, 1),), code=abroad.CODE),  # before any rate was known
    Sale(31, "Tono Wijaya", ((4, 1),), "bima"),
    Sale(29, "Nia Rahma", ((0, 1), (3, 1)), "rani story"),
    Sale(28.5, "Citra Dewi", ((0, 1), (1, 1)), "gayo instagram"),
    Sale(27, "Eko Saputra", ((2, 2),), "bima", "rani10"),
    Sale(26, "Agus Salim", ((0, 1),), "gayo tiktok", "rani10"),
    Sale(24, "Lia Kusuma", ((0, 4),), "rani", then="refunded"),
    Sale(21, "Bagas Putra", ((1, 2),), "bima"),
    Sale(18.5, "Nadia Putri", ((2, 1),), "mug instagram"),
    Sale(18, "Maya Sofia", ((2, 1),), "rani", method="cod"),
    Sale(17, "Teguh Wibowo", ((2, 1), (1, 2)), "", "rani10"),  # read in the newest post before
    Sale(12, "Rizky Hadi", ((0, 2), (1, 1)), "rani story", "rani10"),
    Sale(10, "Marcus Lim", ((2, 2),), code=abroad.CODE),
    Sale(9, "Putri Ananda", ((4, 1), (2, 1)), "rani"),
    Sale(8, "Laras Ayu", ((4, 2),), "tas tiktok"),
    Sale(7, "Galih Nugroho", ((0, 1),), "", "bima10"),
    Sale(5, "Wati Handayani", ((3, 2),), "rani", then="shipped"),
    Sale(4, "Yoga Permana", ((1, 1),), ""),
    Sale(3.6, "Mega Utami", ((1, 1),), "drip instagram", "rani10"),
    Sale(3.4, "Joko Susilo", ((1, 3),), "", "rani10"),  # on both channels: nobody knows where it was read
    Sale(3, "Intan Safitri", ((0, 3),), "rani", "rani10", then="paid"),
    Sale(2.5, "Rina Marlina", ((1, 2), (0, 1)), "drip tiktok", then="paid"),
    Sale(2, "Hendra Gunawan", ((2, 1),), "bima", then="cancelled"),
    Sale(1, "Dewi Anggraini", ((0, 1), (2, 1)), "rani story", "rani10", method="cod", then="awaiting"),
    Sale(0.2, "Fajar Ramadhan", ((1, 2),), "rani", "rani10", then="awaiting"),
]


def sell(
    sale: Sale, brand: people.Brand, owner: Actor, products: list[catalog.Product], slugs: dict[str, str], now: datetime
) -> orders.Order:
    at = now - timedelta(days=sale.days)
    visitor = "demo-" + sale.buyer.split()[0].lower()
    clicked = ""
    if sale.link:
        came = tap(slugs[sale.link], PHONE, visitor, at - timedelta(minutes=25))
        drain.keep([came])
        clicked = came.click
    with transaction():
        cart = orders.start_cart(new_token(), now=at)
        for which, quantity in sale.goods:
            orders.put(
                cart.id,
                catalog.offers_of_products([products[which].id])[products[which].id].variants[0].variant_id,
                quantity,
                now=at,
            )
    first, _, last = sale.buyer.partition(" ")
    buyer = orders.Buyer(
        sale.buyer,
        f"{first}.{last}@contoh.test".lower().replace(" ", ""),
        "+6281230000000",
        "Jl. Kenanga 12, Depok, Sleman, DI Yogyakarta 55281",
    )
    wish = checkout.Wish(
        cart_id=cart.id, key="demo", buyer=buyer, methods={brand.public_id: sale.method}, seen={brand.public_id: 10**12}, code=sale.code,
        visitor=visitor, click_id=clicked,
    )  # fmt: skip
    (order,) = checkout.place(wish, pay_within=timedelta(hours=24), now=at, actor=Actor("visitor", "anonymous"))
    _follow_up(sale, order, owner, at)
    return order


def _follow_up(sale: Sale, order: orders.Order, owner: Actor, at: datetime) -> None:
    if sale.then == "awaiting":
        return
    if sale.then == "cancelled":
        fulfil.cancel(
            order.id, by="buyer", reason="Salah pilih", now=at + timedelta(hours=2), actor=Actor("visitor", "anonymous")
        )
        return
    if sale.method == "transfer":
        fulfil.confirm_payment(order.id, amount=order.total_minor, now=at + timedelta(hours=1), actor=owner)
    if sale.then == "paid":
        return
    fulfil.pack(order.id, now=at + timedelta(hours=20), actor=owner)
    fulfil.ship(order.id, carrier="JNE", tracking=f"JNE{order.id:09d}", now=at + timedelta(days=1), actor=owner)
    if sale.then == "shipped":
        return
    fulfil.deliver(order.id, now=at + timedelta(days=3), actor=owner)
    if sale.method == "cod":
        fulfil.collect(order.id, now=at + timedelta(days=3), actor=owner)
    if sale.then == "refunded":
        half = {line.key: line.net_minor // 2 for line in orders.facts(order.id).lines}
        fulfil.refund(
            order.id, key="demo", lines=half, reason="Dua bungkus sobek di jalan", now=at + timedelta(days=5), actor=owner
        )


def pay_out(brand: people.Brand, owner: Actor, at: datetime) -> None:
    """A run paid with the brand's own layout for its bank, and what the bank answered; the next ones come by the calendar."""
    payout.release_due({}, now=at)
    run = payout.start(brand.id, "demo", actor=owner, now=at)
    start = payouts.STARTERS["bca"].map
    ours = replace(
        start, debit_account="8690123456", separator="semicolon", before=("KOPI SENJA;{date};{debit_account};{rows};{total}",),
        columns=(*start.columns[:3], payouts.Column("Berita", "reference"), payouts.Column("Tanggal", "date")),
    )  # fmt: skip
    with transaction():
        kept = payouts.keep_map(brand.id, "BCA Kopi Senja", ours, starter="bca", now=at)
    chosen = bank_files.choice(brand.id, kept.public_id)
    for file in bank_files.make(run, chosen, actor=owner, now=at + timedelta(minutes=5)):
        bank_files.download(run, file.public_id, actor=owner, now=at + timedelta(minutes=6))
    rows = "".join(f"{each.public_id};BERHASIL\n" for each in payouts.of_run(run.id))
    answer = ("Berita;Status\n" + rows).encode()
    result, _ = bank_results.upload(run, answer, "mutasi-bca.csv", actor=owner, now=at + timedelta(hours=4))
    bank_results.apply(run, result, bank_results.reading_of(result), actor=owner, now=at + timedelta(hours=4))
    payout_schedule.settle(brand.id, payouts.Rhythm("twice", day=1, second=16), "brand", actor=owner, now=at + timedelta(days=14))
