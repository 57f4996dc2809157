"""What is known of a picture or film of a post. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """A file of a post. codec, rate (frames in 1,000 seconds), audio, audio_rate: of films, to be told what does not fit."""

    kind: str
    media_type: str
    size: int
    sha256: str
    width: int = 0
    height: int = 0
    milliseconds: int = 0
    alt_text: str = ""
    codec: str = ""
    rate: int = 0
    audio: str = ""
    audio_rate: int = 0
