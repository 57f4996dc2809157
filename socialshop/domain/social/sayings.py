"""All that may be said of a post before it is sent: the sentence, where it belongs, whether it stops the post, and why it is so. Pure.

The rules: https://developers.tiktok.com/doc/content-sharing-guidelines (audience, disclosure, drafts),
https://help.instagram.com/116947042301556 (branded content) and the law that asks for a disclosure (16 CFR 255.5).
"""

from __future__ import annotations

from dataclasses import dataclass

from ...kernel.errors import N_


@dataclass(frozen=True, slots=True)
class Saying:
    """field: of the form it belongs to. stops: the post cannot go out like this. why: for whoever asks; "" the sentence says it."""

    code: str
    field: str
    stops: bool
    message: str
    why: str = ""


_ALL = (
    # words
    Saying("many_characters", "caption", True, N_("{channel} takes at most {most} characters; with disclosure, code and link this has {used}."),
        N_("Counted as {channel} counts: line breaks, blanks and emoji too. What is longer would be refused.")),
    Saying("many_hashtags", "caption", True, N_("{channel} takes at most {most} hashtags; this has {used}."),
        N_("Instagram announced in December 2025 that it counts only a few hashtags. Who runs this install sets how many.")),
    Saying("many_mentions", "caption", True, N_("{channel} takes at most {most} tagged accounts; this has {used}."),
        N_("Each @ with a name behind it counts. What has more would be refused.")),
    Saying("many_title", "title", True, N_("A title on {channel} has at most {most} characters; this has {used}."),
        N_("TikTok shows the title above the text of a photo post, and refuses a longer one.")),
    Saying("dead_address", "caption", False, N_("Addresses in an Instagram caption cannot be tapped. Say “link in bio” instead.")),
    # disclosure
    Saying("no_disclosure", "disclose", True, N_("This post shows a code or link that you earn with. It cannot go out without a disclosure."),
        N_("Whoever earns by a recommendation has to say so, in the post itself and at its start. That is the law in many countries, and a rule of Instagram and TikTok.")),
    Saying("chosen_less", "commercial", True, N_("This post shows what you earn a commission with, so it is advertising for a brand. Please choose that."),
        N_("A commission is something of value for a recommendation. Instagram and TikTok call that branded content.")),
    Saying("long_note", "note", True, N_("A disclosure has at most {most} characters, so that nobody overlooks it."),
        N_("Phones show about two lines before “more”. The disclosure has to be within them.")),
    Saying("label_by_hand", "targets", False, N_("After posting, add the paid partnership label in the Instagram app."),
        N_("Instagram wants its label on everything that you earn with. We may set it only for accounts that are connected through Facebook.")),
    Saying("story_words", "caption", False, N_("A story has no caption. Write “Ad” and your code into the picture itself, and add a link sticker in the app."),
        N_("Instagram takes neither caption nor link sticker for stories that are posted from outside its app.")),
    # TikTok
    Saying("no_privacy", "privacy", True, N_("Choose who may see this on TikTok."),
        N_("TikTok wants you to decide this anew for each post, so nothing is chosen beforehand.")),
    Saying("private_ad", "privacy", True, N_("Advertising for a brand cannot be seen by you alone. Please choose others too."),
        N_("TikTok does not allow branded content that nobody but its creator can see.")),
    Saying("privacy_gone", "privacy", True, N_("This account cannot use the chosen audience any more. Please choose again.")),
    Saying("only_draft", "draft", True, N_("TikTok has not checked this install yet. Until then advertising for a brand can only be sent as a draft, which you finish in the TikTok app."),
        N_("An app that TikTok has not checked may post only what nobody else can see, and branded content must be seen. A draft is posted by you, in the app.")),
    Saying("unaudited", "privacy", True, N_("TikTok has not checked this install yet. Until then choose “only me”, or send it as a draft."),
        N_("TikTok shows posts of an app to others only after it has checked the app. Who runs this install asks TikTok for that.")),
    Saying("draft_label", "draft", False, N_("Before you post it in the TikTok app, switch on “Disclose commercial content” there."),
        N_("TikTok wants this for each post that you earn with. In a draft only you can set it.")),
    Saying("draft_caption", "draft", False, N_("TikTok does not take the caption along with a draft. Copy it here and paste it in the app.")),
    # channels and files
    Saying("kind_not_here", "kind", True, N_("A story can only be posted to Instagram from here. Take the tick off this account, or choose another kind.")),
    Saying("lost", "targets", True, N_("This account has to be connected again first.")),
    Saying("no_channel", "targets", True, N_("Choose at least one channel.")),
    Saying("not_yours", "targets", True, N_("Please choose from the channels that you have connected.")),
    Saying("no_file", "uploads", True, N_("Choose at least one picture or video.")),
    Saying("file_gone", "uploads", True, N_("A file is not there any more, or is not ready. Please upload it again.")),
    Saying("past", "publish_at", True, N_("This time is over. Please choose a later one.")),
    Saying("far", "publish_at", True, N_("Choose a time within a year.")),
    Saying("long_text", "caption", True, N_("This is longer than any channel takes. Please shorten it.")),
    # what is offered
    Saying("product_gone", "offers", True, N_("“{name}” is not sold any more. Please choose something else.")),
    Saying("sold_out", "offers", False, N_("“{name}” is sold out right now.")),
    Saying("left_program", "offers", True, N_("You are not in the program of “{name}” any more, so it would earn you nothing. Please remove it."),
        N_("Codes and links earn only while you are in the program that they belong to.")),
    Saying("page_hidden", "offers", True, N_("“{name}” is not published. Publish your page first.")),
    Saying("link_gone", "offers", True, N_("This link is switched off or over. Please choose another one.")),
    Saying("offer_gone", "offers", True, N_("Something that you chose is not there any more. Please choose again.")),
    Saying("many_offers", "offers", True, N_("A post shows at most {most} things.")),
)  # fmt: skip
SAYINGS = {each.code: each for each in _ALL}
