"""Sign up, in and out; what comes by mail; the account and its sessions; the hub of hats, under /auth."""

from __future__ import annotations

from flask import Blueprint, Flask

from ...adapters import mail
from ...domain import people
from ...flows import letters
from .current import SignedIn, manager
from .device import device_of
from .proof import prove_recently

__all__ = ["SignedIn", "bp", "init_app", "manager", "prove_recently", "set_up_mail"]

bp = Blueprint("auth", __name__, url_prefix="/auth")


def init_app(app: Flask) -> None:
    """Teach Flask-Login to find people by their session's token; set up the mail."""
    manager.init_app(app)
    app.add_template_filter(device_of, "device")
    manager.session_protection = None  # phones change networks; sessions can be revoked instead
    set_up_mail(app)


def set_up_mail(app: Flask) -> None:
    """Choose the hasher and the mailer that the app's settings ask for."""
    settings = app.config["SETTINGS"]
    people.use_password_cost(settings.password_cost)
    post = mail.Post(
        settings.mailer, settings.mail_from, settings.instance / "mail", host=settings.mail_host, port=settings.mail_port,
        user=settings.mail_user, password=settings.mail_password, tls=settings.mail_tls,
    )  # fmt: skip
    letters.set_up(mail.FlaskMailer(app, post), base_url=settings.base_url)


from . import account, doors, hats, mailed  # noqa: E402, F401
