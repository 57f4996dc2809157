"""Settings of what creators may upload for their posts, in whole megabytes."""

from __future__ import annotations

from dataclasses import dataclass

from environs import Env

MOST_FILM = 4000  # what TikTok takes; Instagram takes 300


@dataclass(frozen=True)
class UploadSettings:
    """How large a picture or a film may be, and how much of it one creator may have."""

    picture_mb: int = 20
    film_mb: int = 300
    underway_mb: int = 2_000  # announced and not finished yet
    kept_mb: int = 20_000  # ready, whether posted or not


def read_uploads(env: Env) -> UploadSettings:
    """From the environment."""
    return UploadSettings(
        picture_mb=env.int("UPLOAD_PICTURE_MB", UploadSettings.picture_mb),
        film_mb=env.int("UPLOAD_FILM_MB", UploadSettings.film_mb),
        underway_mb=env.int("UPLOADS_UNDERWAY_MB", UploadSettings.underway_mb),
        kept_mb=env.int("UPLOADS_KEPT_MB", UploadSettings.kept_mb),
    )


def complaint(settings: UploadSettings) -> str:
    """What cannot be used, as a sentence; "" where all can."""
    if not 1 <= settings.picture_mb <= 100:
        return f"UPLOAD_PICTURE_MB must be 1 to 100, not {settings.picture_mb}."
    if not 1 <= settings.film_mb <= MOST_FILM:
        return f"UPLOAD_FILM_MB must be 1 to {MOST_FILM}, not {settings.film_mb}."
    if settings.underway_mb < settings.film_mb or settings.kept_mb < settings.film_mb:
        return "UPLOADS_UNDERWAY_MB and UPLOADS_KEPT_MB must be at least UPLOAD_FILM_MB."
    return ""
