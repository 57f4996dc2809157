"""What TikTok asks of a form that posts there: https://developers.tiktok.com/doc/content-sharing-guidelines"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext

from ...adapters.social import Options
from ...domain import social
from ...flows import channel as channels
from ...flows.compose import Aim, Form, Shown
from ...kernel.errors import DomainError
from ..local import sentence
from .compose_form import Typed


def asked(creator_id: int, aims: Iterable[Aim], *, now: datetime) -> dict[str, Options | str]:
    """What TikTok accounts may choose right now, or the sentence why they cannot post; by the channel's public id."""
    found: dict[str, Options | str] = {}
    wanted = {aim.channel for aim in aims}
    rows = [row for row in social.channels_of(creator_id) if row.provider == "tiktok" and row.state == "live"]
    for public_id in [row.public_id for row in rows if row.public_id in wanted]:
        try:
            found[public_id] = channels.options(creator_id, public_id, now=now)
        except DomainError as refusal:
            found[public_id] = sentence(refusal)
    return found


def options_in(told: Mapping[str, Options | str]) -> dict[str, Options]:
    """Those that told something."""
    return {public_id: each for public_id, each in told.items() if isinstance(each, Options)}


def audiences(options: Options) -> list[tuple[str, str]]:
    """What the account offers, with what it is called."""
    named = {
        "PUBLIC_TO_EVERYONE": gettext("Everyone"), "MUTUAL_FOLLOW_FRIENDS": gettext("Friends"),
        "FOLLOWER_OF_CREATOR": gettext("Followers"), "SELF_ONLY": gettext("Only me"),
    }  # fmt: skip
    return [(value, named.get(value, value)) for value in options.privacy]


def commerce(form: Form, shown: Sequence[Shown], typed: Typed) -> dict[str, Any]:
    """TikTok's switch and boxes. auto: what they are by themselves, by what is offered."""
    plain = [each.promotes for each in shown]
    by_itself = plain[0] if plain and not form.commercial else "nothing"
    stands = form.commercial or by_itself
    own, brand = stands in ("own", "both"), stands in ("brand", "both")
    return {
        "auto": by_itself if not form.commercial else "?", "on": own or brand or typed.commerce_open, "own": own, "brand": brand,
        "label": gettext("Paid partnership") if brand else gettext("Promotional content") if own else "",
    }  # fmt: skip
