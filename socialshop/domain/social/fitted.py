"""A post's picture as one channel takes it, where that is not as it was sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ForeignKey, String, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from ...kernel.database import Model, primary_key, public_key, session
from .models import PostMedia


class Fit(Model):
    """A variant of a file of a post, for all channels of one provider."""

    __tablename__ = "post_media_fits"
    __table_args__ = (UniqueConstraint("media_id", "provider"),)

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("pmf")
    media_id: Mapped[int] = mapped_column(ForeignKey("post_media.id"))
    provider: Mapped[str] = mapped_column(String(12))
    media_type: Mapped[str] = mapped_column(String(40))
    size: Mapped[int]  # bytes
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    width: Mapped[int]
    height: Mapped[int]


@dataclass(frozen=True, slots=True)
class FitFacts:
    """A variant whose file is kept."""

    media_type: str
    size: int
    sha256: str
    width: int
    height: int


def keep_fit(media_id: int, provider: str, facts: FitFacts) -> None:
    """Write a variant down, in the place of an earlier one; the file it is made of stays until the end of the transaction."""
    held = session().scalar(select(PostMedia.id).where(PostMedia.id == media_id).with_for_update())
    if held is None:  # the post was changed meanwhile
        return
    forget_fit(media_id, provider)
    session().add(
        Fit(
            media_id=media_id, provider=provider, media_type=facts.media_type, size=facts.size, sha256=facts.sha256,
            width=facts.width, height=facts.height,
        )
    )  # fmt: skip
    session().flush()


def forget_fit(media_id: int, provider: str) -> None:
    """The file goes out as it was sent."""
    session().execute(delete(Fit).where(Fit.media_id == media_id, Fit.provider == provider))


def fits_of(media: Sequence[PostMedia], provider: str) -> dict[int, Fit]:
    """The variants that one provider gets, by the internal key of the file."""
    query = select(Fit).where(Fit.media_id.in_([item.id for item in media]), Fit.provider == provider)
    return {row.media_id: row for row in session().scalars(query)}


def find_file(public_id: str) -> PostMedia | Fit | None:
    """A file of a post or a variant of one, whoever's: its address is signed."""
    if public_id.startswith("pmf_"):
        return session().scalar(select(Fit).where(Fit.public_id == public_id))
    return session().scalar(select(PostMedia).where(PostMedia.public_id == public_id))
