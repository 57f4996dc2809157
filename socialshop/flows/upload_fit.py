"""A post's pictures in the shape that a channel takes, made before they are handed over: once, and safe to repeat."""

from __future__ import annotations

import tempfile
from pathlib import Path

import structlog

from ..adapters import inspect
from ..domain import social
from ..domain.social import FitFacts, MediaFacts, PostMedia
from ..kernel.database import end_reading, in_transaction, transaction
from . import upload

log = structlog.get_logger("uploads")


def make(target_id: int) -> None:
    """Make what is missing for a target that has not begun. A picture that cannot be mended goes out as it is."""
    end_reading()
    row = social.target(target_id)
    if row.state != "waiting":
        return
    provider, post = social.channel(row.channel_id).provider, social.post(row.post_id)
    media = social.media_of(post.id)
    kind = social.wording.kind_on(provider, post.kind, len(media))
    wanted = social.fits.mends(provider, kind, [_facts(item) for item in media]) if kind else {}
    known = social.fits_of(media, provider)
    todo = [(item, wanted.get(place)) for place, item in enumerate(media) if not _is_made(known.get(item.id), wanted.get(place))]
    assert not in_transaction(), "decoding is slow"
    end_reading()
    for item, mend in todo:
        _mend(item, provider, mend)


def _is_made(known: social.Fit | None, mend: social.fits.Mend | None) -> bool:
    if known is None or mend is None:
        return known is None and mend is None
    return (known.width, known.height) == mend.canvas


def _mend(item: PostMedia, provider: str, mend: social.fits.Mend | None) -> None:
    """The variant of one picture; one of an earlier shape goes."""
    folder = upload.folder()
    if mend is None:
        with transaction():
            social.forget_fit(item.id, provider)
        return
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".fit-", dir=folder) as desk, social.files.shelf(folder):
        made = Path(desk) / "picture"
        try:
            found = inspect.pad(social.files.path_of(item.sha256, folder), out=made, canvas=mend.canvas, inner=mend.inner)
        except inspect.Unfit as refused:
            log.warning("a picture could not be mended", media=item.public_id, provider=provider, why=refused.why)
            return
        sha256, size = social.files.keep(made, folder)
        with transaction():
            social.keep_fit(item.id, provider, FitFacts(found.media_type, size, sha256, found.width, found.height))


def _facts(item: PostMedia) -> MediaFacts:
    return MediaFacts(item.kind, item.media_type, item.size, item.sha256, item.width, item.height, item.milliseconds)
