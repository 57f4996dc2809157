"""Why a channel says no, in our words: whose matter it is, whether trying again helps, and the sentence for the creator.

Each provider's own codes are mapped to these in its `errors` module.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ...kernel.errors import N_

Matter = Literal["media", "text", "audience", "permission", "account", "blocked", "quota", "operator", "busy", "ours"]
Retry = Literal["no", "later", "anew", "twice", "wait", "tomorrow"]  # anew, twice: from the beginning; wait: until there is room


@dataclass(frozen=True, slots=True)
class Reason:
    """matter: who can do something about it; sentence: with {channel}."""

    name: str
    matter: Matter
    retry: Retry
    sentence: str


def _all(*reasons: Reason) -> dict[str, Reason]:
    return {reason.name: reason for reason in reasons}


REASONS = _all(
    Reason("busy", "busy", "later", N_("{channel} has a problem right now. We try again by ourselves.")),
    Reason("rate", "busy", "wait", N_("{channel} asks us to slow down. We wait and try again by ourselves.")),
    Reason(
        "reconnect", "permission", "no", N_("{channel} does not accept our access to this account any more. Please connect it again.")
    ),
    Reason(
        "confirm", "permission", "no",
        N_("{channel} wants to be sure that it is you. Please open the {channel} app, follow what it asks, then connect again."),
    ),
    Reason(
        "password", "permission", "no", N_("The password of this {channel} account was changed. Please connect it again.")
    ),
    Reason("removed", "permission", "no", N_("You took our access away in {channel}. Please connect the account again.")),
    Reason(
        "role", "permission", "no",
        N_("Your role on the Facebook Page of this account does not let us in any more. Please put that right, then connect it again."),
    ),
    Reason(
        "scope", "permission", "no",
        N_("A permission is missing. Please connect the account again and leave all permissions ticked."),
    ),
    Reason("declined", "permission", "no", N_("Nothing was connected, because the permission was not given.")),
    Reason("no_account", "account", "no", N_("No professional Instagram account is linked to your Facebook Pages.")),
    Reason("setup", "operator", "no", N_("Our app at {channel} is not set up correctly. We told the operator of this site.")),
    Reason(
        "unaudited", "operator", "no",
        N_("TikTok has not audited our app yet: it can only post privately to private accounts. Please send a draft to your inbox instead."),
    ),
    Reason("domain", "operator", "no", N_("TikTok has not verified the address of our media yet. We told the operator of this site.")),
    Reason("users", "operator", "tomorrow", N_("Our app has reached TikTok's number of creators for today. We try again tomorrow.")),
    Reason("quota", "quota", "tomorrow", N_("This account has reached {channel}'s number of posts for today. We try again when there is room.")),
    Reason("drafts", "quota", "tomorrow", N_("Five drafts wait in your TikTok inbox already. Please finish or delete one.")),
    Reason("spam", "blocked", "no", N_("{channel} takes this for spam and blocks posting for now. Please post something by hand and try again later.")),
    Reason("spam_text", "text", "no", N_("{channel} takes the text for spam. Please change it.")),
    Reason("policy", "blocked", "no", N_("{channel} refuses this because of its rules. Please look into the {channel} app.")),
    Reason("banned", "blocked", "no", N_("{channel} does not let this account post. Please look into the {channel} app.")),
    Reason("restricted", "account", "no", N_("{channel} has restricted this account. Please open the {channel} app and follow what it asks.")),
    Reason("twice", "text", "no", N_("{channel} says that the same was posted a moment ago.")),
    Reason("caption", "text", "no", N_("The caption is too long or has too many hashtags for {channel}. Please shorten it.")),
    Reason("tags", "text", "no", N_("More than 20 people are tagged. Please tag fewer.")),
    Reason("label", "permission", "no", N_("{channel} did not let us set the paid partnership label. Please set it in the app, or connect through Facebook.")),
    Reason("product_tags", "text", "no", N_("{channel} does not accept the products tagged here. Please remove the tags.")),
    Reason("privacy", "audience", "no", N_("This account cannot use the chosen audience any more. Please choose again who may see it.")),
    Reason("private_ad", "audience", "no", N_("Advertising for a brand cannot be seen by you alone. Please choose others too.")),
    Reason("media_slow", "busy", "later", N_("{channel} could not download the file in time. We try again by ourselves.")),
    Reason("media_away", "busy", "later", N_("{channel} could not fetch the file. We try again by ourselves; if it stays so, please use a JPEG picture or an MP4 video.")),
    Reason("image_size", "media", "no", N_("The picture is too large. Please use one of at most 8 MB.")),
    Reason("image_format", "media", "no", N_("{channel} does not take this kind of picture. Please use a JPEG.")),
    Reason("ratio", "media", "no", N_("The picture is too tall or too wide. Please crop it to between 4:5 and 1.91:1.")),
    Reason("count", "media", "no", N_("A carousel has 2 to 10 pictures or videos.")),
    Reason("video_format", "media", "no", N_("{channel} does not take this video. Please use an MP4 with H.264, 23 to 60 frames per second.")),
    Reason("length", "media", "no", N_("The video is too short or too long for this account. Please cut it.")),
    Reason("frames", "media", "no", N_("The video must have 23 to 60 frames per second.")),
    Reason("sides", "media", "no", N_("The sides of the video must have 360 to 4096 pixels.")),
    Reason("cover", "media", "no", N_("The chosen cover lies outside of the video. Please choose another moment.")),
    Reason("no_trial", "account", "no", N_("This account has no trial reels. Please post it as a normal reel.")),
    Reason("not_ready", "busy", "later", N_("{channel} is still working on the file. We ask again by ourselves.")),
    Reason("too_old", "busy", "anew", N_("{channel} had forgotten the file. We hand it over again.")),
    Reason("processing", "busy", "anew", N_("{channel} could not work on the file. We hand it over again.")),
    Reason(
        "fault", "busy", "twice",
        N_("{channel} had a fault while taking it. At times it says so of what looks like spam to it; then change the text a little."),
    ),
    Reason("vanished", "account", "no", N_("{channel} does not find this any more. It may have been deleted there.")),
    Reason("cancelled", "account", "no", N_("The posting was cancelled at {channel}.")),
    Reason("app_old", "account", "no", N_("The TikTok app on your phone is too old for drafts. Please update it.")),
    Reason("strange", "ours", "no", N_("{channel} refuses it for a reason that is new to us. Please look into the {channel} app.")),
    Reason("ours", "ours", "no", N_("{channel} did not understand what we sent. This is our mistake; please try again, or post it by hand.")),
)  # fmt: skip
