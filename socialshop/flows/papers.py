"""Files that people attach become papers: pictures are encoded anew, PDFs are looked at, anything else is refused."""

from __future__ import annotations

from collections.abc import Iterable

from ..domain import appeals, media
from ..kernel.database import in_transaction


def read(files: Iterable[tuple[str, bytes]]) -> tuple[appeals.PaperDraft, ...]:
    """Files by name and content, as they may be kept. FileRefused names the one that may not. Slow: never in a transaction."""
    assert not in_transaction(), "decoding pictures takes its time"
    brought = list(files)
    if len(brought) > appeals.MAX_FILES:
        raise appeals.FileRefused(appeals.TOO_MANY_FILES, code="too_many", most=appeals.MAX_FILES)
    return tuple(_read(name, data) for name, data in brought)


def _read(name: str, data: bytes) -> appeals.PaperDraft:
    try:
        if appeals.is_pdf(data):
            return appeals.pdf(name, data)
        content, width, height = media.single(data)
    except (appeals.FileRefused, media.NotAPicture) as refused:
        unknown = refused.code == media.NotAPicture.code
        message = appeals.FileRefused.message if unknown else refused.message
        raise appeals.FileRefused(message, code="not_a_file" if unknown else refused.code, file=name) from refused
    return appeals.PaperDraft("picture", appeals.file_name(name, "webp"), content, appeals.digest(data), width, height)
