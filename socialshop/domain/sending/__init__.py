"""Payouts in a provider's hands: accounts, sendings, messages. The door."""

from .actions import (
    choose_channels,
    connect,
    disconnect,
    hand_over,
    keep,
    move,
    note,
    note_channels,
    note_heard,
    settle_event,
)
from .models import PayoutAccount, PayoutEvent, Sending
from .queries import (
    account,
    account_of,
    channels_of,
    due,
    find_account,
    get,
    get_event,
    of_payout,
    of_payouts,
    of_reference,
    open_of_account,
    quarantined,
    unclear_of_brand,
)
from .rules import (
    CALL_IS_OVER,
    EDGES,
    OPEN,
    SWEEP,
    ChannelFacts,
    again_at,
    key_of,
    may_call_again,
    next_look,
    obstacle,
    suggested,
)

__all__ = [
    "CALL_IS_OVER", "EDGES", "OPEN", "SWEEP", "ChannelFacts", "PayoutAccount", "PayoutEvent", "Sending", "account",
    "account_of", "again_at", "channels_of", "choose_channels", "connect", "disconnect", "due", "find_account",
    "get", "get_event", "hand_over", "keep", "key_of", "may_call_again", "move", "next_look", "note", "note_channels",
    "note_heard", "obstacle", "of_payout", "of_payouts", "of_reference", "open_of_account", "quarantined", "settle_event",
    "suggested", "unclear_of_brand",
]  # fmt: skip
