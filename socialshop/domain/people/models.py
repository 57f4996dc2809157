"""Users and the hats they wear: brand member, creator, operator."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ...kernel.database import Model, UtcDateTime, primary_key, public_key
from ...kernel.vault import Sealed
from .rules import look


def _look_of(column: str) -> Any:
    return lambda context: look(context.get_current_parameters()[column])


def _only_where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class User(Model):
    """A person who can sign in.

    An address belongs to whoever confirmed it; until then several accounts may claim it, so that signing up
    tells nobody whether an address is known here.
    """

    __tablename__ = "users"
    __table_args__ = (
        Index("uq_users_confirmed_email", "email", unique=True, **_only_where("email_confirmed_at IS NOT NULL")),
        Index("ix_users_email", "email"),
    )

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("usr")
    email: Mapped[str] = mapped_column(String(254))  # NFC, lower case
    email_confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    password_hash: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(120), default="")
    locale: Mapped[str] = mapped_column(String(5), default="id")
    timezone: Mapped[str] = mapped_column(String(60), default="Asia/Jakarta")
    operator_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LoginSession(Model):
    """One signed-in browser; the cookie holds the token, we hold its hash."""

    __tablename__ = "login_sessions"

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("ses")
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    proved_at: Mapped[datetime] = mapped_column(UtcDateTime)  # when the password was last given
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    agent: Mapped[str] = mapped_column(String(200), default="")
    address: Mapped[str] = mapped_column(String(60), default="")  # truncated network, never the full address


class EmailToken(Model):
    """A link in a mail, good once: confirms an address, resets a password, changes an address."""

    __tablename__ = "email_tokens"

    id: Mapped[int] = primary_key()
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(20))  # "confirm", "reset", "change"
    email: Mapped[str] = mapped_column(String(254))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Brand(Model):
    """A seller: owns programs, products, orders and connections."""

    __tablename__ = "brands"

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("brd")
    slug: Mapped[str] = mapped_column(String(40), unique=True)  # in /brand/<slug>/…
    look: Mapped[str] = mapped_column(String(40), unique=True, default=_look_of("slug"))  # no other may pass for it
    name: Mapped[str] = mapped_column(String(120))
    currency: Mapped[str] = mapped_column(String(3), default="IDR")
    timezone: Mapped[str] = mapped_column(String(60), default="Asia/Jakarta")
    contact_email: Mapped[str] = mapped_column(String(254), default="")
    whatsapp: Mapped[str] = mapped_column(String(20), default="")  # digits with country code, no plus
    shipping_minor: Mapped[int] = mapped_column(default=0)  # flat rate for one order, in `currency`
    cod: Mapped[bool] = mapped_column(default=False)  # cash on delivery offered
    about: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Member(Model):
    """A user's place in a brand."""

    __tablename__ = "brand_members"
    __table_args__ = (
        UniqueConstraint("brand_id", "user_id"),
        CheckConstraint("role IN ('owner', 'manager', 'finance', 'viewer')", name="role"),
    )

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("mbr")
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    role: Mapped[str] = mapped_column(String(10))
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Invitation(Model):
    """An open invitation to a brand, sent by mail; accepted once by the owner of that address."""

    __tablename__ = "brand_invitations"
    __table_args__ = (
        Index(
            "uq_brand_invitations_open", "brand_id", "email", unique=True,
            **_only_where("accepted_at IS NULL AND revoked_at IS NULL"),
        ),
        CheckConstraint("role IN ('owner', 'manager', 'finance', 'viewer')", name="role"),
    )  # fmt: skip

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("inv")
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"), index=True)
    email: Mapped[str] = mapped_column(String(254))
    role: Mapped[str] = mapped_column(String(10))
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)  # made when the mail goes out
    invited_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Creator(Model):
    """Someone who recommends: owns link pages, tracked links, channels and posts."""

    __tablename__ = "creators"

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("crt")
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), unique=True)
    handle: Mapped[str] = mapped_column(String(30), unique=True)  # [a-z0-9-], in /@handle
    look: Mapped[str] = mapped_column(String(30), unique=True, default=_look_of("handle"))  # no other may pass for it
    name: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Payee(Model):
    """Where a creator's money goes. A new statement replaces the old one, which stays on record."""

    __tablename__ = "payees"
    __table_args__ = (
        Index("uq_payees_current", "creator_id", unique=True, **_only_where("replaced_at IS NULL")),
        CheckConstraint("kind IN ('bank', 'ewallet')", name="kind"),
    )

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("pye")
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    provider: Mapped[str] = mapped_column(String(40))  # "BCA", "GOPAY"
    number: Mapped[str] = mapped_column(Sealed)
    number_end: Mapped[str] = mapped_column(String(4))  # the last four digits, for lists
    holder: Mapped[str] = mapped_column(String(120))
    stated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    replaced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ReceivingAccount(Model):
    """Where a brand's buyers transfer to; shown to buyers who chose bank transfer."""

    __tablename__ = "receiving_accounts"

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("rcv")
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"), index=True)
    provider: Mapped[str] = mapped_column(String(40))
    number: Mapped[str] = mapped_column(Sealed)
    holder: Mapped[str] = mapped_column(String(120))
    stated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
