"""What happened in the demo's six weeks. Every step calls the flow that a person's tap would call, at its own moment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ..domain import catalog, links, media, orders, pages, payouts, people, programs
from ..domain.audit import SYSTEM, Actor
from ..flows import bank_files, bank_results, checkout, drain, enrollment, fulfil, handout, page, payout, payout_schedule, program
from ..flows import payee as payees
from ..flows import people as sign_ups
from ..kernel.database import transaction
from ..kernel.taps import NotedTap, new_click_id
from ..kernel.vault import new_token
from . import abroad, contest, pictures, plans, posts

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/22F76 Instagram 390.0.0.28.85 "
    "(iPhone15,2; iOS 18_5; id_ID; id; scale=3.00; 1179x2556)"
)
ANDROID = "Mozilla/5.0 (Linux; Android 14; SM-A546E) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Mobile Safari/537.36"
ROBOT = "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"

GOODS: list[dict[str, Any]] = [
    {
        "title": "Kopi Senja Gayo 250 g", "category": "Kopi", "description": "Arabika Gayo, sangrai sedang. Cokelat, jeruk, tanah sesudah hujan.",
        "variants": [("Biji utuh", 89_000, 60), ("Giling tubruk", 89_000, 45), ("Giling V60", 89_000, 30)],
        "drawn": ("bag", (243, 228, 208), (226, 198, 165), (58, 84, 74), (201, 111, 58)),
    },
    {
        "title": "Drip bag campur, isi 10", "category": "Kopi", "description": "Tiga kebun, sepuluh pagi. Tinggal seduh.", "variants": [("", 75_000, 120)],
        "drawn": ("drip", (226, 222, 240), (190, 182, 222), (92, 74, 140), (240, 196, 92)),
    },
    {
        "title": "Mug Teras", "category": "Peralatan", "description": "Keramik, 300 ml, dibakar dua kali di Plered.", "variants": [("", 149_000, 18)],
        "drawn": ("mug", (222, 233, 229), (186, 210, 202), (245, 240, 230), (11, 110, 95)),
    },
    {
        "title": "Sirup aren 500 ml", "category": "Sirup", "description": "Gula aren dari Lebak, tanpa pengawet.", "variants": [("", 62_000, 3)],
        "drawn": ("bottle", (250, 226, 219), (236, 188, 174), (214, 122, 96), (120, 58, 48)),
    },
    {
        "title": "Tas kanvas Senja", "category": "Peralatan", "description": "Muat laptop 14 inci, termos dan satu buku.", "variants": [("", 119_000, 25)],
        "drawn": ("tote", (236, 232, 220), (208, 200, 178), (235, 224, 198), (170, 64, 48)),
    },
]  # fmt: skip

TERMS: dict[str, Any] = {
    "window_days": 30,
    "hold_days": 14,
    "minimum_payout": {"IDR": 20_000},
    "overrides": ["5"],
    "rules": [
        {"id": "dasar", "percent": "12.5"},
        {"id": "peralatan", "percent": "8", "when": {"category": "Peralatan"}},
    ],
}


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


def tell(password: str, *, media_folder: Path, post_folder: Path, now: datetime) -> None:
    """The whole story, ending now."""
    begin = now - timedelta(days=45)
    sign_ups.create_operator("operator@demo.test", password, now=begin)
    brand, owner = _brand(password, begin)
    products = _goods(brand, owner, media_folder, begin)
    offer = _program(brand, owner, begin)
    rani = _creator("rani@demo.test", "Rani Puspita", "rani", offer, brand, owner, password, begin + timedelta(days=1))
    invite = programs.enrollments_of_program(offer.id)[0].public_id  # rani's: she brings bima along
    bima = _creator("bima@demo.test", "Bima Arya", "bima", offer, brand, owner, password, begin + timedelta(days=2), invite)
    slugs = _hand_out(rani, bima, offer, products, media_folder, begin + timedelta(days=3))
    _taps(slugs, begin, now)
    for creator in (rani, bima):
        _visits(creator, begin, now)
    abroad.begin(brand, owner, bima, begin + timedelta(days=4))
    drawn = [item["drawn"] for item in GOODS]
    slugs |= posts.publish(rani, bima, offer, products, drawn, post_folder, now)
    rani_herself = _actor(people.users_by_id([rani.user_id])[rani.user_id], "creator")
    plans.plan(rani, products, drawn, rani_herself, now)
    for planned in posts.POSTS:
        seen = posts.taps(planned, now)
        drain.keep([_tap(slugs[f"{planned.name} {channel}"], PHONE, visitor, at) for channel, visitor, at in seen])
    earlier, later = [sale for sale in SALES if sale.days >= 14], [sale for sale in SALES if sale.days < 14]
    sold, told = [], begin
    for sale in earlier:
        until = now - timedelta(days=sale.days)
        abroad.enter_rates(brand, owner, told, until, now)
        sold.append(_sell(sale, brand, owner, products, slugs, now))
        told = until
    abroad.enter_rates(brand, owner, told, now, now)
    _pay_out(brand, owner, now - timedelta(days=14))
    for sale in later:
        _sell(sale, brand, owner, products, slugs, now)
    # a refund after its commission was paid: what it takes back is owed, and the next run settles it first
    fulfil.refund(sold[2].id, key="demo-late", full=True, reason="Kemasan rusak", now=now - timedelta(days=6), actor=owner)
    contest.tell(brand, owner, rani, bima, now)


def _actor(user: people.User, via: str) -> Actor:
    return Actor("user", user.public_id, via)


def _brand(password: str, at: datetime) -> tuple[people.Brand, Actor]:
    user = sign_ups.create_user("merek@demo.test", password, name="Sekar Ayu", locale="id", timezone="Asia/Jakarta", now=at)
    owner = _actor(user, "brand:owner")
    brand = sign_ups.start_brand(user.id, name="Kopi Senja", actor=owner, now=at)
    with transaction():
        brand = people.get_brand(brand.id)
        people.change_storefront(
            brand,
            people.Storefront(
                name="Kopi Senja", about="Kopi dari kebun kecil, disangrai tiap Selasa di Sleman.", contact_email="halo@kopisenja.test",
                whatsapp="+6281234567890", shipping_minor=15_000, cod=True,
            ),
            actor=owner, now=at,
        )  # fmt: skip
    payees.state_account(brand.id, provider="BCA", number="8690123456", holder="PT Kopi Senja", by=user.id, actor=owner, now=at)
    return brand, owner


def _goods(brand: people.Brand, owner: Actor, folder: Path, at: datetime) -> list[catalog.Product]:
    made = []
    for item in GOODS:
        prepared = media.prepare(pictures.picture(*item["drawn"]), folder)
        variants = tuple(
            catalog.VariantDraft(name=name, price_minor=price, stock=stock) for name, price, stock in item["variants"]
        )
        draft = catalog.ProductDraft(
            title=item["title"], category=item["category"], description=item["description"], variants=variants
        )
        with transaction():
            product = catalog.create(brand.id, brand.currency, draft, now=at)
            kept = media.keep(prepared, brand_id=brand.id, now=at)
            catalog.add_photo(
                product,
                picture_id=kept.id,
                picture=kept.public_id,
                width=kept.width,
                height=kept.height,
                alt=item["title"],
                now=at,
            )
        made.append(product)
    return made


def _program(brand: people.Brand, owner: Actor, at: datetime) -> programs.Program:
    about = programs.About(
        name="Teman Senja",
        about="Ceritakan kopimu, kami yang mengantar. Komisi dari setiap cangkir.",
        joining="approval",
        buyer_discount="10",
    )
    with transaction():
        made = programs.create(
            brand.id, about, TERMS, tenant=brand.public_id, currency="IDR", timezone="Asia/Jakarta", actor=owner, now=at
        )
    program.publish(brand.id, made.public_id, TERMS, seen=0, from_at=None, actor=owner, now=at)
    return made


def _creator(
    email: str,
    name: str,
    handle: str,
    offer: programs.Program,
    brand: people.Brand,
    owner: Actor,
    password: str,
    at: datetime,
    invite: str = "",
) -> people.Creator:
    user = sign_ups.create_user(email, password, name=name, locale="id", timezone="Asia/Jakarta", now=at)
    me = _actor(user, "creator")
    creator = sign_ups.start_creator(user.id, handle=handle, name=name, actor=me, now=at)
    note = "Aku ngopi tiap pagi, dan pengikutku juga."
    asked = enrollment.apply(offer.public_id, creator.id, note=note, now=at, invite=invite)
    enrollment.approve(brand.id, asked.public_id, actor=owner, now=at + timedelta(hours=3))
    if handle == "rani":  # bima has not said where his money goes: a run skips him and says why
        payees.state_payee(creator.id, kind="bank", provider="BCA", number="2740055123", holder=name, actor=me, now=at)
    return creator


def _hand_out(
    rani: people.Creator,
    bima: people.Creator,
    offer: programs.Program,
    products: list[catalog.Product],
    folder: Path,
    at: datetime,
) -> dict[str, str]:
    """Codes, pages and links; the slugs by the names that SALES uses."""
    for creator, code in ((rani, "rani10"), (bima, "bima10")):
        handout.give_code(creator.id, offer.id, code=code, actor=SYSTEM, now=at)
    portraits = {
        "rani": ((255, 225, 200), (245, 180, 150), (222, 164, 124), (40, 28, 24), (11, 110, 95)),
        "bima": ((210, 226, 245), (160, 190, 226), (196, 140, 104), (28, 24, 26), (168, 72, 28)),
    }
    own = [{"kind": "own", "product": product.public_id} for product in products]
    blocks: dict[str, list[dict[str, Any]]] = {
        "rani": [
            {"type": "product", "item": own[0], "note": "Yang kuseduh tiap pagi", "size": "big"},
            {"type": "collection", "title": "Sudut kopiku", "items": own[1:4]},
            {"type": "heading", "text": "Cerita dan resep"},
            {"type": "link", "title": "Resep es kopi aren tiga langkah", "url": "https://example.com/resep-es-kopi-aren"},
            {
                "type": "link",
                "title": "Jadwal kelas seduh di Jogja",
                "url": "https://example.com/kelas-seduh",
                "note": "Sabtu pagi, gratis",
            },
            {"type": "text", "text": "Sebagian tautan di sini memberiku komisi. Harganya tetap sama buatmu."},
            {
                "type": "social",
                "items": [
                    {"network": "instagram", "url": "rani.seduh"},
                    {"network": "tiktok", "url": "rani.seduh"},
                    {"network": "whatsapp", "url": "6281234500000"},
                ],
            },
        ],
        "bima": [
            {"type": "product", "item": own[2], "note": "", "size": "big"},
            {"type": "product", "item": own[4], "note": "", "size": "row"},
        ],
    }
    bios = {"rani": "Barista rumahan dari Jogja. Kopi, resep, dan pagi yang pelan.", "bima": "Jalan, motret, ngopi."}
    looks = {"rani": "sand", "bima": "mist"}
    for creator in (rani, bima):
        prepared = media.prepare(pictures.portrait(*portraits[creator.handle]), folder)
        with transaction():
            avatar = media.keep(prepared, creator_id=creator.id, now=at)
        made = page.start(creator.id, preset=looks[creator.handle], first=None, own_host="", now=at)
        revision = made.revision
        for block in blocks[creator.handle]:
            page.put_block(creator.id, made.public_id, revision, block, own_host="", now=at)
            revision += 1
        with transaction():
            profile = {"name": creator.name, "bio": bios[creator.handle], "avatar": avatar.public_id}
            fresh = pages.page_of(creator.id, made.public_id)
            pages.edit(fresh, revision, lambda draft, mine=profile: pages.edits.with_profile(draft, mine), now=at)  # type: ignore[misc]
        page.publish(creator.id, made.public_id, revision + 1, own_host="", actor=SYSTEM, now=at)
    return _links(rani, bima, offer, products, at)


def _links(
    rani: people.Creator, bima: people.Creator, offer: programs.Program, products: list[catalog.Product], at: datetime
) -> dict[str, str]:
    slugs = {}
    with transaction():
        for name, creator, product, channel, placement in (
            ("rani", rani, products[0], "instagram", "bio"),
            ("rani story", rani, products[2], "instagram", "story-senin"),
            ("bima", bima, products[4], "tiktok", "bio"),
        ):
            url = f"/@{creator.handle}/p/{product.public_id}"
            target = links.product_target(product.id, url, title=product.title, program_id=offer.id)
            made = links.ensure_link(creator_id=creator.id, target=target, channel=channel, placement=placement, now=at)
            slugs[name] = made.slug
    return slugs


def _taps(slugs: dict[str, str], begin: datetime, now: datetime) -> None:
    """Taps of people who did not buy, more of them lately, and a robot now and then."""
    days, taps = (now - begin).days, []
    for day in range(4, days):
        for number in range(1 + (day * 7) % 4 + day // 12):
            name = ("rani", "rani", "rani story", "bima")[(day + number) % 4]
            at = begin + timedelta(days=day, hours=3 + (number * 5 + day) % 14, minutes=(day * 13 + number * 29) % 60)
            agent = ROBOT if (day + number) % 11 == 0 else (PHONE, ANDROID)[number % 2]
            visitor = f"demo-{day}-{number}"
            taps.append(_tap(slugs[name], agent, visitor, min(at, now)))
    drain.keep(taps)


def _visits(creator: people.Creator, begin: datetime, now: datetime) -> None:
    """People on the creator's page, of whom every fourth taps one of its links."""
    home = pages.find_page(creator.id)
    ways = sorted(links.page_slugs(creator.id).values())
    if home is None or not ways:
        return
    visits = [
        (begin + timedelta(days=day, hours=2 + (number * 3 + day) % 12, minutes=(day * 17 + number * 23) % 60), day + number)
        for day in range(4, (now - begin).days + 1)
        for number in range(5 + (day * 5) % 7 + day // 9)
    ]
    past = [(at, f"demo-page-{creator.handle}-{place}", which) for place, (at, which) in enumerate(visits) if at < now]
    with transaction():
        for at, visitor, _which in past:
            pages.note_view(page_id=home.id, creator_id=creator.id, visitor=visitor, kind="payable", now=at)
    drain.keep(
        [_tap(ways[which % len(ways)], PHONE, visitor, min(at + timedelta(seconds=20), now)) for at, visitor, which in past[::4]]
    )


_CAME_FROM = {"instagram": "l.instagram.com", "tiktok": "www.tiktok.com"}
_NETWORKS = (
    "36.68.0.0",
    "103.10.66.0",
    "114.120.0.0",
    "180.241.10.0",
    "202.80.212.0",
    "203.116.0.0",
)  # Indonesia, once Singapore


def _tap(slug: str, agent: str, visitor: str, at: datetime) -> NotedTap:
    """As the redirector would have noted it then."""
    link, at_us = links.find_by_slug(slug), int(at.timestamp() * 1_000_000)
    assert link is not None, "made above"
    return NotedTap(
        new_click_id(at_us), at_us, link.id, link.creator_id, link.program_id, link.channel, link.placement, visitor,
        purpose="", mode="navigate", dest="document", agent=agent, referrer=_CAME_FROM.get(link.channel, ""), who="",
        network=_NETWORKS[len(visitor + link.slug) % len(_NETWORKS)], language="id", post_id=link.post_id,
    )  # fmt: skip


def _sell(
    sale: Sale, brand: people.Brand, owner: Actor, products: list[catalog.Product], slugs: dict[str, str], now: datetime
) -> orders.Order:
    at = now - timedelta(days=sale.days)
    visitor = "demo-" + sale.buyer.split()[0].lower()
    clicked = ""
    if sale.link:
        tap = _tap(slugs[sale.link], PHONE, visitor, at - timedelta(minutes=25))
        drain.keep([tap])
        clicked = tap.click
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


def _pay_out(brand: people.Brand, owner: Actor, at: datetime) -> None:
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
