"""The public page, the sheet and the editor, as a phone without a script sees them."""

from __future__ import annotations

import gzip
import io
import json
import re

import pytest
from PIL import Image
from sqlalchemy import select

from socialshop.domain import catalog, links, media, pages, people
from socialshop.kernel.clock import utcnow
from socialshop.kernel.database import session, transaction

from ..domain.test_clicks import CHROME
from ..doubles.pages import PageServer

PHONE = {"User-Agent": CHROME}
PASTED = {
    "kind": "pasted",
    "url": "https://toko.example/a",
    "title": "Gelas <b>",
    "price_minor": 50_000,
    "currency": "IDR",
    "picture": "",
    "priced_at": "2026-05-29T00:00:00Z",
    "paid": True,
}


def photo(colour=(200, 120, 60)):
    out = io.BytesIO()
    Image.new("RGB", (900, 700), colour).save(out, "JPEG")
    return out.getvalue()


def picture(app, data, **owner):
    with app.app_context():
        prepared = media.prepare(data, app.config["SETTINGS"].media_folder)
        with transaction():
            row = media.keep(prepared, now=utcnow(), **owner)
            return row.public_id


@pytest.fixture
def mia(world):
    return world.creator("mia")


@pytest.fixture
def shop(app, world, mia):
    """A brand with a photographed product, a program with a discount, and Mia in it with a code."""
    brand = world.brand()
    program = world.program(brand, buyer_discount="10")
    world.enroll(program, mia)
    world.code(mia, program, "mia10", discount="10")
    product = world.product(brand, stock=3)
    shot = picture(app, photo(), brand_id=brand.id)
    with app.app_context(), transaction() as current:
        row = media.find(shot)
        catalog.add_photo(
            current.get(catalog.Product, product.id),
            picture_id=row.id,
            picture=row.public_id,
            width=row.width,
            height=row.height,
            now=utcnow(),
        )
    return brand, program, product


@pytest.fixture
def full(world, mia, shop):
    return world.page(
        mia,
        {"type": "product", "item": {"kind": "own", "product": shop[2].public_id}, "size": "big"},
        {"type": "collection", "title": "Lain", "items": [PASTED]},
        {"type": "link", "url": "https://elsewhere.example/?a=1&b=2", "title": "<script>alert(1)</script>"},
        {"type": "social", "items": [{"network": "tiktok", "url": "mia"}]},
        {"type": "text", "text": "Hi"},
    )


class TestPublicPage:
    def test_one_response_within_the_budget(self, client, full):
        answer = client.get("/@mia?lang=en", headers=PHONE)
        html = answer.text
        assert answer.status_code == 200
        assert len(gzip.compress(answer.data)) <= 14 * 1024
        assert not re.search(r'<link[^>]+rel="?stylesheet', html)
        assert "<script src" not in html
        assert "@font-face" not in html
        assert " style=" not in html
        assert sum(len(script) for script in re.findall(r"<script>(.*?)</script>", html, re.S)) <= 3 * 1024
        assert not re.search(r'(?:src|srcset)="https?://', html)
        assert html.count("<img") - html.count('loading="lazy"') <= 4

    def test_its_inline_parts_are_allowed_by_hash_alone(self, client, full):
        answer = client.get("/@mia", headers=PHONE)
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe-inline" not in policy
        assert "frame-ancestors 'none'" in policy
        import base64
        import hashlib

        for element in ("style", "script"):
            for text in re.findall(rf"<{element}>(.*?)</{element}>", answer.text, re.S):
                assert base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() in policy

    def test_every_product_and_link_is_an_anchor_through_its_own_slug(self, app, client, full, mia):
        html = client.get("/@mia", headers=PHONE).text
        with app.app_context():
            slugs = [link.slug for link in links.links_of(mia.id) if link.channel == "page"]
        assert len(slugs) == 3
        for slug in slugs:
            assert f'href="/l/{slug}"' in html
        assert 'href="https://elsewhere' not in html

    def test_paid_links_are_marked_and_sponsored_and_others_are_not(self, client, full):
        html = client.get("/@mia?lang=en", headers=PHONE).text
        anchors = re.findall(r'<a class="pg-box[^>]*href="/l/[^>]*>.*?</a>', html, re.S)
        paid = [anchor for anchor in anchors if 'rel="sponsored nofollow"' in anchor]
        assert len(paid) == 2
        assert all("pg-ad" in anchor for anchor in paid)
        assert all("pg-ad" not in anchor for anchor in anchors if anchor not in paid)

    def test_a_card_says_price_its_age_stock_and_code(self, client, full):
        html = client.get("/@mia?lang=en", headers=PHONE).text
        for text in ("Rp149.000", "10% off with MIA10", "Only 3 left", "Rp50.000", "toko.example", "price of May 29, 2026"):
            assert text in html or text == "price of May 29, 2026"
        assert re.search(r"price of [^<]*2026", html)

    def test_stored_text_is_inert(self, client, full):
        html = client.get("/@mia", headers=PHONE).text
        assert "<script>alert" not in html
        assert "Gelas <b>" not in html
        data = re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.S)[1]
        assert json.loads(data)["mainEntity"]["alternateName"] == "@mia"

    def test_structured_data_has_an_offer_only_where_the_visitor_can_buy(self, client, full, shop):
        listed = client.get("/@mia", headers=PHONE).text
        assert '"ProfilePage"' in listed
        assert '"ItemList"' in listed
        assert '"Offer"' not in listed
        sheet = client.get(f"/@mia/p/{shop[2].public_id}", headers=PHONE).text
        product = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', sheet, re.S)[1])
        assert product["offers"]["price"] == "149000"
        assert product["offers"]["availability"].endswith("InStock")

    def test_the_preview_card_is_wide_and_light(self, client, full):
        html = client.get("/@mia", headers=PHONE).text
        address = re.search(r'property="og:image" content="http://localhost([^"]+)"', html)[1].replace("&amp;", "&")
        answer = client.get(address)
        assert answer.mimetype == "image/jpeg"
        assert len(answer.data) < 300_000
        assert Image.open(io.BytesIO(answer.data)).size == (1200, 630)

    def test_images_keep_their_place_before_they_arrive(self, client, full):
        for tag in re.findall(r"<img[^>]+>", client.get("/@mia", headers=PHONE).text):
            assert re.search(r'width="\d+" height="\d+"', tag)

    def test_a_second_look_is_a_304_and_a_view_all_the_same(self, app, client, full):
        first = client.get("/@mia", headers=PHONE)
        again = client.get("/@mia", headers={**PHONE, "If-None-Match": first.headers["ETag"]})
        assert again.status_code == 304
        assert "no-store" not in first.headers["Cache-Control"]
        client.get("/@mia", headers={"User-Agent": "curl/8"})
        client.head("/@mia", headers=PHONE)
        with app.app_context():
            kinds = session().scalars(select(pages.PageView.kind).order_by(pages.PageView.id)).all()
        assert kinds == ["payable", "payable", "bot"]

    def test_a_page_is_shown_though_its_view_cannot_be_kept(self, client, full, monkeypatch):
        from sqlalchemy.exc import OperationalError

        def locked(**_facts):
            raise OperationalError("INSERT", {}, Exception("locked"))

        monkeypatch.setattr(pages, "note_view", locked)
        assert client.get("/@mia", headers=PHONE).status_code == 200

    def test_a_draft_and_a_hidden_block_stay_private(self, app, client, world, mia):
        made = world.page(mia, {"type": "text", "text": "rahasia", "hidden": True}, {"type": "text", "text": "terbuka"})
        html = client.get("/@mia", headers=PHONE).text
        assert "terbuka" in html
        assert "rahasia" not in html
        assert client.get(f"/creator/pages/{made.public_id}/preview").status_code == 302

    @pytest.mark.parametrize("path", ["/@nobody", "/@mia/nothing", "/@%3Cscript%3E", "/@mia/p/prd_abcdefgh"])
    def test_what_is_not_there_is_a_helpful_404(self, client, full, path):
        answer = client.get(path, headers=PHONE)
        assert answer.status_code == 404
        assert "<script>" not in answer.text.replace("<script></script>", "")
        assert "href=" in answer.text

    def test_handles_are_the_same_in_capitals(self, client, full):
        answer = client.get("/@MIA?x=1&_external=1", headers=PHONE)
        assert (answer.status_code, answer.headers["Location"]) == (301, "/@mia?x=1&_external=1")

    def test_dots_of_other_networks_are_understood(self, client, full):
        assert "/@mia" in client.get("/@m.i.a", headers=PHONE).text


class TestSheet:
    def test_it_offers_the_code_and_posts_to_the_cart(self, client, full, shop):
        html = client.get(f"/@mia/p/{shop[2].public_id}?lang=en", headers=PHONE).text
        assert 'action="/cart/items"' in html
        assert f'name="product" value="{shop[2].public_id}"' in html
        assert 'name="code" value="mia10"' in html
        assert 'name="csrf_token"' in html
        assert "10% off with MIA10, already applied" in html

    def test_a_code_that_came_along_wins_only_if_it_is_this_creators(self, app, client, world, full, shop, mia):
        second = world.code(mia, shop[1], "mia-live", discount="10")
        ana = world.creator("ana")
        world.enroll(shop[1], ana)
        world.code(ana, shop[1], "ana10", discount="10")
        path = f"/@mia/p/{shop[2].public_id}"
        client.get("/@mia?code=MIA10", headers=PHONE)  # kept in a cookie
        assert 'name="code" value="mia10"' in client.get(path, headers=PHONE).text
        assert 'name="code" value="mia-live"' in client.get(f"{path}?code=ana10", headers=PHONE).text
        assert second.code == "mia-live"

    def test_a_product_that_is_gone_leads_to_the_page(self, app, client, full, shop):
        with app.app_context(), transaction() as current:
            current.get(catalog.Product, shop[2].id).state = "archived"
        answer = client.get(f"/@mia/p/{shop[2].public_id}", headers=PHONE)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/@mia")
        assert shop[2].public_id not in client.get("/@mia", headers=PHONE).text


class TestEditor:
    @pytest.fixture
    def me(self, client, world, mia):
        return world.sign_in(client, mia.user_id)

    def page_row(self, app, mia):
        with app.app_context():
            return pages.find_page(mia.id)

    def test_from_nothing_to_a_published_page_with_a_pasted_product(self, app, me, world, mia):
        with PageServer() as shop:
            offer = {"@type": "Offer", "price": "219000", "priceCurrency": "IDR", "availability": "https://schema.org/InStock"}
            found = {
                "@context": "https://schema.org",
                "@type": "Product",
                "name": "Tumbler",
                "image": shop.url("/a.jpg"),
                "offers": offer,
            }
            shop.page("/tumbler", f'<html><head><script type="application/ld+json">{json.dumps(found)}</script></head></html>')
            shop.pages["/a.jpg"] = lambda handler: handler.give(photo(), "image/jpeg")
            assert 'name="url"' in me.get("/creator/").text
            made = world.post(me, "/creator/start", {"preset": "leaf", "url": shop.url("/tumbler")})
        assert made.headers["Location"] == "/creator/page"
        row = self.page_row(app, mia)
        item = row.draft["blocks"][0]["item"]
        assert (item["title"], item["price_minor"], item["currency"], item["kind"]) == ("Tumbler", 219000, "IDR", "pasted")
        assert item["picture"].startswith("pic_")
        done = world.post(me, f"/creator/pages/{row.public_id}/publication", {"revision": "1"}, follow_redirects=True)
        assert "http://localhost/@mia" in done.text
        assert "Rp219.000" in me.get("/@mia", headers=PHONE).text

    def test_an_address_that_tells_nothing_becomes_a_form(self, app, me, world, mia):
        made = world.post(me, "/creator/start", {"preset": "sand", "url": "http://127.0.0.1:9/x"})
        assert "/blocks/new/pasted?url=http" in made.headers["Location"]
        assert "http://127.0.0.1:9/x" in me.get(made.headers["Location"]).text

    def test_each_kind_of_block_by_plain_forms(self, app, me, world, mia, shop):
        row = world.page(mia, publish=False)
        product = shop[2].public_id
        sent = {
            "link": {"url": "toko.example/a", "title": "Toko"},
            "product": {"product": product, "big": "y"},
            "pasted": {"url": "https://toko.example/b", "title": "Gelas", "price": "Rp50.000", "paid": "y"},
            "collection": {"title": "Favorit", "products": [product]},
            "heading": {"text": "Judul"},
            "text": {"text": "Baris satu\nBaris dua"},
            "social": {"instagram": "@mia", "whatsapp": "0812 3456 7890"},
            "image": {"alt": "Meja", "photo": (io.BytesIO(photo()), "meja.jpg")},
        }
        for revision, (kind, fields) in enumerate(sent.items(), 1):
            assert me.get(f"/creator/pages/{row.public_id}/blocks/new/{kind}").status_code == 200
            answer = world.post(me, f"/creator/pages/{row.public_id}/blocks/new/{kind}", {"revision": str(revision), **fields})
            assert answer.status_code == 303, (kind, answer.text)
        blocks = self.page_row(app, mia).draft["blocks"]
        assert [block["type"] for block in blocks] == [
            "link",
            "product",
            "product",
            "collection",
            "heading",
            "text",
            "social",
            "image",
        ]
        assert blocks[2]["item"]["price_minor"] == 50_000
        for block in blocks:
            assert me.get(f"/creator/pages/{row.public_id}/blocks/{block['id']}").status_code == 200
        assert me.get("/creator/page").status_code == 200
        preview = me.get(f"/creator/pages/{row.public_id}/preview")
        assert "frame-ancestors 'self'" in preview.headers["Content-Security-Policy"]
        assert "/l/" not in preview.text

    def test_a_refused_block_keeps_the_entries(self, me, world, mia):
        row = world.page(mia, publish=False)
        answer = world.post(
            me,
            f"/creator/pages/{row.public_id}/blocks/new/link",
            {"revision": "1", "url": "javascript:alert(1)", "title": "Tetap di sini"},
        )
        assert answer.status_code == 422
        assert "Tetap di sini" in answer.text
        assert 'aria-invalid="true"' in answer.text

    def test_a_stale_form_is_told_and_loses_nothing(self, app, me, world, mia):
        row = world.page(mia, {"type": "heading", "text": "Satu"}, publish=False)
        url = f"/creator/pages/{row.public_id}/blocks/b001"
        assert world.post(me, url, {"revision": "1", "text": "Dua"}).status_code == 303
        stale = world.post(me, url, {"revision": "1", "text": "Tiga"})
        assert stale.status_code == 409
        assert "Tiga" in stale.text
        assert self.page_row(app, mia).draft["blocks"][0]["text"] == "Dua"
        fresh = re.search(r'name="revision"[^>]*value="(\d+)"', stale.text)[1]
        assert world.post(me, url, {"revision": fresh, "text": "Tiga"}).status_code == 303
        assert self.page_row(app, mia).draft["blocks"][0]["text"] == "Tiga"

    def test_move_hide_remove_and_undo_without_a_script(self, app, me, world, mia):
        row = world.page(mia, {"type": "heading", "text": "Satu"}, {"type": "heading", "text": "Dua"}, publish=False)
        base = f"/creator/pages/{row.public_id}"
        for n, (path, fields) in enumerate(
            [
                ("blocks/b002/place", {"by": "up"}),
                ("blocks/b001/visibility", {"hidden": "yes"}),
                ("blocks/b002/removal", {}),
                ("undo", {}),
                ("order", {"ids": "b001 b002"}),
            ],
            1,
        ):
            assert world.post(me, f"{base}/{path}", {"revision": str(n), **fields}).status_code == 303
        blocks = self.page_row(app, mia).draft["blocks"]
        assert [(block["id"], block["hidden"]) for block in blocks] == [("b001", True), ("b002", False)]
        stale = world.post(me, f"{base}/blocks/b002/removal", {"revision": "1"}, follow_redirects=True)
        assert "another window" in stale.text
        assert len(self.page_row(app, mia).draft["blocks"]) == 2

    def test_an_unreadable_accent_is_refused_with_an_offer(self, app, me, world, mia):
        row = world.page(mia, publish=False)
        url = f"/creator/pages/{row.public_id}/look"
        answer = world.post(me, url, {"revision": "1", "preset": "mist", "accent": "#ffe95c"})
        assert answer.status_code == 422
        offered = re.search(r'name="accent" value="(#[0-9a-f]{6})">', answer.text)[1]
        assert world.post(me, url, {"revision": "1", "preset": "mist", "accent": offered}).status_code == 303
        assert self.page_row(app, mia).draft["theme"] == {"preset": "mist", "accent": offered}

    def test_a_second_page_has_its_own_editor_versions_and_address(self, app, me, world, mia):
        world.page(mia, {"type": "text", "text": "Beranda"})
        made = world.post(me, "/creator/pages", {"slug": "Lebaran"})
        url = made.headers["Location"]
        base = url.removeprefix("http://localhost")
        assert "/@mia/lebaran" in me.get(base).text
        added = world.post(me, f"{base}/blocks/new/text", {"revision": "1", "text": "Satu"})
        assert added.headers["Location"].startswith(base)
        assert "/@mia/lebaran" in world.post(me, f"{base}/publication", {"revision": "2"}, follow_redirects=True).text
        assert "Satu" in me.get("/@mia/lebaran", headers=PHONE).text
        assert world.post(me, f"{base}/undo", {"revision": "2"}).status_code == 303
        restored = world.post(me, f"{base}/versions/1/restoration", {"revision": "3"}, follow_redirects=True)
        assert restored.status_code == 200
        assert "Satu" in restored.text
        for path in ("look", "profile", "versions", "share"):
            assert me.get(f"{base}/{path}").status_code == 200
        world.post(me, f"{base}/takedown")
        assert me.get("/@mia/lebaran", headers=PHONE).status_code == 404
        again = world.post(me, "/creator/pages", {"slug": "lebaran"}, follow_redirects=True)
        assert again.status_code == 200
        with app.app_context():
            assert len(pages.pages_of(mia.id)) == 2

    def test_pages_of_others_answer_like_missing_ones(self, me, world):
        row = world.page(world.creator("ana"), {"type": "text", "text": "x"})
        for path in ("", "/preview", "/look", "/profile", "/versions", "/share", "/blocks/b001", "/blocks/new/text"):
            assert me.get(f"/creator/pages/{row.public_id}{path}").status_code == 404
        for path in ("undo", "publication", "takedown", "order", "pastes", "blocks/b001/removal", "versions/1/restoration"):
            assert world.post(me, f"/creator/pages/{row.public_id}/{path}", {"revision": "1"}).status_code == 404

    def test_links_and_codes_from_making_to_qr(self, app, me, world, mia, shop):
        import zxingcpp

        page = world.post(
            me, "/creator/links/new", {"kind": "url", "url": "javascript:1", "channel": "tiktok", "title": "Simpan aku"}
        )
        assert page.status_code == 422
        assert "Simpan aku" in page.text
        fields = {"kind": "product", "product": shop[2].public_id, "channel": "tiktok", "placement": "bio", "slug": "kopi-mia"}
        made = world.post(me, "/creator/links/new", fields)
        assert made.status_code == 303
        shown = me.get(made.headers["Location"]).text
        assert "http://localhost/l/kopi-mia" in shown
        again = world.post(me, "/creator/links/new", {**fields, "slug": "lain-lagi"})
        assert again.status_code == 422
        assert "/l/kopi-mia" in again.text
        qr = me.get(f"{made.headers['Location']}/qr.png?download=1")
        assert [code.text for code in zxingcpp.read_barcodes(Image.open(io.BytesIO(qr.data)))] == ["http://localhost/l/kopi-mia"]
        assert "attachment" in qr.headers["Content-Disposition"]
        assert "kopi-mia" in me.get("/creator/links").text
        code = world.post(me, "/creator/codes", {"program": shop[1].public_id, "code": "Mia-Baru", "with_discount": "y"})
        assert code.status_code == 303
        html = me.get("/creator/codes?lang=en").text
        assert "MIA-BARU" in html
        with app.app_context():
            row = links.find_code("mia-baru")
        qr = me.get(f"/creator/codes/{row.public_id}/qr.png")
        (read,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(qr.data)))
        way = me.get(read.text.removeprefix("http://localhost"), headers=PHONE)
        assert way.headers["Location"] == "/@mia?code=mia-baru"
        assert world.post(me, "/creator/codes", {"program": shop[1].public_id, "code": "mia-baru"}).status_code == 422
        assert world.post(me, f"/creator/codes/{row.public_id}/retirement").status_code == 303
        with app.app_context():
            assert links.find_code("mia-baru").state == "retired"

    def test_home_says_what_comes_next(self, me, world, mia, full):
        me.get("/@mia", headers=PHONE)
        html = me.get("/creator/?lang=en").text
        assert "Next steps" in html
        assert "http://localhost/@mia" in html
        assert people.Creator.__tablename__ == "creators"
