"""Pictures as browsers get them."""

from __future__ import annotations

import io

import pytest
from flask import render_template_string
from PIL import Image

from socialshop.domain import media
from socialshop.kernel.clock import utcnow
from socialshop.kernel.database import transaction


@pytest.fixture
def picture(app, world, settings):
    out = io.BytesIO()
    Image.new("RGB", (1300, 1000), "teal").save(out, "JPEG")
    brand = world.brand()
    with app.app_context():
        prepared = media.prepare(out.getvalue(), settings.media_folder)
        with transaction():
            return media.keep(prepared, brand_id=brand.id, now=utcnow()).public_id


@pytest.mark.parametrize("name", media.NAMES)
def test_every_size_may_be_kept_for_a_year(client, picture, name):
    answer = client.get(f"/media/{picture}/{name}")
    assert answer.status_code == 200
    assert answer.mimetype == ("image/jpeg" if name.endswith("jpg") else "image/webp")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer.headers
    again = client.get(f"/media/{picture}/{name}", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("name", ["9999.webp", "1200.png", "..%2f..%2fsecret_key", "%2e%2e", "640.webp.bak", "640.WEBP"])
def test_only_our_own_names_are_files(client, picture, name):
    assert client.get(f"/media/{picture}/{name}").status_code == 404


def test_an_unknown_picture(client):
    assert client.get("/media/pic_nothere/640.webp").status_code == 404


def test_addresses_in_templates(app):
    with app.test_request_context():
        text = render_template_string(
            "{{ picture_url('pic_x', 320) }} {{ picture_srcset('pic_x', 160, 320) }} {{ picture_card('pic_x') }}"
        )
    assert text == (
        "/media/pic_x/320.webp /media/pic_x/160.webp 160w, /media/pic_x/320.webp 320w http://localhost/media/pic_x/1200.jpg"
    )
