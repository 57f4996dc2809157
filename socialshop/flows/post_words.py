"""What is said about a post on a channel: where it has come to, why, what to do next, and until when. English; doors translate.

What a channel refuses is said by `adapters.social.REASONS`; here is what only we can say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from ..adapters.social import REASONS
from ..domain import social
from ..domain.social import Channel, Target
from ..kernel import words
from ..kernel.errors import N_
from .channel_tokens import GONE

STATES = {
    "planned": N_("Planned"),
    "in_line": N_("In line"),
    "waiting": N_("Waiting"),
    "preparing": N_("Being prepared"),
    "calling": N_("Being posted"),
    "unknown": N_("Unclear"),
    "underway": N_("On its way"),
    "published": N_("Posted"),
    "delivered": N_("In your inbox"),
    "failed": N_("Not posted"),
    "cancelled": N_("Called back"),
}
# our own words for why, beside those of `REASONS`
WHY = {
    "late": N_("It could not be posted within two days of its time, so we stopped trying."),
    "not_posted": N_("You told us that it does not stand on {channel}."),
    "left": N_("You disconnected this {channel} account."),
    "erased": N_("{channel} asked us to forget this account."),
    "broken": N_("Something went wrong on our side."),
    "interrupted": N_("Something went wrong on our side."),
    "files_gone": N_("The pictures or videos of this post are not kept any more."),
    "product_gone": N_("What it shows is not sold any more, so it was not sent."),
    "left_program": N_(
        "You are not in the program of what it shows any more, so it would have earned you nothing and was not sent."
    ),
}
# what may be tried again, once it was given up
GIVEN_UP = {
    "busy": N_("{channel} had a problem whenever we tried."),
    "rate": N_("{channel} asked us to slow down whenever we tried."),
    "users": N_("Our app had reached TikTok's number of creators whenever we tried."),
    "quota": N_("This account had reached {channel}'s number of posts whenever we tried."),
    "media_slow": N_("{channel} could not download the file in time, however often we tried."),
    "media_away": N_("{channel} could not fetch the file, however often we tried. A JPEG picture or an MP4 video may help."),
    "not_ready": N_("{channel} did not finish its work on the file."),
    "too_old": N_("{channel} forgot the file, however often we handed it over."),
    "processing": N_("{channel} could not work on the file, however often we handed it over."),
}
# why nobody knows whether it stands there
UNCLEAR = {
    "interrupted": N_("We were interrupted while {channel} took it."),
    "slow": N_("{channel} did not answer in time."),
    "cut_off": N_("The connection to {channel} broke before the answer came."),
    "unreachable": N_("{channel} cannot be reached right now."),
    "failed_inside": N_("{channel} had a problem of its own while taking it."),
    "stuck": N_("{channel} has been working on it for days and does not come to an end."),
    "no_name": N_("{channel} did not answer, so we have nothing to ask by."),
    "vanished": N_("{channel} does not know it any more."),
    "unfinished": N_(
        "{channel} has not told us that you posted the draft. Drafts that nobody finishes go away there after about a day."
    ),
    "": N_("{channel}’s answer could not be understood."),
}
# what we note for ourselves where a channel said no word of its own
_OURS = (
    "channel", "container", "FAILED", "private_ad", "upload_url", "stumbled", "not_renewed", "not_understood", "too_large",
    "packed", "renewed",
)  # fmt: skip
_FAULTS = re.compile(r"-?\d+(?:/\d+)?|internal_error")  # channels' own words for a fault of theirs
AGAIN = {
    "media": N_("Change the picture or video, then try again."),
    "text": N_("Change the text, then try again."),
    "audience": N_("Choose again who may see it, then try again."),
    "permission": N_("Connect the account again, then try again."),
    "account": N_("Put it right in the {channel} app, then try again."),
    "blocked": N_("Look into the {channel} app. When it lets you post, try again."),
    "quota": N_("Make room in the {channel} app, then try again."),
    "operator": N_("You cannot mend this yourself. Try again later, or share the post by hand."),
    "busy": N_("Try again, or share the post by hand."),
    "ours": N_("Try again, or share the post by hand."),
}
BY_ITSELF = N_("You need not do anything: we go on at {until}.")
ANYWAY = N_("Try again if you still want it.")
NOT_AGAIN = N_("Copy it as a new post to an account that is connected.")
CONNECT_SAME = N_("Connect the same account again, then try again. Or copy it as a new post.")
IN_TIME = N_("Connect the same account again before {until}, and it goes out by itself. Or copy it as a new post.")
RECONNECT = N_("Connect the account again; the post then goes out by itself. After {until} we stop trying.")


@dataclass(frozen=True, slots=True)
class Told:
    """English sentences with {channel} and {until}; `spoken` says them. until: when it goes on by itself, or ends."""

    state: str
    sentence: str
    next_step: str
    until: datetime | None
    channel: str

    def spoken(self, locale: str, zone: str) -> Told:
        """The same in a person's language and time."""
        facts = {"channel": self.channel, "until": words.when(self.until, locale, zone) if self.until else ""}
        state, sentence, step = (words.say(text, locale, **facts) for text in (self.state, self.sentence, self.next_step))
        return replace(self, state=state, sentence=sentence, next_step=step)


def is_gone(at: Channel) -> bool:
    """Whether nothing can go to a channel ever again: we forgot whose account it was."""
    return at.state == "off" and not at.account_id


def sentence_of(row: Target, at: Channel, now: datetime) -> Told:
    """What a creator reads about one target."""
    match row.state:
        case "waiting" | "ready":
            return _to_come(row, at, now)
        case "unknown":
            return _unclear(row, at, now)
        case "failed":
            return _told("failed", at, failed_because(row.why), _again(row.why, at), None)
        case "published" if not row.remote_id and row.next_at is not None:
            text = N_("It is posted, but {channel} has not told us its address yet: it may still be checked, or not be public.")
            return _told("published", at, text, N_("You need not do anything: we ask again at {until}."), row.next_at)
        case "published" if not row.remote_id and not row.visible:
            text = N_("{channel} took it, but has never told us its address: perhaps not everybody can see it.")
            return _told("published", at, text, N_("Look at it in the {channel} app."), None)
        case "delivered" if row.next_at is not None:
            text, step = (
                _PLAIN["delivered"][0],
                N_("Open the {channel} app within a day, finish it and post it there. We notice that by ourselves."),
            )
            return _told("delivered", at, text, step, row.next_at)
    return _told(row.state, at, *_PLAIN[row.state], None)


# state → sentence, next step
_PLAIN: Mapping[str, tuple[str, str]] = {
    "preparing": (N_("{channel} is getting the files. Nobody can see anything yet."), N_("You need not do anything.")),
    "calling": (N_("We are handing it to {channel} right now."), N_("You need not do anything.")),
    "underway": (N_("{channel} has it and is working on it."), N_("You need not do anything: we look again by ourselves.")),
    "published": (N_("It stands on {channel}."), ""),
    "delivered": (N_("The draft lies in your {channel} inbox."), N_("Open the {channel} app, finish it and post it there.")),
    "cancelled": (N_("It was called back before anything was posted."), ""),
}


def _to_come(row: Target, at: Channel, now: datetime) -> Told:
    if at.state == "off":
        return _told("waiting", at, _why(at.why), NOT_AGAIN if is_gone(at) else IN_TIME, row.next_at)
    if at.state == "lost":
        return _told("waiting", at, _why(at.why or "reconnect"), RECONNECT, social.turns.ends_trying(row))
    if at.paused_until is not None and at.paused_until > now:
        return _told("waiting", at, _why(at.paused_why), BY_ITSELF, max(at.paused_until, row.next_at or now))
    if row.next_at is not None and row.next_at > now:
        if row.why:
            return _told("waiting", at, _why(row.why), BY_ITSELF, row.next_at)
        text = N_("It goes to {channel} at {until}.")
        return _told("planned", at, text, N_("Until then you can change it, move it or call it back."), row.next_at)
    text = N_("Its time has come. Posts to one account go out one after another.")
    return _told("in_line", at, text, N_("You need not do anything."), None)


def _unclear(row: Target, at: Channel, now: datetime) -> Told:
    if social.undecided(row, at, now):
        step = N_("Open the {channel} app, look whether it is there, and tell us here. Until then we post nothing again.")
        if at.state == "lost":
            step = N_("Connect the account again, then we look ourselves. Or look in the {channel} app, and tell us here.")
        return _told("unknown", at, _unclear_why(row.why), step, None)
    if row.next_at is None:  # nobody can be asked, and the call may still be on its way
        step = N_("In a few minutes you can tell us here whether it is there. Until then we post nothing again.")
        return _told("unknown", at, _unclear_why(row.why), step, None)
    if row.next_at <= now:
        return _told("unknown", at, _unclear_why(row.why), N_("We are asking {channel} right now, and post nothing again."), None)
    step = N_("We ask {channel} at {until}, and post nothing again before we know.")
    return _told("unknown", at, _unclear_why(row.why), step, row.next_at)


def own_word(code: str) -> str:
    """A channel's own word for what went wrong; "" where it is one of ours."""
    return "" if code in _OURS or code in WHY or code in UNCLEAR or code in REASONS else code


def _told(state: str, at: Channel, sentence: str, step: str, until: datetime | None) -> Told:
    return Told(STATES[state], sentence, step, until, social.standing.NAMES.get(at.provider, at.provider.title()))


def _why(why: str) -> str:
    if why in WHY:
        return WHY[why]
    return (REASONS.get(why) or REASONS["busy"]).sentence


def failed_because(why: str) -> str:
    """Why it does not go on by itself any more, with {channel}."""
    if why not in WHY and why not in REASONS:
        why = "busy"
    return GIVEN_UP.get(why) or _why(why)


def _unclear_why(why: str) -> str:
    if why in UNCLEAR:
        return UNCLEAR[why]
    if why in REASONS:
        return REASONS[why].sentence
    return UNCLEAR["failed_inside" if _FAULTS.fullmatch(why) else ""]


def _again(why: str, at: Channel) -> str:
    if at.state == "off":
        return NOT_AGAIN if is_gone(at) else CONNECT_SAME
    if why in ("left", *GONE):
        return ANYWAY if at.state == "live" else AGAIN["permission"]  # connected again since
    if why == "files_gone":
        return N_("Begin a new post and choose them again.")
    if why in ("product_gone", "left_program"):
        return N_("Change what it shows; it then goes out by itself.")
    if why in WHY:
        return ANYWAY
    return AGAIN[REASONS[why].matter] if why in REASONS else AGAIN["busy"]
