"""A browser's name for its owner's eyes: "Chrome, Android". Only as good as what the browser says of itself."""

from __future__ import annotations

# the first that fits; apps and descendants before what they pretend to be
_BROWSERS = (
    ("Instagram", "Instagram"), ("musical_ly", "TikTok"), ("BytedanceWebview", "TikTok"),
    ("FBAN", "Facebook"), ("FBAV", "Facebook"),
    ("SamsungBrowser", "Samsung Internet"), ("OPR/", "Opera"), ("Edg", "Edge"), ("Firefox", "Firefox"), ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"), ("curl", "curl"), ("python-requests", "Python"),
)  # fmt: skip
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)  # fmt: skip


def device_of(agent: str) -> str:
    """Browser and system, as far as the User-Agent names them; empty where it names neither."""
    named = (next((name for sign, name in table if sign in agent), "") for table in (_BROWSERS, _SYSTEMS))
    return ", ".join(filter(None, named))
