"""What happens in the small process that opens a stranger's file: it has little memory, little time and tells one JSON line.

Run by `inspect.ask`; it imports neither the web nor the database. Should a decoder be led astray, this process ends, not ours.
"""

from __future__ import annotations

import contextlib
import json
import resource
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageFilter, ImageOps, ImageStat

from socialshop.kernel import pictures

BOX = (1440, 2560)  # the widest that Instagram keeps, and a story's height to it
JPEG_BYTES = 8_000_000
THUMB = (480, 960)
QUALITIES = (92, 85, 75, 60, 40)
MOST_SIDE, MOST_HOURS = 16_384, 24  # of a film: more is a lie of its head
EVEN = 18  # how much an edge's colours may differ from each other to be one colour
_CODECS = {"AVC": "h264", "HEVC": "hevc", "VP8": "vp8", "VP9": "vp9", "AV1": "av1"}
_FILMS = {"video/mp4", "video/quicktime", "video/webm"}


class Unfit(Exception):
    """A file that is not taken; its word is one of `uploads.WHY`."""


def main(words: list[str]) -> None:
    """words: seconds, mebibytes, then the request as JSON; the answer goes to standard output as JSON."""
    seconds, mebibytes, request = int(words[0]), int(words[1]), json.loads(words[2])
    _bounded(seconds, mebibytes)
    print(json.dumps(answer(request)), flush=True)  # noqa: T201


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """What was found or made, or {"why": …}."""
    source = Path(request["source"])
    try:
        match request["task"]:
            case "picture":
                return picture(source, Path(request["out"]), Path(request["thumb"]))
            case "film":
                return film(source, request["media_type"])
            case "pad":
                return pad(source, Path(request["out"]), request["canvas"], request["inner"])
    except Unfit as refused:
        return {"why": str(refused)}
    except pictures.Unusable as refused:
        return {"why": {"many_pixels": "many_pixels", "small": "small_picture"}.get(refused.why, "damaged_picture")}
    except MemoryError:
        return {"why": "too_costly"}
    raise ValueError(request["task"])


def picture(source: Path, out: Path, thumb: Path) -> dict[str, Any]:
    """Turn, shrink and save it anew as JPEG, and a small WebP for our pages; nothing else of it stays."""
    with pictures.careful(), source.open("rb") as file:
        image = pictures.opened(file, side=max(BOX))
        if image.mode not in ("RGB", "RGBA", "L", "CMYK"):
            image = pictures.in_srgb(image)
        lies = image.getexif().get(0x0112, 1) in (5, 6, 7, 8)
        image.thumbnail((BOX[1], BOX[0]) if lies else BOX, Image.Resampling.LANCZOS)
        image = pictures.on_white(pictures.in_srgb(ImageOps.exif_transpose(image)))
    _write_jpeg(image, out)
    small = image.copy()
    small.thumbnail(THUMB, Image.Resampling.LANCZOS)
    _bare(small).save(thumb, "WEBP", quality=72, method=4)
    return {"media_type": "image/jpeg", "width": image.width, "height": image.height}


def pad(source: Path, out: Path, canvas: tuple[int, int], inner: tuple[int, int]) -> dict[str, Any]:
    """Our own JPEG at the size `inner` in the middle of a canvas: on its edges' colour where that is one, else blurred."""
    with pictures.careful(), source.open("rb") as file:
        image = pictures.on_white(pictures.in_srgb(pictures.opened(file, side=max(BOX))))
    width, height = canvas
    fitted = image.resize((inner[0], inner[1]), Image.Resampling.LANCZOS)
    if tuple(inner) != (width, height):
        ground = _ground(image, width, height)
        ground.paste(fitted, ((width - inner[0]) // 2, (height - inner[1]) // 2))
        fitted = ground
    _write_jpeg(fitted, out)
    return {"media_type": "image/jpeg", "width": width, "height": height}


def film(source: Path, media_type: str) -> dict[str, Any]:
    """Container, codecs, speed, sides as shown, and length. The file is read through a handle: no name leads elsewhere."""
    from pymediainfo import MediaInfo

    with source.open("rb") as file:
        told = MediaInfo.parse(file, parse_speed=0.5, mediainfo_options={"File_TestContinuousFileNames": "0"})
    general = next((track for track in told.tracks if track.track_type == "General"), None)
    moving = next((track for track in told.tracks if track.track_type == "Video"), None)
    sound = next((track for track in told.tracks if track.track_type == "Audio"), None)
    if general is None or general.format is None:
        raise Unfit("damaged_film")
    if general.format not in ("MPEG-4", "QuickTime", "WebM"):
        raise Unfit("not_media")
    if moving is None:
        raise Unfit("no_picture")
    width, height = _whole(moving.width), _whole(moving.height)
    milliseconds = _whole(moving.duration) or _whole(general.duration)
    if general.istruncated == "Yes" or not width or not height or not milliseconds:
        raise Unfit("damaged_film")
    if max(width, height) > MOST_SIDE or milliseconds > MOST_HOURS * 3_600_000:
        raise Unfit("damaged_film")
    turned = _whole(moving.rotation) % 360
    if turned in (90, 270):
        width, height = height, width
    return {
        "media_type": "video/webm" if general.format == "WebM" else media_type if media_type in _FILMS else "video/mp4",
        "width": width,
        "height": height,
        "milliseconds": milliseconds,
        "facts": {
            "codec": _CODECS.get(moving.format or "", (moving.format or "unknown").casefold()[:20]),
            "rate": round(_number(moving.frame_rate) * 1000) or _rate(moving, milliseconds),
            "audio": (sound.format or "unknown").casefold()[:20] if sound else "",
            "audio_rate": _whole(sound.sampling_rate) if sound else 0,
            "turned": turned,
        },
    }


def _rate(moving: Any, milliseconds: int) -> int:
    """Frames in 1,000 seconds where no rate is told but their number is."""
    frames = _whole(moving.frame_count)
    return round(frames * 1_000_000 / milliseconds) if frames and milliseconds else 0


def _whole(told: Any) -> int:
    return round(_number(told))


def _number(told: Any) -> float:
    try:
        found = float(str(told).split("/")[0].strip())
    except ValueError:
        return 0.0
    return found if 0 <= found < 2**53 else 0.0


def _ground(image: Image.Image, width: int, height: int) -> Image.Image:
    """What stands beside a picture that does not fill its place."""
    edges = [
        image.crop(box)
        for box in (
            (0, 0, image.width, 1), (0, image.height - 1, image.width, image.height),
            (0, 0, 1, image.height), (image.width - 1, 0, image.width, image.height),
        )
    ]  # fmt: skip
    shades = [ImageStat.Stat(edge) for edge in edges]
    means = [tuple(round(each) for each in shade.mean) for shade in shades]
    if all(max(shade.stddev) <= EVEN for shade in shades) and _near(means):
        return Image.new("RGB", (width, height), means[0])
    small = ImageOps.fit(image, (max(1, width // 8), max(1, height // 8)), Image.Resampling.BILINEAR)
    return small.filter(ImageFilter.GaussianBlur(6)).resize((width, height), Image.Resampling.BICUBIC)


def _near(colours: list[tuple[int, ...]]) -> bool:
    return all(max(band) - min(band) <= EVEN for band in zip(*colours, strict=True))


def _write_jpeg(image: Image.Image, out: Path) -> None:
    content = b""
    for quality in QUALITIES:
        buffer = BytesIO()
        _bare(image).save(buffer, "JPEG", quality=quality, optimize=True, progressive=True, subsampling=0 if quality > 90 else 2)
        content = buffer.getvalue()
        if len(content) <= JPEG_BYTES:
            break
    out.write_bytes(content)


def _bare(image: Image.Image) -> Image.Image:
    """The points alone: neither a place nor a profile of the camera."""
    image.info.clear()
    return image


def _bounded(seconds: int, mebibytes: int) -> None:
    for what, most in (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, mebibytes * 1024 * 1024),
        (resource.RLIMIT_FSIZE, 64 * 1024 * 1024),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        with contextlib.suppress(ValueError, OSError):  # a smaller one is set already, or this system has none
            resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    main(sys.argv[1:])
