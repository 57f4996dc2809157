"""Other ways out, and what the newest posts show on the link page."""

from __future__ import annotations

import gzip
import io
import json
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import zxingcpp
from PIL import Image
from selectolax.lexbor import LexborHTMLParser

from socialshop.domain import clicks, links, pages, social
from socialshop.domain.audit import SYSTEM
from socialshop.flows import enrollment
from socialshop.kernel.database import session, transaction

from ..conftest import START
from ..posted import posted
from .test_page import PHONE, full, shop  # noqa: F401


@pytest.fixture
def desk(world, app, mia):
    return world.sign_in(app.test_client(), mia.user_id)


def links_by(app, creator):
    with app.app_context():
        return {(link.channel, link.placement): link.slug for link in links.links_of(creator.id)}


def test_sending_a_product_by_hand_counts_as_its_own_link(app, client, desk, mia, shop):  # noqa: F811
    """No channel is connected. Words with disclosure and code, a link for WhatsApp, a tap on it, an order by it."""
    product = shop[2].public_id
    assert f"/creator/share/products/{product}" in desk.get("/creator/share").text
    html = desk.get(f"/creator/share/products/{product}?lang=id").text
    for _ in range(2):
        desk.get(f"/creator/share/products/{product}")
    made = links_by(app, mia)
    assert set(made) == {("other", "share"), ("whatsapp", "share")}
    words = re.search(r"<textarea[^>]*data-share-words>(.*?)</textarea>", html, re.S)[1]
    assert words.startswith(("Iklan · Kopi Gayo\n", "Ad · Kopi Gayo\n"))
    assert "MIA10" in words
    said = re.search(r'href="(https://wa\.me/[^"]+)"', html)[1].replace("&amp;", "&")
    [text] = parse_qs(urlsplit(said).query)["text"]
    assert text == f"{words}\nhttp://localhost/l/{made['whatsapp', 'share']}"
    assert f'data-address="http://localhost/l/{made["other", "share"]}"' in html
    client.get(f"/l/{made['whatsapp', 'share']}", headers=PHONE)
    with app.app_context():
        [click] = session().query(clicks.Click).all()
        assert (click.kind, click.channel, click.placement, click.creator_id) == ("payable", "whatsapp", "share", mia.id)


def test_a_story_picture_shows_the_way_to_its_own_link(app, desk, mia, shop):  # noqa: F811
    product = shop[2].public_id
    page = desk.get(f"/creator/share/products/{product}/story?app=tiktok&light=night&look=leaf&text=Favoritku")
    address = re.search(r'<img class="story-shot" src="([^"]+)"', page.text)[1].replace("&amp;", "&")
    answer = desk.get(address)
    assert (answer.mimetype, "attachment" in answer.headers.get("Content-Disposition", "")) == ("image/jpeg", False)
    slug = links_by(app, mia)["tiktok", "story"]
    with Image.open(io.BytesIO(answer.data)) as image:
        assert image.size == (1080, 1920)
        assert [code.text for code in zxingcpp.read_barcodes(image)] == [f"http://localhost/l/{slug}"]
    assert f"/l/{slug}" in page.text
    saved = desk.get(f"{address}&download=1")
    assert 'filename="mia-tiktok-story.jpg"' in saved.headers["Content-Disposition"]
    assert desk.get(address, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    # what is none of the choices is not taken, and other words are another picture
    odd = desk.get(f"/creator/share/products/{product}/story.jpg?app=x&light=y&look=z&text={'W' * 500}")
    assert odd.status_code == 200
    assert f'value="{"W" * 90}"' in desk.get(f"/creator/share/products/{product}/story?text={'W' * 500}").text
    assert odd.data != answer.data
    made = links_by(app, mia)
    assert ("instagram", "story") in made
    with app.app_context(), transaction():
        links.turn(links.find_by_slug(made["instagram", "story"]), "off")
    said = "off or has ended"
    assert said in desk.get(f"/creator/share/products/{product}/story?lang=en").text
    assert said not in desk.get(f"/creator/share/products/{product}/story?app=tiktok").text


@pytest.mark.parametrize("kind", ["page", "link"])
def test_pages_and_links_go_out_too(world, app, desk, mia, kind):
    page = world.page(mia, {"type": "text", "text": "Hi"})
    link = world.link(mia, url="https://toko.example/b", slug="toko-b", channel="facebook")
    thing = page.public_id if kind == "page" else link.public_id
    html = desk.get(f"/creator/share/{kind}s/{thing}?lang=en").text
    assert "Ad ·" not in html  # nothing is earned by it
    assert desk.get(f"/creator/share/{kind}s/{thing}/story").status_code == 200
    made = links_by(app, mia)
    assert ("whatsapp", "share") in made
    assert f'data-address="http://localhost/l/{made["other", "share"] if kind == "page" else "toko-b"}"' in html
    shared = desk.get(f"/creator/pages/{page.public_id}/share").text
    assert "data-share-sheet" in shared
    assert desk.get(f"/creator/links/{link.public_id}").text.count(f"/creator/share/links/{link.public_id}") == 2


def test_a_post_is_sent_on_too(world, app, client, desk, mia, shop):  # noqa: F811
    """Its page leads here; a tap from a chat counts to it."""
    _brand, program, product = shop
    post = posted(world, mia, product, at=START, program=program)["instagram"].post
    assert f"/creator/share/posts/{post.public_id}/story" in desk.get(f"/creator/posts/{post.public_id}").text
    with app.app_context(), transaction():
        session().get_one(social.Post, post.id).disclosure = "Iklan"
    assert "says “Iklan” first" in desk.get(f"/creator/share/posts/{post.public_id}?lang=en").text  # as the post has it
    html = desk.get(f"/creator/share/posts/{post.public_id}?lang=id").text
    words = re.search(r"<textarea[^>]*data-share-words>(.*?)</textarea>", html, re.S)[1]
    assert words.startswith("Iklan. Kopi\n")  # typed already, so not twice
    assert desk.get(f"/creator/share/posts/{post.public_id}/story").status_code == 200
    slug = links_by(app, mia)["whatsapp", f"post:{post.public_id}"]
    assert f'<a href="/creator/posts/{post.public_id}">in a post</a>' in desk.get("/creator/links?lang=en").text
    client.get(f"/l/{slug}", headers=PHONE)
    with app.app_context():
        [click] = session().query(clicks.Click).all()
        assert (click.channel, click.post_id) == ("whatsapp", post.id)


@pytest.fixture
def product_posts(world, mia, shop):  # noqa: F811
    _brand, program, product = shop
    return posted(world, mia, product, at=START - timedelta(days=1), on=("tiktok", "instagram"), program=program, code="mia10")


def card_of(html, slug):
    return re.search(rf'<a class="pg-box[^>]*href="/l/{slug}"[^>]*>.*?</a>', html, re.S)


def first_in(html):
    """The first link on a page."""
    return re.search(r'href="/l/([^"]+)"', html)[1]


def test_the_newest_post_is_on_the_page_above_other_products(app, client, full, mia, product_posts, shop):  # noqa: F811
    """A visitor from the bio taps it: the tap belongs to the post, and the code is on."""
    html = client.get("/@mia?lang=id", headers=PHONE).text
    slug = product_posts["instagram"].slugs[0]
    card = card_of(html, slug)
    assert card is not None
    assert 'rel="sponsored nofollow"' in card[0]
    assert "pg-ad" in card[0]
    assert "MIA10" in card[0]
    assert f'href="{product_posts["instagram"].permalink}"' in html
    assert product_posts["tiktok"].slugs[0] not in html
    assert first_in(html) == slug
    listed = json.loads(re.search(r'ld\+json">(.*?)</script>', html, re.S)[1])["hasPart"]["itemListElement"]
    assert [item["position"] for item in listed] == [1, 2]
    assert len({item["url"] for item in listed}) == 2  # the product that stands there twice is recommended once
    answer = client.get(f"/l/{slug}", headers=PHONE)
    sheet = client.get(answer.location, headers=PHONE).text
    assert "MIA10" in sheet
    with app.app_context():
        [click] = session().query(clicks.Click).all()
        assert click.post_id == product_posts["instagram"].post.id


def test_no_code_is_promised_of_a_program_that_was_left(app, client, desk, full, mia, product_posts, shop):  # noqa: F811
    """At the checkout it does nothing any more. What was posted stays marked, and leads where it did."""
    post, slug = product_posts["instagram"].post, product_posts["instagram"].slugs[0]
    ways = [f"/creator/share/posts/{post.public_id}?lang=id", "/@mia?lang=id"]
    assert all("MIA10" in desk.get(way, headers=PHONE).text for way in ways)
    with app.app_context():
        enrollment.leave(shop[1].public_id, mia.id, actor=SYSTEM, now=START)
    assert not any("MIA10" in desk.get(way, headers=PHONE).text for way in ways)
    assert "pg-ad" in card_of(client.get("/@mia", headers=PHONE).text, slug)[0]
    assert client.get(f"/l/{slug}", headers=PHONE).location.startswith("/@mia/p/")


def test_a_page_with_six_of_them_leaves_no_hole_and_keeps_its_budget(world, client, full, mia, shop):  # noqa: F811
    brand, program, _product = shop
    looks, goods = [], []
    for n in range(6):
        goods.append(world.product(brand, f"Kopi Arabika nomor {n} dari dataran tinggi", stock=3))
        posted(world, mia, *goods, at=START - timedelta(days=9 - n), program=program)
        page = LexborHTMLParser(client.get("/@mia?lang=id", headers=PHONE).text)
        grid = next(each for each in page.css(".pg-grid") if f"nomor {n}" in each.text())
        looks.append(
            (len(grid.css(".pg-cell > a.pg-box")), len(grid.css(".pg-lead > a.pg-box")), "two" in grid.attributes["class"])
        )
    # of an odd number the first has a row of its own; three beside each other only where they come out even
    assert looks == [(1, 1, True), (2, 0, True), (3, 1, False), (4, 0, True), (5, 1, True), (6, 0, False)]
    answer = client.get("/@mia?lang=id", headers=PHONE)
    assert answer.text.count('class="pg-cell"') == 6
    assert len(gzip.compress(answer.data)) <= 14 * 1024
    assert answer.text.count("<img") - answer.text.count('loading="lazy"') <= 4
    again = client.get("/@mia?lang=id", headers={**PHONE, "If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    for tag in re.findall(r"<img[^>]+>", answer.text):
        assert re.search(r'width="\d+" height="\d+"', tag)


def test_nothing_is_there_without_posts_and_on_other_pages(world, client, full, mia, product_posts):  # noqa: F811
    slug = product_posts["instagram"].slugs[0]
    world.page(mia, {"type": "heading", "text": "Lain"}, slug="lain")
    assert f"/l/{slug}" not in client.get("/@mia/lain", headers=PHONE).text
    assert f"/l/{slug}" in client.get("/@mia", headers=PHONE).text
    world.page(world.creator("bima"), {"type": "text", "text": "Hi"})
    assert 'pg-cell"' not in client.get("/@bima", headers=PHONE).text


def test_a_creator_places_names_and_hides_it(app, world, client, desk, full, mia, product_posts):  # noqa: F811
    slug, page = product_posts["instagram"].slugs[0], full.public_id

    def draft():
        with app.app_context():
            row = pages.page_of(mia.id, page)
            return row.revision, row.draft["blocks"]

    before = desk.get("/creator/page").text
    assert f"/creator/pages/{page}/latest" in before
    assert f"/l/{slug}" not in desk.get(f"/creator/pages/{page}/preview").text  # a draft's links lead straight on
    revision, _ = draft()
    for _ in range(2):
        world.post(desk, f"/creator/pages/{page}/latest", {"revision": revision})
    revision, blocks = draft()
    assert [block["type"] for block in blocks].count("latest") == 1
    assert blocks[0]["type"] == "latest"  # where it stood by itself
    assert f"/creator/pages/{page}/latest" not in desk.get("/creator/page").text
    mine = blocks[0]["id"]
    answer = world.post(desk, f"/creator/pages/{page}/blocks/{mine}", {"revision": revision, "title": "Baru dari TikTok"})
    assert answer.status_code == 303
    world.post(desk, f"/creator/pages/{page}/blocks/{mine}/place", {"revision": draft()[0], "by": "down"})
    world.publish(mia, full)
    html = client.get("/@mia", headers=PHONE).text
    assert "Baru dari TikTok" in html
    assert first_in(html) != slug
    world.post(desk, f"/creator/pages/{page}/blocks/{mine}/visibility", {"revision": draft()[0], "hidden": "yes"})
    world.publish(mia, full)
    assert f"/l/{slug}" not in client.get("/@mia", headers=PHONE).text
