"""The composer as a browser without a script has it: every button brings the form back as it was typed, until it is planned, once."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta

import pytest
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import func, select
from werkzeug.datastructures import MultiDict

from socialshop.domain import links, people, social, uploads
from socialshop.domain.social import Post, PostDraft, Target
from socialshop.flows import compose, publish, slots
from socialshop.kernel import clock
from socialshop.kernel.database import end_reading, session, transaction

from ..builders import PASSWORD
from ..conftest import START
from ..doubles import films
from ..post_stage import CREATOR, Stage, staged

NEW = "/creator/posts/new"
EVENING = "2026-06-02T19:00"


@pytest.fixture
def stage(app, tmp_path) -> Iterator[Stage]:
    compose.set_up(hashtags=5, audited=True, base_url="http://localhost")
    with staged(tmp_path) as made:
        yield made


class Browser:
    """One creator's, without a script: it sends what the page's form says, and what was typed into it."""

    def __init__(self, world, user_id):
        self.world, self.client = world, world.sign_in(world.app.test_client(), user_id)

    def open(self, path=NEW, language="en"):
        answer = self.client.get(f"{path}{'&' if '?' in path else '?'}lang={language}")
        assert answer.status_code == 200, answer.location
        return self._read(answer)

    def press(self, button="go", status=200, **typed):
        """Press a button of the form that is open; typed: field → text, True or False for boxes, None to leave it out."""
        return self._sent(self.fields(button, **typed), status)

    def fields(self, button="go", **typed):
        named = {button.attributes["value"] for button in self.form.css("button[name=do]:not([disabled])")}
        assert button in named, f"there is no button {button}: {named}"
        sent = MultiDict({"do": button, "csrf_token": self.world.token(self.client)})
        for box in self.form.css("input[name], select, textarea"):
            name, facts = box.attributes["name"], box.attributes
            if name == "csrf_token" or facts.get("type") == "file" or "disabled" in facts:
                continue
            if facts.get("type") in ("checkbox", "radio"):
                on = typed.get(name)
                ticked = "checked" in facts if not isinstance(on, bool) else on
                if facts["type"] == "radio" and name in typed:
                    ticked = facts.get("value", "") == typed[name]
                if ticked:
                    sent.add(name, facts.get("value") or "")
            elif box.tag == "textarea":
                sent.add(name, typed.get(name, box.text()))
            elif box.tag == "select":
                chosen = box.css_first("option[selected]")
                sent.add(name, typed.get(name, chosen.attributes.get("value") or "" if chosen else ""))
            else:
                sent.add(name, facts.get("value") or "" if name == "upload" else typed.get(name, facts.get("value") or ""))
        for name, value in typed.items():
            if name == "files":
                sent.setlist(name, [(io.BytesIO(body), called) for body, called in value])
            elif name == "upload":
                sent.setlist(name, [*sent.getlist(name), *value])
            assert name == "files" or name in sent or value in (None, False), f"the page has no field {name}"
        return sent

    def again(self, sent, status=303):
        return self._sent(sent, status)

    def _sent(self, sent, status):
        answer = self.client.post(self.form.attributes["action"], data=sent, content_type="multipart/form-data")
        assert answer.status_code == status, answer.text[:2000]
        return answer.location if status == 303 else self._read(answer)

    def _read(self, answer):
        self.page = LexborHTMLParser(answer.text)
        self.form = self.page.css_first("form[data-compose]")
        self.text = " ".join(self.page.css_first("main").text(separator=" ").split())
        return self.text

    def said(self):
        """What stands on top of a form that came back."""
        return [item.text(strip=True) for item in self.page.css(".error-summary li")]

    def value(self, name):
        box = self.form.css_first(f'[name="{name}"]')
        return box.text() if box.tag == "textarea" else box.attributes.get("value")

    def looks(self):
        """Channel → its preview."""
        return {look.attributes["data-look"]: look for look in self.page.css("[data-look]")}


@pytest.fixture
def mia(world, stage):
    return world.creator("mia")


@pytest.fixture
def file(app, stage, mia):
    """A file of Mia's that was sent before: a picture ("satu.jpg") or a film."""

    def sent(kind="image"):
        body = films.photo() if kind == "image" else films.film(size=20_000)
        facts = stage.keep(body, kind)
        row = uploads.Upload(
            creator_id=mia.id, name="satu.jpg" if kind == "image" else "pagi.mp4", size=facts.size, received=facts.size, kind=kind,
            media_type=facts.media_type, sha256=facts.sha256, kept=facts.size, width=1080, height=1350,
            milliseconds=facts.milliseconds, facts={}, state="ready", created_at=START, updated_at=START,
        )  # fmt: skip
        with app.app_context(), transaction():
            session().add(row)
            session().flush()
            return row.public_id

    return sent


@pytest.fixture
def both(mia, stage, app):
    """Mia's two channels' public ids."""
    with app.app_context():
        return {via: stage.connect(mia.id, via, now=START).public_id for via in ("instagram", "tiktok")}


@pytest.fixture
def kopi(world, mia):
    brand = world.brand("senja")
    world.enroll(world.program(brand), mia)
    return world.product(brand, "Kopi Gayo")


@pytest.fixture
def browser(world, mia, stage):
    return Browser(world, mia.user_id)


def rows(app, *what):
    with app.app_context():
        end_reading()
        return [session().scalar(select(func.count()).select_from(each)) for each in what]


def posted(app, creator, place):
    """The post that a page's address names, with its targets by provider."""
    with app.app_context():
        end_reading()
        post = social.post_of(creator.id, place.rpartition("/")[2])
        channels = {row.id: row.provider for row in social.channels_of(creator.id)}
        return post, {channels[row.channel_id]: row for row in social.targets_of(post.id)}


def test_step_by_step_without_a_script_and_planned_once(app, mia, both, kopi, browser):
    text = browser.open()
    assert "It is posted as Ana." in text
    assert browser.form.css_first(f'[name="privacy:{both["tiktok"]}"] option[selected]').attributes["value"] == ""
    switches = [f"{name}:{both['tiktok']}" for name in ("comments", "duet", "stitch")]
    assert not any("checked" in browser.form.css_first(f'[name="{name}"]').attributes for name in switches)
    assert "SELF_ONLY" in {each.attributes["value"] for each in browser.form.css("select option:not([disabled])")}
    assert browser.said() == [], "nothing is wrong with what is not filled in yet"

    typed = {"caption": "Pagi dengan kopi #kopi", "when": "at", "at": EVENING}
    browser.press("look", **typed, files=[(films.film(size=20_000), "pagi.mp4")])
    assert "pagi.mp4" in browser.text
    assert "0:12" in browser.text
    assert [look.css_first("video") is not None for look in browser.looks().values()] == [True, True]
    browser.press("seek", q="gayo")
    browser.press(f"more:product:{kopi.public_id}:")
    assert "Code MIA" in browser.text.replace("code MIA", "Code MIA")
    assert "Paid partnership" in browser.looks()[both["tiktok"]].text(), "what TikTok will write on it"
    assert (
        browser.looks()[both["instagram"]].css_first(".app-text, .over-text").text(strip=True).startswith("shop_anaAd · contains")
    )
    assert "SELF_ONLY" not in {each.attributes["value"] for each in browser.form.css("select option:not([disabled])")}
    assert "Branded Content Policy" in browser.text
    assert browser.form.css_first(".counts").text(separator=" ").count("hashtag") == 2

    browser.press(status=422)
    assert browser.said() == ["Choose who may see this on TikTok."]
    assert browser.value("caption") == typed["caption"]
    assert (browser.value("at"), browser.value("q")) == (EVENING, "gayo")
    assert len(browser.form.css("[name=upload]")) == len(browser.form.css("[name=offer]")) == 1
    assert rows(app, Post, links.TrackedLink)[0] == 0

    sent = browser.fields(**{f"privacy:{both['tiktok']}": "PUBLIC_TO_EVERYONE", f"comments:{both['tiktok']}": True})
    place = browser.again(sent)
    assert browser.again(sent) == place, "pressed twice it is one post"
    changed = sent.copy()
    changed["caption"] = "Something else"
    assert browser.again(changed) == place
    assert rows(app, Post, Target, uploads.Upload) == [1, 2, 1]
    post, targets = posted(app, mia, place)
    assert post.publish_at.isoformat() == "2026-06-02T12:00:00+00:00", "19:00 in Jakarta"
    assert (post.kind, post.promotes) == ("reel", "brand")
    tiktok = targets["tiktok"]
    assert (tiktok.privacy, tiktok.comments, tiktok.duet, tiktok.stitch) == ("PUBLIC_TO_EVERYONE", True, False, False)
    assert all(target.caption.startswith("Ad · contains affiliate links/codes\n\nPagi") for target in targets.values())
    assert "/l/" in tiktok.caption
    assert "/l/" not in targets["instagram"].caption
    with app.app_context():
        own = session().scalars(select(links.TrackedLink.channel).where(links.TrackedLink.post_id == post.id)).all()
    assert sorted(own) == ["instagram", "tiktok"]


def test_files_are_put_in_order_described_and_taken_out_again(app, both, browser, file):
    browser.open()
    browser.press("look", upload=[file(), file(), file()], files=[(b"no picture", "catatan.txt")])
    assert "catatan.txt:" in browser.text
    one, two, three = [box.attributes["value"] for box in browser.form.css("[name=upload]")]
    browser.press(f"up:{three}", **{f"alt:{one}": "Kopi di meja"})
    browser.press(f"up:{three}")
    browser.press(f"remove:{two}")
    browser.press(f"down:{three}", aim=True)
    assert [box.attributes["value"] for box in browser.form.css("[name=upload]")] == [one, three]
    assert browser.value(f"alt:{one}") == "Kopi di meja"
    instagram = browser.looks()[both["instagram"]]
    assert [image.attributes["alt"] for image in instagram.css(".slides img")] == ["Kopi di meja", "Your picture"]
    assert browser.form.css_first("[name=kind]").attributes["type"] == "hidden", "a carousel is no story"
    browser.press("look", title="Dua cangkir")
    assert "Dua cangkir" in browser.looks()[both["tiktok"]].text(), "a title stands above the text over there"
    assert "Dua cangkir" not in browser.looks()[both["instagram"]].text()
    browser.press(f"remove:{three}")
    assert [box.attributes["value"] for box in browser.form.css("[name=kind]")] == ["", "story"]
    browser.press("look", kind="story")
    assert "A story can only be posted to Instagram" in browser.text
    assert browser.looks()[both["instagram"]].css_first(".over-text") is None


def test_a_disclosure_is_not_left_out_and_advertising_is_not_private(app, mia, both, kopi, browser, file):
    browser.open(f"{NEW}?offer=product:{kopi.public_id}:")
    tiktok = f"privacy:{both['tiktok']}"
    begun = {tiktok: "PUBLIC_TO_EVERYONE", "upload": [file("video")]}
    browser.press("go", 422, disclose=False, **begun)
    [why] = browser.said()
    assert "cannot go out without a disclosure" in why
    browser.press("go", 422, disclose=True, commerce=False)
    assert len(browser.said()) == 1
    assert "advertising for a brand" in browser.said()[0]
    browser.press("go", 422, commerce=True, commerce_brand=False, commerce_own=False)
    assert "Say whose brand it is" in browser.said()[0]
    browser.press("go", 422, commerce=True, commerce_brand=True, **{tiktok: "SELF_ONLY"})
    assert browser.said() == ["Advertising for a brand cannot be seen by you alone. Please choose others too."]
    assert rows(app, Post) == [0]
    place = browser.press("go", 303, note="Iklan dari Senja", **{tiktok: "MUTUAL_FOLLOW_FRIENDS"})
    browser.open()
    mine = {tiktok: "PUBLIC_TO_EVERYONE", "upload": [file("video")]}
    browser.press("go", 422, commerce=True, **mine)
    assert browser.said() == ["Say whose brand it is: yours, another one, or both."]
    post, targets = posted(app, mia, browser.press("go", 303, commerce=True, commerce_own=True))
    assert (post.promotes, post.disclosure) == ("own", "Ad · my own products")
    browser.open()
    browser.press("look", commerce=True, commerce_own=True, commerce_brand=True, **mine)
    for own, brand in ((False, False), (True, False), (False, True), (True, True)):
        browser.press("look", commerce=own or brand, commerce_own=own, commerce_brand=brand)
        line = " ".join(browser.form.css_first(".consent").text().split())
        wanted = "Branded Content Policy and Music Usage Confirmation." if brand else "Music Usage Confirmation."
        assert line == f"By posting, you agree to TikTok's {wanted}"
    ticked = [name for name in ("own", "brand") if "checked" in browser.form.css_first(f'[name="commerce_{name}"]').attributes]
    assert ticked == ["own", "brand"], "both of them stay"
    assert "Paid partnership" in browser.text
    post, targets = posted(app, mia, browser.press("go", 303))
    assert (post.promotes, post.form["commercial"]) == ("brand", "both")
    post, targets = posted(app, mia, place)
    assert post.disclosure == "Iklan dari Senja"
    assert all(target.caption.startswith("Iklan dari Senja\n") for target in targets.values())


def test_who_cannot_post_on_tiktok_now_is_told_so_and_stopped(app, stage, both, browser, file):
    stage.tiktok.signed_in.comment_off = True
    browser.open()
    assert "disabled" in browser.form.css_first(f'[name="comments:{both["tiktok"]}"]').attributes
    privacy = f"privacy:{both['tiktok']}"
    browser.press("look", caption="Pagi", upload=[file("video")], **{privacy: "SELF_ONLY"})
    stage.tiktok.signed_in.banned = True
    browser.press("go", 422)
    [why] = browser.said()
    assert "does not let this account post" in why
    assert why in browser.text.replace(why, "", 1), "on top, and beside the account"
    assert rows(app, Post) == [0]
    stage.tiktok.signed_in.banned, stage.tiktok.signed_in.longest = False, 5
    browser.press("go", 422)
    browser.press("go", 422, **{f"privacy:{both['tiktok']}": "SELF_ONLY"})
    assert browser.said(), "a film of 12 seconds is too long for this account"
    assert browser.value("caption") == "Pagi"
    assert rows(app, Post) == [0]


def test_a_draft_is_kept_once_opened_again_and_gone_when_planned(app, world, mia, both, kopi, browser, file):
    browser.open(f"{NEW}?at=2026-06-02")
    assert browser.value("at") == EVENING
    browser.press("look", caption="Setengah jadi", upload=[file()])
    sent = browser.fields("keep", **{f"caption:{both['tiktok']}": "Versi TikTok"})
    assert browser.again(sent) == browser.again(sent) == "/creator/posts?show=drafts"
    assert rows(app, PostDraft, Post) == [1, 0]
    with app.app_context():
        draft = social.drafts_of(mia.id)[0].public_id
    browser.open(f"{NEW}?draft={draft}")
    assert (browser.value("caption"), browser.value("at")) == ("Setengah jadi", EVENING)
    assert browser.value(f"caption:{both['tiktok']}") == "Versi TikTok"
    assert "satu.jpg" in browser.text

    stranger = Browser(world, world.creator("budi").user_id)
    assert stranger.client.get(f"{NEW}?draft={draft}").status_code == 404
    assert world.post(stranger.client, f"/creator/posts/drafts/{draft}/removal").status_code == 404

    browser.press("keep", 303, caption="Sudah jadi")
    assert rows(app, PostDraft) == [1], "kept in its own place"
    tab = Browser(world, mia.user_id)
    for each in (tab, browser):
        each.open(f"{NEW}?draft={draft}")
    place = browser.press("go", 303, **{f"privacy:{both['tiktok']}": "SELF_ONLY"})
    assert tab.press("go", 303, **{f"privacy:{both['tiktok']}": "SELF_ONLY"}) == place
    assert rows(app, PostDraft, Post) == [0, 1], "one draft, open in two tabs, is one post"
    _, targets = posted(app, mia, place)
    assert {via: row.caption for via, row in targets.items()} == {"instagram": "Sudah jadi", "tiktok": "Versi TikTok"}
    browser.open()
    browser.press("keep", 303)
    with app.app_context():
        draft = social.drafts_of(mia.id)[0].public_id
    assert world.post(browser.client, f"/creator/posts/drafts/{draft}/removal").status_code == 303
    assert rows(app, PostDraft) == [0]


def test_a_post_is_changed_until_it_is_sent_and_begun_anew_from(app, world, mia, both, browser, file):
    browser.open()
    browser.press("look", caption="Pertama", when="at", at=EVENING, upload=[file()])
    place = browser.press("go", 303, **{f"privacy:{both['tiktok']}": "SELF_ONLY"})
    assert browser.client.get(place).status_code == 200
    browser.open(f"{place}/edit")
    assert browser.value("caption") == "Pertama"
    assert not [each for each in browser.form.css("button") if each.attributes.get("value") == "keep"]
    browser.press("look", caption="Kedua")
    with app.app_context():
        [upload] = [row.public_id for row in uploads.uploads_of(mia.id)]
    world.post(browser.client, f"/creator/uploads/{upload}/removal")
    browser.press("look")
    assert browser.page.css_first(".shot img").attributes["src"].startswith("/creator/post-media/"), "the post has kept its file"
    ticked = browser.fields(at="2026-06-03T08:30")
    ticked.setlist("aim", [both["instagram"]])
    assert browser.again(ticked) == place
    post, targets = posted(app, mia, place)
    assert (post.caption, post.publish_at.isoformat()) == ("Kedua", "2026-06-03T01:30:00+00:00")
    assert {via: row.state for via, row in targets.items()} == {"instagram": "waiting", "tiktok": "cancelled"}
    browser.open(f"{NEW}?copy={post.public_id}")
    assert (browser.value("caption"), browser.value("at")) == ("Kedua", "")
    assert browser.form.css_first('[name=when][value="now"][checked]')

    stranger = Browser(world, world.creator("budi").user_id)
    for path in (f"{place}/edit", f"{NEW}?copy={post.public_id}"):
        assert stranger.client.get(path).status_code == 404
    world.post(browser.client, f"{place}/cancellation")
    answer = browser.client.get(f"{place}/edit")
    assert (answer.status_code, answer.location) == (303, place), "it cannot be changed any more"


def test_of_two_tabs_the_one_that_did_not_see_the_other_is_asked_first(app, mia, both, browser, file):
    browser.open()
    browser.press("look", caption="Pertama", when="at", at=EVENING, upload=[file()])
    place = browser.press("go", 303, **{f"privacy:{both['tiktok']}": "SELF_ONLY"})
    browser.open(f"{place}/edit")
    with app.app_context():
        moved = social.post_of(mia.id, place.rsplit("/", 1)[1]).publish_at + timedelta(days=2)
        publish.reschedule(mia.id, place.rsplit("/", 1)[1], moved, actor=CREATOR, now=START)
    browser.press("look", caption="Kedua")  # a small button brings back what it was made from
    sent = browser.fields()
    said = browser.again(sent, 409)
    assert "This post was changed in the meantime, and its time is 4 Jun 2026, 19:00 WIB now." in said
    assert (browser.value("caption"), browser.value("at")) == ("Kedua", EVENING), "all that was typed is kept"
    post, _ = posted(app, mia, place)
    assert (post.caption, post.publish_at) == ("Pertama", moved)

    assert browser.press("go", 303) == place  # now it is a decision
    post, _ = posted(app, mia, place)
    assert (post.caption, post.publish_at) == ("Kedua", moved - timedelta(days=2))
    assert browser.press("go", 303) == place, "pressed twice it is one change"
    browser.again(sent, 303)  # says the same by now

    browser.open(f"{place}/edit")
    browser.press("go", 303, at="2026-06-03T08:30")
    history = [
        line.text(strip=True) for line in LexborHTMLParser(browser.client.get(place).text).css(".timeline li p:first-child")
    ]
    assert history == [
        "Moved from 2 Jun 2026, 19:00 WIB to 3 Jun 2026, 08:30 WIB",
        "Moved from 4 Jun 2026, 19:00 WIB to 2 Jun 2026, 19:00 WIB",
        "Changed",
        "Moved from 2 Jun 2026, 19:00 WIB to 4 Jun 2026, 19:00 WIB",
        "Planned for 2 Jun 2026, 19:00 WIB",
    ]


def test_what_belongs_to_others_is_not_there(app, world, stage, mia, both, kopi, browser, file):
    other = world.creator("budi")
    theirs = Browser(world, other.user_id)
    assert "Connect Instagram or TikTok first" in theirs.open()
    assert theirs.form is None
    assert theirs.page.css_first('a[href="/creator/channels"]') is not None
    browser.open()
    browser.press("look", upload=[file()])
    with app.app_context():
        stage.tiktok.signed_in = stage.tiktok.creators["-000rani"]
        channel = stage.connect(other.id, "tiktok", now=START).public_id
    theirs.open()
    sent = theirs.fields("look")
    for name in ("upload", "aim"):
        sent.add(name, browser.value(name) if name == "upload" else both["instagram"])
    sent.add("offer", f"product:{kopi.public_id}:")
    theirs._sent(sent, 200)
    assert "satu.jpg" not in theirs.text
    assert "Kopi Gayo" not in theirs.text
    assert "shop_ana" not in theirs.text
    sent["do"] = "go"
    sent[f"privacy:{channel}"] = "SELF_ONLY"
    theirs._sent(sent, 422)
    assert "Something that you chose is not there any more. Please choose again." in theirs.said()
    assert rows(app, Post) == [0]


def test_the_queue_gives_the_next_place_and_a_time_that_is_over_is_refused(app, mia, both, browser, file):
    browser.open()
    assert "Your queue has no free place" in browser.text
    with app.app_context():
        slots.add(mia.id, [1], 19 * 60, zone="Asia/Jakarta", actor=CREATOR, now=START)
        free = slots.next_free(mia.id, now=START)
    browser.open()
    tiktok = {f"privacy:{both['tiktok']}": "SELF_ONLY"}
    browser.press("go", 422, when="at", at="2026-05-01T08:00", upload=[file()], **tiktok)
    assert browser.said() == ["This time is over. Please choose a later one."]
    for wrong in ("", "nonsense", "0001-01-01T00:00", "9999-12-31T23:59"):
        browser.press("go", 422, at=wrong)
        assert browser.said() == ["Choose a date and a time."]
        assert browser.value("at") == wrong
    place = browser.press("go", 303, when="queue")
    assert posted(app, mia, place)[0].publish_at == free


def test_the_script_is_told_what_differs_and_tiktok_is_asked_only_when_it_must_be(app, stage, both, browser):
    browser.open()
    asked = lambda: sum(len(calls) for key, calls in stage.tiktok._calls.items() if "creator_info" in key)  # noqa: E731
    before = asked()
    sent = browser.fields("look", caption="#a #b #c #d #e #f")

    def live(**more):
        return browser.client.post(NEW, data={**sent.to_dict(flat=False), **more}, headers={"X-Live": "1"})

    answer = live()
    assert answer.status_code == 200
    assert asked() == before
    assert "<nav" not in answer.text, "the composer alone"
    assert "Instagram takes at most 5 hashtags; this has 6." in answer.text
    parts = LexborHTMLParser(answer.text)
    assert "data-empty" in parts.css_first(f'[data-part="options-{both["tiktok"]}"]').attributes
    assert live(ask=both["tiktok"]).text.count("It is posted as Ana.") == 1
    assert asked() == before + 1
    assert live(do="go").status_code == 200
    assert live(do="keep").status_code == 200
    assert rows(app, Post, PostDraft) == [0, 0], "nothing is planned or kept by what is typed"
    clock.use(lambda: START + timedelta(minutes=2))


def test_what_was_typed_outlives_its_session_without_a_script(app, world, mia, both, kopi, browser, file):
    """Signed out, they sign in and have it again; signed in anew elsewhere, the form that was open is given back as well."""
    with app.app_context(), transaction():
        people.lock_user(mia.user_id).password_hash = people.hashed(PASSWORD)
    browser.open()
    browser.press("seek", q="kopi")
    browser.press(f"more:product:{kopi.public_id}:", upload=[file()])
    words = "Baris satu\n\n„dua“ & <b>tiga</b>"
    sent = browser.fields(
        "go", **{"caption": words, f"privacy:{both['tiktok']}": "PUBLIC_TO_EVERYONE", "when": "at", "at": EVENING}
    )
    browser.client.delete_cookie("session")

    def sending(**headers):
        return browser.client.post(f"{NEW}?lang=en", data=MultiDict(sent), headers=headers)

    asked = sending()
    assert asked.status_code == 401
    assert "What you typed is not lost" in asked.text
    assert "chosen once more" not in asked.text, "no file came along"
    assert 'name="kept"' not in sending(**{"Sec-Fetch-Site": "cross-site"}).text, "a stranger's page puts no words into a mouth"
    assert 'name="kept"' not in sending(**{"X-Live": "1"}).text, "the script has the form still"
    form = LexborHTMLParser(asked.text).css_first("form[action$=sign-in]")
    hidden = {box.attributes["name"]: box.attributes.get("value") or "" for box in form.css("input[type=hidden]")}
    wrong = browser.client.post("/auth/sign-in", data={**hidden, "email": "mia@example.test", "password": "not it at all"})
    assert "Baris satu" in wrong.text
    inside = browser.client.post("/auth/sign-in", data={**hidden, "email": "mia@example.test", "password": PASSWORD})
    assert "Nothing is lost" in inside.text

    def goes_on(page):
        form = LexborHTMLParser(page).css_first("main form")
        back = [(box.attributes["name"], box.attributes.get("value") or "") for box in form.css("input[name]")]
        browser._read(browser.client.post(form.attributes["action"], data=MultiDict(back)))
        assert browser.value("caption") == words
        assert browser.value("at") == EVENING
        assert len(browser.form.css(".shot")) == len(browser.form.css(".chosen li")) == 1
        assert (
            browser.form.css_first(f'[name="privacy:{both["tiktok"]}"] option[selected]').attributes["value"]
            == "PUBLIC_TO_EVERYONE"
        )

    goes_on(inside.text)
    stale = sending()
    assert (stale.status_code, rows(app, Post, PostDraft)) == (400, [0, 0])
    goes_on(stale.text)
    post, _ = posted(app, mia, browser.press(status=303))
    assert post.caption == words
    odd = {**hidden, "csrf_token": world.token(browser.client), "email": "mia@example.test", "password": PASSWORD}
    for more in ({"kept": "[1"}, {"kept": '[["a", "b", "c"]]'}, {"next": "/creator/keys"}, {"next": "/nowhere"}):
        assert browser.client.post("/auth/sign-in", data={**odd, **more}).status_code == 400
        odd["csrf_token"] = world.token(browser.client)
