"""What a post shows to buy on each of its channels, and posts that are still being written. Nothing here commits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from ...kernel.database import Model, UtcDateTime, primary_key, public_key, session
from ...kernel.errors import N_, Invalid, NotFound
from .forms import read
from .models import Post, Target
from .rules import OPEN

MOST_DRAFTS = 100  # of one creator


class PostOffer(Model):
    """A product, page or link that a post shows on one channel, with that channel's own link and the creator's code."""

    __tablename__ = "post_offers"
    __table_args__ = (
        UniqueConstraint("target_id", "position"),
        CheckConstraint("kind IN ('product', 'page', 'link')", name="kind"),
    )

    id: Mapped[int] = primary_key()
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"), index=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("post_targets.id"))
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(String(200), default="")
    product_id: Mapped[int | None] = mapped_column(ForeignKey("products.id"))
    program_id: Mapped[int | None] = mapped_column(ForeignKey("programs.id"))  # None: it earns nothing
    link_id: Mapped[int] = mapped_column(ForeignKey("tracked_links.id"))
    code: Mapped[str] = mapped_column(String(30), default="", index=True)  # as `referral_codes` has it; "" none


class PostDraft(Model):
    """A post that is still being written. form: see `forms`."""

    __tablename__ = "post_drafts"

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("dft")
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"), index=True)
    form: Mapped[dict[str, Any]] = mapped_column(JSON)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


@dataclass(frozen=True, slots=True)
class OfferFacts:
    """What is shown on a channel."""

    kind: str
    title: str
    link_id: int
    product_id: int | None = None
    program_id: int | None = None
    code: str = ""


def show_offers(post_id: int, target_id: int, offers: Iterable[OfferFacts]) -> None:
    """What a post shows on one channel from now on, instead of what it did."""
    session().execute(delete(PostOffer).where(PostOffer.target_id == target_id))
    for position, facts in enumerate(offers):
        session().add(
            PostOffer(
                post_id=post_id, target_id=target_id, position=position, kind=facts.kind, title=facts.title[:200],
                product_id=facts.product_id, program_id=facts.program_id, link_id=facts.link_id, code=facts.code,
            )
        )  # fmt: skip
    session().flush()


def keep_draft(creator_id: int, form: dict[str, Any], *, public_id: str = "", now: datetime) -> PostDraft:
    """Keep what was typed so far, in the place of an earlier draft or ("") as a new one. NotFound, Invalid: too many."""
    if public_id:
        row = draft_of(creator_id, public_id)
        row.form, row.updated_at = form, now
    else:
        if len(drafts_of(creator_id)) >= MOST_DRAFTS:
            raise Invalid(N_("There are {most} drafts already. Please delete some that you do not need."), most=MOST_DRAFTS)
        row = PostDraft(creator_id=creator_id, form=form, updated_at=now)
        session().add(row)
    session().flush()
    return row


def drop_draft(creator_id: int, public_id: str) -> bool:
    """Forget a draft; False where there is none."""
    gone = session().execute(
        delete(PostDraft)
        .where(PostDraft.creator_id == creator_id, PostDraft.public_id == public_id)
        .returning(PostDraft.id)
        .execution_options(synchronize_session=False)
    )
    return gone.scalar() is not None


def draft_of(creator_id: int, public_id: str) -> PostDraft:
    """A creator's own draft; NotFound."""
    found = session().scalar(select(PostDraft).where(PostDraft.creator_id == creator_id, PostDraft.public_id == public_id))
    if found is None:
        raise NotFound()
    return found


def drafts_of(creator_id: int) -> Sequence[PostDraft]:
    """What a creator is writing, the newest first."""
    query = select(PostDraft).where(PostDraft.creator_id == creator_id)
    return session().scalars(query.order_by(PostDraft.updated_at.desc(), PostDraft.id.desc())).all()


def pressed(creator_id: int, form_key: str, form: dict[str, Any], *, since: datetime) -> Post | None:
    """The post that the same form made: by its key, or without one by saying the same since a moment ago."""
    mine = select(Post).where(Post.creator_id == creator_id)
    if form_key:
        return session().scalar(mine.where(Post.form_key == form_key))
    newest = session().scalars(mine.where(Post.created_at >= since).order_by(Post.id.desc()).limit(20))
    return next((row for row in newest if row.form == form), None)


def offers_of(post_id: int) -> Sequence[PostOffer]:
    """What a post shows, channel by channel, in order."""
    query = select(PostOffer).where(PostOffer.post_id == post_id).order_by(PostOffer.target_id, PostOffer.position)
    return session().scalars(query).all()


def uploads_named() -> frozenset[str]:
    """The uploads (public ids) that drafts name, and posts that can still be changed: whoever tidies up leaves those alone."""
    kept = list(session().scalars(select(PostDraft.form)))
    still = select(Target.id).where(Target.post_id == Post.id, Target.state.in_((*OPEN, "failed"))).exists()
    kept += [form for form in session().scalars(select(Post.form).where(Post.form.is_not(None), still)) if form]
    return frozenset(picked.upload for form in kept for picked in read(form).uploads)
