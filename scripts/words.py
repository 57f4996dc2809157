"""Bring the Indonesian catalogue up to date with the sentences in code and templates, and compile it.

`python scripts/words.py` adds what is new (untranslated), drops what is gone, compiles, and lists what still has no translation.
`python scripts/words.py --check` changes nothing and exits with 1 where something is missing or would change.
"""

from __future__ import annotations

import io
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
PO = ROOT / "socialshop" / "translations" / "id" / "LC_MESSAGES" / "messages.po"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "lazy_gettext": None,
    "_l": None,
    "_L": None,
    "N_": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
}
NAMED = re.compile(r"%\((\w+)\)[sd]|\{(\w+)[^}]*\}")


def wanted() -> Catalog:
    """Every sentence that people may see."""
    catalogue = Catalog(locale="id", fuzzy=False)
    places: list[tuple[Path, list[tuple[str, str]], dict[str, Any]]] = [
        (ROOT / "socialshop", [("**.py", "python")], {}),
        (ROOT / "templates", [("**.html", "jinja2"), ("**.txt", "jinja2")], {}),
    ]
    for folder, methods, options in places:
        for _file, _line, message, _comments, context in extract_from_dir(
            str(folder), methods, options, keywords=KEYWORDS, comment_tags=(), directory_filter=_every
        ):
            catalogue.add(message, context=context)
    return catalogue


def _every(_folder: str) -> bool:
    """Also the folders that Babel would skip for their underscore: templates/_macros speaks to people too."""
    return True


def kept() -> Catalog:
    """What has been translated so far."""
    if not PO.exists():
        return Catalog(locale="id", fuzzy=False)
    with PO.open("rb") as file:
        return read_po(file, locale="id")


def merged() -> Catalog:
    """The wanted sentences with the translations that we have."""
    have = kept()
    catalogue = Catalog(
        locale="id", fuzzy=False, project="socialshop", version="", header_comment="# Bahasa Indonesia", charset="utf-8",
    )  # fmt: skip
    for message in sorted(wanted(), key=lambda m: str(m.id)):
        if message.id:
            found = have.get(message.id)
            catalogue.add(message.id, found.string if found else None)
    return catalogue


def problems(catalogue: Catalog) -> list[str]:
    """Sentences without a translation, or whose named facts differ."""
    found = []
    for message in catalogue:
        if not message.id:
            continue
        if not all(message.string if isinstance(message.string, tuple | list) else [message.string]):
            found.append(f"no translation: {message.id!r}")
        elif _names(message, "id") != _names(message, "string"):
            found.append(f"other facts than the English: {message.id!r}")
    return found


def _names(message: Message, side: str) -> set[str]:
    text = getattr(message, side)
    joined = " ".join(text) if isinstance(text, tuple | list) else str(text)
    return {one or two for one, two in NAMED.findall(joined)} - {"num"}


def written(catalogue: Catalog) -> tuple[bytes, bytes]:
    """The .po and .mo of a catalogue, without dates, so that they change only when words do."""
    catalogue.creation_date = catalogue.revision_date = None  # type: ignore[assignment]
    po, mo = io.BytesIO(), io.BytesIO()
    write_po(po, catalogue, width=140, omit_header=False, no_location=True)
    text = b"\n".join(line for line in po.getvalue().split(b"\n") if not line.startswith((b'"POT-Creation', b'"PO-Revision')))
    compiled = read_po(io.BytesIO(text), locale="id")
    compiled.creation_date = datetime(1970, 1, 1, tzinfo=UTC)  # without one, Babel writes down the minute it is
    write_mo(mo, compiled)
    return text, mo.getvalue()


def main() -> int:
    """Update, or check."""
    catalogue = merged()
    po, mo = written(catalogue)
    missing = problems(catalogue)
    if "--check" in sys.argv:
        stale = not PO.exists() or PO.read_bytes() != po or PO.with_suffix(".mo").read_bytes() != mo
        for line in missing + (["the catalogue is stale: run python scripts/words.py"] if stale else []):
            print(line)
        return 1 if missing or stale else 0
    PO.parent.mkdir(parents=True, exist_ok=True)
    PO.write_bytes(po)
    PO.with_suffix(".mo").write_bytes(mo)
    print("\n".join(missing[:40]))
    print(f"{len(list(catalogue)) - len(missing)} translated, {len(missing)} to do")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
