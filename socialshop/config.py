"""Every setting, read once from the environment (and `.env`) into one frozen object."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from environs import Env

from .config_social import SocialSettings, complaint, read_social
from .config_uploads import UploadSettings, read_uploads
from .config_uploads import complaint as complaint_of_uploads

Environment = Literal["production", "development", "test"]

MOST_CLICKS_WAIT = 45  # seconds; a job's lease must outlive it


class BadSetting(Exception):
    """A setting that cannot be used; the sentence names it."""


@dataclass(frozen=True)
class Settings:
    """What the operator decided. Times are seconds unless the name says otherwise."""

    env: Environment = "development"
    instance: Path = Path("instance")
    secret_key: str = ""
    secret_key_fallbacks: tuple[str, ...] = ()
    database_url: str = ""
    base_url: str = "http://127.0.0.1:8000"
    trusted_hosts: tuple[str, ...] = ()
    clock: str = ""
    fault: str = ""
    proxies: int = 0  # how many reverse proxies in front may be believed (X-Forwarded-*)
    cookies_secure: bool = False
    ratelimit_storage: str = "memory://"
    ratelimit_enabled: bool = True
    mailer: Literal["console", "file", "smtp", "locmem"] = "console"
    mail_from: str = "socialshop <no-reply@localhost>"
    mail_host: str = "127.0.0.1"
    mail_port: int = 25
    mail_user: str = ""
    mail_password: str = field(default="", repr=False)
    mail_tls: bool = False
    default_locale: Literal["id", "en"] = "id"
    default_timezone: str = "Asia/Jakarta"
    rates_url: str = "https://api.frankfurter.dev"  # where exchange rates are fetched, for brands that want it
    fetch_loopback: bool = False  # tests only: pasted addresses may point at this machine
    password_cost: Literal["full", "cheap"] = "full"  # noqa: S105
    clicks: Literal["process", "power", "database"] = "process"  # where a click is safe before it is answered
    visitor_cookies: Literal["attribution", "consent", "never"] = "attribution"  # when a visitor's browser is known again
    in_app_table: str = ""  # a JSON file: which apps' browsers are offered the phone's own, and how; "" ours
    metrics_token: str = field(default="", repr=False)  # opens /metrics for who is not on this machine
    clicks_wait: float = 30.0  # how long an order waits for clicks of another machine that does not answer
    click_store: str = field(default="", repr=False)  # of all clicks: "" in the instance folder, or clickhouse://…
    click_store_memory: str = "192MB"  # what DuckDB may take to answer from the folder
    clicks_days: int = 120  # how long clicks stay in the database; terms may ask for longer
    raw_clicks_days: int = 0  # how long single clicks are kept in the store; 0 for ever
    order_hold_minutes: int = 24 * 60
    log_json: bool = False
    xendit_url: str = "https://api.xendit.co"
    social: SocialSettings = field(default_factory=SocialSettings)
    uploads: UploadSettings = field(default_factory=UploadSettings)

    @property
    def hosts(self) -> list[str] | None:
        """The names that this install answers to; None (any) only outside production."""
        if self.trusted_hosts:
            return list(self.trusted_hosts)
        return [urlsplit(self.base_url).hostname or ""] if self.env == "production" else None

    @property
    def spool_folder(self) -> Path | None:
        """Where noted taps wait for the drainer; None where clicks go straight into the database."""
        return None if self.clicks == "database" else self.instance / "spool"

    @property
    def clicks_folder(self) -> Path:
        """Where closed segments of all clicks are kept."""
        return self.instance / "clicks"

    @property
    def media_folder(self) -> Path:
        """Where uploaded and re-encoded pictures are kept."""
        return self.instance / "media"

    @property
    def uploads_folder(self) -> Path:
        """Where bytes of uploads wait until they are whole."""
        return self.instance / "uploads"

    @property
    def post_media_folder(self) -> Path:
        """Where files of posts are kept."""
        return self.instance / "post_media"


def read_settings() -> Settings:
    """The settings of this process; BadSetting where one cannot be used."""
    env = Env()
    env.read_env(recurse=False)
    environment = env.str("SOCIALSHOP_ENV", "development")
    if environment not in ("production", "development", "test"):
        raise BadSetting(f"SOCIALSHOP_ENV must be production, development or test, not {environment!r}.")
    instance = Path(env.str("SOCIALSHOP_INSTANCE", "instance")).absolute()
    base_url = env.str("BASE_URL", "") or f"http://{env.str('HOST', '127.0.0.1')}:{env.int('PORT', 8000)}"
    settings = Settings(
        env=environment,  # type: ignore[arg-type]  # checked above
        instance=instance,
        secret_key=env.str("FLASK_SECRET_KEY", ""),
        secret_key_fallbacks=tuple(env.list("SECRET_KEY_FALLBACKS", [])),
        database_url=env.str("DATABASE_URL", "") or env.str("FLASK_SQLALCHEMY_DATABASE_URI", ""),
        base_url=base_url.rstrip("/"),
        trusted_hosts=tuple(env.list("TRUSTED_HOSTS", [])),
        clock=env.str("SOCIALSHOP_CLOCK", ""),
        fault=env.str("SOCIALSHOP_FAULT", ""),
        proxies=env.int("TRUSTED_PROXIES", 0),
        cookies_secure=env.bool("COOKIES_SECURE", base_url.startswith("https://")),
        ratelimit_storage=env.str("FLASK_RATELIMIT_STORAGE_URI", "") or env.str("REDIS_URL", "") or "memory://",
        ratelimit_enabled=env.bool("RATELIMIT_ENABLED", True),
        mailer=env.str("MAILER", "console"),  # type: ignore[arg-type]
        mail_from=env.str("MAIL_FROM", Settings.mail_from),
        mail_host=env.str("MAIL_HOST", "127.0.0.1"),
        mail_port=env.int("MAIL_PORT", 25),
        mail_user=env.str("MAIL_USER", ""),
        mail_password=env.str("MAIL_PASSWORD", ""),
        mail_tls=env.bool("MAIL_TLS", False),
        default_locale=env.str("DEFAULT_LOCALE", "id"),  # type: ignore[arg-type]
        default_timezone=env.str("DEFAULT_TIMEZONE", "Asia/Jakarta"),
        rates_url=env.str("RATES_URL", Settings.rates_url).rstrip("/"),
        fetch_loopback=env.bool("FETCH_LOOPBACK", False),
        password_cost=env.str("PASSWORD_COST", "full"),  # type: ignore[arg-type]
        clicks=env.str("CLICKS", "process"),  # type: ignore[arg-type]
        visitor_cookies=env.str("VISITOR_COOKIES", "attribution"),  # type: ignore[arg-type]
        in_app_table=env.str("IN_APP_TABLE", ""),
        metrics_token=env.str("METRICS_TOKEN", ""),
        clicks_wait=env.float("CLICKS_WAIT", Settings.clicks_wait),
        click_store=env.str("CLICK_STORE", ""),
        click_store_memory=env.str("CLICK_STORE_MEMORY", Settings.click_store_memory),
        clicks_days=env.int("CLICKS_DAYS", Settings.clicks_days),
        raw_clicks_days=env.int("RAW_CLICKS_DAYS", 0),
        order_hold_minutes=env.int("ORDER_HOLD_MINUTES", 24 * 60),
        log_json=env.bool("LOG_JSON", environment == "production"),
        xendit_url=(env.str("XENDIT_URL", "") or Settings.xendit_url).rstrip("/"),
        social=read_social(env),
        uploads=read_uploads(env),
    )
    check(settings)
    return settings


def check(settings: Settings) -> None:
    """Refuse what would be unsafe: test-only switches outside tests, unknown words."""
    if settings.env != "test":
        for name, value in (
            ("SOCIALSHOP_CLOCK", settings.clock),
            ("SOCIALSHOP_FAULT", settings.fault),
            ("FETCH_LOOPBACK", settings.fetch_loopback),
            ("PASSWORD_COST", settings.password_cost == "cheap"),  # noqa: S105
        ):
            if value:
                raise BadSetting(f"{name} is honoured only with SOCIALSHOP_ENV=test; remove it to start.")
    if settings.mailer not in ("console", "file", "smtp", "locmem"):
        raise BadSetting(f"MAILER must be console, file, smtp or locmem, not {settings.mailer!r}.")
    if settings.clicks not in ("process", "power", "database"):
        raise BadSetting(f"CLICKS must be process, power or database, not {settings.clicks!r}.")
    if not 0 <= settings.clicks_wait <= MOST_CLICKS_WAIT:
        raise BadSetting(f"CLICKS_WAIT must be between 0 and {MOST_CLICKS_WAIT} seconds, not {settings.clicks_wait:g}.")
    if settings.visitor_cookies not in ("attribution", "consent", "never"):
        raise BadSetting(f"VISITOR_COOKIES must be attribution, consent or never, not {settings.visitor_cookies!r}.")
    if settings.click_store and not settings.click_store.startswith(("clickhouse://", "clickhouses://")):
        raise BadSetting("CLICK_STORE must begin with clickhouse://; without it all clicks are kept in the instance folder.")
    if not re.fullmatch(r"[1-9][0-9]*(MB|GB)", settings.click_store_memory):
        raise BadSetting(f"CLICK_STORE_MEMORY must be like 192MB or 2GB, not {settings.click_store_memory!r}.")
    for name, value, scheme, module, extra in (
        ("DATABASE_URL", settings.database_url, "postgres", "psycopg", "postgres"),
        ("REDIS_URL", settings.ratelimit_storage, "redis", "redis", "redis"),
        ("CLICK_STORE", settings.click_store, "clickhouse", "clickhouse_connect", "clickhouse"),
    ):
        if value.startswith(scheme) and importlib.util.find_spec(module) is None:
            raise BadSetting(f"{name} needs one more part: pip install 'socialshop[{extra}]' (in a checkout: '.[{extra}]').")
    if settings.clicks_days < 1 or settings.raw_clicks_days < 0:
        raise BadSetting("CLICKS_DAYS must be at least 1, and RAW_CLICKS_DAYS at least 0 (for ever).")
    if settings.default_locale not in ("id", "en"):
        raise BadSetting(f"DEFAULT_LOCALE must be id or en, not {settings.default_locale!r}.")
    provider = urlsplit(settings.xendit_url)
    on_this_machine = provider.scheme == "http" and provider.hostname in ("127.0.0.1", "localhost", "::1")
    if provider.scheme != "https" and (settings.env == "production" or not on_this_machine):
        raise BadSetting("XENDIT_URL must begin with https://; outside production it may also be http:// on this machine.")
    if sentence := complaint(settings.social, production=settings.env == "production"):
        raise BadSetting(sentence)
    if sentence := complaint_of_uploads(settings.uploads):
        raise BadSetting(sentence)
    if settings.env == "production" and not settings.base_url.startswith("https://"):
        raise BadSetting("BASE_URL must begin with https:// in production, so that links and cookies are safe.")


def secret_key_of(settings: Settings) -> str:
    """The key that signs cookies: the setting, or a file in the instance folder made on first use (mode 600)."""
    if settings.secret_key:
        return settings.secret_key
    path = settings.instance / "secret_key"
    settings.instance.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)  # whoever comes first wins; the file is never half written
        draft.unlink()
    return path.read_text().strip()
