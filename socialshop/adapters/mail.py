"""E-mail out, by Flask-Mailman: to the console, into files, by SMTP, or kept in memory for tests."""

from __future__ import annotations

import smtplib
import ssl
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from flask_mailman import EmailMessage, Mail
from flask_mailman.backends.base import BaseEmailBackend
from flask_mailman.backends.smtp import EmailBackend as SmtpBackend

from ..kernel.errors import Refused, TryLater

TIMEOUT = 20  # seconds, for each step of an SMTP conversation


@dataclass(frozen=True, slots=True)
class Letter:
    """One plain-text mail. `id` is the same in every attempt, so a mailbox can tell a repeat."""

    to: str
    subject: str
    body: str
    id: str


class Mailer(Protocol):
    """Whatever carries letters. Raises TryLater or Refused."""

    def send(self, letter: Letter) -> None:
        """Hand one letter over."""


@dataclass(frozen=True, slots=True)
class Post:
    """How letters leave this install."""

    way: Literal["console", "file", "smtp", "locmem"]
    sender: str
    folder: Path  # of "file"
    host: str = "127.0.0.1"
    port: int = 25
    user: str = ""
    password: str = ""
    tls: bool = False


class ConsoleBackend(BaseEmailBackend):  # type: ignore[misc]  # flask-mailman is untyped
    """Prints letters as people read them, so that a developer can follow the link in one."""

    def send_messages(self, messages: list[Any]) -> int:
        """Print each letter between two rules."""
        for message in messages:
            rule = "─" * 78
            lines = [rule, f"To: {', '.join(message.to)}", f"Subject: {message.subject}", "", message.body, rule, ""]
            sys.stdout.write("\n".join(lines))
        sys.stdout.flush()
        return len(messages)


class _CheckedSmtp(smtplib.SMTP):
    # smtplib on its own would accept any certificate
    def starttls(self, *, context: ssl.SSLContext | None = None) -> tuple[int, bytes]:  # type: ignore[override]
        return super().starttls(context=context or ssl.create_default_context())


class CheckedSmtpBackend(SmtpBackend):  # type: ignore[misc]  # flask-mailman is untyped
    """SMTP that looks at the server's certificate before it says anything."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        """The kind of connection."""
        return smtplib.SMTP_SSL if self.use_ssl else _CheckedSmtp


_BACKENDS = {"console": ConsoleBackend, "smtp": CheckedSmtpBackend, "file": "file", "locmem": "locmem"}


class FlaskMailer:
    """Our `Mailer` on one application's Flask-Mailman; used inside that application's context."""

    def __init__(self, app: Any, post: Post) -> None:
        app.config.update(
            MAIL_BACKEND=_BACKENDS[post.way],
            MAIL_DEFAULT_SENDER=post.sender,
            MAIL_FILE_PATH=str(post.folder),
            MAIL_SERVER=post.host,
            MAIL_PORT=post.port,
            MAIL_USERNAME=post.user or None,
            MAIL_PASSWORD=post.password or None,
            MAIL_USE_SSL=post.tls and post.port == 465,
            MAIL_USE_TLS=post.tls and post.port != 465,
            MAIL_TIMEOUT=TIMEOUT,
        )
        Mail(app)

    def send(self, letter: Letter) -> None:
        """Hand one letter over."""
        message = EmailMessage(
            subject=letter.subject,
            body=letter.body,
            to=[letter.to],
            headers={"Message-ID": letter.id, "Auto-Submitted": "auto-generated"},
        )
        try:
            message.send()
        except smtplib.SMTPRecipientsRefused as error:
            raise _translated(max(code for code, _ in error.recipients.values())) from error
        except smtplib.SMTPResponseException as error:
            raise _translated(error.smtp_code) from error
        except (smtplib.SMTPException, OSError) as error:
            raise TryLater(f"mail: {type(error).__name__}") from error


def _translated(code: int) -> Exception:
    # RFC 5321, 4.2.1: 4yz may be tried again, 5yz not
    return Refused(f"mail: {code}") if code >= 500 else TryLater(f"mail: {code}")
