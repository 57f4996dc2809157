"""Where the database is, for SQLAlchemy and for bare drivers. Standard library only: the redirector imports it."""

from __future__ import annotations

from pathlib import Path


def url_of(setting: str, instance: Path) -> str:
    """The SQLAlchemy URL for a DATABASE_URL as people write it; empty means SQLite in the instance folder."""
    if not setting:
        return f"sqlite:///{instance / 'socialshop.sqlite3'}"
    scheme, _, rest = setting.partition("://")
    if scheme in {"postgres", "postgresql"}:
        return f"postgresql+psycopg://{rest}"
    return setting
