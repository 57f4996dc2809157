"""Why a request for a link did not count: a sentence for people for each reason of the judge."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

_WHY = {
    "repeat_within_10s": _l("The same visitor had tapped this link a moment before; both count as one."),
    "beyond_a_days_measure": _l("The same visitor tapped this link more than 20 times that day; the first 20 count."),
    "sec_purpose": _l("The browser loaded the page ahead, in case somebody taps. If they do, that tap counts."),
    "no_agent": _l("Whoever asked did not say which browser it is; browsers of people do."),
    "app_itself": _l("An app looked at the link by itself; nobody saw a page. Taps in its browser count."),
    "headless": _l("The browser runs without a screen, so nobody sees it."),
    "no_activation": _l("Our own page was open, and a script followed the link; the browser says that nobody touched anything."),
    "creators_own": _l("You were signed in when you tapped your own link."),
    "brand_member": _l("Somebody of the brand was signed in when they tapped."),
}
_BOT = _l("It calls itself a program, not a browser of people: a search engine, a scanner or a script.")
_PREVIEW = _l("An app drew a preview card, because somebody pasted the link into a chat or a post.")
_EMBEDDED = _l("Another page loaded the link as a part of itself, as a picture, a frame or by a script; nobody went there.")


def why(kind: str, reason: str) -> str:
    """One sentence that says why such a request did not count; for one that did, that it did."""
    if kind == "payable":
        return str(gettext("Somebody tapped, as far as anybody can tell. It counts."))
    if kind == "embedded":
        return str(_EMBEDDED)
    if kind == "preview":
        return str(_PREVIEW)
    if reason in _WHY:
        return str(_WHY[reason])
    return str(_BOT) if kind == "bot" else str(gettext("It did not count."))
