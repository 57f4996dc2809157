"""Channels that creators connected, and what they post there. The door."""

from . import board, figures, files, fits, forms, plain, remarks, slots, standing, turns, wording
from .actions import (
    ConnectedElsewhere,
    TargetFacts,
    TokenFacts,
    begin_refresh,
    call_off,
    cancel,
    compose,
    connect,
    end_refresh,
    erase,
    give_up_refresh,
    knock,
    let_in,
    lose,
    move,
    note,
    packed,
    reschedule,
    switch_off,
    tidy_knocks,
)
from .changing import add_target, begin_anew, change_files, files_of
from .figures import FigureAsk, PostFigures
from .fitted import Fit, FitFacts, find_file, fits_of, forget_fit, keep_fit
from .forms import Aim, Form, Offered, Picked
from .latest import Showing, latest_of
from .media_facts import MediaFacts
from .models import Channel, Erasure, Knock, Post, PostMedia, Target
from .needed import bytes_needed, files_needed, files_shown
from .offers import (
    OfferFacts,
    PostDraft,
    PostOffer,
    draft_of,
    drafts_of,
    drop_draft,
    keep_draft,
    offers_of,
    pressed,
    show_offers,
    uploads_named,
)
from .queries import (
    channel,
    channel_of,
    channels_named,
    channels_of,
    erasure,
    find_media,
    handle_of,
    known_on,
    media_of,
    post,
    post_of,
    posts_of,
    target,
    target_of_reference,
    targets_of,
    to_refresh,
    undecided,
)
from .remarks import Count, Remark, remark
from .rules import (
    BLOCKED_FOR,
    CALL_IS_OVER,
    CANCELLABLE,
    EDGES,
    GIVE_UP,
    LOOKS,
    NAMELESS,
    OPEN,
    UNFINISHED,
    WHEN_FULL,
    again_at,
    goes_on,
    next_sight,
    room_again,
)
from .slots import QueueSlot
from .turns import hurry, wake

__all__ = [
    "BLOCKED_FOR", "CALL_IS_OVER", "CANCELLABLE", "EDGES", "GIVE_UP", "LOOKS", "NAMELESS", "OPEN", "UNFINISHED", "WHEN_FULL",
    "Aim", "Channel", "ConnectedElsewhere", "Count", "Erasure", "FigureAsk", "Fit", "FitFacts", "Form", "Knock", "MediaFacts",
    "OfferFacts", "Offered", "Picked", "Post", "PostDraft", "PostFigures", "PostMedia", "PostOffer", "QueueSlot", "Remark",
    "Showing", "Target", "TargetFacts", "TokenFacts", "add_target", "again_at", "begin_anew", "begin_refresh", "board",
    "bytes_needed", "call_off", "cancel", "change_files", "channel", "channel_of", "channels_named", "channels_of", "compose",
    "connect",
    "draft_of", "drafts_of", "drop_draft", "end_refresh", "erase", "erasure", "figures", "files", "files_needed", "files_of",
    "files_shown", "find_file", "find_media", "fits", "fits_of", "forget_fit", "forms", "give_up_refresh", "goes_on",
    "handle_of", "hurry", "keep_draft", "keep_fit", "knock", "known_on", "latest_of", "let_in", "lose", "media_of", "move",
    "next_sight", "note", "offers_of", "packed", "plain", "post", "post_of", "posts_of", "pressed", "remark", "remarks",
    "reschedule", "room_again", "show_offers", "slots", "standing", "switch_off", "target", "target_of_reference",
    "targets_of", "tidy_knocks", "to_refresh", "turns", "undecided", "uploads_named", "wake", "wording",
]  # fmt: skip
