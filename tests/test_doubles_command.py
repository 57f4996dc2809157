"""`socialshop doubles`: the desk and what it plays."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest
import requests
from click.testing import CliRunner

from socialshop import doubles_command
from socialshop.adapters import social as channels
from socialshop.adapters.payouts import xendit
from socialshop.demo.posts import ACCOUNTS

from .adapters.social import pairs
from .adapters.test_payout_providers import PAY
from .doubles import platform_desk
from .doubles.desk import Desk
from .doubles.xendit import KEY


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk(port=0, shop="http://127.0.0.1:9") as made:
        yield made


def press(desk: Desk, deed: str, **form: str) -> str:
    page = requests.get(desk.url, timeout=5).text
    token = re.search(r'name="desk" value="([^"]+)"', page)
    assert token
    return requests.post(desk.url, data={"desk": token[1], "deed": deed, **form}, timeout=5).text


def test_the_demos_creator_can_be_connected_here(desk: Desk) -> None:
    assert desk.instagram.accounts[ACCOUNTS["rani", "instagram"]].username == "rani.seduh"
    assert desk.tiktok.creators[ACCOUNTS["rani", "tiktok"]].username == "rani.seduh"


def test_the_desk_says_what_to_paste(desk: Desk) -> None:
    told = desk.told()
    assert KEY in told
    assert f"XENDIT_URL={desk.xendit.url} make run" in told


def test_what_was_taken_is_shown_and_each_status_can_be_played(desk: Desk) -> None:
    xendit.Xendit(KEY, desk.xendit.url).create(PAY)
    page = requests.get(desk.url, timeout=5).text
    assert "pay_1" in page
    assert "125,000 IDR" in page
    assert "money left" in press(desk, "turn", reference="pay_1", status="SUCCEEDED")
    assert "REVERSED" in press(desk, "turn", reference="pay_1", status="REVERSED")
    assert "That did not work" in press(desk, "turn", reference="pay_1", status="SUCCEEDED")


def test_a_failure_can_be_ordered_and_called_off(desk: Desk) -> None:
    press(desk, "strike", how="429", at="create")
    press(desk, "calm")
    xendit.Xendit(KEY, desk.xendit.url).create(PAY)
    assert desk.xendit.taken() == {"pay_1": 1}


def test_a_store_sends_orders_cancels_and_gives_back(desk: Desk) -> None:
    for provider in ("shopify", "woocommerce"):
        form = {
            "provider": provider,
            "address": "http://127.0.0.1:9/hooks/con_1",
            "secret": "s",
            "price": "149000",
            "currency": "IDR",
        }
        assert "Sent as" in press(desk, "order", code="rani10", click="", **form)
    for number in list(desk.sales):
        assert "Sent as" in press(desk, "refund", number=str(number))
        assert "Sent as" in press(desk, "cancel", number=str(number))


def test_the_platforms_show_what_was_posted_and_take_a_grant(desk: Desk) -> None:
    """Both lead from the person's page to a post that can be seen, by the settings that the desk tells."""
    settings = dict(word.split("=", 1) for word in desk.settings().split())
    for double, via in ((desk.instagram, "instagram"), (desk.tiktok, "tiktok")):
        assert "Nothing yet" in requests.get(f"{double.url}/_double", timeout=5).text
        assert double.url in settings.values()
        assert via in requests.get(desk.url, timeout=5).text.lower()
    channels.set_up(pairs.settings_of(desk.instagram.url, desk.tiktok.url))
    back = "http://127.0.0.1:9/creator/channels/back"
    for double, via in ((desk.instagram, "instagram"), (desk.tiktok, "tiktok")):
        client = channels.publisher(via)
        page = requests.get(client.authorize_url(state="s", redirect_uri=back, verifier="v" * 64), timeout=5)
        fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.text))
        given = {name: unescape(value) for name, value in fields.items()} | {"pressed": "allow", "account": "none"}
        path = re.search(r'action="([^"]+)"', page.text)
        assert path
        answer = requests.post(double.url + path[1], data=given, allow_redirects=False, timeout=5)
        assert answer.headers["Location"].startswith(f"{back}?code=")


def test_the_platforms_send_their_messages(desk: Desk) -> None:
    """To nobody here; `tests/api/test_social_hooks.py` sees what our doors do with them."""
    for deed in platform_desk.BUTTONS:
        said = press(desk, deed)
        assert any(words in said for words in ("Nobody answers at /hooks/", "Nothing was posted yet.", "0 drafts were posted."))
    assert {"FACEBOOK_APP_ID", "INSTAGRAM_VERIFY_TOKEN"} < {word.partition("=")[0] for word in desk.settings().split()}


def test_the_platforms_end_badly_and_let_time_pass_by_their_buttons(desk: Desk) -> None:
    page = f"{desk.tiktok.url}/_double"
    assert requests.post(page, data={"deed": "calm", "key": "wrong"}, timeout=5).status_code == 403
    form = {"key": desk.tiktok.key}
    assert (
        "ends like this: 503" in requests.post(page, data={**form, "deed": "strike", "how": "503", "at": "user"}, timeout=5).text
    )
    assert requests.get(f"{desk.tiktok.url}/v2/user/info/", timeout=5).status_code == 503
    assert "did not work" in requests.post(page, data={**form, "deed": "strike", "how": "dance"}, timeout=5).text
    before = desk.tiktok.clock.now()
    assert "UTC over there" in requests.post(page, data={**form, "deed": "clock", "minutes": "90"}, timeout=5).text
    assert (desk.tiktok.clock.now() - before).total_seconds() >= 5400
    assert "answers well" in requests.post(page, data={**form, "deed": "calm"}, timeout=5).text
    assert "no such button" in requests.post(page, data={**form, "deed": "fly"}, timeout=5).text


def test_no_other_page_presses_the_buttons(desk: Desk) -> None:
    for form in ({"deed": "calm"}, {"deed": "calm", "desk": "wrong"}):
        assert requests.post(desk.url, data=form, timeout=5).status_code == 403
    assert requests.get(f"{desk.url}/else", timeout=5).status_code == 404


def test_where_the_source_is_missing_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setattr(doubles_command, "__file__", str(tmp_path / "socialshop" / "doubles_command.py"))
    done = CliRunner().invoke(doubles_command.doubles)
    assert done.exit_code == 1
    assert "part of the source, not of the installed package" in done.output


def test_a_port_in_use_is_said(desk: Desk) -> None:
    port = desk.url.rsplit(":", 1)[1]
    done = CliRunner().invoke(doubles_command.doubles, ["--port", port])
    assert done.exit_code == 1
    assert "cannot be used" in done.output
