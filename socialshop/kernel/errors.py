"""What a person may do wrong, or run into: a sentence for people and a code for machines.

Nothing here knows HTTP; the doors map kinds to statuses. `message` is an English template whose
`{names}` are attributes of the error; doors translate the template first and fill it in afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


def N_(text: str) -> str:
    """Mark a sentence for the translation catalogue without translating it here."""
    return text


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field that cannot be accepted: `field` is a form name or a JSON Pointer."""

    field: str
    code: str
    message: str


class DomainError(Exception):
    """A refusal. Subclasses say which kind, and carry their facts as attributes."""

    code: str = "refused"
    message: str = N_("This could not be done.")

    def __init__(self, message: str | None = None, *, code: str | None = None, **facts: object) -> None:
        if message is not None:
            self.message = message
        if code is not None:
            self.code = code
        for name, value in facts.items():
            setattr(self, name, value)
        super().__init__(self.sentence())

    @property
    def facts(self) -> Mapping[str, object]:
        """The values that the message's `{names}` stand for."""
        return dict(vars(self))

    def sentence(self) -> str:
        """The message in English with its facts filled in."""
        return self.message.format(**self.facts)

    def __str__(self) -> str:
        return self.sentence()


class Invalid(DomainError):
    """Well-formed but not acceptable; `fields` says where."""

    code = "invalid"
    message = N_("Please check the marked fields.")

    def __init__(
        self, message: str | None = None, *, code: str | None = None, fields: list[FieldError] | None = None, **facts: object
    ) -> None:
        self.fields: list[FieldError] = fields or []
        super().__init__(message, code=code, **facts)


class NotFound(DomainError):
    """Missing, or another tenant's: the two answer alike."""

    code = "not_found"
    message = N_("This does not exist.")


class Forbidden(DomainError):
    """Known, but not allowed. challenge: see `Unauthenticated`."""

    code = "forbidden"
    message = N_("You may not do this.")
    challenge = ""


class Conflict(DomainError):
    """The thing is not in the state that this step needs."""

    code = "conflict"
    message = N_("This was changed in the meantime. Please look again.")


class Gone(DomainError):
    """It was here, and will not come back."""

    code = "gone"
    message = N_("This is no longer available.")


class Unauthenticated(DomainError):
    """Nobody is signed in, or the credential is wrong. challenge: how a machine should prove itself (WWW-Authenticate)."""

    code = "unauthenticated"
    message = N_("Please sign in.")
    challenge = ""


class TooMany(DomainError):
    """A limit was hit; `retry_after` is in seconds, `limit` says which ("600 per 1 minute")."""

    code = "too_many"
    message = N_("Too many tries. Please wait {retry_after} seconds.")

    def __init__(self, retry_after: int, message: str | None = None, *, limit: str = "") -> None:
        self.retry_after, self.limit = retry_after, limit
        super().__init__(message)


class Unavailable(DomainError):
    """It cannot be stored or reached right now; trying later may help."""

    code = "unavailable"
    message = N_("This is not available right now. Please try again shortly.")


class ForeignFailure(Exception):
    """What the outside world did to us, in three words: try later, refused, broken."""


class TryLater(ForeignFailure):
    """The other side is busy, slow or away: repeating later may help."""


class Refused(ForeignFailure):
    """The other side understood and said no: repeating will not help."""


class Broken(ForeignFailure):
    """The other side answered something that the contract does not allow."""
