"""What the redirector notes of a tap, and what it leaves with the browser."""

from __future__ import annotations

import pytest

from socialshop.kernel.taps import read_tap
from socialshop.redirector.answer import Redirector
from socialshop.redirector.way import Way

CHROME = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36"
MOMENT = 1_780_000_000.0
DAY = 86_400
KNOWN = "abcdefghijklmnopqrstuv"


class OneLink:
    def __init__(self, program: int | None = 7) -> None:
        self.way = Way(
            1, 2, program, "instagram", "bio", "https://a.example/", "/@mia", True, None, ("https://a.example/?r=", "")
        )

    def find(self, slug: str) -> Way | None:
        return self.way


class Lines(list):
    def append(self, payload: bytes) -> None:
        super().append(payload)


def tapped(address="203.0.113.77", at=MOMENT, program=7, remember="attribution", proxies=0, query="", **headers):
    """(the noted tap, the cookies given: name → line, the raw line)."""
    lines, said = Lines(), {}
    redirector = Redirector(OneLink(program), lines, b"secret" * 6, now=lambda: at, proxies=proxies, remember=remember)
    environ = {
        "PATH_INFO": "/l/kopi", "REQUEST_METHOD": "GET", "QUERY_STRING": query, "REMOTE_ADDR": address, "wsgi.url_scheme": "https",
        "HTTP_HOST": "shop.example", "HTTP_USER_AGENT": CHROME, "HTTP_SEC_FETCH_MODE": "navigate", "HTTP_SEC_FETCH_DEST": "document",
        **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
    }  # fmt: skip
    redirector.answer(environ, lambda status, answer: said.update(status=status, headers=answer))
    cookies = {value.partition("=")[0]: value for name, value in said["headers"] if name == "Set-Cookie"}
    return read_tap(lines[0]), cookies, lines[0]


def test_what_is_noted_of_a_tap():
    tap, _, _ = tapped(
        query="utm_source=ig&utm_medium=bio%20atas&utm_campaign=lebaran+2026&utm_source=again", accept_language="id-ID,id;q=0.9",
        sec_fetch_site="cross-site", sec_fetch_user="?1", x_requested_with="com.instagram.android", referer="https://l.instagram.com/?u=x",
    )  # fmt: skip
    assert (tap.network, tap.language, tap.referrer) == ("203.0.113.0", "id", "l.instagram.com")
    assert (tap.utm_source, tap.utm_medium, tap.utm_campaign) == ("ig", "bio atas", "lebaran 2026")
    assert tap.signs == "site-cross-site user app-com.instagram.android"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "network"),
    [
        (0, "198.51.100.9", "203.0.113.0"),  # nobody in front may be believed
        (1, "198.51.100.9", "198.51.100.0"),
        (1, "6.6.6.6, 198.51.100.9", "198.51.100.0"),  # what the visitor wrote there itself
        (2, "198.51.100.9, 10.0.0.1", "198.51.100.0"),
        (2, "198.51.100.9", "203.0.113.0"),  # shorter than it should be
        (1, "2001:db8:7:8::9", "2001:db8:7::"),
        (1, "<script>", ""),
    ],
)
def test_whose_network_it_is_behind_proxies(proxies, forwarded, network):
    assert tapped(proxies=proxies, x_forwarded_for=forwarded)[0].network == network


@pytest.mark.parametrize(
    "hostile",
    [
        "utm_source=" + "x" * 9000,
        "utm_source=%00%1b%ff",
        "utm_=&utm_source",
        "utm_source=%",
        "&" * 3000 + "utm_medium=x",
        "code=%zz&utm_medium=a=b",
    ],
)
def test_hostile_addresses_are_noted_short_and_plain(hostile):
    tap, _, line = tapped(
        query=hostile, accept_language="\x1b" * 500, x_requested_with="a\r\nb", sec_ch_ua="x" * 9000, sec_fetch_site="weird"
    )
    assert len(line) < 2000
    assert max(len(word) for word in (tap.utm_source, tap.utm_medium, tap.utm_campaign)) <= 60
    assert (tap.utm_source + tap.utm_medium).isprintable()
    assert (tap.language, tap.signs) == ("", "")


@pytest.mark.parametrize("address", ["203.0.113.77", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff"])
@pytest.mark.parametrize("remember", ["attribution", "consent", "never"])
def test_no_full_address_is_ever_written(address, remember, capsys):
    for proxies in (0, 1):
        _, cookies, line = tapped(
            address=address, remember=remember, proxies=proxies, x_forwarded_for=f"{address}, {address}", cookie="v=bad"
        )
        told = line.decode() + str(cookies) + "".join(capsys.readouterr())
        for piece in (address, "113.77", "bbbb", "eeee:ffff"):
            assert piece not in told


@pytest.mark.parametrize(
    ("facts", "given", "lasting"),
    [
        ({}, {"v", "clk"}, True),
        ({"cookie": f"v={KNOWN}"}, {"v", "clk"}, True),
        ({"program": None}, set(), False),  # nothing to attribute, so nothing to remember
        ({"program": None, "cookie": f"v={KNOWN}"}, set(), True),  # it is known anyway
        ({"sec_gpc": "1"}, set(), False),
        ({"cookie": "agreed=no"}, set(), False),
        ({"remember": "consent"}, set(), False),
        ({"remember": "consent", "cookie": "agreed=yes"}, {"v", "clk"}, True),
        ({"remember": "consent", "cookie": "agreed=yes", "sec_gpc": "1"}, set(), False),
        ({"remember": "never", "cookie": "agreed=yes"}, set(), False),
        ({"sec_fetch_dest": "iframe"}, set(), True),
    ],
)  # fmt: skip
def test_a_cookie_only_where_it_serves_and_may(facts, given, lasting):
    tap, cookies, _ = tapped(**facts)
    assert set(cookies) == given
    assert tap.visitor != ""
    assert (not tap.visitor.startswith("d") or len(tap.visitor) != 33) is lasting


def test_a_consent_that_was_taken_back_takes_the_cookies_back():
    tap, cookies, _ = tapped(cookie=f"v={KNOWN}; clk=clk_1; agreed=no")
    assert tap.visitor != KNOWN
    assert {name: "Max-Age=0" in line for name, line in cookies.items()} == {"v": True, "clk": True}


def test_without_a_cookie_somebody_is_one_visitor_for_a_day():
    who = {"remember": "never", "at": MOMENT // DAY * DAY}
    morning = tapped(**who)[0].visitor
    evening = tapped(**{**who, "at": who["at"] + DAY - 1}, address="203.0.113.200")[0].visitor
    tomorrow = tapped(**{**who, "at": who["at"] + DAY})[0].visitor
    assert morning == evening != tomorrow
    assert tapped(**who, address="203.0.114.77")[0].visitor != morning
    assert tapped(**who, host="other.example")[0].visitor != morning


def test_nobody_makes_themselves_somebody_elses_visitor_of_the_day():
    word = tapped(remember="never")[0].visitor
    assert tapped(cookie=f"v={word}")[0].visitor != word


def test_a_prefetch_is_nobody_and_is_given_nothing():
    tap, cookies, _ = tapped(sec_purpose="prefetch")
    assert (tap.visitor, cookies) == ("", {})


@pytest.mark.parametrize(("facts", "lasts"), [({}, True), ({"sec_gpc": "1"}, False), ({"remember": "never"}, False)])
def test_a_code_is_kept_only_for_the_visit_where_nothing_may_be_remembered(facts, lasts):
    line = tapped(query="code=RANI10", **facts)[1]["code"]
    assert line.startswith("code=rani10;")
    assert ("Max-Age" in line) is lasts
