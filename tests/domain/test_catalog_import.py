"""A catalogue from CSV: read with care, shown first, done exactly so or not at all, and out again unchanged."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest

from socialshop.domain import catalog
from socialshop.kernel.clock import utcnow
from socialshop.kernel.database import session, transaction
from socialshop.kernel.errors import NotFound

HEAD = "product_id,title,variant,sku,price,stock,category,description,shop_link,sold_at,state"


def read(text, currency="IDR"):
    return catalog.read_sheet(text.encode() if isinstance(text, str) else text, currency)


def upload(brand, text):
    with transaction():
        return catalog.preview_import(brand.id, brand.currency, "kopi.csv", read(text, brand.currency), now=utcnow())


def imported(brand, text):
    kept = upload(brand, text)
    with transaction():
        return catalog.confirm_import(catalog.import_of(brand.id, kept.public_id), brand.currency, now=utcnow())


def wrong(brand, text):
    with pytest.raises(catalog.BadRows) as refusal:
        upload(brand, text)
    return [(cell.row, cell.column, cell.code) for cell in refusal.value.cells]


def shelf(brand):
    found = catalog.products_of(brand.id, state="all")
    return sorted((o.title, v.variant_name, v.sku, v.price.minor, v.stock) for o in found for v in o.variants)


# --- reading -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [
        b"title,price\nKopi,149000\n",
        "\ufefftitle;price\r\nKopi;149.000\r\n".encode(),
        b"Judul\tHarga\nKopi\tRp149.000",
        "title,price\nKopi,\"149,000\"\n".encode("utf-16"),
        b"\n\nNama Produk,HARGA\n\nKopi,149000\n\n,,\n",
        b"sep=;\ntitle;price\nKopi;149000\n",
        b'title,price\n"Kopi","Rp 149.000,00"\n',
    ],
)  # fmt: skip
def test_files_as_spreadsheets_really_save_them(raw):
    sheet = read(raw)
    assert sheet.errors == []
    assert [(row["title"], row["price"]) for row in sheet.rows] == [("Kopi", 149_000)]


def test_rows_are_counted_as_the_spreadsheet_does():
    sheet = read('title,price,description\nKopi,1,"two\nlines"\n\nTeh,2,x\n')
    assert [row["row"] for row in sheet.rows] == [2, 4]
    assert sheet.rows[0]["description"] == "two\nlines"


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "first row must have headings"),
        (b"price,stock\n1,1", "first row must have headings"),
        (b"title,price\n", "no products below"),
        (b"title,title\nx,y", "there twice"),
        (b"judul,title\nx,y", "there twice"),
        ("title\nKopi Caf\xe9".encode("latin-1"), "CSV UTF-8"),
        (b"PK\x03\x04\x14\x00\x06\x00", "CSV UTF-8"),
        (b'title,price\n"Kopi,1\n', "quotation mark"),
        (b"title,price\n" + b"x,1\n" * 2001, "2,000 rows"),
        (b"x" * (2 * 1024 * 1024 + 1), "2 MB"),
        (b'title\n"' + b"x" * 200_000 + b'"', "quotation mark"),
    ],
)
def test_a_file_that_is_no_catalogue(raw, sentence):
    with pytest.raises(catalog.BadSheet, match=sentence):
        read(raw)


def test_headings_that_are_not_used_are_named():
    assert read("title,price,Weight (g),\nKopi,1,250,\n").unused == ["Weight (g)"]


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("price", "149rb", "not_a_price"), ("price", "-5", "not_a_price"), ("price", "0", "out_of_range"),
        ("price", "149.5", "not_a_price"),
        ("stock", "1.5", "not_a_count"), ("stock", "-1", "not_a_count"), ("stock", "many", "not_a_count"),
        ("stock", "9999999", "not_a_count"),
        ("shop_link", "javascript:alert(1)", "bad_url"), ("sold_at", "moon", "unknown_word"), ("state", "gone", "unknown_word"),
        ("title", "x" * 201, "too_long"), ("sku", "x" * 81, "too_long"),
    ],
)  # fmt: skip
def test_a_wrong_cell_is_pointed_at(column, cell, code):
    row = {"title": "Kopi", "price": "149000", column: cell}
    sheet = read(f"{','.join(row)}\n{','.join(row.values())}\n")
    assert [(error.row, error.column, error.code) for error in sheet.errors] == [(2, column, code)]


def test_a_row_that_is_too_wide():
    assert [(e.row, e.code) for e in read("title,price\nKopi,1,extra\n").errors] == [(2, "too_wide")]


# --- importing ---------------------------------------------------------------------------------------------------

pytestmark = pytest.mark.usefixtures("room")


def test_new_products_with_variants(world):
    brand = world.brand()
    counts = imported(
        brand,
        f"{HEAD}\n,Kopi Gayo,250 g,KG-250,95.000,10,Kopi,Fruity & <b>fresh</b>,,,\n,Kopi Gayo,500 g,KG-500,Rp180.000,4,,,,,\n"
        ",Gelas,,,45000,,Dapur,,https://shop.test/gelas,link,archived\n",
    )
    assert counts == {"new": 2, "changed": 0, "same": 0}
    assert shelf(brand) == [
        ("Gelas", "", "", 45_000, 0), ("Kopi Gayo", "250 g", "KG-250", 95_000, 10), ("Kopi Gayo", "500 g", "KG-500", 180_000, 4),
    ]  # fmt: skip
    glass = catalog.products_of(brand.id, state="archived")[0]
    assert (glass.sold_here, glass.source_url, glass.category) == (False, "https://shop.test/gelas", "Dapur")


def test_nothing_is_there_before_it_is_confirmed(world):
    brand = world.brand()
    kept = upload(brand, "title,price\nKopi,149000\n")
    assert shelf(brand) == []
    assert [(p["what"], p["title"], p["rows"]) for p in kept.plan] == [("new", "Kopi", [2])]


def test_a_sku_is_updated_wherever_its_row_stands(world):
    brand = world.brand()
    product = world.product(brand, "Kopi Gayo", sku="KG-1", price=149_000, stock=5, category="Kopi")
    kept = upload(brand, "sku,price,stock\nKG-1,155000,9\n")
    assert kept.plan[0]["changes"] == [["price", "149000", "155000"], ["stock", "5", "9"]]
    with transaction():
        catalog.confirm_import(kept, "IDR", now=utcnow())
    assert shelf(brand) == [("Kopi Gayo", "", "KG-1", 155_000, 9)]
    assert catalog.offers_of_products([product.id])[product.id].category == "Kopi"  # an empty cell leaves things as they are
    imported(brand, "sku,title\nKG-1,Kopi Gayo Wine\n")
    assert shelf(brand)[0][0] == "Kopi Gayo Wine"


def test_the_same_file_twice_changes_nothing_the_second_time(world):
    brand = world.brand()
    text = "title,variant,price,stock\nKopi,S,1000,1\nKopi,M,2000,2\nTeh,,500,\n"
    assert imported(brand, text) == {"new": 2, "changed": 0, "same": 0}
    before = shelf(brand)
    assert imported(brand, text) == {"new": 0, "changed": 0, "same": 2}
    assert shelf(brand) == before


def test_a_new_size_of_an_old_product(world):
    brand = world.brand()
    product = world.product(brand, "Kaos", variants=[("S", 1000, 1), ("M", 1000, 1)])
    kept = upload(brand, f"product_id,variant,price,stock\n{product.public_id},L,1200,3\n{product.public_id},m,1100,\n")
    assert kept.plan[0]["changes"] == [["variant", "", "L"], ["variant", "M", "m"], ["price (M)", "1000", "1100"]]
    with transaction():
        catalog.confirm_import(kept, "IDR", now=utcnow())
    assert shelf(brand) == [("Kaos", "L", "", 1200, 3), ("Kaos", "S", "", 1000, 1), ("Kaos", "m", "", 1100, 1)]


def test_every_wrong_cell_is_told_and_nothing_is_kept(world):
    brand = world.brand()
    other = world.product(brand, "Kopi Gayo", sku="KG-1", stock=5)
    world.product(brand, "Teh")
    world.product(brand, "Teh")
    with transaction():
        catalog.reserve(world.variant_of(other).id, 3)
    before = shelf(brand)
    assert wrong(
        brand,
        f"{HEAD}\n"
        ",Kopi Baru,,KB-1,149000,5,,,,,\n"  # 2: fine, and yet not imported
        ",,,,5000,,,,,,\n"  # 3: no title
        ",Susu,,,,1,,,,,\n"  # 4: no price
        ",Kopi Gayo,,KG-1,,2,,,,,\n"  # 5: below what is reserved
        ",Roti,,R-1,1000,,A,,,,\n,Roti,Isi,R-1,1000,,B,,,,\n"  # 6, 7: a SKU twice, two categories, a name missing
        "prd_strange,X,,,1,,,,,,\n"  # 8: not ours
        ",Teh,,,1,,,,,,\n"  # 9: which one?
        ",Gula,,,0,,,,,link,\n",  # 10: price, and no link
    ) == [
        (3, "title", "missing"), (4, "price", "missing"), (5, "stock", "reserved"), (6, "sku", "twice"),
        (6, "variant", "missing"),
        (7, "sku", "twice"), (7, "category", "differs"), (8, "product_id", "unknown"), (9, "title", "ambiguous"),
        (10, "price", "out_of_range"), (10, "shop_link", "missing"),
    ]  # fmt: skip
    assert shelf(brand) == before
    assert session().query(catalog.CatalogImport).count() == 0


def test_a_strangers_product_and_sku_are_not_known(world):
    mine, theirs = world.brand("senja"), world.brand("fajar")
    product = world.product(theirs, sku="F-1")
    assert wrong(mine, f"product_id,title,price\n{product.public_id},Kopi,1\n") == [(2, "product_id", "unknown")]
    assert imported(mine, "sku,title,price\nF-1,Kopi,1\n")["new"] == 1
    assert shelf(theirs) == [("Kopi Gayo", "", "F-1", 149_000, 10)]


def test_a_strangers_preview_is_not_found(world):
    mine, theirs = world.brand("senja"), world.brand("fajar")
    kept = upload(theirs, "title,price\nKopi,1\n")
    with pytest.raises(NotFound):
        catalog.import_of(mine.id, kept.public_id)


def test_confirmed_twice_is_imported_once(world):
    brand = world.brand()
    kept = upload(brand, "title,price\nKopi,149000\n")
    with transaction():
        catalog.confirm_import(kept, "IDR", now=utcnow())
    with pytest.raises(catalog.PreviewOver), transaction():
        catalog.confirm_import(catalog.import_of(brand.id, kept.public_id), "IDR", now=utcnow())
    assert len(shelf(brand)) == 1


def test_a_preview_ends_with_the_next_one_and_with_the_day(world):
    brand = world.brand()
    first = upload(brand, "title,price\nKopi,149000\n")
    second = upload(brand, "title,price\nTeh,5000\n")
    for kept, at in ((first, utcnow()), (second, utcnow() + timedelta(days=1))):
        with pytest.raises(catalog.PreviewOver), transaction():
            catalog.confirm_import(catalog.import_of(brand.id, kept.public_id), "IDR", now=at)
    assert shelf(brand) == []


def test_what_changed_since_the_preview_stops_the_import(world):
    brand = world.brand()
    product = world.product(brand, "Kopi", sku="K", stock=5)
    kept = upload(brand, "sku,title,price,stock\nNEW,Teh,1,1\nK,Kopi,149000,9\n")
    with transaction():
        catalog.reserve(world.variant_of(product).id, 1)
        catalog.sell(world.variant_of(product).id, 1)
    with pytest.raises(catalog.CatalogueMoved), transaction():
        catalog.confirm_import(catalog.import_of(brand.id, kept.public_id), "IDR", now=utcnow())
    assert shelf(brand) == [("Kopi", "", "K", 149_000, 4)]
    assert catalog.import_of(brand.id, kept.public_id).state == "preview"


def test_broken_in_the_middle_nothing_is_imported(world, monkeypatch):
    brand = world.brand()
    world.product(brand, "Gula", sku="G")
    world.product(brand, "Roti", sku="R")
    before = shelf(brand)
    kept = upload(brand, "title,sku,price\nKopi,K,1\n,G,2\n,R,3\n")
    real, calls = catalog.edit, []

    def failing(*args, **kwargs):
        calls.append(args)
        if len(calls) == 2:
            raise OSError("the disk is full")
        return real(*args, **kwargs)

    monkeypatch.setattr("socialshop.domain.catalog.imports.edit", failing)
    with pytest.raises(OSError, match="full"), transaction():
        catalog.confirm_import(kept, "IDR", now=utcnow())
    assert len(calls) == 2
    assert shelf(brand) == before
    monkeypatch.undo()
    with transaction():
        counts = catalog.confirm_import(catalog.import_of(brand.id, kept.public_id), "IDR", now=utcnow())
    assert counts == {"new": 1, "changed": 2, "same": 0}


# --- out again ---------------------------------------------------------------------------------------------------

NASTY = ["=1+1", "+62 812", "-5 percent", "@home", "'=x", "''-y", "＝full", "'quoted'", 'say "hi", ok', "a;b", "Kopi 100%"]


def test_out_and_in_again_changes_nothing(world):
    brand = world.brand(currency="USD")
    for n, title in enumerate(NASTY):
        world.product(brand, title, sku=f"{title}#{n}", price=4990 + n, category=title, description=f"{title}\n\nline & <b>x</b>")
    world.product(brand, "Kaos", variants=[("S", 1000, 1), ("=M", 2000, 2)])
    linked = world.product(brand, "Gelas", sold_here=False, source_url="https://shop.test/g?a=1,2")
    with transaction():
        catalog.archive(linked, now=utcnow())
    out = catalog.write_sheet(catalog.rows_of(brand.id, "USD"))
    kept = upload(brand, out)
    assert {product["what"] for product in kept.plan} == {"same"}, [p["changes"] for p in kept.plan if p["changes"]]
    assert len(kept.plan) == len(NASTY) + 2


def test_no_cell_is_run_by_a_spreadsheet(world):
    brand = world.brand()
    for title in NASTY:
        world.product(brand, title, category=title, description=title)
    out = catalog.write_sheet(catalog.rows_of(brand.id, "IDR")).decode("utf-8-sig")
    cells = [cell for record in csv.reader(io.StringIO(out)) for cell in record]
    assert not [cell for cell in cells if cell[:1] in set("=+-@\t\r＝＋－＠")]


def test_headings_in_indonesian_come_back_too(world):
    brand = world.brand()
    world.product(brand, "Kopi", sku="K")
    out = catalog.write_sheet(catalog.rows_of(brand.id, "IDR"), catalog.HEADINGS_ID)
    assert out.decode("utf-8-sig").startswith("id_produk,nama,varian,sku,harga,stok")
    assert upload(brand, out).plan[0]["what"] == "same"
