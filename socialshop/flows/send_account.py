"""A brand connects the provider that sends its payouts, says which channel pays which bank, and disconnects it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from ..adapters.payouts import Channel, PayoutRefused, Silent, play_money_allowed, provider
from ..domain import audit, payouts, people, sending
from ..domain.audit import Actor
from ..domain.sending import ChannelFacts, PayoutAccount
from ..kernel.database import end_reading, transaction
from ..kernel.errors import N_, FieldError, Invalid, NotFound
from .send_answer import held, lose

PROVIDER = "xendit"
_KEY = re.compile(r"[\x21-\x7e]{16,200}\Z")
_TOKEN = re.compile(r"[\x21-\x7e]{8,200}\Z")


class NotReached(Invalid):
    """The provider gave no usable answer."""

    code = "provider_not_reached"
    message = N_("Xendit did not answer. Nothing was changed; please try again in a moment.")


def connect(brand_id: int, *, api_key: str, token: str, actor: Actor, now: datetime) -> PayoutAccount:
    """Connect an account, or change its key; the key is tried first by listing channels. What is left empty stays.

    Invalid names the field: a key that is none, or that Xendit refuses. NotReached.
    """
    before = sending.account_of(brand_id)
    api_key = api_key or (before.api_key if before is not None else "") or ""
    wrong = [] if _KEY.match(api_key) else [FieldError("api_key", "not_a_key", N_("This is not an API key of Xendit."))]
    if token and not _TOKEN.match(token):
        wrong.append(FieldError("token", "not_a_token", N_("This is not a verification token of Xendit.")))
    if not token and (before is None or not before.token):
        wrong.append(FieldError("token", "required", N_("Without the token, messages from Xendit cannot be believed.")))
    if wrong:
        raise Invalid(fields=wrong)
    end_reading()
    test_mode = provider(PROVIDER, api_key).is_test()
    if test_mode and not play_money_allowed():
        message = N_("This is a key of Xendit's test mode. It moves no money, so payouts here would only seem to be paid.")
        raise Invalid(fields=[FieldError("api_key", "test_key", message)])
    channels = _listed(api_key)
    with transaction():
        brand = people.get_brand(brand_id)
        row = sending.connect(
            brand_id, PROVIDER, api_key=api_key, token=token, test_mode=test_mode, channels=channels, now=now
        )  # fmt: skip
        if not row.chosen:
            sending.choose_channels(row, sending.suggested(kinds(), channels))
        audit.note(
            "payout_account.connected", row.public_id, actor=actor, tenant=brand.public_id, now=now,
            after={"provider": PROVIDER, "key_number": row.key_number, "test": test_mode, "channels": len(channels)},
        )  # fmt: skip
    return row


def check(brand_id: int, *, actor: Actor, now: datetime) -> int:
    """Ask the provider for its channels again, which also tries the key; how many. NotFound, Invalid, NotReached."""
    row = _live(brand_id)
    account_id, api_key = row.id, row.api_key or ""
    end_reading()
    channels = _listed(api_key)
    with transaction():
        row = sending.account(account_id)
        sending.note_channels(row, channels, now=now)
        audit.note(
            "payout_account.checked", row.public_id, actor=actor, tenant=people.get_brand(brand_id).public_id, now=now,
            after={"channels": len(channels)},
        )  # fmt: skip
    return len(channels)


def choose_channels(brand_id: int, chosen: dict[str, str], *, actor: Actor, now: datetime) -> None:
    """Which of the provider's channels pays which bank or e-wallet of ours; "" for none. Invalid where one is not listed."""
    row = _live(brand_id)
    listed = {channel.code for channel in sending.channels_of(row)}
    known = kinds()
    wrong = [
        FieldError(ours, "not_listed", N_("Xendit does not list this channel."))
        for ours, theirs in chosen.items()
        if ours not in known or (theirs and theirs not in listed)
    ]
    if wrong:
        raise Invalid(fields=wrong)
    with transaction():
        row = _live(brand_id)
        before = dict(row.chosen)
        after = {ours: theirs for ours, theirs in chosen.items() if theirs}
        if before == after:
            return
        sending.choose_channels(row, after)
        changed = sorted(ours for ours in before.keys() | after.keys() if before.get(ours) != after.get(ours))
        audit.note(
            "payout_account.channels", row.public_id, actor=actor, tenant=people.get_brand(brand_id).public_id, now=now,
            before={ours: before.get(ours, "") for ours in changed}, after={ours: after.get(ours, "") for ours in changed},
        )  # fmt: skip


def disconnect(brand_id: int, *, actor: Actor, now: datetime) -> bool:
    """Forget key and token. What was not handed over is the brand's again; of what was, only a person can tell from now on.

    False: nothing was connected.
    """
    with transaction():
        row = sending.account_of(brand_id)
        if row is None or not sending.disconnect(row.id, now=now):
            return False
        open_ = sending.open_of_account(row.id)
        for each in open_:
            current, payout = held(each.id)
            if current.state == "waiting" and current.first_called_at is None:
                sending.move(current.id, "refused", why="disconnected", next_at=None)
                payouts.take_back(payout.id)
            else:
                lose(current, payout, "disconnected", by=actor, now=now, next_at=None)
        audit.note(
            "payout_account.disconnected", row.public_id, actor=actor, tenant=people.get_brand(brand_id).public_id, now=now,
            before={"provider": row.provider}, after={"under_way": len(open_)},
        )  # fmt: skip
    return True


def kinds() -> dict[str, str]:
    """Our banks and e-wallets, by code, with their kind."""
    return dict.fromkeys(people.BANKS, "bank") | dict.fromkeys(people.EWALLETS, "ewallet")


def _live(brand_id: int) -> PayoutAccount:
    row = sending.account_of(brand_id)
    if row is None:
        raise NotFound()
    return row


def _listed(api_key: str) -> Sequence[ChannelFacts]:
    """The provider's channels, asked with no transaction open."""
    try:
        return [_facts(channel) for channel in provider(PROVIDER, api_key).channels()]
    except Silent as error:
        raise NotReached() from error
    except PayoutRefused as error:
        message = N_("Xendit refuses this key. Please check that it may read and write payouts.")
        raise Invalid(fields=[FieldError("api_key", "refused", message)]) from error


def _facts(channel: Channel) -> ChannelFacts:
    least, most = channel.least, channel.most
    return ChannelFacts(
        channel.code, channel.name, channel.kind, channel.currency, least.minor if least else None, most.minor if most else None
    )
