"""Products, variants and photos."""

from __future__ import annotations

import pytest

from socialshop.domain import catalog
from socialshop.domain.catalog import ProductDraft, VariantDraft
from socialshop.kernel.clock import utcnow
from socialshop.kernel.database import session, transaction
from socialshop.kernel.errors import Conflict, Invalid, NotFound
from socialshop.kernel.money import Money

pytestmark = pytest.mark.usefixtures("room")


def draft(*variants, **facts):
    return ProductDraft(**{"title": "Kopi Gayo", "variants": variants or (VariantDraft(price_minor=149_000, stock=5),), **facts})


def stated(product, **changes):
    """The product's own variants as a form states them, with changes by variant name."""
    return tuple(
        VariantDraft(
            **{"variant": v.public_id, "name": v.name, "sku": v.sku, "price_minor": v.price_minor, "stock": v.stock,
               "stock_seen": v.stock, **changes.get(v.name, {})}
        )
        for v in catalog.live_variants(product.id)
    )  # fmt: skip


def edited(product, *variants, **facts):
    with transaction():
        return catalog.edit(product, draft(*variants, **facts), now=utcnow())


def refused(work):
    with pytest.raises(Invalid) as refusal, transaction():
        work()
    return {(error.field, error.code) for error in refusal.value.fields}


def test_an_offer_tells_all_that_pages_and_orders_need(world):
    brand = world.brand()
    product = world.product(brand, category="Kopi", variants=[("250 g", 95_000, 3), ("500 g", 180_000, 0)])
    offer = catalog.offers_of_products([product.id])[product.id]
    assert (offer.product, offer.title, offer.category) == (product.public_id, "Kopi Gayo", "Kopi")
    assert (offer.price, offer.price_max) == (Money(95_000, "IDR"), Money(180_000, "IDR"))
    assert (offer.available, offer.buyable) == (3, True)
    small, large = offer.variants
    assert (small.name, small.available, small.buyable) == ("Kopi Gayo (250 g)", 3, True)
    assert (large.available, large.buyable) == (0, False)
    assert catalog.offers([small.variant_id]) == {small.variant_id: small}


def test_a_strangers_product_is_not_found(world):
    mine, theirs = world.brand("senja"), world.brand("fajar")
    product = world.product(theirs)
    with pytest.raises(NotFound):
        catalog.product_of(mine.id, product.public_id)


@pytest.mark.parametrize(
    ("facts", "wrong"),
    [
        ({"title": "  "}, {("title", "missing")}),
        ({"title": "x" * 201, "category": "y" * 81}, {("title", "too_long"), ("category", "too_long")}),
        ({"sold_here": False}, {("source_url", "missing")}),
        ({"source_url": "javascript:alert(1)"}, {("source_url", "bad_url")}),
        ({"source_url": "https://user:pw@shop.test/"}, {("source_url", "bad_url")}),
        ({"variants": ()}, {("variants", "missing")}),
        ({"variants": (VariantDraft(price_minor=0),)}, {("variants-0-price", "out_of_range")}),
        ({"variants": (VariantDraft(price_minor=1, stock=-1),)}, {("variants-0-stock", "out_of_range")}),
        (
            {"variants": (VariantDraft(price_minor=1, name="S", sku="A"), VariantDraft(price_minor=1, name="s", sku="A"))},
            {(f"variants-{i}-{field}", "twice") for i in (0, 1) for field in ("name", "sku")},
        ),
        (
            {"variants": (VariantDraft(price_minor=1), VariantDraft(price_minor=1, name="S"))},
            {("variants-0-name", "missing")},
        ),
    ],
)
def test_every_wrong_field_is_named_at_once(world, facts, wrong):
    brand = world.brand()
    assert refused(lambda: catalog.create(brand.id, "IDR", draft(**facts), now=utcnow())) == wrong
    assert catalog.count_products(brand.id, state="all") == 0


def test_a_sku_is_of_one_product_in_a_brand_but_free_elsewhere(world):
    brand, other = world.brand("senja"), world.brand("fajar")
    world.product(brand, sku="KG-1")
    again = draft(VariantDraft(price_minor=1, sku="KG-1"))
    assert refused(lambda: catalog.create(brand.id, "IDR", again, now=utcnow())) == {("variants-0-sku", "taken")}
    with transaction():
        catalog.create(other.id, "IDR", again, now=utcnow())


def test_the_database_itself_refuses_a_sku_twice(world, monkeypatch):
    brand = world.brand()
    world.product(brand, sku="KG-1")
    monkeypatch.setattr("socialshop.domain.catalog.actions.taken_skus", lambda *_: {})  # as if both came at the same moment
    with pytest.raises(catalog.SkuTaken), transaction():
        catalog.create(brand.id, "IDR", draft(VariantDraft(price_minor=1, sku="KG-1")), now=utcnow())
    assert catalog.count_products(brand.id) == 1


def test_editing_adds_changes_and_retires_variants(world):
    product = world.product(world.brand(), variants=[("S", 100, 1), ("M", 200, 2)])
    old = {v.name: v.id for v in catalog.live_variants(product.id)}
    changes = stated(product, S={"retire": True}, M={"price_minor": 250, "stock": 7})
    edited(product, *changes, VariantDraft(price_minor=300, stock=3, name="L"), title="Teh")
    live = catalog.live_variants(product.id)
    assert [(v.name, v.price_minor, v.stock) for v in live] == [("M", 250, 7), ("L", 300, 3)]
    assert live[0].id == old["M"]
    gone = catalog.offers([old["S"]])[old["S"]]
    assert (gone.live, gone.buyable) == (False, False)
    edited(product, *stated(product), VariantDraft(price_minor=90, name="S"))  # its name is free again
    assert len(catalog.live_variants(product.id)) == 3


def test_two_variants_may_swap_names_and_skus(world):
    product = world.product(world.brand(), variants=[("S", 100, 1), ("M", 200, 2)])
    edited(product, *stated(product, S={"sku": "1"}, M={"sku": "2"}))
    edited(product, *stated(product, S={"name": "M", "sku": "2"}, M={"name": "S", "sku": "1"}))
    assert [(v.name, v.sku, v.price_minor) for v in catalog.live_variants(product.id)] == [("M", "2", 100), ("S", "1", 200)]


def test_the_last_variant_stays(world):
    product = world.product(world.brand())
    everything = stated(product, **{"": {"retire": True}})
    assert refused(lambda: catalog.edit(product, draft(*everything), now=utcnow())) == {("variants", "missing")}


def test_a_strangers_variant_cannot_be_edited(world):
    mine, theirs = world.product(world.brand("senja")), world.product(world.brand("fajar"))
    with pytest.raises(Conflict), transaction():
        catalog.edit(mine, draft(*stated(theirs)), now=utcnow())
    assert catalog.live_variants(theirs.id)[0].price_minor == 149_000


def test_the_shelf_never_goes_below_what_orders_have_reserved(world):
    product = world.product(world.brand(), stock=5)
    with transaction():
        catalog.reserve(world.variant_of(product).id, 3)
    with pytest.raises(catalog.StockReserved, match="3 of Kopi Gayo are reserved by open orders"):
        edited(product, *stated(product, **{"": {"stock": 2}}), category="Other")
    assert (world.variant_of(product).stock, session().get(catalog.Product, product.id).category) == (5, "")
    edited(product, *stated(product, **{"": {"stock": 3}}))
    assert catalog.offers_of_products([product.id])[product.id].available == 0


def test_a_form_that_was_open_during_a_sale_does_not_bring_the_stock_back(world):
    product = world.product(world.brand(), stock=5)
    seen = stated(product)
    with transaction():
        catalog.reserve(world.variant_of(product).id, 2)
        catalog.sell(world.variant_of(product).id, 2)
    edited(product, *seen, title="New name")  # the stock was not touched: the sale stays
    assert world.variant_of(product).stock == 3
    touched = tuple(VariantDraft(variant=v.variant, price_minor=v.price_minor, stock=6, stock_seen=5) for v in seen)
    with pytest.raises(catalog.StockMoved, match="became 3"):
        edited(product, *touched)
    assert world.variant_of(product).stock == 3


def test_archived_is_not_for_sale_and_can_come_back(world):
    brand = world.brand()
    product = world.product(brand)
    variant = world.variant_of(product)
    with transaction():
        assert catalog.archive(product, now=utcnow())
        assert not catalog.archive(product, now=utcnow())
    assert product.archived_at is not None
    with pytest.raises(catalog.SoldOut), transaction():
        catalog.reserve(variant.id, 1)
    assert catalog.products_of(brand.id) == []
    assert catalog.live_products_of([brand.id]) == []
    with transaction():
        assert catalog.unarchive(product, now=utcnow())
        catalog.reserve(variant.id, 1)
    assert product.archived_at is None


def test_finding_products(world):
    brand = world.brand()
    kopi = world.product(brand, "Kopi 100%", sku="KG-1", category="Minuman")
    teh = world.product(brand, "Teh", stock=0)
    link = world.product(brand, "Gelas", stock=0, sold_here=False, source_url="https://shop.test/gelas")

    def found(**asked):
        return {p.product_id for p in catalog.products_of(brand.id, **asked)}

    assert found() == {kopi.id, teh.id, link.id}
    assert found(search="kg-1") == found(search="0%") == found(search="minum") == found(category="Minuman") == {kopi.id}
    assert found(search="%") == {kopi.id}
    assert found(state="soldout") == {teh.id}
    assert found(state="archived") == set()
    assert catalog.count_products(brand.id, search="e") == 2
    assert catalog.categories_of(brand.id) == ["Minuman"]


@pytest.fixture
def pictures(world, tmp_path):
    from io import BytesIO

    from PIL import Image

    from socialshop.domain import media

    brand, made = world.brand(), []
    for shade in range(10):
        out = BytesIO()
        Image.new("RGB", (40, 30), (shade * 20, 0, 0)).save(out, "PNG")
        with transaction():
            made.append(media.keep(media.prepare(out.getvalue(), tmp_path), brand_id=brand.id, now=utcnow()))
    return made


def add(product, picture, alt=""):
    with transaction():
        facts = {"picture_id": picture.id, "picture": picture.public_id, "width": picture.width, "height": picture.height}
        return catalog.add_photo(product, **facts, alt=alt, now=utcnow())


def test_photos_in_order_with_words(world, pictures):
    product = world.product(world.brand("fajar"))
    for picture in pictures[:3]:
        add(product, picture)
    add(product, pictures[1], "again")  # once is enough
    ids = [picture.public_id for picture in pictures]
    with transaction():
        catalog.arrange_photos(product, [ids[2]], {ids[2]: "From\tabove", "pic_foreign": "x"}, now=utcnow())
    photos = catalog.offers_of_products([product.id])[product.id].photos
    assert [photo.picture for photo in photos] == [ids[2], ids[0], ids[1]]
    assert photos[0].alt == "From above"
    assert catalog.offers([world.variant_of(product).id])[world.variant_of(product).id].photo_path == f"/media/{ids[2]}/640.webp"


def test_at_most_eight_photos(world, pictures):
    product = world.product(world.brand("fajar"))
    for picture in pictures[:8]:
        add(product, picture)
    with pytest.raises(catalog.TooManyPhotos, match="at most 8"):
        add(product, pictures[8])


def test_a_removed_photo_may_be_forgotten_when_no_product_shows_it(world, pictures):
    brand = world.brand("fajar")
    one, two = world.product(brand), world.product(brand, "Teh")
    add(one, pictures[0])
    add(two, pictures[0])
    with transaction():
        assert catalog.remove_photo(one, pictures[0].public_id, now=utcnow()) is None
        assert catalog.remove_photo(two, pictures[0].public_id, now=utcnow()) == pictures[0].id
    with pytest.raises(NotFound), transaction():
        catalog.remove_photo(two, pictures[0].public_id, now=utcnow())


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Roasted in Aceh.\nFruity.\n\n\n\nFresh & round <3", "<p>Roasted in Aceh.<br>Fruity.</p><p>Fresh &amp; round &lt;3</p>"),
        ("<p>Good</p><ul><li>one</li></ul>", "<p>Good</p><ul><li>one</li></ul>"),
        ("<b onclick=x>bold</b><script>alert(1)</script>", "<p><b>bold</b></p>"),
        ("<i>x</i><img src=x onerror=alert(1)>", "<p><i>x</i></p>"),
        ("<a href='javascript:x'>y</a>", "<p>&lt;a href='javascript:x'&gt;y&lt;/a&gt;</p>"),
        ("", ""),
    ],
)
def test_a_description_keeps_few_tags_and_no_script(typed, shown):
    stored = catalog.clean_description(typed)
    assert catalog.description_html(stored) == shown
    assert catalog.clean_description(catalog.typed_description(stored)) == stored


def test_html_that_got_into_the_database_some_other_way_is_inert():
    assert catalog.description_html("<script>alert(1)</script><p onmouseover=x>ok</p>") == "<p>ok</p>"
    assert catalog.plain_description("<p>Good &amp; <b>round</b></p><p>x</p>") == "Good & round x"


def test_prices_read_again_from_the_page_carry_their_age(world):
    product = world.product(world.brand(), sold_here=False, source_url="https://shop.test/kopi")
    variant = world.variant_of(product)
    with transaction():
        assert catalog.read_again(product, {variant.public_id: 155_000, "var_foreign": 1}, now=utcnow()) == [
            (variant.public_id, 149_000, 155_000)
        ]
    offer = catalog.offers([variant.id])[variant.id]
    assert (offer.price, offer.priced_at) == (Money(155_000, "IDR"), utcnow())


def test_verify_finds_a_variant_that_strayed_to_another_brand(world):
    mine, other = world.brand("senja"), world.brand("fajar")
    variant = world.variant_of(world.product(mine))
    assert catalog.discrepancies() == []
    with transaction():
        session().get_one(catalog.Variant, variant.id).brand_id = other.id
    assert catalog.discrepancies() == [("I-25", variant.public_id, "the variant is of another brand than its product")]
