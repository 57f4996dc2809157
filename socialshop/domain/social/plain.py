"""What people type into captions, with nothing in it that hides, turns round or blanks out what else stands there. Pure."""

from __future__ import annotations

import re
import unicodedata

# What turns the direction of text round, or takes no room: https://www.unicode.org/reports/tr9/ and /tr36/
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]"
)
_JOINERS = "\u200c\u200d"  # between letters of some scripts, and within one emoji
_FLAG = "\U0001f3f4"  # which alone takes the tags behind it: of England, Scotland, Wales
_NOTHING = ("Cc", "Cs", "Co", "Cn")
_LINES = re.compile(r"\r\n?|[\u000b\u000c\u0085\u2028\u2029]")
_MANY_LINES = re.compile(r"\n{4,}")
_BLANK = "\u2800"  # looks like a blank, and is none
HASHTAG = re.compile("[#＃](?=[^\\s#＃@.,;:!?…()\"'\\[\\]{}<>/\\\\*+=|~^`$%&·–—\u200d\ufe0f\u20e3-])")
MENTION = re.compile(r"[@＠](?=[\w.])")
ADDRESS = re.compile(r"(?i)\bhttps?://\S|\bwww\.\S|[a-z0-9]\.[a-z]{2,24}/\S")
# What a reader takes for a letter of ours; compare https://www.unicode.org/Public/security/latest/confusables.txt
_LOOKS_LIKE = str.maketrans(
    "авеѕзіјкмнорстухԁԛԝһѵαβεζηικμνορτυχᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢıøłđ",
    "abes3ijkmhopctyxdqwhvabezhikmnoptyxabcdefghijklmnoprstuvwyziold",
) | {base + number: chr(97 + number) for base in (0x1F130, 0x1F150, 0x1F170, 0x1F1E6) for number in range(26)}
_HURRIED = str.maketrans("01i|", "olll")
_BEFORE_CODES = "kode|code|kupon|coupon|promo|voucher|diskon|pakai".replace("i", "l")
_SPELLED = re.compile(r"(?<!\w)\w([\W_]{1,3})\w(?:\1\w)+(?!\w)")


def text(typed: str) -> str:
    """NFC, with its own line breaks; at most two empty lines one after the other, and nothing unseen."""
    found = _LINES.sub("\n", unicodedata.normalize("NFC", typed)).replace("\t", " ")
    found = "".join(sign for sign in _UNSEEN.sub("", found) if sign == "\n" or unicodedata.category(sign) not in _NOTHING)
    kept: list[str] = []
    for place, sign in enumerate(found):
        before, after = kept[-1] if kept else "", found[place + 1 : place + 2]
        if sign in _JOINERS and (before.isascii() or after.isascii() or after in _JOINERS):
            continue
        if _is_tag(sign) and before != _FLAG and not _is_tag(before):
            continue
        kept.append(sign)
    lines = "\n".join(line.rstrip(f" {_BLANK}") for line in "".join(kept).split("\n"))
    done = _MANY_LINES.sub("\n\n\n", lines).strip()
    return unicodedata.normalize("NFC", done) if any(seen(sign) for sign in done) else ""


def _is_tag(sign: str) -> bool:
    return "\U000e0020" <= sign <= "\U000e007f"


def line(typed: str, *, longest: int = 0) -> str:
    """The same as one line; with dots at its end where it is longer."""
    found = " ".join(text(typed).split())
    return f"{found[: longest - 1].rstrip()}…" if longest and len(found) > longest else found


def seen(sign: str) -> bool:
    """Whether a character leaves anything to look at."""
    return sign != _BLANK and unicodedata.category(sign)[0] not in "ZCM"


def units(said: str) -> int:
    """How long a text is in UTF-16."""
    return len(said) + sum(sign > "\uffff" for sign in said)


def hashtags(said: str) -> int:
    """How many hashtags a text has, in whatever script."""
    return len(HASHTAG.findall(said))


def mentions(said: str) -> int:
    """How many accounts a text tags; addresses of mail are taken for it over there as well."""
    return len(MENTION.findall(said))


def shows(said: str, code: str) -> bool:
    """Whether a reader finds a code in a text: in letters that only look like ours, underlined, spelled out, within a hashtag."""
    read, word = _as_read(said), _as_read(code).translate(_HURRIED)
    together = _SPELLED.sub(lambda found: re.sub(r"[\W_]", "", found[0]), read)
    wanted = rf"(?:(?<![^\W_])|{_BEFORE_CODES}){re.escape(word)}(?![^\W_]|-[^\W_])"
    return any(re.search(wanted, text.translate(_HURRIED)) for text in (read, together))


def _as_read(said: str) -> str:
    """A text as it looks: without strokes and dots on its letters, small, every letter as the one of ours that it looks like."""
    whole = unicodedata.normalize("NFKD", said.translate(_LOOKS_LIKE))
    letters = "".join(sign for sign in whole if unicodedata.category(sign) not in ("Mn", "Me", "Cf"))
    return letters.casefold().translate(_LOOKS_LIKE)


def has_word(said: str, word: str) -> bool:
    """Whether a word stands in a text by itself, in capitals or not."""
    return (
        re.search(rf"(?<![\w-]){re.escape(word.casefold())}(?![\w-])", unicodedata.normalize("NFKC", said).casefold()) is not None
    )
