"""What WTForms says by itself is said in the reader's language."""

from __future__ import annotations

from pathlib import Path

import wtforms
from babel.messages.pofile import read_po
from flask import Flask
from flask_wtf import FlaskForm
from wtforms import RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Regexp

from socialshop.kernel import words
from socialshop.web import form_words


class Form(FlaskForm):
    """One field for each way to be wrong."""

    reason = StringField(validators=[Length(max=5)])
    outcome = RadioField(choices=[SelectChoice("a", "A")])
    name = StringField(validators=[InputRequired()])
    code = StringField(validators=[Regexp("[a-z]+")])


def test_the_list_is_all_that_wtforms_has():
    theirs = Path(wtforms.__file__).parent / "locale" / "wtforms.pot"
    with theirs.open("rb") as file:
        known = {message.id if isinstance(message.id, str) else message.id[0] for message in read_po(file) if message.id}
    ours = {str(each._args[0]) for each in form_words.SENTENCES}
    assert known <= ours


def test_a_form_speaks_the_language_of_its_reader(app: Flask, monkeypatch):
    monkeypatch.setattr("flask_babel.get_translations", lambda: _Shouting())
    with app.test_request_context("/?lang=id", method="POST", data={"reason": "too long", "outcome": "b", "code": "1"}):
        form = Form()
        assert not form.validate()
        assert form.errors["reason"] == ["FIELD CANNOT BE LONGER THAN 5 CHARACTERS."]
        assert form.errors["outcome"] == ["NOT A VALID CHOICE."]
        assert form.errors["name"] == ["THIS FIELD IS REQUIRED."]
        assert form.errors["code"] == ["INVALID INPUT."]


class _Shouting:
    """A catalogue that anybody recognises."""

    def ugettext(self, text: str) -> str:
        return text.upper().replace("%(MAX)D", "%(max)d")

    def ungettext(self, one: str, many: str, num: int) -> str:
        return self.ugettext(one if num == 1 else many)


def test_english_stays_as_it_is(app: Flask):
    with app.test_request_context("/?lang=en", method="POST", data={"outcome": "b"}):
        form = Form()
        assert not form.validate()
        assert form.errors["outcome"] == [words.say("Not a valid choice.", "en")]
