"""A link's ways as one document, and what people may put into it. Pure; what it means is told in `kernel.ways`."""

from __future__ import annotations

import copy
import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from ...kernel.errors import N_, Conflict, FieldError, Invalid, NotFound
from ...kernel.ways import DEVICES, KINDS, MAIN, SUB_ID, kind_of
from .rules import clean_destination

MOST_RULES, MOST_ARMS, MOST_STORES = 20, 6, 10
MOST_WEIGHT = 1000
PLACEHOLDERS = ("{click}", "{creator}", "{channel}")

Document = dict[str, Any]

_CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]\Z")
_PARAMETER = re.compile(r"[A-Za-z0-9_.\[\]-]{1,40}\Z")
_VALUE = re.compile(r"[A-Za-z0-9_.~-]*\Z")
_TWO, _THREE = re.compile(r"[A-Z]{2}\Z"), re.compile(r"[a-z]{2,3}\Z")


def of(document: Mapping[str, Any] | None) -> Document:
    """A copy of a link's document to be changed, also where there is none yet."""
    return {"last": 0, "rules": [], "arms": [], "stores": [], **copy.deepcopy(dict(document or {}))}


def addresses(document: Mapping[str, Any], url: str) -> dict[str, str]:
    """Word → address of everything a link may lead to, its own (`url`) too; chats are no addresses to look at."""
    found = {entry["word"]: entry["url"] for name in ("rules", "arms") for entry in document.get(name, ()) if entry["url"]}
    found |= {store["word"]: store["url"] for store in document.get("stores", ()) if store["kind"] != "whatsapp"}
    return found | {MAIN: url}


def revision(document: Mapping[str, Any] | None, name: str) -> str:
    """A short mark of a link's rules or shops (name: "rules", "stores") as they are; any change changes it."""
    entries = (document or {}).get(name) or []
    return hashlib.sha256(json.dumps(entries, sort_keys=True).encode()).hexdigest()[:16]


def is_repeat(document: Document, name: str, entry: Mapping[str, Any]) -> bool:
    """Whether the last rule or shop says the same already: a form that was sent twice."""
    last = document[name][-1] if document[name] else {}
    return bool(last) and all(last.get(key) == value for key, value in entry.items())


def with_rule(document: Document, when: Mapping[str, Any], url: str, *, word: str = "") -> str:
    """Put a rule at the end, or another in the place of the one with this word; returns its word."""
    if word:
        entry = _entry(document, "rules", word)
        entry |= {"when": dict(when), "url": url}
        return word
    if len(document["rules"]) >= MOST_RULES:
        raise Conflict(N_("A link has at most {most} rules."), most=MOST_RULES)
    word = _new_word(document, "r")
    document["rules"].append({"word": word, "when": dict(when), "url": url})
    return word


def with_split(document: Document, arms: Sequence[tuple[str, str, int]]) -> None:
    """Share taps among these addresses by weight: (word or "" for a new one, address, weight); one address alone ends it."""
    if document["stores"] and len(arms) > 1:
        raise Conflict(N_("Visitors of this link choose a shop themselves. Remove the shops first."))
    if len(arms) > MOST_ARMS:
        raise Conflict(N_("A link is split among at most {most} addresses."), most=MOST_ARMS)
    known = {arm["word"]: arm["url"] for arm in document["arms"]}
    done = []
    for word, url, weight in arms:
        if word != MAIN and known.get(word) != url:
            word = _new_word(document, "a")  # another address is counted apart
        done.append({"word": word, "url": "" if word == MAIN else url, "weight": weight})
    document["arms"] = done if len(done) > 1 else []


def with_store(document: Document, store: Mapping[str, Any], *, word: str = "") -> str:
    """Put one more shop at the end, or another in the place of the one with this word; returns its word."""
    if word:
        _entry(document, "stores", word).update(store)
        return word
    if document["arms"]:
        raise Conflict(N_("This link is split by weight. End the split first."))
    if len(document["stores"]) >= MOST_STORES:
        raise Conflict(N_("A link has at most {most} shops."), most=MOST_STORES)
    taken = {entry["word"] for entry in document["stores"]}
    ideas = (f"{store['kind']}-{n}" if n > 1 else str(store["kind"]) for n in range(1, MOST_STORES + 2))
    word = next(idea for idea in ideas if idea not in taken)
    document["stores"].append({"word": word, "on": True, **store})
    return word


def turned(document: Document, word: str, on: bool) -> bool:
    """Show a shop or not; False if it was so already."""
    entry = _entry(document, "stores", word)
    changed = entry["on"] is not on
    entry["on"] = on
    return changed


def without(document: Document, name: str, word: str) -> None:
    """Take a rule or a shop out; NotFound where it is not there."""
    document[name].remove(_entry(document, name, word))


def moved(document: Document, name: str, word: str, by: int) -> bool:
    """Move a rule or a shop up (-1) or down (1); False where it is at the end already."""
    entries = document[name]
    place = entries.index(_entry(document, name, word))
    if not 0 <= place + by < len(entries):
        return False
    entries[place], entries[place + by] = entries[place + by], entries[place]
    return True


def clean_when(given: Mapping[str, Any]) -> Document:
    """The conditions of a rule as they are kept; Invalid where they cannot be, or where there are none."""
    wrong: list[FieldError] = []
    devices = sorted({word for word in given.get("devices", ()) if word in DEVICES}, key=DEVICES.index)
    countries = sorted({word for word in given.get("countries", ()) if _TWO.match(word)})
    languages = sorted({word for word in given.get("languages", ()) if _THREE.match(word)})
    days = sorted({day for day in given.get("days", ()) if day in range(1, 8)})
    begins, ends = str(given.get("begins", "")), str(given.get("ends", ""))
    if begins or ends:
        for name, text in (("begins", begins), ("ends", ends)):
            if not _CLOCK.match(text):
                wrong.append(FieldError(name, "bad_time", N_("Give both hours, like 09:00 and 17:00.")))
        if begins == ends and not wrong:
            wrong.append(FieldError("ends", "bad_time", N_("The hours must differ. For the whole day leave both empty.")))
    first, last = str(given.get("first", "")), str(given.get("last", ""))
    for name, text in (("first", first), ("last", last)):
        if text and not _is_day(text):
            wrong.append(FieldError(name, "bad_day", N_("This is not a day.")))
    if first and last and last < first and not wrong:
        wrong.append(FieldError("last", "bad_day", N_("The last day is before the first.")))
    if wrong:
        raise Invalid(fields=wrong)
    done = {
        "devices": devices, "countries": countries, "languages": languages, "days": days if len(days) < 7 else [],
        "begins": begins, "ends": ends, "first": first, "last": last,
    }  # fmt: skip
    done = {name: value for name, value in done.items() if value}
    if not done:
        sentence = N_("Choose at least one condition. Without one, change where the link itself leads.")
        raise Invalid(fields=[FieldError("devices", "no_condition", sentence)])
    return done


def clean_weight(text: str, field: str) -> int:
    """A share of a split, 1 to 1000."""
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= MOST_WEIGHT):
        raise Invalid(
            fields=[FieldError(field, "bad_weight", N_("Use a whole number from 1 to {most}."))],
            most=MOST_WEIGHT,
        )
    return int(text)


def clean_store(given: Mapping[str, str], *, own_host: str) -> Document:
    """A shop as it is kept, from kind, url, label, parameter, value, text; Invalid where it cannot be."""
    kind = given.get("kind", "")
    if kind not in KINDS:
        raise Invalid(fields=[FieldError("kind", "unknown", N_("Choose what kind of shop it is."))])
    label = " ".join(unicodedata.normalize("NFC", given.get("label", "")).split())[:60]
    if kind == "whatsapp":
        text = _clean_text(given.get("text", ""))
        return {
            "kind": kind,
            "url": _chat(given.get("url", "")),
            "label": label,
            "text": text,
            "parameter": "",
            "value": "{click}",
        }
    url = clean_destination(given.get("url", ""), own_host=own_host)
    if kind == "other" and kind_of(url) in ("shopee", "tokopedia", "tiktok"):
        kind = kind_of(url)
    parameter, value = given.get("parameter", "").strip(), given.get("value", "").strip() or "{click}"
    if parameter and not _PARAMETER.match(parameter):
        raise Invalid(fields=[FieldError("parameter", "bad_parameter", N_("Use letters, digits and - _ . only."))])
    _check_value(value)
    return {"kind": kind, "url": url, "label": label, "parameter": parameter, "value": value, "text": ""}


def sub_id_of(kind: str, url: str) -> str:
    """The parameter that this kind of shop hands back in its reports, "" where it tells of none for such an address."""
    return SUB_ID.get(kind, "") if "/an_redir?" in url else ""


def _check_value(value: str) -> None:
    rest = value
    for name in PLACEHOLDERS:
        rest = rest.replace(name, "")
    if value.count("{click}") != 1 or not _VALUE.match(rest) or len(value) > 100:
        raise Invalid(
            fields=[
                FieldError(
                    "value", "bad_value",
                    N_("Use letters, digits and - _ . with the placeholders shown; the click's must be there once."),
                )
            ]
        )  # fmt: skip


def _chat(text: str) -> str:
    number = re.sub(r"\Ahttps?://(?:wa\.me/|api\.whatsapp\.com/send\?phone=)|[\s().+-]", "", text.strip())
    if number.startswith("0"):
        number = "62" + number[1:]
    if not (number.isascii() and number.isdigit() and 8 <= len(number) <= 15):
        raise Invalid(fields=[FieldError("url", "bad_number", N_("Write a WhatsApp number like 0812 3456 7890."))])
    return f"https://wa.me/{number}"


def _clean_text(text: str) -> str:
    clean = "\n".join(" ".join(line.split()) for line in unicodedata.normalize("NFC", text).splitlines()).strip()
    if clean.count("{click}") > 1:
        raise Invalid(fields=[FieldError("text", "twice", N_("Use {{click}} once at most."))])
    if len(clean) > 500 or any(unicodedata.category(c) == "Cc" and c != "\n" for c in clean):
        raise Invalid(fields=[FieldError("text", "too_long", N_("Use at most 500 characters."))])
    return clean


def _entry(document: Document, name: str, word: str) -> Document:
    entries: list[Document] = document[name]
    found = next((entry for entry in entries if entry["word"] == word), None)
    if found is None:
        raise NotFound()
    return found


def _new_word(document: Document, letter: str) -> str:
    document["last"] += 1
    return f"{letter}{document['last']}"


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
