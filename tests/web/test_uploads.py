"""Sending pictures and films from a browser: tus as other clients speak it, a plain form, and looking at what was sent."""

from __future__ import annotations

import base64
import io
import socket
import time
from datetime import timedelta

import pytest

from socialshop.domain import social, uploads
from socialshop.flows import upload as stories
from socialshop.kernel import clock
from socialshop.kernel.database import transaction
from socialshop.web.creator import uploads as door

from ..conftest import START
from ..doubles import films

FILM = films.film(size=30_000)
BYTES = "application/offset+octet-stream"


@pytest.fixture
def say(world, creator):
    """A function that asks as a tus client does: method, address, headers, body."""

    def ask(method, url, body=b"", **headers):
        told = {"Tus-Resumable": "1.0.0", "X-CSRFToken": world.token(creator)}
        told |= {name.replace("_", "-"): value for name, value in headers.items()}
        return creator.open(url, method=method, data=body, headers={name: value for name, value in told.items() if value})

    return ask


@pytest.fixture
def address(say):
    """Of a film that is announced."""
    name = base64.b64encode("Kopi “pagi”.mp4".encode()).decode()
    answer = say(
        "POST", "/creator/uploads", Upload_Length=str(len(FILM)), Upload_Metadata=f"filename {name},filetype dmlkZW8vbXA0"
    )
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, "0")
    return answer.headers["Location"]


def go_on(say, url, at, body, **more):
    return say("PATCH", url, body, Upload_Offset=str(at), Content_Type=BYTES, **more)


def test_announced_sent_in_parts_and_shown(say, creator, address):
    answer = go_on(say, address, 0, FILM[:10_000])
    assert (answer.status_code, answer.headers["Upload-Offset"], answer.headers["Upload-State"]) == (204, "10000", "receiving")
    head = creator.head(address)
    assert (head.headers["Upload-Offset"], head.headers["Upload-Length"], head.headers["Cache-Control"]) == (
        "10000",
        "30000",
        "no-store",
    )
    assert head.headers["Upload-Expires"] == "Tue, 02 Jun 2026 03:00:00 GMT"
    again = go_on(say, address, 0, FILM)
    assert (again.status_code, again.headers["Upload-Offset"], again.json["code"]) == (409, "10000", "wrong_offset")
    assert go_on(say, address, 10_000, FILM[10_000:]).headers["Upload-State"] == "ready"
    told = creator.get(address).json
    assert (told["state"], told["name"], told["width"], told["milliseconds"]) == ("ready", "Kopi “pagi”.mp4", 1080, 12_000)
    assert told["thumb"] == ""
    assert creator.get(address + "/thumb").status_code == 404
    with creator.get(told["file"], headers={"Range": "bytes=4-7"}) as part:
        assert (part.status_code, part.data, part.headers["Content-Range"]) == (206, b"ftyp", "bytes 4-7/30000")
    page = creator.get("/creator/uploads").text
    assert "Kopi “pagi”.mp4" in page
    assert "1080 × 1920 · 0:12 · 30 KB" in page


def test_what_the_protocol_refuses(say, creator, address):
    for answer, status in (
        (say("POST", "/creator/uploads", Tus_Resumable="0.2.2", Upload_Length="9"), 412),
        (say("POST", "/creator/uploads", Tus_Resumable="", Upload_Length="9"), 412),
        (say("POST", "/creator/uploads"), 400),
        (say("POST", "/creator/uploads", Upload_Length="-1"), 400),
        (say("POST", "/creator/uploads", Upload_Length="9", Upload_Metadata="filename ***"), 400),
        (
            say("POST", "/creator/uploads", Upload_Length="9", Upload_Metadata="filename " + base64.b64encode(b"a.pdf").decode()),
            415,
        ),
        (say("POST", "/creator/uploads", Upload_Length=str(10**12), Upload_Metadata="filename YS5tcDQ="), 413),
        (say("PATCH", address, b"x", Upload_Offset="0", Content_Type="text/plain"), 415),
        (say("PATCH", address, b"x", Content_Type=BYTES), 400),
        (say("PATCH", address, b"x", Upload_Offset="1e3", Content_Type=BYTES), 400),
        (go_on(say, address, 0, FILM + b"x"), 413),
        (go_on(say, address, 29_999, b"xx"), 413),
        (go_on(say, "/creator/uploads/upl_nothing", 0, b"x"), 404),
        (go_on(say, address, 0, FILM[:9], X_CSRFToken=""), 400),
        (say("DELETE", address, X_CSRFToken=""), 400),
    ):
        assert answer.status_code == status, answer.text
    assert say("POST", "/creator/uploads", Tus_Resumable="").headers["Tus-Version"] == "1.0.0"
    offered = creator.options("/creator/uploads").headers
    assert offered["Tus-Extension"] == "creation,expiration,termination"
    assert creator.head(address).headers["Upload-Offset"] == "0"


def test_a_stranger_finds_nothing(app, world, address, say):
    other = world.sign_in(app.test_client(), world.creator("bima").user_id)
    assert other.get(address).status_code == 404
    token = {"X-CSRFToken": world.token(other), "Tus-Resumable": "1.0.0", "Upload-Offset": "0"}
    assert other.patch(address, data=b"x", headers={**token, "Content-Type": BYTES}).status_code == 404
    assert other.delete(address, headers=token).status_code == 404
    assert app.test_client().get(address).status_code == 302
    assert say("GET", address).status_code == 200


def test_given_up_or_stopped_for_too_long(say, creator, address):
    go_on(say, address, 0, FILM[:10_000])
    assert say("DELETE", address).status_code == 204
    assert creator.head(address).status_code == 404
    answer = say("POST", "/creator/uploads", Upload_Length="9000", Upload_Metadata="filename YS5tcDQ=")
    clock.use(lambda: START + timedelta(hours=24))
    assert creator.head(answer.headers["Location"]).status_code == 410
    assert go_on(say, answer.headers["Location"], 0, b"x").status_code == 410


def test_a_body_that_ends_early_keeps_what_came(world, creator, address):
    """The phone has left the network: the server saw fewer bytes than were announced."""
    headers = {"Tus-Resumable": "1.0.0", "X-CSRFToken": world.token(creator), "Upload-Offset": "0"}
    answer = creator.patch(
        address, input_stream=io.BytesIO(FILM[:12_345]), content_length=len(FILM), content_type=BYTES, headers=headers
    )
    assert answer.headers["Upload-Offset"] == "12345"
    assert creator.head(address).headers["Upload-Offset"] == "12345"


def test_more_bodies_than_threads_wait_their_turn_and_one_creator_leaves_some_to_others(say, mia, address):
    others = [mia.id + 1] * 2 + [mia.id + 2] * 2
    for taken in (others, [mia.id] * 2):
        assert all(door.turns.take(creator_id) for creator_id in taken)
        try:
            assert door.turns.take(mia.id + 3) is (taken != others)
            answer = go_on(say, address, 0, FILM)
            assert (answer.status_code, answer.json["code"], answer.headers["Retry-After"]) == (503, "busy", "2")
        finally:
            for creator_id in (*taken, *([mia.id + 3] if taken != others else [])):
                door.turns.give_back(creator_id)
    assert go_on(say, address, 0, FILM).headers["Upload-State"] == "ready"


def test_a_slow_sender_keeps_no_thread_and_what_came_stays(app, world, creator, mia, address, monkeypatch):
    """The socket of the server stands for a phone that sends a byte now and then: heard for a while, or not at all."""
    monkeypatch.setattr(app.view_functions["creator.upload_go_on"], "seconds", 0.1)
    monkeypatch.setattr(door, "turns", door.Turns())

    def send(phone, server):
        server.settimeout(5)
        phone.sendall(FILM[:12_345])
        headers = {"Tus-Resumable": "1.0.0", "X-CSRFToken": world.token(creator), "Upload-Offset": "0"}
        with server.makefile("rb") as body:
            return creator.patch(
                address, content_type=BYTES, headers=headers,
                environ_overrides={"gunicorn.socket": server, "wsgi.input": body, "CONTENT_LENGTH": str(len(FILM))},
            )  # fmt: skip

    for _ in range(2):
        door.turns.take(mia.id)
    phone, server = socket.socketpair()
    with phone, server:
        assert send(phone, server).status_code == 503
        assert len(server.recv(20_000)) + len(server.recv(20_000)) == 12_345
        assert server.recv(9) == b"", "nobody waits for more"
    for _ in range(2):
        door.turns.give_back(mia.id)
    phone, server = socket.socketpair()
    with phone, server:
        began = time.monotonic()
        answer = send(phone, server)
        assert time.monotonic() - began < 4
        assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, "12345")


def test_a_full_disk_answers_and_the_same_part_is_taken_later(say, address, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("os.pwrite", full)
        answer = go_on(say, address, 0, FILM)
        assert (answer.status_code, answer.json["code"]) == (503, "no_room")
        assert "Nothing of it was lost" in answer.json["sentence"]
    assert go_on(say, address, 0, FILM).headers["Upload-State"] == "ready"


def test_a_plain_form_takes_several_and_says_which_not(app, world, creator, mia):
    files = [
        (io.BytesIO(films.photo(kind="PNG")), "kopi.png"),
        (io.BytesIO(b"%PDF"), "surat<b>.pdf"),
        (io.BytesIO(FILM), "kopi.mp4"),
    ]
    answer = world.post(creator, "/creator/uploads/form", {"files": files})
    assert answer.status_code == 422
    assert "surat&lt;b&gt;.pdf: This is neither a picture nor a film" in answer.text
    with app.app_context():
        assert [row.state for row in uploads.uploads_of(mia.id)] == ["ready", "ready"]
        picture = uploads.uploads_of(mia.id)[1].public_id
    with creator.get(f"/creator/uploads/{picture}/thumb") as thumb:
        assert (thumb.status_code, thumb.mimetype, thumb.headers["Cache-Control"]) == (
            200,
            "image/webp",
            "private, max-age=86400",
        )
    assert world.post(creator, "/creator/uploads/form", {}).status_code == 422
    assert "kopi.mp4: This is neither" in heavy(world, creator, "/creator/uploads/form", "files").text
    assert world.post(creator, f"/creator/uploads/{picture}/removal").status_code == 303
    assert creator.get(f"/creator/uploads/{picture}").status_code == 404


def heavy(world, creator, url, name):
    """A form with a file of 11 MB, which is more than most may have."""
    part = b'--x\r\nContent-Disposition: form-data; name="%b"%b\r\n\r\n%b\r\n'
    body = part % (b"csrf_token", b"", world.token(creator).encode())
    body += part % (name.encode(), b'; filename="kopi.mp4"', b"\0" * 11_000_000)
    return creator.post(url, data=body + b"--x--\r\n", content_type="multipart/form-data; boundary=x")


def test_other_forms_are_as_small_as_before(world, creator):
    assert heavy(world, creator, "/creator/appeals/apl_none/messages", "papers").status_code == 413


def test_providers_get_the_variant_by_its_own_signed_address(app, client, mia):
    with app.app_context():
        row = stories.whole(mia.id, "a.jpg", "", len(films.photo()), [films.photo()], now=START)
        with transaction():
            post, _ = social.compose(
                mia.id, kind="image", caption="", title="", promotes="nothing", media=stories.facts_of(mia.id, [row.public_id]),
                targets=[], publish_at=START, now=START,
            )  # fmt: skip
            [item] = social.media_of(post.id)
            draft = stories.parts_folder() / "variant"
            draft.write_bytes(b"another picture")
            sha256, size = social.files.keep(draft, stories.folder())
            social.keep_fit(item.id, "instagram", social.FitFacts("image/jpeg", size, sha256, 900, 900))
        fit = social.fits_of([item], "instagram")[item.id].public_id
        item_id = item.public_id
    until = int((START + timedelta(hours=1)).timestamp())
    good = f"/post-media/{fit}/{until}/{social.files.mark_of(fit, until)}"
    with client.get(good) as answer:
        assert (answer.data, answer.mimetype) == (b"another picture", "image/jpeg")
    with client.get(good, headers={"Range": "bytes=8-"}) as part:
        assert (part.status_code, part.data) == (206, b"picture")
    with client.head(good) as head:
        assert (head.status_code, head.headers["Content-Length"]) == (200, "15")
    assert client.get(f"/post-media/{fit}/{until}/{social.files.mark_of(item_id, until)}").status_code == 404
    assert client.get(f"/post-media/{item_id}/{until}/{social.files.mark_of(fit, until)}").status_code == 404
    clock.use(lambda: START + timedelta(hours=1))
    assert client.get(good).status_code == 404
