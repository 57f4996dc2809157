"""A brand's product screens, as the browser uses them."""

from __future__ import annotations

import io
import re
from contextlib import contextmanager
from html import unescape

import pytest
from PIL import Image

from socialshop.domain import audit, catalog, media
from socialshop.kernel.clock import utcnow
from socialshop.kernel.database import transaction
from tests.doubles.pages import PageServer


def photo(shade=90, kind="JPEG"):
    out = io.BytesIO()
    Image.new("RGB", (800, 600), (shade, 80, 60)).save(out, kind)
    return out.getvalue()


def upload(*contents, name="photo.jpg"):
    return [(io.BytesIO(content), name) for content in contents]


@pytest.fixture
def brand(world, client):
    brand = world.brand()
    owner = world.user("ada@senja.test")
    world.member(brand, owner, "manager")
    world.sign_in(client, owner.id)
    return brand


@pytest.fixture
def shop():
    with PageServer() as server:
        yield server


@contextmanager
def reading(app):
    with app.app_context():
        yield


def typed(**changes):
    return {"title": "Kopi Gayo", "variants-0-price": "149.000", "variants-0-stock": "5", "sold_at": "here", **changes}


def products(app, brand, state="all"):
    with reading(app):
        return catalog.products_of(brand.id, state=state)


def test_an_empty_list_says_what_to_do_next(client, brand):
    page = client.get("/brand/senja/products").text
    assert "Your first product" in page
    for way in ("/products/new", "/products/link", "/products/import"):
        assert f'href="/brand/senja{way}"' in page


def test_typed_in_with_photos(app, client, world, brand):
    told = typed(photos=upload(photo(1), photo(200)), description="Good\n\n<script>")
    answer = world.post(client, "/brand/senja/products/new", told)
    (product,) = products(app, brand)
    assert (answer.status_code, answer.location) == (303, f"/brand/senja/products/{product.product}")
    assert (product.price.minor, product.available, len(product.photos)) == (149_000, 5, 2)
    page = client.get(answer.location).text
    assert "Rp149.000" in page
    assert "<script>" not in page.split("</head>")[1]
    assert client.get(f"/media/{product.photo}/160.webp").status_code == 200
    with reading(app):
        assert [entry.act for entry in audit.entries_of(brand.public_id)] == ["product.created"]
    assert "Kopi Gayo" in client.get("/brand/senja/products?q=gayo").text


def test_a_refused_form_keeps_what_was_typed_and_points_at_each_field(app, client, world, brand):
    told = {"title": "", "category": "Kopi & Teh", "variants-0-price": "149rb", "variants-0-stock": "many"}
    answer = world.post(client, "/brand/senja/products/new", typed(**told, photos=upload(photo())))
    page = unescape(answer.text)
    assert answer.status_code == 422
    for text in ('value="149rb"', 'value="many"', 'value="Kopi & Teh"', "Write it like 149000", "Please give a whole number."):
        assert text in page
    endless = world.post(client, "/brand/senja/products/new", typed(**{"variants-0-stock": "9" * 5001}))
    assert (endless.status_code, 'id="variants-0-stock-error"' in endless.text) == (422, True)
    assert 'href="#variants-0-price"' in page
    assert 'id="variants-0-price-error"' in page
    (picture,) = re.findall(r'name="picture" value="(pic_\w+)" checked', page)  # the upload is not lost
    world.post(client, "/brand/senja/products/new", typed(picture=picture))
    assert products(app, brand)[0].photo == picture


def test_what_the_room_refuses_is_beside_its_field(app, client, world, brand):
    world.product(brand, sku="KG-1")
    answer = world.post(client, "/brand/senja/products/new", typed(**{"variants-0-sku": "KG-1", "sold_at": "link"}))
    assert answer.status_code == 422
    assert 'id="variants-0-sku-error"' in answer.text
    assert "Another product has this SKU." in answer.text
    assert "Where can people buy it?" in answer.text


def test_a_blank_row_in_between_moves_no_error_to_the_wrong_field(client, world, brand):
    names = {"variants-0-name": "S", "variants-1-name": "", "variants-2-name": "M", "variants-3-name": "L"}
    rows = {**names, "variants-2-price": "x"}
    page = world.post(client, "/brand/senja/products/new", typed(**rows)).text
    assert re.findall(r'id="(variants-\d-price)-error"', page) == ["variants-2-price", "variants-3-price"]


def test_another_row_without_script(client, world, brand):
    page = world.post(client, "/brand/senja/products/new", typed(more="1")).text
    assert 'name="variants-1-price"' in page
    assert 'value="149.000"' in page


def test_editing_keeps_the_shelf_that_sales_have_changed(app, client, world, brand):
    product = world.product(brand, stock=5)
    page = client.get(f"/brand/senja/products/{product.public_id}/edit").text
    form = dict(re.findall(r'name="(variants-0-\w+)"[^>]*value="([^"]*)"', page))
    assert form["variants-0-price"] == "149.000"
    with reading(app), transaction():
        catalog.reserve(world.variant_of(product).id, 2)
        catalog.sell(world.variant_of(product).id, 2)
    url = f"/brand/senja/products/{product.public_id}/edit"
    assert world.post(client, url, typed(**form, title="Renamed")).status_code == 303
    assert world.variant_of(product).stock == 3
    answer = world.post(client, url, typed(**{**form, "variants-0-stock": "9"}))
    assert answer.status_code == 422
    assert "became 3" in answer.text
    again = dict(re.findall(r'name="(variants-0-\w+)"[^>]*value="([^"]*)"', answer.text))
    assert world.post(client, url, typed(**again)).status_code == 303  # looked again, and meant it
    assert world.variant_of(product).stock == 9


def test_stock_below_what_is_reserved_is_told_in_words(app, client, world, brand):
    product = world.product(brand, stock=5)
    with reading(app), transaction():
        catalog.reserve(world.variant_of(product).id, 3)
    row = {"variants-0-variant": world.variant_of(product).public_id, "variants-0-stock_seen": "5", "variants-0-stock": "1"}
    answer = world.post(client, f"/brand/senja/products/{product.public_id}/edit", typed(**row))
    assert answer.status_code == 422
    assert "3 of Kopi Gayo are reserved by open orders" in answer.text


def test_a_stock_that_nobody_can_have_seen_is_not_heard(client, world, brand):
    product = world.product(brand, stock=5)
    row = {"variants-0-variant": world.variant_of(product).public_id, "variants-0-stock_seen": "9" * 26}
    answer = world.post(client, f"/brand/senja/products/{product.public_id}/edit", typed(**row))
    assert answer.status_code == 303
    assert world.variant_of(product).stock == 5


def test_archived_and_back(app, client, world, brand):
    product = world.product(brand)
    url = f"/brand/senja/products/{product.public_id}"
    assert "nobody can buy it" in world.post(client, f"{url}/archive", follow_redirects=True).text
    assert products(app, brand, "active") == []
    assert "Kopi Gayo" in client.get("/brand/senja/products?state=archived").text
    world.post(client, f"{url}/unarchive")
    assert len(products(app, brand, "active")) == 1


def test_photos_are_added_described_ordered_and_removed(app, client, world, brand, settings):
    product = world.product(brand)
    url = f"/brand/senja/products/{product.public_id}/photos"
    world.post(client, url, {"photos": upload(photo(1), photo(100), photo(200))})

    def shown():
        return [(p.picture, p.alt) for p in products(app, brand)[0].photos]

    one, two, three = [picture for picture, _ in shown()]
    words = {f"alt-{one}": "Front", f"alt-{two}": "Back", "photo": [one, two, three]}
    world.post(client, f"{url}/order", {**words, "do": f"earlier:{three}"})
    assert shown() == [(one, "Front"), (three, ""), (two, "Back")]
    with reading(app):
        place = media.files_of(media.find(one).sha256, settings.media_folder)
    assert place.exists()
    world.post(client, f"{url}/order", {**words, "do": f"remove:{one}"})
    assert [picture for picture, _ in shown()] == [two, three]
    assert not place.exists()
    assert client.get(f"/media/{one}/160.webp").status_code == 404


@pytest.mark.parametrize("content", [b"<svg onload=alert(1)>", photo(kind="GIF"), photo()[:-200]])
def test_a_photo_that_is_none_is_named(app, client, world, brand, content):
    product = world.product(brand)
    url, files = f"/brand/senja/products/{product.public_id}/photos", {"photos": upload(content, name="x<b>.jpg")}
    answer = world.post(client, url, files, follow_redirects=True)
    assert "x&lt;b&gt;.jpg: This " in answer.text
    assert products(app, brand)[0].photos == ()


# --- from a link -------------------------------------------------------------------------------------------------

PAGE = """<script type="application/ld+json">{"@type": "Product", "name": "Kopi Toraja", "image": ["/a.jpg", "/gone.jpg"],
"description": "Dari Toraja", "offers": {"price": "%s", "priceCurrency": "%s"}}</script>"""


def test_a_pasted_link_is_read_shown_corrected_and_saved(app, client, world, brand, shop):
    shop.page("/a.jpg", photo(), "image/jpeg")
    url = shop.page("/toraja", PAGE % ("120.000", "IDR"))
    answer = world.post(client, "/brand/senja/products/link", {"url": f"{url}?utm_source=x"})
    page = answer.text
    assert answer.status_code == 200
    for text in ("Check what was found", "Kopi Toraja", 'value="120.000"', f'value="{url}"', "1 photo could not be fetched"):
        assert text in page
    assert products(app, brand) == []
    (picture,) = re.findall(r'name="picture" value="(pic_\w+)" checked', page)
    (found,) = re.findall(r'name="found" value="([^"]+)"', page)
    told = typed(title="Kopi Toraja 200 g", picture=picture, found=found, source_url=url, sold_at="link")
    world.post(client, "/brand/senja/products/new", told)
    (product,) = products(app, brand)
    assert (product.title, product.photo, product.priced_at, product.sold_here) == ("Kopi Toraja 200 g", picture, utcnow(), False)
    assert "price read on" in client.get("/brand/senja/products").text


def test_a_forged_age_of_a_price_counts_for_nothing(app, client, world, brand):
    told = typed(found='{"url": "https://shop.test/x", "at": "2099-01-01T00:00:00Z"}', source_url="https://shop.test/x")
    assert world.post(client, "/brand/senja/products/new", told).status_code == 303
    assert products(app, brand)[0].priced_at is None


def test_a_price_in_another_currency_is_not_taken_over(client, world, brand, shop):
    page = world.post(client, "/brand/senja/products/link", {"url": shop.page("/x", PAGE % ("12.00", "USD"))}).text
    assert "your prices are in IDR" in page
    assert 'id="variants-0-price" inputmode="decimal" maxlength="30" name="variants-0-price" type="text" value=""' in page


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "Please paste an address."), ("javascript:alert(1)", "full address"),
        ("http://10.0.0.1/x", "not on the public internet"),
        ("http://169.254.169.254/latest/meta-data", "not on the public internet"), ("LOCAL/none", "no page at this address"),
    ],
)  # fmt: skip
def test_a_link_that_cannot_be_read_ends_in_a_sentence(app, client, world, brand, shop, url, sentence):
    answer = world.post(client, "/brand/senja/products/link", {"url": url.replace("LOCAL", shop.url(""))})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert products(app, brand) == []


def test_photos_from_elsewhere_are_fetched_as_carefully(app, client, world, brand, shop):
    shop.redirect("/a.jpg", "http://10.0.0.1/secret.jpg")
    shop.page("/gone.jpg", b"<html>", "image/jpeg")
    page = world.post(client, "/brand/senja/products/link", {"url": shop.page("/x", PAGE % ("5000", "IDR"))}).text
    assert "2 photos could not be fetched" in page
    assert "pic_" not in page


def test_the_price_is_read_again(app, client, world, brand, shop):
    product = world.product(brand, price=100_000, source_url=shop.page("/x", PAGE % ("120000", "IDR")))
    url = f"/brand/senja/products/{product.public_id}/price"
    assert "changed from Rp100.000 to Rp120.000" in world.post(client, url, follow_redirects=True).text
    assert "still the same" in world.post(client, url, follow_redirects=True).text
    shop.page("/x", "<title>Sold</title>")
    assert "No price in IDR was found" in world.post(client, url, follow_redirects=True).text
    assert products(app, brand)[0].price.minor == 120_000


# --- CSV ---------------------------------------------------------------------------------------------------------


def csv_file(text, name="kopi.csv"):
    return {"file": (io.BytesIO(text.encode()), name)}


def test_upload_preview_confirm(app, client, world, brand):
    world.product(brand, "Teh", sku="T-1", price=10_000)
    file = csv_file("title,sku,price,stock,Berat\nKopi,K-1,Rp149.000,3,1\n,T-1,12000,,\n")
    answer = world.post(client, "/brand/senja/products/import", file)
    assert answer.status_code == 303
    page = client.get(answer.location).text
    for text in ("Rp149.000", "3 in stock", "Rp10.000", "Rp12.000", "Berat"):
        assert text in page
    assert len(products(app, brand)) == 1
    done = world.post(client, answer.location, follow_redirects=True)
    assert "Imported: 1 new, 1 changed, 0 as before." in done.text
    assert sorted((p.title, p.price.minor) for p in products(app, brand)) == [("Kopi", 149_000), ("Teh", 12_000)]
    assert "no longer open" in world.post(client, answer.location, follow_redirects=True).text
    assert client.get(answer.location).status_code == 410


def test_wrong_cells_are_listed_with_row_and_column(app, client, world, brand):
    answer = world.post(client, "/brand/senja/products/import", csv_file("title,price\nKopi,1000\nTeh,<b>cheap</b>\n"))
    page = answer.text
    assert answer.status_code == 422
    assert '<td class="num">3</td><td><code>price</code></td>' in page
    assert "&lt;b&gt;cheap&lt;/b&gt;" in page
    assert products(app, brand) == []


def test_no_file_or_no_csv(client, world, brand):
    assert "Please choose a file." in world.post(client, "/brand/senja/products/import").text
    answer = world.post(client, "/brand/senja/products/import", {"file": (io.BytesIO(b"PK\x03\x04\xff"), "a.xlsx")})
    assert (answer.status_code, "CSV UTF-8" in answer.text) == (422, True)


def test_a_dropped_upload_imports_nothing(app, client, world, brand):
    answer = world.post(client, "/brand/senja/products/import", csv_file("title,price\nKopi,1000\n"))
    world.post(client, f"{answer.location}/drop")
    world.post(client, answer.location)
    assert products(app, brand) == []


def test_the_template_can_be_imported_as_it_is(app, client, world, brand):
    for lang in ("en", "id"):
        template = client.get(f"/brand/senja/products/template.csv?lang={lang}")
        assert template.mimetype == "text/csv"
        answer = world.post(client, "/brand/senja/products/import", {"file": (io.BytesIO(template.data), "t.csv")})
        assert answer.status_code == 303, answer.text
    assert b"id_produk" in template.data


def test_the_export_comes_back_as_it_was(client, world, brand):
    world.product(brand, "=cmd()", variants=[("S", 1000, 1), ("M", 2000, 2)])
    out = client.get("/brand/senja/products/export.csv")
    assert "attachment" in out.headers["Content-Disposition"]
    answer = world.post(client, "/brand/senja/products/import", {"file": (io.BytesIO(out.data), "t.csv")})
    assert "Import exactly this" not in client.get(answer.location).text  # nothing would change


# --- doors -------------------------------------------------------------------------------------------------------


def test_a_strangers_products_answer_like_missing_ones(app, client, world, brand):
    theirs = world.product(world.brand("fajar"))
    for path in ("", "/edit"):
        assert client.get(f"/brand/senja/products/{theirs.public_id}{path}").status_code == 404
        assert client.get(f"/brand/senja/products/prd_missing{path}").status_code == 404
    for path in ("/edit", "/archive", "/unarchive", "/photos", "/photos/order", "/price"):
        assert world.post(client, f"/brand/senja/products/{theirs.public_id}{path}", typed()).status_code == 404
    assert client.get("/brand/fajar/products").status_code == 404


def test_a_strangers_picture_cannot_be_shown_as_ones_own(app, client, world, brand, settings):
    other = world.brand("fajar")
    with reading(app):
        prepared = media.prepare(photo(), settings.media_folder)
        with transaction():
            picture = media.keep(prepared, brand_id=other.id, now=utcnow()).public_id
    world.post(client, "/brand/senja/products/new", typed(picture=picture))
    assert products(app, brand)[0].photos == ()


def test_a_viewer_looks_and_changes_nothing(app, client, world):
    brand = world.brand()
    product = world.product(brand)
    viewer = world.user("vera@senja.test")
    world.member(brand, viewer, "viewer")
    world.sign_in(client, viewer.id)
    page = client.get(f"/brand/senja/products/{product.public_id}")
    assert page.status_code == 200
    assert "/edit" not in page.text
    assert "Add products" not in client.get("/brand/senja/products").text
    assert world.post(client, f"/brand/senja/products/{product.public_id}/archive").status_code == 403
    assert client.get("/brand/senja/products/new").status_code == 403
