"""Accounts that a creator connects to post to: let in over there, listed with what each needs, left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from ...adapters.social import REASONS
from ...config import Settings
from ...domain import social
from ...domain.social import Channel, ConnectedElsewhere
from ...flows import channel as stories
from ...kernel import words
from ...kernel.clock import utcnow
from ...kernel.errors import NotFound
from ..access import CREATOR, actor, allow
from ..limits import limiter
from ..local import locale, sentence
from . import bp

LONGEST = 2000  # characters of what a provider hands back in the address
BACK = ("code", "state", "error", "error_reason", "error_description", "scopes")
ICONS = {"instagram": "brand-instagram", "facebook": "brand-facebook", "tiktok": "brand-tiktok"}
LOGINS = {
    "instagram": _l("Connect Instagram"),
    "facebook": _l("Connect Instagram through Facebook"),
    "tiktok": _l("Connect TikTok"),
}
NAMES = {"instagram": "Instagram", "facebook": "Facebook", "tiktok": "TikTok"}
PLACES = {  # where a person removes an app over there
    "instagram": _l("Settings → Website permissions → Apps and websites"),
    "facebook": _l("Settings → Business integrations"),
    "tiktok": _l("Settings → Security & permissions → Apps and services permissions"),
}
GUIDES = {"instagram": "docs/connect-instagram.md", "tiktok": "docs/connect-tiktok.md"}


@dataclass(frozen=True, slots=True)
class Card:
    """One connected account: how it stands, in words, and what to do next.

    tone: of the state's word. notes: what else is worth knowing. again: whether the next step is to connect it again.
    """

    row: Channel
    name: str
    state: str
    tone: str
    told: str
    notes: tuple[str, ...]
    again: bool


@bp.get("/channels", endpoint="channels")
@allow(CREATOR)
def channels() -> str:
    """What is connected, what each needs, and what can be connected here."""
    now, logins = utcnow(), stories.logins()
    rows = social.channels_of(g.creator.id)
    waiting = social.standing.waiting_on([row.id for row in rows])
    return render_template(
        "creator/channels.html",
        cards=[_card(row, waiting.get(row.id, 0), now) for row in rows],
        left=social.standing.left_of(g.creator.id),
        logins=[(login, LOGINS[login], _about(login)) for login in logins],
        absent=[name for provider, name in social.standing.NAMES.items() if not _has_app(provider, logins)],
        guides=[guide for provider, guide in GUIDES.items() if not _has_app(provider, logins)],
        operating=current_user.user.operator_since is not None,
        icons=ICONS, names=social.standing.NAMES,
    )  # fmt: skip


@bp.post("/channels/connect/<any(instagram, facebook, tiktok):login>")
@allow(CREATOR)
@limiter.limit("60 per hour")
def channel_connect(login: str) -> Response | str:
    """Send the creator to a provider's own page. The page in between is needed: a form of ours may not lead to strangers."""
    try:
        url = stories.begin(g.creator.id, login, redirect_uri=_back(), now=utcnow())
    except NotFound:
        flash(gettext("%(channel)s is not set up on this site.", channel=NAMES[login]), "warn")
        return redirect(url_for("creator.channels"), 303)
    return render_template("creator/channel_leaving.html", url=url, name=NAMES[login])


@bp.get("/channels/back")
@allow(CREATOR)
@limiter.limit("60 per hour")
def channels_back() -> Response:
    """The creator is back from the provider, with a code, or with a no. What came with them stays out of every later address."""
    given = {name: request.args[name][:LONGEST] for name in BACK if name in request.args}
    try:
        came = stories.finish(g.creator.id, given, actor=actor(), now=utcnow())
    except (stories.NotConnected, stories.StaleKnock, stories.NotReached, ConnectedElsewhere) as refused:
        flash(sentence(refused), "info" if refused.code == "declined" else "warn")
    else:
        for row in came.channels:
            flash(gettext("Connected: %(account)s. You can post there now.", account=row.username), "good")
        for name, why in came.refused:
            flash(gettext("Not connected: %(account)s. %(why)s", account=name, why=sentence(why)), "warn")
        for row in _still_lost(came):
            said = gettext(
                "%(account)s still needs to be connected again: you let us into another account at %(channel)s. "
                "Sign in there as %(account)s, or choose it there, and connect again.",
                account=row.username, channel=NAMES[row.via],
            )  # fmt: skip
            flash(said, "warn")
    return redirect(url_for("creator.channels"), 303)


@bp.get("/channels/<channel>/disconnection")
@allow(CREATOR)
def channel_disconnection(channel: str) -> str:
    """What disconnecting means, before it is done."""
    row = social.channel_of(g.creator.id, channel)
    waiting = social.standing.waiting_on([row.id]).get(row.id, 0)
    return render_template(
        "creator/channel_disconnection.html", row=row, name=NAMES[row.via], waiting=waiting,
        shared=social.standing.shares_grant(row),
    )  # fmt: skip


@bp.post("/channels/<channel>/disconnection")
@allow(CREATOR)
def channel_disconnected(channel: str) -> Response:
    """Withdraw what was granted, and forget the tokens."""
    via = social.channel_of(g.creator.id, channel).via  # whose permissions these are, and where they are withdrawn
    name = NAMES[via]
    match stories.disconnect(g.creator.id, channel, actor=actor(), now=utcnow()):
        case "withdrawn":
            flash(gettext("Disconnected. Our permission is deleted here and withdrawn at %(channel)s.", channel=name), "good")
        case "shared":
            flash(
                gettext(
                    "Disconnected here. At %(channel)s our permission stays, since another account lives by it.", channel=name
                ),
                "good",
            )
        case "unheard":
            said = gettext(
                "Disconnected here, and our permission is deleted. %(channel)s did not withdraw it: please remove us there too, "
                "under %(place)s.", channel=name, place=PLACES[via],
            )  # fmt: skip
            flash(said, "warn")
        case "before":
            flash(gettext("This account is disconnected already."), "info")
    return redirect(url_for("creator.channels"), 303)


def _still_lost(came: stories.Arrival) -> list[Channel]:
    """Accounts of the same login that did not come along. Where some were refused, these may be they, and that is said."""
    vias = set() if came.refused else {row.via for row in came.channels}
    return [row for row in social.channels_of(g.creator.id) if row.state == "lost" and row.via in vias]


def _card(row: Channel, waiting: int, now: datetime) -> Card:
    name = social.standing.NAMES[row.provider]
    notes = [ngettext("%(num)s post is on its way there.", "%(num)s posts are on their way there.", waiting)] if waiting else []
    if row.state == "lost":
        reason = REASONS.get(row.why, REASONS["reconnect"])
        if waiting:
            notes.append(gettext("Posts whose time comes before that wait for it, two days at most."))
        return Card(
            row, name, gettext("Needs you"), "bad", words.say(reason.sentence, locale(), channel=name), tuple(notes), True
        )
    if end := social.standing.ends_soon(row, now):
        told = gettext(
            "The permission ends on %(when)s, and only you can renew it. Please connect the account again.", when=_when(end)
        )
        return Card(row, name, gettext("Ends soon"), "warn", told, tuple(notes), True)
    if social.standing.drafts_only(row):
        told = gettext("Drafts only: posts arrive in your TikTok inbox, and you finish them in the app.")
    else:
        told = gettext("Ready to post.")
    end = social.standing.ends_at(row)
    if end is None:
        notes.append(gettext("The permission has no end; you can withdraw it at any time."))
    elif row.refresh_at is None or row.refresh_token:  # whether renewing moves this end, TikTok alone knows
        notes.append(gettext("The permission ends on %(when)s.", when=_when(end)))
    else:
        notes.append(gettext("The permission runs until %(when)s; we renew it by ourselves before that.", when=_when(end)))
    if row.via == "instagram" and "facebook" in stories.logins():
        notes.append(gettext("For the paid partnership label, connect this account through Facebook instead."))
    return Card(row, name, gettext("Connected"), "good", told, tuple(notes), False)


def _about(login: str) -> str:
    if login == "instagram":
        return str(
            gettext("A professional account (Business or Creator) is needed; switching to one is free, in the Instagram app.")
        )
    if login == "facebook":
        return str(gettext("For paid partnerships: we set the label. The account must be linked to a Facebook Page of yours."))
    if _settings().social.tiktok.audited:
        return str(gettext("Videos and photos, posted directly or sent to your inbox as drafts."))
    told = gettext(
        "TikTok has not audited this site yet: posts go to your TikTok inbox as drafts, and you finish them in the app."
    )
    return str(told)


def _has_app(provider: str, logins: list[str]) -> bool:
    return any(stories.PROVIDERS[login] == provider for login in logins)


def _back() -> str:
    """The address that the providers know: built of a setting, never of what a request says."""
    return f"{_settings().base_url}{url_for('creator.channels_back')}"


def _when(moment: datetime) -> str:
    return str(current_app.jinja_env.filters["day"](moment))


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
