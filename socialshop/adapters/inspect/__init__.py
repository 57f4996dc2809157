"""Looking into files that strangers send: pictures by Pillow, films by MediaInfo, in a process with little of everything."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SECONDS, CPU_SECONDS, MEBIBYTES = 40, 20, 1024  # for one picture
FILM_SECONDS, FILM_CPU_SECONDS = 15, 4  # its head is read, nothing is decoded
AT_ONCE = 2
_ROOT = Path(__file__).parents[3]
_START = "import sys; sys.path.insert(0, sys.argv[1]); from socialshop.adapters.inspect.inside import main; main(sys.argv[2:])"
_turns = threading.BoundedSemaphore(AT_ONCE)


class Unfit(Exception):
    """The file is not taken. why: a word of `uploads.WHY`."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class Found:
    """What a file is, or what was made of it."""

    media_type: str
    width: int
    height: int
    milliseconds: int = 0
    facts: dict[str, Any] = field(default_factory=dict)


def picture(source: Path, *, out: Path, thumb: Path) -> Found:
    """Make our own JPEG of a picture, and a small one for pages. Unfit."""
    return _ask({"task": "picture", "source": str(source), "out": str(out), "thumb": str(thumb)}, lost="damaged_picture")


def pad(source: Path, *, out: Path, canvas: tuple[int, int], inner: tuple[int, int]) -> Found:
    """Put a picture of ours into the middle of a canvas. Unfit."""
    return _ask({"task": "pad", "source": str(source), "out": str(out), "canvas": canvas, "inner": inner}, lost="damaged_picture")


def film(source: Path, media_type: str) -> Found:
    """What a film says of itself. Unfit."""
    request = {"task": "film", "source": str(source), "media_type": media_type}
    return _ask(request, lost="damaged_film", seconds=FILM_SECONDS, cpu_seconds=FILM_CPU_SECONDS)


def _ask(request: dict[str, Any], *, lost: str, seconds: int = SECONDS, cpu_seconds: int = CPU_SECONDS) -> Found:
    """Let the small process answer; one that dies or dawdles says that the file is not worth it."""
    words = [
        sys.executable,
        "-I",
        "-W",
        "ignore",
        "-c",
        _START,
        str(_ROOT),
        str(cpu_seconds),
        str(MEBIBYTES),
        json.dumps(request),
    ]
    with _turns:
        try:
            done = subprocess.run(  # noqa: S603  # our own words
                words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=seconds, check=False,
                cwd="/", env={"LC_ALL": "C.UTF-8"},
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise Unfit("too_costly") from error
    if done.returncode in (-9, -24):  # no memory, no time left
        raise Unfit("too_costly")
    if done.returncode:
        raise Unfit(lost)
    try:
        told = json.loads(done.stdout)
        found = Found(**told) if "why" not in told else None
    except (ValueError, TypeError) as error:
        raise Unfit(lost) from error
    if found is None:
        raise Unfit(told["why"])
    return found
