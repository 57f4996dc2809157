"""Letters: in the addressee's words, one header a header, no secret in a job, nothing without its cause."""

from __future__ import annotations

import smtplib
import string
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from socialshop.adapters import mail
from socialshop.flows import letters
from socialshop.kernel import faults, jobs
from socialshop.kernel.database import session, transaction
from socialshop.kernel.errors import Refused, TryLater
from socialshop.kernel.money import Money
from tests.builders import World
from tests.conftest import START

pytestmark = pytest.mark.usefixtures("room")


@pytest.fixture
def kind(monkeypatch: pytest.MonkeyPatch) -> str:
    texts = letters.texts() | {"test": ("About {what}", "{what} costs {price}, until {when}.\n\nSee {base_url}")}
    monkeypatch.setattr(letters, "texts", lambda: texts)
    return "test"


def post(kind: str, key: str = "k", **facts: letters.Fact) -> None:
    with transaction():
        letters.post(to="mia@example.test", kind=kind, locale="en", facts=facts, key=key, now=START)


def test_facts_are_written_for_their_reader(world: World, kind: str) -> None:
    post(kind, what="Kopi", price=Money(149_000, "IDR"), when=START)
    (letter,) = world.letters()
    assert letter.subject == "About Kopi"
    assert letter.body.startswith("Kopi costs Rp149.000, until 1 Jun 2026, 10:00 WIB.\n\nSee http://localhost\n")


def test_one_key_is_one_letter(world: World, kind: str) -> None:
    for _ in range(2):
        post(kind, what="Kopi", price=1, when=START)
    assert len(world.letters()) == 1


def test_a_repeat_has_the_same_id(app: Flask, kind: str) -> None:
    post(kind, what="Kopi", price=1, when=START)
    payload = session().scalars(select(jobs.Job)).one().payload
    session().commit()
    for _ in range(2):
        letters.send(payload, now=START)
    one, two = app.extensions["mailman"].outbox
    assert one.extra_headers["Message-ID"] == two.extra_headers["Message-ID"]


def test_what_is_rolled_back_is_not_sent(world: World, kind: str) -> None:
    def story() -> None:
        with transaction():
            letters.post(to="mia@example.test", kind=kind, locale="en", facts={}, key="k", now=START)
            raise faults.Fault("after the letter")

    with pytest.raises(faults.Fault):
        story()
    assert session().scalar(select(func.count()).select_from(jobs.Job)) == 0


@pytest.mark.parametrize(
    "typed", ["Kopi\r\nBcc: all@example.test", "Kopi\nBcc: all@example.test", "Kopi\u2028Bcc: all@example.test"]
)
def test_a_header_stays_one_header(app: Flask, world: World, kind: str, typed: str) -> None:
    post(kind, what=typed, price=1, when=START)
    (letter,) = world.letters()
    assert letter.subject == "About Kopi Bcc: all@example.test"
    message = app.extensions["mailman"].outbox[0].message()
    assert (message["Bcc"], message["To"]) == (None, "mia@example.test")


@pytest.mark.parametrize("address", ["mia@example.test\nBcc: x@example.test", "mia@example.test,x@example.test"])
def test_a_letter_goes_to_one_address(kind: str, address: str) -> None:
    with pytest.raises(ValueError, match="one address"), transaction():
        letters.post(to=address, kind=kind, locale="en", facts={}, key="k", now=START)


def test_braces_in_a_fact_are_only_text(world: World, kind: str) -> None:
    post(kind, what="{base_url.__class__}", price=1, when=START)
    assert world.letters()[0].subject == "About {base_url.__class__}"


def test_every_letter_has_two_texts_with_names_only() -> None:
    for kind, texts in letters.texts().items():
        for text in texts:
            names = [field for _, field, spec, conversion in string.Formatter().parse(text) if field is not None]
            assert all(name.isidentifier() for name in names), kind


@pytest.mark.parametrize(
    ("failure", "ours"),
    [
        (smtplib.SMTPRecipientsRefused({"mia@example.test": (550, b"no such user")}), Refused),
        (smtplib.SMTPRecipientsRefused({"mia@example.test": (450, b"busy")}), TryLater),
        (smtplib.SMTPDataError(554, b"spam"), Refused),
        (smtplib.SMTPServerDisconnected(), TryLater),
        (ConnectionRefusedError(), TryLater),
        (TimeoutError(), TryLater),
    ],
)
def test_failures_are_told_in_our_words(
    app: Flask, monkeypatch: pytest.MonkeyPatch, failure: Exception, ours: type[Exception]
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise failure

    monkeypatch.setattr(mail.EmailMessage, "send", fail)
    mailer = mail.FlaskMailer(app, mail.Post("locmem", "shop@example.test", app.config["SETTINGS"].instance))
    with pytest.raises(ours) as told:
        mailer.send(mail.Letter("mia@example.test", "Hello", "Hello", "<1@localhost>"))
    assert told.value.__cause__ is failure


def test_the_console_shows_a_letter_a_person_can_read(app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    mailer = mail.FlaskMailer(app, mail.Post("console", "shop@example.test", app.config["SETTINGS"].instance))
    mailer.send(mail.Letter("mía@example.test", "Konfirmasi – ya", "http://localhost/auth/confirm/abc\n", "<1@localhost>"))
    shown = capsys.readouterr().out
    assert "To: mía@example.test\nSubject: Konfirmasi – ya\n\nhttp://localhost/auth/confirm/abc" in shown


def test_files_hold_whole_letters(app: Flask) -> None:
    folder = app.config["SETTINGS"].instance / "mail"
    mailer = mail.FlaskMailer(app, mail.Post("file", "shop@example.test", folder))
    mailer.send(mail.Letter("mia@example.test", "Hello", "Hello there", "<1@localhost>"))
    (kept,) = folder.iterdir()
    assert "Message-ID: <1@localhost>" in kept.read_text()


def test_a_letter_waits_for_its_hour(world: World, kind: str) -> None:
    post(kind, what="Kopi", price=1, when=START + timedelta(days=1))
    assert "2 Jun 2026" in world.letters()[0].body
