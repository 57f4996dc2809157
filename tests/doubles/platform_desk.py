"""What the desk plays of Instagram and TikTok: their settings, and the messages that they send."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from urllib.parse import urlencode, urlsplit

import requests

from .instagram import InstagramDouble, oauth
from .instagram import hooks as instagram_hooks
from .instagram import world as instagram_world
from .tiktok import TikTokDouble
from .tiktok import hooks as tiktok_hooks
from .tiktok import world as tiktok_world

BUTTONS = {  # deed → its words
    "instagram_removed": "A person takes access away in Instagram",
    "instagram_forget": "A person asks Instagram that we forget them",
    "tiktok_removed": "A person takes access away in TikTok",
    "tiktok_finish": "A person posts the drafts in their TikTok inbox",
    "tiktok_told": "TikTok tells what became of its posts",
    "meta_handshake": "Meta asks whose address it is",
}


def settings(instagram: InstagramDouble, tiktok: TikTokDouble) -> str:
    """What leads socialshop to both platforms, by all three logins."""
    i, t = instagram.url, tiktok.url
    return (
        f"INSTAGRAM_APP_ID={instagram_world.CLIENT_ID} INSTAGRAM_APP_SECRET={instagram_world.CLIENT_SECRET} "
        f"INSTAGRAM_VERIFY_TOKEN={instagram_world.VERIFY_TOKEN} "
        f"INSTAGRAM_LOGIN_URL={i} INSTAGRAM_TOKEN_URL={i} INSTAGRAM_GRAPH_URL={i} "
        f"FACEBOOK_APP_ID={instagram_world.META_ID} FACEBOOK_APP_SECRET={instagram_world.META_SECRET} "
        f"FACEBOOK_LOGIN_URL={i} FACEBOOK_GRAPH_URL={i} "
        f"TIKTOK_CLIENT_KEY={tiktok_world.CLIENT_KEY} TIKTOK_CLIENT_SECRET={tiktok_world.CLIENT_SECRET} "
        f"TIKTOK_LOGIN_URL={t} TIKTOK_API_URL={t} TIKTOK_AUDITED=true"
    )


def press(deed: str, instagram: InstagramDouble, tiktok: TikTokDouble, shop: str) -> str:
    """Press one of these buttons; what is said about it."""
    deeds: dict[str, Callable[[], str]] = {
        "instagram_removed": lambda: _leave_instagram(instagram, shop, "deauthorize"),
        "instagram_forget": lambda: _leave_instagram(instagram, shop, "deletion"),
        "tiktok_removed": lambda: _leave_tiktok(tiktok, shop),
        "tiktok_finish": lambda: f"{len(tiktok.finish())} drafts were posted.",
        "tiktok_told": lambda: _tell_posts(tiktok, shop),
        "meta_handshake": lambda: _asked(f"{shop}/hooks/instagram?{urlencode(instagram_hooks.handshake())}"),
    }
    return deeds[deed]()


def _leave_instagram(double: InstagramDouble, shop: str, what: str) -> str:
    """By the person's id of each login, as Meta's two apps know them."""
    said = []
    account = double.signed_in
    oauth.revoke_all(double, account)
    for person, secret in ((account.app_scoped, instagram_world.CLIENT_SECRET), (account.person, instagram_world.META_SECRET)):
        request = instagram_hooks.signed_request(person, secret=secret, issued_at=int(time.time()))
        body = urlencode({"signed_request": request}).encode()
        said.append(_sent(f"{shop}/hooks/instagram/{what}", body, {"Content-Type": "application/x-www-form-urlencoded"}))
    return " ".join(said)


def _leave_tiktok(double: TikTokDouble, shop: str) -> str:
    creator, at = double.signed_in, int(time.time())
    for grant in double.grants:
        if grant.creator is creator:
            grant.alive = False
    body = tiktok_hooks.event("authorization.removed", creator.open_id, {"reason": 1}, at=at)
    return _sent(f"{shop}/hooks/tiktok", body, tiktok_hooks.signed(body, at=at))


def _tell_posts(double: TikTokDouble, shop: str) -> str:
    said = []
    for task in [task for task in double.tasks.values() if task.ended]:
        at = int(time.time())
        for name, content in double.events_of(task):
            body = tiktok_hooks.event(name, task.creator.open_id, content, at=at)
            said.append(_sent(f"{shop}/hooks/tiktok", body, tiktok_hooks.signed(body, at=at)))
    return " ".join(said) or "Nothing was posted yet."


def _sent(address: str, body: bytes, headers: Mapping[str, str]) -> str:
    return _told("POST", address, data=body, headers=dict(headers))


def _asked(address: str) -> str:
    return _told("GET", address)


def _told(method: str, address: str, **how: object) -> str:
    path = urlsplit(address).path
    try:
        answer = requests.request(method, address, timeout=10, allow_redirects=False, **how)  # type: ignore[arg-type]
    except requests.RequestException:
        return f"Nobody answers at {path}."
    return f"{path} answered {answer.status_code}: {answer.text[:300]}"
