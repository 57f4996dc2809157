"""What product pages say, as shops really write them, and as nobody should."""

from __future__ import annotations

import json
import random
import time

import pytest

from socialshop.adapters.fetch import Fetched, Fetcher
from socialshop.adapters.pages_read import read_page, read_product, without_tracking
from socialshop.kernel.money import Money
from tests.doubles.pages import PageServer

URL = "https://kopi.test/products/gayo?utm_source=ig&variant=3#top"


def page(*documents, head="", body="", url=URL, charset=""):
    scripts = "".join(f'<script type="application/ld+json">{d if isinstance(d, str) else written(d)}</script>' for d in documents)
    html = f"<html><head><title>Gayo | Kopi Shop</title>{head}{scripts}</head><body>{body}</body></html>"
    return read_page(Fetched(url, "text/html", charset, html.encode()))


def written(document):
    return json.dumps(document).replace("</", "<\\/")


def product(**facts):
    return {"@context": "https://schema.org", "@type": "Product", "name": "Kopi Gayo", **facts}


def offer(price="149000", currency="IDR", **facts):
    return {"@type": "Offer", "price": price, "priceCurrency": currency, **facts}


def idr(minor):
    return Money(minor, "IDR")


def test_a_whole_product():
    found = page(
        product(
            description="<p>From Aceh &amp; fruity.</p><p>250&nbsp;g<script>x</script></p>",
            image=["/img/a.jpg", "https://cdn.test/b.jpg?w=1&amp;h=2", "data:image/png;base64,x", "javascript:alert(1)"],
            brand={"@type": "Brand", "name": "Senja"}, sku="KG-1",
            offers=offer("149000.00", availability="https://schema.org/InStock", url="/products/gayo"),
        )
    )  # fmt: skip
    assert (found.title, found.brand, found.price, found.in_stock) == ("Kopi Gayo", "Senja", idr(149_000), True)
    assert found.images == ("https://kopi.test/img/a.jpg", "https://cdn.test/b.jpg?w=1&h=2")
    assert found.description.startswith("From Aceh & fruity.\n250 g")
    assert (found.url, found.site) == ("https://kopi.test/products/gayo?variant=3", "kopi.test")
    assert found.is_product
    assert set(found.sources.values()) == {"json-ld"}


@pytest.mark.parametrize(
    ("offers", "price", "stock"),
    [
        (offer(149000), idr(149_000), None),
        (offer("149.000"), idr(149_000), None),
        (offer("Rp 149.000"), idr(149_000), None),
        (offer("1.49e5"), idr(149_000), None),
        (offer("49.90", "USD"), Money(4990, "USD"), None),
        (offer("12.00", "XYZ"), None, None),
        (offer("149.5"), None, None),
        (offer("0"), None, None),
        (offer("-5"), None, None),
        (offer(None), None, None),
        (offer(price={"@value": "149000"}), idr(149_000), None),
        (offer(availability="OutOfStock"), idr(149_000), False),
        (offer(availability="http://schema.org/PreOrder"), idr(149_000), True),
        (offer(availability="whatever"), idr(149_000), None),
        ([offer("200000", availability="OutOfStock"), offer("149000", availability="InStock")], idr(149_000), True),
        ({"@type": "AggregateOffer", "lowPrice": "149000", "highPrice": 500000, "priceCurrency": "IDR"}, idr(149_000), None),
        ({"@type": "AggregateOffer", "priceCurrency": "IDR", "offers": [offer("1800", ""), offer("1500")]}, idr(1_500), None),
        ({"@type": "Offer", "priceSpecification": {"price": "149000", "priceCurrency": "IDR"}}, idr(149_000), None),
        (
            {
                "@type": "Offer",
                "priceCurrency": "IDR",
                "priceSpecification": [
                    {"priceType": "https://schema.org/ListPrice", "price": "200000"},
                    {"@type": "UnitPriceSpecification", "price": 149000, "priceCurrency": "IDR"},
                ],
            },
            idr(149_000),
            None,
        ),
        ("149000", None, None),
        ([None, 5, [], "x", offer()], idr(149_000), None),
    ],
)
def test_prices_and_stock_in_all_their_forms(offers, price, stock):
    found = page(product(offers=offers))
    assert (found.price, found.in_stock) == (price, stock)


def test_a_price_that_cannot_be_read_is_still_shown():
    found = page(product(offers=offer("12.00", "CHF")))
    assert (found.price, found.price_text) == (None, "CHF 12.00")


@pytest.mark.parametrize(
    "document",
    [
        {"@graph": [{"@type": "WebSite", "name": "Shop"}, product(offers=offer())]},
        [{"@type": "BreadcrumbList"}, [product(offers=offer())]],
        {"@type": ["ItemPage", "WebPage"], "mainEntity": product(offers=offer())},
        {"@type": "WebPage", "mainEntity": {"@id": "#p"}, "x": product(**{"@id": "#p"}, offers=offer())},
        product(**{"@type": ["Product", "Thing"]}, offers=offer()),
        product(**{"@type": "http://schema.org/Product"}, offers=offer()),
        product(**{"@type": "schema:Product"}, offers=offer()),
        {"@graph": [product(offers={"@id": "#o"}), {"@id": "#o", **offer()}]},
        "<!-- " + json.dumps(product(offers=offer())) + " -->",
        "//<![CDATA[\n" + json.dumps(product(offers=offer())) + "\n//]]>",
        json.dumps(product(offers=offer(), description="two\nlines")).replace("\\n", "\n"),
    ],
)
def test_wherever_the_product_stands(document):
    found = page({"broken": True}, "{not json", document)
    assert (found.title, found.price) == ("Kopi Gayo", idr(149_000))


def test_related_products_are_not_the_product():
    other = product(name="Teh", offers=offer("1"))
    found = page(
        {"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "item": other}]},
        product(offers=offer(), isRelatedTo=[other], isSimilarTo=other),
    )
    assert found.title == "Kopi Gayo"
    two = page(other, product(url="https://kopi.test/products/gayo", offers=offer()))
    assert two.title == "Kopi Gayo"


def test_a_page_of_a_list_is_no_product():
    found = page({"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "item": product(offers=offer())}]})
    assert (found.is_product, found.title, found.sources["title"]) == (False, "Gayo | Kopi Shop", "title")


def test_a_group_with_variants():
    group = {
        "@type": "ProductGroup", "name": "Kaos Senja", "variesBy": ["https://schema.org/size"], "image": "/kaos.jpg",
        "hasVariant": [
            product(name="Kaos Senja - S Hitam", size="S", color="Hitam", sku="K-S",
                    offers=offer("120000", availability="InStock")),
            product(name="Kaos Senja - M Putih", size={"@type": "SizeSpecification", "name": "M"}, sku="K-M",
                    offers=offer("99000", availability="OutOfStock")),
            product(name="Kaos Senja - L", offers=[offer("125000", sku="K-L")]),
            {"@id": "#xl"}, "junk", 7,
        ],
    }  # fmt: skip
    found = page(group, {"@graph": [product(**{"@id": "#xl"}, name="Kaos Senja XL", offers=offer("130000"))]})
    assert (found.title, found.price, found.in_stock) == ("Kaos Senja", idr(99_000), True)
    assert [(v.name, v.sku, v.price, v.in_stock) for v in found.variants] == [
        ("Hitam / S", "K-S", idr(120_000), True), ("M", "K-M", idr(99_000), False), ("L", "K-L", idr(125_000), None),
        ("XL", "", idr(130_000), None),
    ]  # fmt: skip


def test_a_variant_that_names_its_group():
    group = {"@type": "ProductGroup", "name": "Kaos", "hasVariant": [product(name="Kaos S", offers=offer("1000"))]}
    assert page(product(name="Kaos S", isVariantOf=group, offers=offer("1000"))).title == "Kaos"


def test_offers_with_names_of_their_own_are_variants():
    found = page(product(offers=[offer("95000", name="250 g", sku="A"), offer("180000", name="Kopi Gayo - 500 g", sku="B")]))
    assert [(v.name, v.price) for v in found.variants] == [("250 g", idr(95_000)), ("500 g", idr(180_000))]
    assert page(product(offers=[offer(), offer()])).variants == ()


OG = """
<meta property="og:type" content="product"><meta property="og:title" content="Teh &amp; Melati">
<meta property="og:image" content="//cdn.test/t.jpg"><meta property="og:description" content="Harum.">
<meta property="product:price:amount" content="25.000"><meta property="product:price:currency" content="idr">
<meta property="product:availability" content="in stock">
"""


def test_opengraph_where_there_is_no_json_ld():
    found = page(head=OG)
    assert (found.title, found.price, found.in_stock, found.is_product) == ("Teh & Melati", idr(25_000), True, True)
    assert found.images == ("https://cdn.test/t.jpg",)
    assert set(found.sources.values()) == {"opengraph"}


def test_each_field_is_from_the_best_place_that_has_it():
    found = page(product(image=[]), head=OG)
    assert (found.title, found.price) == ("Kopi Gayo", idr(25_000))
    assert (found.sources["title"], found.sources["price"], found.sources["images"]) == ("json-ld", "opengraph", "opengraph")


def test_a_plain_page_has_a_title():
    found = page(head='<meta name="description" content=" About  us ">')
    assert (found.title, found.description, found.is_product, found.price) == ("Gayo | Kopi Shop", "About us", False, None)
    assert page(body="").sources == {"title": "title"}
    assert read_page(Fetched(URL, "text/html", "", b"")).title == ""


@pytest.mark.parametrize(
    ("raw", "charset"),
    [
        ("<title>Café</title>".encode("latin-1"), "iso-8859-1"),
        ("<meta charset='windows-1252'><title>Café</title>".encode("cp1252"), ""),
        ("\ufeff<title>Café</title>".encode(), "utf-8"),
        ("<title>Café</title>".encode("utf-16"), ""),
        ("<title>Café</title>".encode(), "zip"),
        ("<title>Café</title>".encode(), "idna"),
    ],
)
def test_letters_in_any_encoding(raw, charset):
    assert read_page(Fetched(URL, "text/html", charset, raw)).title == "Café"


def test_tracking_stays_behind():
    assert without_tracking("https://x.test/p?utm_source=a&id=3&fbclid=b&_gallery=1#s") == "https://x.test/p?id=3&_gallery=1"


@pytest.mark.parametrize(
    "document",
    [
        "[" * 100_000, '{"a":' * 100_000, "[" * 900 + "]" * 900,
        '{"@type":"Product","name":' + "9" * 50_000 + "}", "NaN", "null", "[]", '"x"', "{}",
        product(name=None), product(name=["x", "y"]), product(name={"@value": "Kopi"}), product(name=["" for _ in range(5)]),
        product(offers=offer("9" * 400)), product(offers=offer("1e999999999")), product(image={"url": ["//["]}),
        product(url="http://[", offers=offer()), {"@type": [None, 5, {}], "name": "x"}, {"@graph": {"@graph": {"@graph": []}}},
        {"@id": "#a", "@graph": [{"@id": "#a"}]}, product(hasVariant=[{"@id": "#x"}] * 5000), {"@graph": [product()] * 30_000},
        product(isVariantOf="x"), product(additionalProperty=[1, {"value": {}}]), product(description="<" * 100_000),
        product(name="\u202eevil\x00\x07 name"),
    ],
)  # fmt: skip
def test_hostile_documents_take_neither_time_nor_the_process(document):
    began = time.monotonic()
    found = page(document)
    assert time.monotonic() - began < 2
    assert "\x00" not in found.title
    assert "\u202e" not in found.title
    assert len(found.variants) <= 100


@pytest.mark.parametrize("junk", [
    b"\0" * 100_000, b"<" * 500_000, b"<div>" * 400_000, b"<!--" * 100_000, b"<meta property=" * 100_000, b"<meta a='" * 100_000,
    b"<title>" * 100_000, b"<h1 a=\"'>" * 100_000, b"<script>" * 100_000, b"<base href='http://['><title>x</title>",
    b"<meta property=og:title content=x>" * 60_000, b"<script type=application/ld+json>{}</script>" * 40_000,
])  # fmt: skip
def test_hostile_pages_take_neither_time_nor_the_process(junk):
    began = time.monotonic()
    read_page(Fetched(URL, "text/html", "", junk))
    assert time.monotonic() - began < 3


def test_pages_cut_and_scrambled_at_random_are_never_a_defect():
    chance = random.Random(7)
    script = json.dumps(product(offers=[offer(), offer("5", "USD")]))
    whole = f"<html>{OG}<script type='application/ld+json'>{script}</script>".encode()
    for _ in range(400):
        broken = bytearray(whole)
        for _ in range(chance.randint(1, 30)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        read_page(Fetched(URL, "text/html", chance.choice(["", "utf-8", "shift_jis", "utf-16"]), bytes(broken)))


def test_what_stands_in_comments_and_scripts_is_not_read():
    head = "<!-- <meta property='og:title' content='Old'> --><script>var x = '<title>y</title>'</script>"
    found = page(head=head + "<style><title>z</title></style>" + '<meta property="og:title" content="A > B">')
    assert found.title == "A > B"


def test_fetched_from_a_shop():
    with PageServer() as shop:
        script = json.dumps(product(image="/gayo.jpg", offers=offer()))
        shop.page("/gayo", f"<script type='application/ld+json'>{script}</script>")
        found = read_product(shop.redirect("/short", "/gayo?utm_medium=x"), Fetcher(loopback=True))
        assert (found.url, found.price, found.images) == (shop.url("/gayo"), idr(149_000), (shop.url("/gayo.jpg"),))
