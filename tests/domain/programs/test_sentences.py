"""Terms as sentences: complete, and the same promise in both languages."""

# a sentence stays on one line

from __future__ import annotations

import string

import pytest

from socialshop.domain import programs, terms
from socialshop.domain.programs.phrases import PHRASES
from socialshop.domain.programs.rules import Answers

PLAIN = Answers(percent="12.5", window_days=30, hold_days=14, minimum_payout=50_000).document("IDR")


def rule(**facts: object) -> dict[str, object]:
    return {"rules": [{"id": "r", **facts}]}


def first(document: dict[str, object], locale: str = "en", **facts: object) -> str:
    return programs.sentences(document, "IDR", locale, **facts)[0]


def test_every_phrase_says_the_same_in_both_languages():
    for key, texts in PHRASES.items():
        assert set(texts) == {"en", "id"}, key
        names = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in texts.values()]
        assert names[0] == names[1], key


def test_five_questions_in_english():
    assert programs.sentences(PLAIN, "IDR", "en") == [
        "Commission: 12.5% of the goods.",
        "Discounts are taken off first; shipping and tax do not count.",
        "A click counts for 30 days: what the visitor orders in that time earns.",
        "Of several clicks, the last one counts.",
        "If a code and a click name different creators, the code wins.",
        "A referral code earns even without a click.",
        "What creators buy themselves earns nothing.",
        "Commission is held for 14 days after the order, in case goods come back, and is due then.",
        "It is paid out once at least Rp50.000 is due.",
        "What is refunded to the buyer takes its share of the commission back.",
    ]


def test_five_questions_in_indonesian():
    assert programs.sentences(PLAIN, "IDR", "id") == [
        "Komisi: 12,5% dari harga barang.",
        "Diskon dikurangkan dulu; ongkos kirim dan pajak tidak dihitung.",
        "Klik berlaku 30 hari: pesanan pengunjung dalam waktu itu menghasilkan komisi.",
        "Dari beberapa klik, yang terakhir yang berlaku.",
        "Bila kode dan klik menunjuk kreator berbeda, kode yang menang.",
        "Kode referal menghasilkan komisi walau tanpa klik.",
        "Pembelian kreator sendiri tidak menghasilkan komisi.",
        "Komisi ditahan 14 hari setelah pesanan, untuk berjaga bila barang dikembalikan, lalu siap dicairkan.",
        "Pencairan dilakukan bila komisi yang siap cair mencapai Rp50.000.",
        "Pengembalian dana kepada pembeli mengurangi komisi sebesar bagiannya.",
    ]


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (rule(percent="10.50"), "Commission: 10.5% of the goods."),
        (rule(percent="100"), "Commission: 100% of the goods."),
        (rule(flat={"IDR": 10_000}), "Commission: Rp10.000 for each order."),
        (rule(flat={"IDR": 10_000}, per="line"), "Commission: Rp10.000 for each product in an order."),
        (rule(flat={"USD": 150, "IDR": 10_000}, per="unit"),
         "Commission: Rp10.000 or $1.50 (by currency) for each piece sold."),
        (rule(percent="8", when={"category": ["Teh", "Kopi", "Susu"]}),
         "Commission: 8% of the goods on the category “Kopi”, “Susu” or “Teh”."),
        (rule(percent="8", when={"group": "vip", "customer": "new", "via": "code", "currency": "IDR"}),
         "Commission: 8% of the goods for creators in the group “vip”, when a new customer buys, "
         "when the order comes by a referral code, on orders in IDR."),
        (rule(percent="8", when={"customer": ["new", "returning"]}),
         "Commission: 8% of the goods when a new customer or a returning customer buys."),
        (rule(percent="8", when={"via": ["subscription", "lifetime", "click"]}),
         "Commission: 8% of the goods when the order comes by a click, the customer’s lasting bond to the creator or "
         "the renewal of a subscription."),
        (rule(percent="8", when={"channel": ["instagram", "page", "qr", "radio"]}),
         "Commission: 8% of the goods when the order comes from Instagram, the link page, a QR code or “radio”."),
        (rule(percent="8", **{"from": "2026-06-30T17:00:00Z", "until": "2026-07-31T17:00:00Z"}),
         "Commission: 8% of the goods from 1 Jul 2026, 00:00 WIB, until 1 Aug 2026, 00:00 WIB."),
        (rule(percent="8", recurring={"payments": 3}), "Commission: 8% of the goods, on subscriptions for the first 3 payments."),
        (rule(percent="8", recurring={"payments": 1}),
         "Commission: 8% of the goods, on subscriptions for the first payment only."),
        (rule(percent="8", recurring={"months": 1}), "Commission: 8% of the goods, on subscriptions for 1 month from their start."),
        (rule(percent="8", recurring={"payments": 3, "months": 12}),
         "Commission: 8% of the goods, on subscriptions for the first 3 payments, within 12 months of their start."),
        (rule(percent="8", cap_per_order={"IDR": 20_000}), "Commission: 8% of the goods, at most Rp20.000 in one order."),
        (rule(tiers=[{"percent": "8"}]), "Commission: 8% of the goods."),
        (rule(tiers=[{"up_to": {"IDR": 1_000_000}, "percent": "5"}, {"up_to": {"IDR": 3_000_000}, "percent": "6"}, {"percent": "8"}]),
         "Commission: in steps over what a creator sells in a calendar month: 5% up to Rp1.000.000, 6% from there up to "
         "Rp3.000.000, 8% above that, of the goods; each part of an order earns the rate of its step."),
        (rule(tiers=[{"up_to": {"IDR": 1_000_000}, "percent": "5"}, {"percent": "8"}], tier_mode="next_order", tier_period="all"),
         "Commission: in steps over what a creator has sold over all time before the order: 5% up to Rp1.000.000, "
         "8% above that, of the goods; the whole order earns one rate."),
        ({"base": {"shipping": True, "tax": True}, **rule(percent="5")}, "Commission: 5% of the goods, shipping and tax."),
        ({"rules": []}, "No sale earns anything under these terms."),
        (rule(kind="exclude", when={"brand": "Z"}), "No sale earns anything under these terms."),
    ],
)  # fmt: skip
def test_what_a_rule_says(document, said):
    assert first(document) == said


@pytest.mark.parametrize(
    ("key", "value", "english", "indonesian"),
    [
        ("window_days", 0, "Clicks do not count; only referral codes do.", "Klik tidak dihitung; hanya kode referal."),
        ("window_days", 1, "A click counts for 1 day: what the visitor orders in that time earns.", "Klik berlaku 1 hari:"),
        ("touch", "first", "Of several clicks, the first one counts.", "Dari beberapa klik, yang pertama yang berlaku."),
        ("code_vs_click", "click", "the click wins.", "klik yang menang."),
        ("code_vs_click", {"code": "62.5", "click": "37.5"},
         "the code’s creator gets 62.5% and the click’s creator 37.5% of the commission.",
         "kreator pemilik kode mendapat 62,5% dan kreator pemilik klik 37,5% dari komisi."),
        ("code_policy", "if_involved", "only if its creator also has a click that counts.", "juga punya klik yang berlaku."),
        ("code_policy", "if_winner", "A referral code alone earns nothing", "Kode referal saja tidak menghasilkan komisi"),
        ("lifetime", True, "A customer stays with the creator of their first order", "Pelanggan tetap menjadi milik kreator"),
        ("self_referral", "allow", "What creators buy themselves earns too.", "Pembelian kreator sendiri juga"),
        ("hold_days", 0, "Commission is due as soon as the order is paid.", "Komisi siap dicairkan begitu pesanan dibayar."),
        ("hold_days", 1, "Commission is held for 1 day after the order", "Komisi ditahan 1 hari setelah pesanan"),
        ("minimum_order", {"IDR": 100_000}, "Orders with goods below Rp100.000 after discounts earn nothing.", "di bawah Rp100.000"),
        ("minimum_payout", {"IDR": 25_000, "USD": 1_000}, "at least Rp25.000 or $10.00 (by currency) is due.",
         "mencapai Rp25.000 atau US$10,00"),
        ("base", {"shipping": True, "tax": False}, "shipping counts, tax does not.", "ongkos kirim dihitung, pajak tidak."),
        ("base", {"shipping": False, "tax": True}, "tax counts, shipping does not.", "pajak dihitung, ongkos kirim tidak."),
        ("rounding", "down", "Amounts are rounded down.", "Jumlah dibulatkan ke bawah."),
        ("rounding", "half_even", "exact halves to the even one.", "tepat setengah ke yang genap."),
        ("notice_days", 14, "keep the better of the two for 14 days more.", "selama 14 hari lagi."),
        ("cap_per_order", {"IDR": 500_000}, "One order earns at most Rp500.000.", "Satu pesanan menghasilkan paling banyak Rp500.000."),
        ("budget", {"IDR": 9_000_000}, "The program pays Rp9.000.000 in all", "Anggaran program seluruhnya Rp9.000.000"),
        ("payout_currency", "USD", "converted to USD at the newest rate", "ditukar ke USD dengan kurs terbaru"),
        ("overrides", ["5", "0", "2.5"], "Whoever recruited the creator gets 5% of that commission on top", "tambahan 5% dari komisi itu"),
        ("overrides", ["5", "0", "2.5"], "The recruiter 3 steps up gets 2.5% of it on top.", "Perekrut 3 tingkat di atasnya mendapat tambahan 2,5%."),
    ],
)  # fmt: skip
def test_what_a_term_says_in_both_languages(key, value, english, indonesian):
    document = {**PLAIN, key: value}
    assert any(english in text for text in programs.sentences(document, "IDR", "en"))
    assert any(indonesian in text for text in programs.sentences(document, "IDR", "id"))


def test_bonus_and_exclude_are_told_after_what_they_change():
    document = {"rules": [
        {"id": "x", "kind": "exclude", "when": {"product": "prd_1"}},
        {"id": "y", "kind": "exclude", "from": "2026-07-01T00:00:00Z"},
        {"id": "b", "kind": "bonus", "flat": {"IDR": 5_000}, "when": {"creator": "7"}},
        {"id": "r", "percent": "10"},
    ]}  # fmt: skip
    said = programs.sentences(document, "IDR", "en", names={"prd_1": "Kopi Gayo", "7": "Mia"})
    assert said[:4] == [
        "Commission: 10% of the goods.",
        "Bonus on top: Rp5.000 for each order for Mia.",
        "No commission on the product Kopi Gayo.",
        "No commission on any sale from 1 Jul 2026, 07:00 WIB.",
    ]


@pytest.mark.parametrize("precedence", ["creator_first", "product_first", "highest"])
def test_which_rule_wins_is_told_only_where_several_may(precedence):
    several = {
        "precedence": precedence,
        "rules": [{"id": "a", "percent": "5"}, {"id": "b", "percent": "8", "when": {"group": "vip"}}],
    }
    alone = {"precedence": precedence, "rules": [{"id": "a", "percent": "5"}]}
    assert any(text.startswith("Where several commissions fit") for text in programs.sentences(several, "IDR", "en"))
    assert not any(text.startswith("Where several commissions fit") for text in programs.sentences(alone, "IDR", "en"))


@pytest.mark.parametrize(
    "key", [*terms.to_document(terms.Terms()), "minimum_order", "minimum_payout", "budget", "overrides", "base"]
)
def test_no_key_of_the_terms_is_passed_over_in_silence(key):
    """Whatever changes the money changes the sentences."""
    others = {"rules": [{"id": "z", "percent": "1"}], "minimum_order": {"IDR": 7}, "minimum_payout": {"IDR": 7}, "budget": {"IDR": 7},
              "overrides": ["3"], "base": {"shipping": True, "tax": True}}  # fmt: skip
    for locale in ("en", "id"):
        assert programs.sentences({**PLAIN, key: others[key]}, "IDR", locale) != programs.sentences(PLAIN, "IDR", locale)


@pytest.mark.parametrize(
    ("rules", "english", "indonesian"),
    [
        ([], "no commission", "tanpa komisi"),
        ([{"id": "a", "percent": "12.5"}], "12.5% of the goods", "12,5% dari harga barang"),
        ([{"id": "a", "percent": "9"}, {"id": "b", "percent": "12.5"}], "up to 12.5% of the goods", "hingga 12,5% dari harga barang"),
        ([{"id": "a", "tiers": [{"up_to": {"IDR": 5}, "percent": "4"}, {"percent": "8"}]}], "up to 8% of the goods", "hingga 8% dari harga barang"),
        ([{"id": "a", "flat": {"IDR": 5_000}}, {"id": "b", "flat": {"IDR": 9_000}}], "up to Rp9.000 for each order", "hingga Rp9.000 untuk setiap pesanan"),
    ],
)  # fmt: skip
def test_a_few_words_for_lists(rules, english, indonesian):
    assert programs.headline({"rules": rules}, "IDR", "en") == english
    assert programs.headline({"rules": rules}, "IDR", "id") == indonesian


def test_unreadable_terms_are_refused_with_the_place():
    with pytest.raises(terms.BadDocument) as refusal:
        programs.sentences({"rules": [{"id": "r", "percent": 12.5}]}, "IDR", "en")
    assert "percent" in refusal.value.place
