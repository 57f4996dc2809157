"""Pictures and films that creators send for their posts, until a post has what it needs of them. The door."""

from . import parts
from .actions import Kept, advance, begin, drop, ready, refuse, take_over
from .models import Upload
from .queries import (
    find,
    here,
    how_many,
    kept,
    known,
    named,
    ready_of,
    resting,
    silent,
    underway,
    unfinished,
    upload_of,
    uploads_of,
)
from .rules import AT_ONCE, HEAD, MANY, STAYS, TYPES, WAITS, WHY, Limits, announced, called, kind_of, over_at, sniffed

__all__ = [
    "AT_ONCE", "HEAD", "MANY", "STAYS", "TYPES", "WAITS", "WHY", "Kept", "Limits", "Upload", "advance", "announced", "begin",
    "called", "drop", "find", "here", "how_many", "kept", "kind_of", "known", "named", "over_at", "parts", "ready", "ready_of",
    "refuse", "resting", "silent", "sniffed", "take_over", "underway", "unfinished", "upload_of", "uploads_of",
]  # fmt: skip
