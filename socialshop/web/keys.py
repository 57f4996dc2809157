"""The screens of API keys, which creators and brands have in common: the list, a new one, its secret once."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, make_response, redirect, render_template
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import HiddenField, StringField

from ..domain import people
from ..domain.people import KeyHolder
from ..flows import keys as stories
from ..kernel.clock import utcnow
from ..kernel.errors import Invalid
from ..kernel.vault import new_token
from .access import actor
from .auth.current import me
from .auth.forms import blame
from .local import sentence

Page = str | Response | tuple[str, int]
KEY_LENGTH = range(16, 81)


class KeyForm(FlaskForm):  # type: ignore[misc]  # flask-wtf is untyped
    """What the key is for."""

    key = HiddenField()
    name = StringField(_l("What is it for?"))


@dataclass(frozen=True)
class Desk:
    """Whose keys, on which screen: the template and the address of the list."""

    holder: KeyHolder
    template: str
    url: str

    def shown(self, form: KeyForm | None = None) -> str:
        """The list, and a form for another one."""
        form = form or KeyForm(formdata=None, key=new_token())
        return render_template(self.template, keys=people.keys_of(self.holder), form=form)

    def made(self) -> Page:
        """Make a key; its secret is on this one answer and nowhere else."""
        form = KeyForm()
        form_key = str(form.key.data or "")
        if not form.validate() or len(form_key) not in KEY_LENGTH:
            form.key.data = new_token()
            return self.shown(form), 422
        try:
            key, secret = stories.make(
                self.holder, name=form.name.data or "", scopes=people.KEY_SCOPES, form_key=form_key, made_by=me().id,
                actor=actor(), now=utcnow(),
            )  # fmt: skip
        except Invalid as refusal:
            blame(form, refusal)
            return self.shown(form), 422
        except (people.KeyMade, people.TooManyKeys) as refusal:
            flash(sentence(refusal), "warn")
            return redirect(self.url, 303)
        answer = make_response(
            render_template(self.template, keys=people.keys_of(self.holder), form=None, fresh=key, secret=secret), 201
        )
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def revoked(self, public_id: str) -> Response:
        """Close a key."""
        if stories.revoke(self.holder, public_id, actor=actor(), now=utcnow()):
            flash(gettext("Revoked. Whatever used this key is refused from now on."), "good")
        return redirect(self.url, 303)
