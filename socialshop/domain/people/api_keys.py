"""Keys with which machines read for a creator or a brand. The secret is shown once; the row has only its fingerprint."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from ...kernel.database import Model, UtcDateTime, new_id, primary_key, public_key, session
from ...kernel.errors import N_, Conflict, FieldError, Invalid, NotFound
from ...kernel.vault import fingerprint, new_token
from .models import Brand, Creator, User
from .rules import clean_name

KEY_SCOPES = ("read:money",)  # commissions, receipts, statements, payouts
MOST_KEYS = 20  # live ones of one owner
KEY_USED_EVERY = timedelta(minutes=10)  # finer is of no use to anyone, and each note is a write


class ApiKey(Model):
    """A key of exactly one owner. prefix: how people tell keys apart; nobody gets in with it."""

    __tablename__ = "api_keys"
    __table_args__ = (CheckConstraint("(brand_id IS NULL) <> (creator_id IS NULL)", name="one_owner"),)

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("key")
    brand_id: Mapped[int | None] = mapped_column(ForeignKey("brands.id"), index=True)
    creator_id: Mapped[int | None] = mapped_column(ForeignKey("creators.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    prefix: Mapped[str] = mapped_column(String(16))
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[str]] = mapped_column(JSON)
    form_key: Mapped[str] = mapped_column(String(80), unique=True)  # of the form: a double tap makes one key
    made_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class KeyMade(Conflict):
    """This form has made its key before; the secret cannot be shown again."""

    code = "key_made"
    message = N_("This key was made already, and its secret was shown then. If you do not have it, revoke it and make another.")


class TooManyKeys(Conflict):
    """The owner has as many live keys as anybody may have."""

    code = "too_many_keys"
    message = N_("There are {most} keys already. Revoke one that is not used any more.")
    most = MOST_KEYS

    @property
    def facts(self) -> dict[str, Any]:
        """The limit."""
        return {"most": self.most}


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """Whose key it is: a creator's or a brand's, never both."""

    brand: Brand | None = None
    creator: Creator | None = None

    @property
    def public_id(self) -> str:
        """The owner's public id, for the audit."""
        found = self.brand or self.creator
        assert found is not None, "a key has an owner"
        return found.public_id

    def owns(self) -> Any:
        """The condition that picks this owner's keys."""
        if self.brand is not None:
            return ApiKey.brand_id == self.brand.id
        assert self.creator is not None, "a key has an owner"
        return ApiKey.creator_id == self.creator.id


def make_key(
    holder: KeyHolder, *, name: str, scopes: Collection[str], form_key: str, made_by: int, now: datetime
) -> tuple[ApiKey, str]:
    """A new key and its secret, which nobody can read again. Invalid, KeyMade, TooManyKeys."""
    name = clean_name(name, 80)
    if not name:
        raise Invalid(fields=[FieldError("name", "missing", N_("Give the key a name, so that you know later what it is for."))])
    unknown = sorted(set(scopes) - set(KEY_SCOPES))
    if unknown or not scopes:
        raise Invalid(fields=[FieldError("scopes", "unknown", N_("Choose what the key may read."))])
    if session().scalar(select(ApiKey.id).where(ApiKey.form_key == form_key)) is not None:
        raise KeyMade()
    if len(live_keys_of(holder)) >= MOST_KEYS:
        raise TooManyKeys()
    prefix = new_id("ssk")[:12]
    secret = f"{prefix}_{new_token()}"
    row = ApiKey(
        brand_id=holder.brand.id if holder.brand else None, creator_id=holder.creator.id if holder.creator else None, name=name,
        prefix=prefix, secret_hash=fingerprint(secret), scopes=sorted(scopes), form_key=form_key, made_by=made_by, made_at=now,
    )  # fmt: skip
    session().add(row)
    session().flush()
    return row, secret


def find_key(secret: str) -> tuple[ApiKey, KeyHolder] | None:
    """The live key with this secret and its owner; None for unknown, revoked, and a disabled creator's alike."""
    query = (
        select(ApiKey, Brand, Creator, User)
        .outerjoin(Brand, Brand.id == ApiKey.brand_id)
        .outerjoin(Creator, Creator.id == ApiKey.creator_id)
        .outerjoin(User, User.id == Creator.user_id)
        .where(ApiKey.secret_hash == fingerprint(secret), ApiKey.revoked_at.is_(None), User.disabled_at.is_(None))
    )
    found = session().execute(query).one_or_none()
    return None if found is None else (found[0], KeyHolder(found[1], found[2]))


def keys_of(holder: KeyHolder) -> list[ApiKey]:
    """The owner's keys, the newest first, revoked ones too."""
    return list(session().scalars(select(ApiKey).where(holder.owns()).order_by(ApiKey.id.desc())))


def live_keys_of(holder: KeyHolder) -> list[ApiKey]:
    """The owner's keys that still open doors."""
    return [key for key in keys_of(holder) if key.revoked_at is None]


def key_of(holder: KeyHolder, public_id: str) -> ApiKey:
    """One of the owner's keys; NotFound for anybody else's."""
    found = session().scalar(select(ApiKey).where(holder.owns(), ApiKey.public_id == public_id))
    if found is None:
        raise NotFound()
    return found


def revoke_key(holder: KeyHolder, public_id: str, *, now: datetime) -> bool:
    """Close the key for good; False if it was closed before. NotFound for anybody else's."""
    key = key_of(holder, public_id)
    ended = session().execute(
        update(ApiKey).where(ApiKey.id == key.id, ApiKey.revoked_at.is_(None)).values(revoked_at=now).returning(ApiKey.id)
    )
    return ended.scalar() is not None


def note_key_used(key_id: int, *, now: datetime) -> None:
    """This key was here."""
    session().execute(
        update(ApiKey).where(ApiKey.id == key_id, or_(ApiKey.used_at.is_(None), ApiKey.used_at < now)).values(used_at=now)
    )
