"""The factory: settings, extensions, blueprints, refusals → pages."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from . import cli
from .adapters import clicks as click_stores
from .adapters import payouts as payout_providers
from .adapters import social as channels
from .adapters.fetch import Fetcher
from .adapters.rates import Frankfurter
from .api import door, hooks, payout_hooks, social_hooks, v1
from .config import Settings, read_settings, secret_key_of
from .domain import (
    clicks,
    rooms,  # noqa: F401  # all models, so that the metadata is complete
    uploads,
)
from .flows import all_clicks, archive, compose, publish, rates_fetch, upload, ways
from .kernel import clock, database, faults, vault
from .web import (
    access,
    admin,
    auth,
    bodies,
    brand,
    contest,
    creator,
    front,
    health,
    limits,
    local,
    logs,
    nav,
    refusals,
    security,
    shop,
    static_files,
    taps,
)

csrf = CSRFProtect()
limits.limiter.limit(v1.PER_KEY, key_func=door.whose)(v1.bp)  # web and api are strangers, so they meet here
limits.limiter.limit(v1.PER_ADDRESS)(v1.bp)


def create_app(settings: Settings | None = None) -> Flask:
    """A web application for these settings (or those of the environment)."""
    settings = settings or read_settings()
    app = Flask(
        __name__,
        template_folder=str(_assets("templates")),
        static_folder=str(_assets("static")),
        instance_path=str(settings.instance.absolute()),
    )
    _configure(app, settings)
    database.init_app(app)
    taps.init_app(app)
    for part in (bodies, logs, local, limits, auth, access, security, refusals, static_files, nav, contest, door):
        part.init_app(app)
    csrf.init_app(app)
    for signed in (hooks, payout_hooks, social_hooks):  # they prove themselves
        csrf.exempt(signed.bp)
    for module in (front, health, shop, creator, brand, admin, auth, hooks, payout_hooks, social_hooks, v1):
        app.register_blueprint(module.bp)
    app.register_blueprint(v1.page_bp)
    access.check(app)
    cli.register(app)
    if settings.proxies:
        n = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)  # type: ignore[method-assign]
    return app


def _configure(app: Flask, settings: Settings) -> None:
    settings.instance.mkdir(parents=True, exist_ok=True)
    secret = secret_key_of(settings)
    url = database.url_of(settings.database_url, settings.instance)
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=secret,
        SECRET_KEY_FALLBACKS=list(settings.secret_key_fallbacks),
        SQLALCHEMY_DATABASE_URI=url,
        SQLALCHEMY_ENGINE_OPTIONS=database.engine_options(url),
        MAX_CONTENT_LENGTH=10 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        TRUSTED_HOSTS=settings.hosts,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=settings.cookies_secure,
        SESSION_COOKIE_NAME="__Host-session" if settings.cookies_secure else "session",
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        WTF_CSRF_TIME_LIMIT=None,  # bound to the session, which ends by itself
        TESTING=settings.env == "test",
        PROPAGATE_EXCEPTIONS=False,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    tell_the_house(settings, secret)


def tell_the_house(settings: Settings, secret: str) -> None:
    """Hand what lies below the web its part of the settings."""
    vault.use_keys([secret, *settings.secret_key_fallbacks])
    clock.use(clock.clock_from(settings.clock) if settings.clock else clock.system_clock)
    faults.arm(settings.fault)
    clicks.count_days_in(settings.default_timezone)
    all_clicks.set_up(click_stores.open_store(settings.click_store, settings.clicks_folder, memory=settings.click_store_memory))
    archive.set_up(archive.Keeping(recent=settings.clicks_days, raw=settings.raw_clicks_days))
    payout_providers.set_up(xendit_url=settings.xendit_url, play_money=settings.env != "production")
    channels.set_up(settings.social)
    upload.set_up(settings.uploads_folder.absolute(), settings.post_media_folder.absolute(), limits=_limits(settings))
    publish.set_up(settings.instance.absolute() / "post_media", base_url=settings.base_url)
    compose.set_up(
        hashtags=settings.social.instagram.hashtags, audited=settings.social.tiktok.audited, base_url=settings.base_url
    )
    rates_fetch.set_up(Frankfurter(settings.rates_url, Fetcher(loopback=settings.fetch_loopback)))
    ways.set_up(Fetcher(loopback=settings.fetch_loopback))


def _limits(settings: Settings) -> uploads.Limits:
    megabyte, told = 1024 * 1024, settings.uploads
    each = (told.picture_mb, told.film_mb, told.underway_mb, told.kept_mb)
    return uploads.Limits(*(many * megabyte for many in each))


def _assets(name: str) -> Path:
    """A folder beside the package (a wheel) or one up (a checkout)."""
    here = Path(__file__).parent
    return here / name if (here / name).is_dir() else here.parent / name
