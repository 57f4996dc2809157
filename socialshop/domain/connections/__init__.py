"""Connected stores, what they told us, and what a person has to look at. The door: everything others may call."""

from .actions import (
    AlreadyDecided,
    change,
    close_review,
    connect,
    keep,
    let_again,
    lock,
    make_secret,
    mark_worked,
    note_proof,
    open_review,
    set_secret,
    settle_event,
    turn,
)
from .models import Connection, InboundEvent, Review
from .queries import (
    Kept,
    connection_of,
    counts_of,
    decided_review_of,
    event_of,
    events_of,
    find,
    get,
    get_event,
    kept_by_store,
    kept_of,
    last_heard,
    newest_telling,
    newest_worked_at,
    of_brand,
    open_review_of,
    open_reviews,
    parked_for,
    quarantined,
    review_of,
    reviews_of,
    secrets_of,
    told_before,
    with_a_past,
)
from .reasons import EARNED_NOTHING, SENTENCES, reason, template_of
from .rules import is_secret, shop_domain, worth_of_pieces

__all__ = [
    "EARNED_NOTHING", "SENTENCES", "AlreadyDecided", "Connection", "InboundEvent", "Kept", "Review", "change", "close_review",
    "connect", "connection_of", "counts_of", "decided_review_of", "event_of", "events_of", "find", "get", "get_event",
    "is_secret", "keep", "kept_by_store", "kept_of", "last_heard", "let_again", "lock", "make_secret", "mark_worked",
    "newest_telling", "newest_worked_at",
    "note_proof", "of_brand", "open_review", "open_review_of", "open_reviews", "parked_for", "quarantined", "reason",
    "review_of", "reviews_of", "secrets_of", "set_secret", "settle_event", "shop_domain", "template_of", "told_before",
    "turn", "with_a_past", "worth_of_pieces",
]  # fmt: skip
