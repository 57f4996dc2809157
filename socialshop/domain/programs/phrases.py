"""The words in which terms are told, English and Bahasa Indonesia side by side.

Terms are promises about money, so both languages stand next to each other and are reviewed together: a phrase that one of
them lacks fails a test instead of being shown in the other language. `{names}` are the same in both.
"""

# ruff: noqa: E501  # a sentence stays on one line

from __future__ import annotations

from typing import Literal

Locale = Literal["en", "id"]

PHRASES: dict[str, dict[str, str]] = {
    # lists and amounts
    "or": {"en": "{rest} or {last}", "id": "{rest} atau {last}"},
    "and": {"en": "{rest} and {last}", "id": "{rest} dan {last}"},
    "by_currency": {"en": "{amounts} (by currency)", "id": "{amounts} (menurut mata uangnya)"},
    "in": {"en": "{amount} in {currency}", "id": "{amount} dalam {currency}"},
    "days": {"en": "{n} days", "id": "{n} hari"},
    "day": {"en": "1 day", "id": "1 hari"},
    "months": {"en": "{n} months", "id": "{n} bulan"},
    "month": {"en": "1 month", "id": "1 bulan"},
    "quoted": {"en": "“{text}”", "id": "“{text}”"},
    # what earns
    "nothing": {
        "en": "No sale earns anything under these terms.",
        "id": "Tidak ada penjualan yang menghasilkan komisi dengan ketentuan ini.",
    },
    "base": {"en": "Commission: {amount}{where}{limits}.", "id": "Komisi: {amount}{where}{limits}."},
    "bonus": {"en": "Bonus on top: {amount}{where}{limits}.", "id": "Bonus tambahan: {amount}{where}{limits}."},
    "exclude": {"en": "No commission{where}{limits}.", "id": "Tanpa komisi{where}{limits}."},
    "exclude_all": {"en": "No commission on any sale{limits}.", "id": "Tanpa komisi untuk semua penjualan{limits}."},
    "percent": {"en": "{percent} of the {base}", "id": "{percent} dari {base}"},
    "per_order": {"en": "{amount} for each order", "id": "{amount} untuk setiap pesanan"},
    "per_line": {"en": "{amount} for each product in an order", "id": "{amount} untuk setiap produk dalam pesanan"},
    "per_unit": {"en": "{amount} for each piece sold", "id": "{amount} untuk setiap barang yang terjual"},
    "goods": {"en": "goods", "id": "harga barang"},
    "goods_shipping": {"en": "goods and shipping", "id": "harga barang dan ongkos kirim"},
    "goods_tax": {"en": "goods and tax", "id": "harga barang dan pajak"},
    "goods_both": {"en": "goods, shipping and tax", "id": "harga barang, ongkos kirim, dan pajak"},
    "tier_first": {"en": "{percent} up to {limit}", "id": "{percent} sampai {limit}"},
    "tier_next": {"en": "{percent} from there up to {limit}", "id": "{percent} dari situ sampai {limit}"},
    "tier_last": {"en": "{percent} above that", "id": "{percent} di atasnya"},
    "tiers_marginal": {
        "en": "in steps over what a creator sells {period}: {steps}, of the {base}; each part of an order earns the rate of its step",
        "id": "bertingkat menurut penjualan kreator {period}: {steps}, dari {base}; setiap bagian pesanan mendapat persentase tingkatnya",
    },
    "tiers_next_order": {
        "en": "in steps over what a creator has sold {period} before the order: {steps}, of the {base}; the whole order earns one rate",
        "id": "bertingkat menurut penjualan kreator {period} sebelum pesanan itu: {steps}, dari {base}; seluruh pesanan mendapat satu persentase",
    },
    "in_month": {"en": "in a calendar month", "id": "dalam satu bulan kalender"},
    "in_quarter": {"en": "in a quarter of the year", "id": "dalam satu triwulan"},
    "in_year": {"en": "in a calendar year", "id": "dalam satu tahun kalender"},
    "in_all": {"en": "over all time", "id": "sepanjang waktu"},
    # where a rule holds
    "creator": {"en": "for {names}", "id": "untuk {names}"},
    "group": {"en": "for creators in the group {names}", "id": "untuk kreator dalam grup {names}"},
    "product": {"en": "on the product {names}", "id": "untuk produk {names}"},
    "category": {"en": "on the category {names}", "id": "untuk kategori {names}"},
    "brand": {"en": "on the brand {names}", "id": "untuk merek {names}"},
    "customer": {"en": "when {names} buys", "id": "bila pembelinya {names}"},
    "via": {"en": "when the order comes by {names}", "id": "bila pesanan datang lewat {names}"},
    "channel": {"en": "when the order comes from {names}", "id": "bila pesanan datang dari {names}"},
    "currency": {"en": "on orders in {names}", "id": "untuk pesanan dalam {names}"},
    "new": {"en": "a new customer", "id": "pelanggan baru"},
    "returning": {"en": "a returning customer", "id": "pelanggan lama"},
    "via_click": {"en": "a click", "id": "klik"},
    "via_code": {"en": "a referral code", "id": "kode referal"},
    "via_subscription": {"en": "the renewal of a subscription", "id": "perpanjangan langganan"},
    "via_lifetime": {"en": "the customer’s lasting bond to the creator", "id": "ikatan tetap pelanggan dengan kreator"},
    "channel_page": {"en": "the link page", "id": "halaman tautan"},
    "channel_qr": {"en": "a QR code", "id": "kode QR"},
    "from": {"en": "from {start}", "id": "mulai {start}"},
    "until": {"en": "until {end}", "id": "sampai {end}"},
    # how far a rule goes
    "payments": {"en": "on subscriptions for the first {n} payments", "id": "untuk langganan hanya {n} pembayaran pertama"},
    "payment": {"en": "on subscriptions for the first payment only", "id": "untuk langganan hanya pembayaran pertama"},
    "subscription_months": {
        "en": "on subscriptions for {months} from their start",
        "id": "untuk langganan selama {months} sejak awalnya",
    },
    "payments_months": {"en": "{payments}, within {months} of their start", "id": "{payments}, dalam {months} sejak awalnya"},
    "rule_cap": {"en": "at most {amount} in one order", "id": "paling banyak {amount} per pesanan"},
    # several rules at once
    "creator_first": {
        "en": "Where several commissions fit a product, the one for a certain creator wins, then the one for a group, then the one that is most exact about the product.",
        "id": "Bila beberapa komisi cocok untuk satu produk, yang berlaku adalah yang khusus untuk kreator tertentu, lalu untuk grup, lalu yang paling khusus tentang produknya.",
    },
    "product_first": {
        "en": "Where several commissions fit a product, the one that is most exact about the product wins, then the one for a certain creator, then the one for a group.",
        "id": "Bila beberapa komisi cocok untuk satu produk, yang berlaku adalah yang paling khusus tentang produknya, lalu yang untuk kreator tertentu, lalu untuk grup.",
    },
    "highest": {
        "en": "Where several commissions fit a product, the highest wins.",
        "id": "Bila beberapa komisi cocok untuk satu produk, yang tertinggi berlaku.",
    },
    "after_discounts": {
        "en": "Discounts are taken off first; {out}.",
        "id": "Diskon dikurangkan dulu; {out}.",
    },
    "neither_counts": {"en": "shipping and tax do not count", "id": "ongkos kirim dan pajak tidak dihitung"},
    "shipping_counts": {"en": "shipping counts, tax does not", "id": "ongkos kirim dihitung, pajak tidak"},
    "tax_counts": {"en": "tax counts, shipping does not", "id": "pajak dihitung, ongkos kirim tidak"},
    "both_count": {"en": "shipping and tax count too", "id": "ongkos kirim dan pajak ikut dihitung"},
    # who earned it
    "window": {
        "en": "A click counts for {days}: what the visitor orders in that time earns.",
        "id": "Klik berlaku {days}: pesanan pengunjung dalam waktu itu menghasilkan komisi.",
    },
    "no_window": {"en": "Clicks do not count; only referral codes do.", "id": "Klik tidak dihitung; hanya kode referal."},
    "touch_last": {"en": "Of several clicks, the last one counts.", "id": "Dari beberapa klik, yang terakhir yang berlaku."},
    "touch_first": {"en": "Of several clicks, the first one counts.", "id": "Dari beberapa klik, yang pertama yang berlaku."},
    "code_wins": {
        "en": "If a code and a click name different creators, the code wins.",
        "id": "Bila kode dan klik menunjuk kreator berbeda, kode yang menang.",
    },
    "click_wins": {
        "en": "If a code and a click name different creators, the click wins.",
        "id": "Bila kode dan klik menunjuk kreator berbeda, klik yang menang.",
    },
    "split": {
        "en": "If a code and a click name different creators, the code’s creator gets {code} and the click’s creator {click} of the commission.",
        "id": "Bila kode dan klik menunjuk kreator berbeda, kreator pemilik kode mendapat {code} dan kreator pemilik klik {click} dari komisi.",
    },
    "policy_always": {
        "en": "A referral code earns even without a click.",
        "id": "Kode referal menghasilkan komisi walau tanpa klik.",
    },
    "policy_if_involved": {
        "en": "A referral code earns only if its creator also has a click that counts.",
        "id": "Kode referal hanya menghasilkan komisi bila kreatornya juga punya klik yang berlaku.",
    },
    "policy_if_winner": {
        "en": "A referral code alone earns nothing: its creator’s click must win too.",
        "id": "Kode referal saja tidak menghasilkan komisi: klik kreatornya juga harus menang.",
    },
    "lifetime": {
        "en": "A customer stays with the creator of their first order, for every later order.",
        "id": "Pelanggan tetap menjadi milik kreator pesanan pertamanya, untuk semua pesanan berikutnya.",
    },
    "self_reject": {
        "en": "What creators buy themselves earns nothing.",
        "id": "Pembelian kreator sendiri tidak menghasilkan komisi.",
    },
    "self_allow": {"en": "What creators buy themselves earns too.", "id": "Pembelian kreator sendiri juga menghasilkan komisi."},
    # limits
    "minimum_order": {
        "en": "Orders with goods below {amount} after discounts earn nothing.",
        "id": "Pesanan dengan harga barang di bawah {amount} setelah diskon tidak menghasilkan komisi.",
    },
    "cap": {"en": "One order earns at most {amount}.", "id": "Satu pesanan menghasilkan paling banyak {amount}."},
    "budget": {
        "en": "The program pays {amount} in all; once that is used up, orders earn nothing until refunds free some of it.",
        "id": "Anggaran program seluruhnya {amount}; setelah habis, pesanan tidak menghasilkan komisi sampai ada pengembalian dana.",
    },
    # when it is paid
    "hold": {
        "en": "Commission is held for {days} after the order, in case goods come back, and is due then.",
        "id": "Komisi ditahan {days} setelah pesanan, untuk berjaga bila barang dikembalikan, lalu siap dicairkan.",
    },
    "no_hold": {"en": "Commission is due as soon as the order is paid.", "id": "Komisi siap dicairkan begitu pesanan dibayar."},
    "minimum_payout": {
        "en": "It is paid out once at least {amount} is due.",
        "id": "Pencairan dilakukan bila komisi yang siap cair mencapai {amount}.",
    },
    "refunds": {
        "en": "What is refunded to the buyer takes its share of the commission back.",
        "id": "Pengembalian dana kepada pembeli mengurangi komisi sebesar bagiannya.",
    },
    "payout_currency": {
        "en": "Commission is converted to {currency} at the newest rate known when the order was placed.",
        "id": "Komisi ditukar ke {currency} dengan kurs terbaru yang diketahui saat pesanan dibuat.",
    },
    "half_even": {
        "en": "Amounts are rounded to the nearest unit, exact halves to the even one.",
        "id": "Jumlah dibulatkan ke satuan terdekat, tepat setengah ke yang genap.",
    },
    "down": {"en": "Amounts are rounded down.", "id": "Jumlah dibulatkan ke bawah."},
    # recruiters and changes
    "override_1": {
        "en": "Whoever recruited the creator gets {percent} of that commission on top, paid by the brand.",
        "id": "Perekrut kreator mendapat tambahan {percent} dari komisi itu, dibayar oleh merek.",
    },
    "override_n": {
        "en": "The recruiter {n} steps up gets {percent} of it on top.",
        "id": "Perekrut {n} tingkat di atasnya mendapat tambahan {percent}.",
    },
    "notice": {
        "en": "When newer terms replace these, creators who had joined before keep the better of the two for {days} more.",
        "id": "Bila ketentuan baru menggantikan ini, kreator yang sudah bergabung tetap mendapat yang lebih baik selama {days} lagi.",
    },
    # heads of lists
    "head_nothing": {"en": "no commission", "id": "tanpa komisi"},
    "head_up_to": {"en": "up to {amount}", "id": "hingga {amount}"},
}


def phrase(key: str, locale: str, **facts: object) -> str:
    """One phrase in "en" or "id", its names filled in."""
    return PHRASES[key][locale].format(**facts)
