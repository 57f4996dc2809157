"""Reading addresses that people typed, and never our own network (I-29)."""

from __future__ import annotations

import contextlib
import datetime
import gzip
import ipaddress
import socket
import ssl
import threading
import time
import tracemalloc
import zlib

import pytest

from socialshop.adapters import fetch
from socialshop.adapters.fetch import Fetcher, Unreadable
from socialshop.adapters.guard import is_public
from tests.doubles.pages import PageServer

HTML = "<html><title>Kopi</title></html>"


@pytest.fixture
def shop():
    with PageServer() as server:
        yield server


fetcher = Fetcher(loopback=True, seconds=1.5)


def refused(url, with_=fetcher, read="page"):
    began = time.monotonic()
    with pytest.raises(Unreadable) as refusal:
        getattr(with_, read)(url)
    assert time.monotonic() - began < 4
    assert len(refusal.value.sentence()) > 20
    return refusal.value.code


def test_a_page_with_its_address_kind_and_charset(shop):
    url = shop.page("/kopi", HTML, "Text/HTML; charset=ISO-8859-1")
    found = fetcher.page(url)
    assert (found.url, found.media_type, found.charset, found.body) == (url, "text/html", "iso-8859-1", HTML.encode())
    assert "socialshop" in shop.asked[0][1]["User-Agent"]


def test_redirects_are_followed_a_few_times(shop):
    shop.page("/end", HTML)
    url = shop.redirect("/start", "/middle")
    shop.redirect("/middle", shop.url("/end"), 301)
    assert fetcher.page(url).url == shop.url("/end")


def test_redirects_for_ever(shop):
    assert refused(shop.redirect("/loop", "/loop")) == "too_many_redirects"
    assert len(shop.asked) == 5


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "localhost", "[::1]", "127.1", "0x7f000001", "2130706433", "0.0.0.0", "[::]", "[::ffff:127.0.0.1]",
        "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "224.0.0.1", "255.255.255.255",
        "[fe80::1]", "[fc00::1]", "[fec0::1]", "[2002:7f00:1::]", "[64:ff9b::7f00:1]", "[::127.0.0.1]", "198.18.0.1", "192.0.2.1",
    ],
)  # fmt: skip
def test_our_own_network_is_never_asked(shop, address):
    shop.page("/", HTML)
    assert refused(f"http://{address}:{shop.port}/", Fetcher(seconds=3)) in ("private_address", "unknown_name", "bad_url")
    assert shop.asked == []


def test_this_machine_is_read_only_where_tests_allow_it(shop):
    url = shop.page("/", HTML)
    assert refused(url, Fetcher()) == "private_address"
    assert fetcher.page(url).body


@pytest.mark.parametrize(
    "target", ["http://10.0.0.1/", "http://169.254.169.254/latest/meta-data/", "//192.168.0.1/x", "http://[fc00::1]/"]
)
def test_a_redirect_into_a_private_network_stops_there(shop, target):
    assert refused(shop.redirect("/out", target)) == "private_address"


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "ftp://x.test/", "gopher://x.test/", "javascript:alert(1)", "http://a:b@x.test/"]
)
def test_a_redirect_to_something_that_is_no_web_address(shop, target):
    assert refused(shop.redirect("/out", target)) == "bad_url"


def test_a_name_that_changes_its_mind_is_connected_to_as_it_was_checked(shop, monkeypatch):
    """DNS rebinding: public at the check, private at the connect. There is one look-up, and its number is used."""
    shop.page("/", HTML)
    real, lookups, connected = socket.getaddrinfo, [], []

    def rebinding(host, port, *args, **kwargs):
        if host == "rebind.test":
            lookups.append(host)
            host = "93.184.215.14" if len(lookups) == 1 else "127.0.0.1"
        return real(host, port, *args, **kwargs)

    def connect(address, *_args, **_kwargs):
        connected.append(address[0])
        raise OSError("no network in tests")

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    monkeypatch.setattr("urllib3.util.connection.create_connection", connect)
    assert refused(shop.url("/", "rebind.test"), Fetcher()) == "unreachable"
    assert connected == ["93.184.215.14"]
    assert lookups == ["rebind.test"]
    assert shop.asked == []


def test_a_public_name_of_a_private_machine(shop, monkeypatch):
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *a, **k: real("127.0.0.1" if host == "inside.test" else host, *a, **k)
    )
    shop.page("/", HTML)
    assert refused(shop.url("/", "inside.test"), Fetcher()) == "private_address"
    assert shop.asked == []


def test_a_name_that_nobody_answers(monkeypatch):
    def unknown(*_args, **_kwargs):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert refused("https://nowhere.test/") == "unknown_name"


def test_a_name_server_that_is_silent(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: time.sleep(30))
    assert refused("https://slow.test/") == "too_slow"


def test_a_proxy_of_the_environment_is_not_used(shop, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert fetcher.page(shop.page("/", HTML)).body


@pytest.mark.parametrize(
    "url",
    ["", "kopi", "http://", "https:///x", "ftp://shop.test/x", "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd",
     "http://user:secret@shop.test/", "http://shop.test:99999/", "http://[::1", "http://shop.test/a\nb", "http://shop.test\\@evil.test/",
     "http://" + "a" * 3000, "http://shop.test/ x", "http://xn--a-\udcff.test/"],
)  # fmt: skip
def test_what_is_no_address(url):
    assert refused(url) in ("bad_url", "unknown_name")


def test_ports_of_other_services_are_not_talked_to():
    assert refused("http://93.184.215.14:25/", Fetcher()) == "port"


def test_https_is_put_in_front_where_a_person_left_it_out():
    assert fetch.checked(" shop.test/kopi ") == "https://shop.test/kopi"


@pytest.mark.parametrize(
    ("status", "code"),
    [(404, "not_there"), (410, "not_there"), (429, "busy"), (503, "busy"),
     (403, "not_allowed"), (401, "not_allowed"), (304, "not_allowed")],
)  # fmt: skip
def test_what_the_shop_answers_is_told(shop, status, code):
    assert refused(shop.page("/", HTML if status != 304 else "", status=status)) == code


def test_what_is_not_a_page(shop):
    assert refused(shop.page("/a.pdf", b"%PDF", "application/pdf")) == "wrong_kind"
    assert refused(shop.page("/x", "{}", "application/json")) == "wrong_kind"
    assert refused(shop.page("/x.svg", "<svg/>", "image/svg+xml"), read="image") == "wrong_kind"
    assert fetcher.image(shop.page("/x.jpg", b"\xff\xd8", "image/jpeg")) == b"\xff\xd8"


def test_too_large_whether_told_or_not(shop):
    huge = b"x" * (fetch.PAGE_BYTES + 1)
    assert refused(shop.page("/told", huge)) == "too_large"
    assert refused(shop.page("/untold", huge, told=-1)) == "too_large"
    assert len(fetcher.page(shop.page("/just", huge[:-1])).body) == fetch.PAGE_BYTES


def test_an_endless_page(shop):
    def endless(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            handler.wfile.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")

    shop.pages["/"] = endless
    assert refused(shop.url("/")) == "too_large"


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
def test_packed_pages_are_unpacked_within_the_limit(shop, pack):
    packed = {"headers": {"Content-Encoding": "gzip"}}
    assert fetcher.page(shop.page("/", pack(HTML.encode()), **packed)).body == HTML.encode()
    bomb = pack(b"\0" * (200 * 1024 * 1024))
    assert refused(shop.page("/bomb", bomb, **packed)) == "too_large"
    assert refused(shop.page("/cut", pack(HTML.encode() * 50)[:-20], **packed)) == "broken"


def test_a_gzip_bomb_is_never_held_unpacked(shop):
    """A kilobyte may unpack to a megabyte: each read asks for no more than the limit."""
    url = shop.page("/", gzip.compress(b"\0" * (60 * 1024 * 1024)), headers={"Content-Encoding": "gzip"})
    tracemalloc.start()
    try:
        assert refused(url) == "too_large"
        assert tracemalloc.get_traced_memory()[1] < 4 * fetch.PAGE_BYTES
    finally:
        tracemalloc.stop()


def test_an_encoding_we_did_not_ask_for(shop):
    assert refused(shop.page("/", HTML, headers={"Content-Encoding": "br"})) == "broken"
    assert refused(shop.page("/x", b"not gzip at all", headers={"Content-Encoding": "gzip"})) == "broken"


@pytest.mark.parametrize("head", [True, False])
def test_a_page_that_drips(shop, head):
    assert refused(shop.drip("/", head=head)) == "too_slow"


def test_a_page_that_is_silent(shop):
    shop.pages["/"] = lambda _handler: time.sleep(3)
    assert refused(shop.url("/")) == "too_slow"


def test_a_page_shorter_than_it_says(shop):
    assert refused(shop.page("/", HTML, told=5000)) == "broken"


@pytest.mark.parametrize("junk", [b"", b"SSH-2.0-OpenSSH_9.6\r\n", b"HTTP/1.1 200 OK\r\nA: " + b"x" * 70_000, b"\0" * 1000])
def test_something_that_does_not_speak_http(shop, junk):
    shop.pages["/"] = lambda handler: handler.wfile.write(junk)
    assert refused(shop.url("/")) in ("unreachable", "broken")


def test_nobody_listens_there(shop):
    url = shop.url("/")
    shop.__exit__()
    assert refused(url) == "unreachable"


def test_no_thread_and_no_connection_is_left(shop):
    url = shop.page("/", HTML)
    before = threading.active_count()
    for _ in range(5):
        fetcher.page(url)
    time.sleep(0.1)
    assert threading.active_count() <= before + 1


def test_a_certificate_that_is_not_for_this_shop(tmp_path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*self_signed(tmp_path))
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        connection, _ = listener.accept()
        with connection, contextlib.suppress(ssl.SSLError, OSError):
            context.wrap_socket(connection, server_side=True).close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    assert refused(f"https://127.0.0.1:{listener.getsockname()[1]}/") == "bad_certificate"
    thread.join()
    listener.close()


def self_signed(folder):
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "shop.test")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1)).sign(key, hashes.SHA256())
    )  # fmt: skip
    (folder / "c.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "k.pem").write_bytes(key.private_bytes(*plain))
    return folder / "c.pem", folder / "k.pem"


@pytest.mark.parametrize(("number", "public"), [
    ("93.184.215.14", True), ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True), ("::ffff:8.8.8.8", False), ("2001:0:1::1", False),
    ("240.0.0.1", False), ("127.0.0.1", False), ("fec0::1", False), ("ff02::1", False),
])  # fmt: skip
def test_which_numbers_are_public(number, public):
    assert is_public(ipaddress.ip_address(number)) is public
