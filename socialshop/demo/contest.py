"""What the demo's brand held, rejected and was asked about: an open appeal, a granted one, a rejection, a dispute."""

from __future__ import annotations

import io
from datetime import datetime, timedelta

from PIL import Image, ImageDraw, ImageFont

from ..domain import appeals, commissions, orders, people
from ..domain.audit import Actor
from ..flows import appeal, dispute, judge, papers
from ..kernel.money import Money
from ..kernel.words import money


def tell(brand: people.Brand, owner: Actor, rani: people.Creator, bima: people.Creator, now: datetime) -> None:
    """Told after all sales; each step at its own moment."""
    hers, his = _actor(rani), _actor(bima)
    _granted(_commission(brand, rani, "Rizky Hadi"), owner, hers, now)
    _open(_commission(brand, rani, "Putri Ananda"), owner, hers, now)
    _rejected(_commission(brand, bima, "Galih Nugroho"), owner, his, now)
    disputed = _order(brand, "Intan Safitri")
    dispute.open_(
        disputed.id, key="demo", reason="Kasus BCA 260871: pembeli bilang tidak mengenal transaksinya", actor=owner,
        now=now - timedelta(days=1, hours=2),
    )  # fmt: skip


def _granted(row: commissions.Commission, owner: Actor, creator: Actor, now: datetime) -> None:
    judge.hold(
        row.id, key="demo", code="suspicious_clicks", reason="Tiga ketukan dalam dua detik.", actor=owner,
        now=now - timedelta(days=11),
    )  # fmt: skip
    made = appeal.open_(
        row.id, key="demo-granted", actor=creator, now=now - timedelta(days=10, hours=20), papers=(),
        words="Itu aku yang salah pencet waktu bikin story, lalu pengikutku yang beli. Pembelinya orang sungguhan.",
    )  # fmt: skip
    appeal.decide(
        made.id, grant=True, actor=owner, now=now - timedelta(days=10, hours=2),
        reason="Sudah kami cek dengan pembelinya. Terima kasih sudah menjelaskan, dan maaf menunggu.",
    )  # fmt: skip


def _open(row: commissions.Commission, owner: Actor, creator: Actor, now: datetime) -> None:
    order = orders.get(row.order_id)
    total = money(Money(order.total_minor, order.currency), "id")
    slip = _picture(
        "slip.jpg",
        ["Kopi Senja", "Slip pengiriman", "", f"Pesanan  {order.number}", "Alamat   Jl. Kenanga 12", "         Sleman"],
    )
    judge.hold(
        row.id, key="demo", code="self_purchase", reason="Alamat kirimnya satu jalan dengan alamatmu.", actor=owner,
        now=now - timedelta(days=6),
        exhibits=[
            appeals.Exhibit("", True, papers.read([slip])),
            appeals.Exhibit("Dicocokkan dengan alamat di akun Rani. Nama dan nomor HP berbeda.", False),
        ],
    )  # fmt: skip
    proof = _picture("transfer.jpg", ["m-BCA", "Transfer berhasil", "", "Dari  PUTRI ANANDA", "Ke    PT KOPI SENJA", total])
    made = appeal.open_(
        row.id, key="demo-waiting", actor=creator, now=now - timedelta(days=5, hours=3), papers=(),
        words="Putri itu tetangga satu gang, bukan aku. Dia lihat story-ku, lalu beli sendiri.",
    )  # fmt: skip
    appeal.say(
        made.id, "brand", key="demo", papers=(), actor=owner, now=now - timedelta(days=4),
        words="Halo Rani! Ada yang menunjukkan bahwa Putri yang membayar? Tangkapan layar transfernya cukup.",
    )  # fmt: skip
    appeal.say(
        made.id, "creator", key="demo", papers=papers.read([proof]), actor=creator, now=now - timedelta(days=3, hours=6),
        words="Ini dari Putri, boleh aku teruskan.",
    )  # fmt: skip


def _rejected(row: commissions.Commission, owner: Actor, creator: Actor, now: datetime) -> None:
    judge.reject(
        row.id, key="demo", code="brand_bidding", actor=owner, now=now - timedelta(days=5),
        reason="Iklan pencarian untuk “kopi senja” mengarah ke tautanmu.",
    )  # fmt: skip
    made = appeal.open_(
        row.id, key="demo-denied", actor=creator, now=now - timedelta(days=4, hours=8), papers=(),
        words="Aku cuma coba iklan tiga hari, dan tidak tahu itu tidak boleh.",
    )  # fmt: skip
    appeal.decide(
        made.id, grant=False, actor=owner, now=now - timedelta(days=3, hours=20),
        reason="Kami paham, tapi iklan atas nama kami jelas tidak termasuk. Penjualan lewat tautan biasa tentu tetap dihitung.",
    )  # fmt: skip


def _order(brand: people.Brand, buyer: str) -> orders.Order:
    [found] = orders.listed(brand.id, shelf="all", search=buyer, currency=brand.currency, page=1).orders
    return found


def _commission(brand: people.Brand, creator: people.Creator, buyer: str) -> commissions.Commission:
    found = commissions.find_of(_order(brand, buyer).id, creator.id)
    assert found is not None, buyer
    return found


def _actor(creator: people.Creator) -> Actor:
    return Actor("user", people.users_by_id([creator.user_id])[creator.user_id].public_id, "creator")


def _picture(name: str, lines: list[str]) -> tuple[str, bytes]:
    """A slip of paper with words on it, as somebody would photograph it."""
    ground = Image.new("RGB", (900, 900), (222, 214, 200))
    draw = ImageDraw.Draw(ground)
    draw.rounded_rectangle((130, 90, 770, 810), 18, fill=(253, 252, 248))
    for place, line in enumerate(lines):
        size = 54 if place == 0 else 34
        draw.text((190, 150 + place * 92), line, fill=(44, 40, 36), font=ImageFont.load_default(size))
    draw.line((190, 300, 710, 300), fill=(200, 194, 184), width=3)
    out = io.BytesIO()
    ground.rotate(-2, expand=False, fillcolor=(222, 214, 200)).save(out, "JPEG", quality=88)
    return name, out.getvalue()
