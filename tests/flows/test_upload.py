"""A file on its way in: piece by piece, twice at once, broken in the middle, and let go of when nobody needs it."""

from __future__ import annotations

import errno
import hashlib
import os
import signal
import threading
import traceback
from datetime import timedelta

import pytest
from sqlalchemy import select

from socialshop import worker
from socialshop.domain import social, uploads
from socialshop.domain.social import MediaFacts
from socialshop.flows import upload, upload_fit, upload_tidy
from socialshop.kernel import faults, jobs
from socialshop.kernel.database import db, end_reading, session, transaction
from socialshop.kernel.errors import NotFound

from ..conftest import START
from ..doubles import films

pytestmark = pytest.mark.usefixtures("room")
FILM = films.film(size=60_000)
LATER = START + timedelta(minutes=5)


@pytest.fixture
def mia(room, world):
    return seen(world.creator("mia"))


@pytest.fixture
def begun(mia):
    return seen(upload.begin(mia.id, name="kopi.mp4", size=len(FILM), media_type="video/mp4", now=START))


@pytest.fixture(autouse=True)
def unharmed():
    yield
    faults.arm("")


def sent(mia, body=FILM, name="kopi.mp4", now=START):
    return seen(upload.whole(mia.id, name, "", len(body), [body], now=now))


def seen(row):
    """As it is now, whatever becomes of it."""
    session().refresh(row)
    session().expunge(row)
    end_reading()
    return row


def part_of(row):
    return uploads.parts.path_of(row.public_id, upload.parts_folder())


def state(row):
    end_reading()
    found = uploads.find(row.id)
    return (found.state, found.received)


# --- the way in ------------------------------------------------------------------------------------


def test_piece_by_piece_it_becomes_what_was_sent(mia, begun):
    for at in range(0, len(FILM), 25_000):
        row = upload.receive(mia.id, begun.public_id, at, [FILM[at : at + 10_000], FILM[at + 10_000 : at + 25_000]], now=START)
    assert (row.state, row.media_type, row.width, row.height, row.milliseconds) == ("ready", "video/mp4", 1080, 1920, 12_000)
    assert social.files.path_of(row.sha256, upload.folder()).read_bytes() == FILM
    assert row.sha256 == hashlib.sha256(FILM).hexdigest()
    assert not part_of(row).exists()
    with pytest.raises(upload.WrongPlace):
        upload.receive(mia.id, begun.public_id, 0, [FILM], now=START)
    [facts] = upload.facts_of(mia.id, [row.public_id])
    assert facts == MediaFacts("video", "video/mp4", len(FILM), row.sha256, 1080, 1920, 12_000, codec="h264", rate=30_000)


def test_files_are_named_in_order_and_only_to_their_creator(world, mia):
    one, two = sent(mia), sent(mia, films.photo(kind="PNG"), "kopi.png")
    assert [facts.kind for facts in upload.facts_of(mia.id, [two.public_id, one.public_id])] == ["image", "video"]
    assert (two.media_type, two.kept < two.size * 9) == ("image/jpeg", True)
    other = world.creator("bima")
    for ask in (
        lambda: upload.facts_of(other.id, [one.public_id]), lambda: upload.receive(other.id, one.public_id, 0, [b"x"], now=START),
        lambda: upload.remove(other.id, one.public_id), lambda: upload.facts_of(mia.id, ["upl_nothing"]),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            ask()
    half = upload.begin(mia.id, name="b.mp4", size=100_000, now=START)
    with pytest.raises(upload.NotReady):
        upload.facts_of(mia.id, [one.public_id, half.public_id])


@pytest.mark.parametrize(
    ("name", "media_type", "size", "code"),
    [
        ("surat.pdf", "application/pdf", 10, "not_media"),
        ("IMG_1.HEIC", "image/heic", 10, "heic"),
        ("kopi.jpg", "", 20 * 1024 * 1024 + 1, "large_picture"),
        ("kopi.mp4", "", 300 * 1024 * 1024 + 1, "large_film"),
        ("kopi.mp4", "", 0, "damaged_film"),
    ],
)
def test_what_cannot_be_taken_is_said_before_a_byte_is_sent(mia, name, media_type, size, code):
    with pytest.raises(upload.NotTaken) as refused:
        upload.begin(mia.id, name=name, size=size, media_type=media_type, now=START)
    assert refused.value.code == code
    assert not uploads.uploads_of(mia.id)


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"%PDF-1.7" + b"x" * 99, "not_media"), (b"\0\0\0\x18ftypheic" + b"x" * 99, "heic"), (b"\xff\xd8\xff" + b"x" * 99, "")],
)
def test_the_first_bytes_are_believed_not_the_name(mia, body, code):
    row = upload.begin(mia.id, name="kopi.mp4", size=len(body), now=START)
    if code:
        with pytest.raises(upload.NotTaken) as refused:
            upload.receive(mia.id, row.public_id, 0, [body], now=START)
        assert refused.value.code == code
        assert state(row) == ("refused", 0)
    else:  # a picture by its first bytes, and no more than that
        assert upload.receive(mia.id, row.public_id, 0, [body], now=START).why == "damaged_picture"
    assert not part_of(row).exists()


def test_a_cut_film_is_refused_with_a_sentence_and_leaves_nothing(mia):
    row = sent(mia, FILM[:40_000])
    assert (row.state, row.why in uploads.WHY, row.why) == ("refused", True, "damaged_film")
    assert not part_of(row).exists()
    assert not [each for each in upload.folder().rglob("*") if each.is_file() and each.name != ".shelf"]


def test_one_creator_has_only_so_much_underway_and_kept(mia, monkeypatch):
    monkeypatch.setattr(upload, "_place", [upload._Place(*_folders(), uploads.Limits(underway=200_000, kept=130_000))])
    upload.begin(mia.id, name="a.mp4", size=120_000, now=START)
    with pytest.raises(upload.TooMuch) as refused:
        upload.begin(mia.id, name="b.mp4", size=90_000, now=START)
    assert refused.value.code == "too_much_underway"
    first = sent(mia)
    with pytest.raises(upload.TooMuch) as refused:
        upload.begin(mia.id, name="b.mp4", size=75_000, now=START)
    assert refused.value.code == "too_much_kept"
    upload.remove(mia.id, first.public_id)
    upload.begin(mia.id, name="b.mp4", size=75_000, now=START)


def test_small_files_count_and_what_a_planned_post_keeps_does_too(mia, monkeypatch):
    """Neither many specks nor films that wait for next year, their uploads removed, are a way around the bound."""
    monkeypatch.setattr(upload, "_place", [upload._Place(*_folders(), uploads.Limits(kept=130_000))])
    first, second = sent(mia), sent(mia, films.film(13, size=60_000))
    with transaction():
        facts = upload.facts_of(mia.id, [first.public_id, second.public_id])
        post, _ = social.compose(
            mia.id, kind="carousel", caption="", title="", promotes="nothing", media=facts, targets=[],
            publish_at=START + timedelta(days=300), now=START,
        )  # fmt: skip
    for row in (first, second):
        upload.remove(mia.id, row.public_id)
    with pytest.raises(upload.TooMuch) as refused:
        sent(mia)
    assert refused.value.code == "too_much_kept"
    sent(mia, now=START + timedelta(days=331))  # the post is long over
    with transaction():
        session().get(social.Post, post.id).publish_at = START - timedelta(days=60)
    monkeypatch.setattr(uploads, "MANY", 2)
    with pytest.raises(upload.NotTaken):
        sent(mia, b"no film at all, however long it is", "a.mp4")
    with pytest.raises(upload.TooMuch):
        sent(mia)


def _folders():
    return upload.parts_folder(), upload.folder()


def test_many_announced_at_once_stay_within_the_bound(app, mia, monkeypatch):
    monkeypatch.setattr(upload, "_place", [upload._Place(*_folders(), uploads.Limits(underway=300_000))])
    told = []

    def announce() -> None:
        with app.app_context():
            try:
                told.append(upload.begin(mia.id, name="a.mp4", size=100_000, now=START).public_id)
            except upload.TooMuch:
                told.append("")
            db.session.remove()

    threads = [threading.Thread(target=announce) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(map(bool, told)) == [False] * 3 + [True] * 3


# --- broken off ------------------------------------------------------------------------------------


def breaking(*pieces):
    """What a lost signal looks like: pieces, then nothing more."""
    yield from pieces


def test_after_a_lost_signal_it_goes_on_where_it_stopped(mia, begun):
    row = upload.receive(mia.id, begun.public_id, 0, breaking(FILM[:7], FILM[7:30_001]), now=START)
    assert (row.state, row.received) == ("receiving", 30_001)
    for wrong in (0, 30_000, 30_002):
        with pytest.raises(upload.WrongPlace) as refused:
            upload.receive(mia.id, begun.public_id, wrong, [FILM[wrong:]], now=START)
        assert refused.value.at == 30_001
    assert upload.receive(mia.id, begun.public_id, 30_001, [FILM[30_001:]], now=START).state == "ready"


def test_of_two_who_append_at_once_the_newer_one_goes_on(mia, begun):
    """The first one hangs in a dead connection; what it brings later is not written."""

    def first():
        yield FILM[:20_000]
        upload.receive(mia.id, begun.public_id, 20_000, [FILM[20_000:45_000]], now=START)  # the phone has come back
        yield b"\0" * 15_000

    with pytest.raises(upload.WrongPlace) as refused:
        upload.receive(mia.id, begun.public_id, 0, first(), now=START)
    assert refused.value.at == 45_000
    row = upload.receive(mia.id, begun.public_id, 45_000, [FILM[45_000:]], now=START)
    assert (row.state, row.sha256) == ("ready", hashlib.sha256(FILM).hexdigest())


def test_the_row_itself_lets_only_the_newest_writer_go_on(begun):
    """The last guard, should two machines share a folder whose locks do not hold."""
    with transaction():
        assert uploads.take_over(begun.id, "first", at=0, now=START)
        assert uploads.take_over(begun.id, "second", at=0, now=START)
        assert not uploads.advance(begun.id, "first", at=0, to=10, now=START)
        assert uploads.advance(begun.id, "second", at=0, to=10, now=START)
        assert not uploads.advance(begun.id, "second", at=0, to=10, now=START)
        assert not uploads.take_over(begun.id, "third", at=0, now=START)


def test_two_at_the_same_place_at_once_write_each_byte_once(app, mia, begun):
    ready, told = threading.Barrier(2), []

    def send() -> None:
        with app.app_context():

            def pieces():
                ready.wait(10)
                for at in range(0, len(FILM), 6_000):
                    yield FILM[at : at + 6_000]

            try:
                told.append(upload.receive(mia.id, begun.public_id, 0, pieces(), now=START).state)
            except upload.WrongPlace:
                told.append("behind")
            db.session.remove()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(told) == ["behind", "ready"]
    end_reading()
    assert upload.facts_of(mia.id, [begun.public_id])[0].sha256 == hashlib.sha256(FILM).hexdigest()


@pytest.mark.parametrize("tail", [b"torn", b"\0" * 50_000, b""])
def test_what_was_written_but_never_told_is_written_over(mia, begun, tail):
    upload.receive(mia.id, begun.public_id, 0, [FILM[:20_000]], now=START)
    with part_of(begun).open("ab") as file:
        file.write(tail)
    row = upload.receive(mia.id, begun.public_id, 20_000, [FILM[20_000:]], now=START)
    assert (row.state, row.sha256) == ("ready", hashlib.sha256(FILM).hexdigest())


def test_bytes_that_were_told_and_are_gone_begin_anew(mia, begun):
    upload.receive(mia.id, begun.public_id, 0, [FILM[:20_000]], now=START)
    os.truncate(part_of(begun), 100)
    with pytest.raises(upload.Over):
        upload.receive(mia.id, begun.public_id, 20_000, [FILM[20_000:]], now=START)


def test_a_full_disk_is_said_and_leaves_nothing_half(mia, begun, monkeypatch):
    upload.receive(mia.id, begun.public_id, 0, [FILM[:20_000]], now=START)
    real = os.pwrite

    def full(handle, piece, at):
        real(handle, piece[: len(piece) // 2], at)
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(upload.NoRoom):
        upload.receive(mia.id, begun.public_id, 20_000, [FILM[20_000:]], now=START)
    assert part_of(begun).stat().st_size == 20_000
    assert state(begun) == ("receiving", 20_000)
    monkeypatch.setattr(os, "pwrite", real)
    monkeypatch.setattr(social.files, "adopt", lambda *_: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
    with pytest.raises(upload.NoRoom):
        upload.receive(mia.id, begun.public_id, 20_000, [FILM[20_000:]], now=START)
    monkeypatch.undo()
    assert state(begun) == ("receiving", len(FILM))
    assert upload.receive(mia.id, begun.public_id, len(FILM), [], now=START).state == "ready"  # nothing was lost


def test_where_the_disk_is_nearly_full_nothing_is_begun(mia, monkeypatch):
    monkeypatch.setattr(upload, "SPARE", 10**18)
    with pytest.raises(upload.NoRoom):
        upload.begin(mia.id, name="a.mp4", size=1, now=START)
    assert uploads.underway(mia.id) == (0, 0)


def test_many_who_were_let_in_leave_the_disk_its_spare_room(mia, begun, monkeypatch):
    upload.receive(mia.id, begun.public_id, 0, [FILM[:20_000]], now=START)
    with monkeypatch.context() as patched:
        patched.setattr(upload, "SPARE", 10**18)
        with pytest.raises(upload.NoRoom):
            upload.receive(mia.id, begun.public_id, 20_000, [FILM[20_000:]], now=START)
    assert state(begun) == ("receiving", 20_000)
    assert upload.receive(mia.id, begun.public_id, 20_000, [FILM[20_000:]], now=START).state == "ready"


def killed(work, fault):
    """Work in a process of its own that dies at the fault."""
    db.session.remove()
    db.engine.dispose()  # a connection must not be shared with a child
    pid = os.fork()
    if pid == 0:
        try:
            signal.alarm(60)
            faults.arm(fault)
            work()
        except BaseException:  # this process must not go on as a second pytest
            traceback.print_exc()
        finally:
            os._exit(1)
    _, status = os.waitpid(pid, 0)
    db.engine.dispose()
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


@pytest.mark.parametrize(
    ("fault", "received"),
    [
        ("upload.mid_append:kill:2", 20_000),  # half of the second piece lies there
        ("upload.after_append_before_note:kill:2", 20_000),  # all of it does, and nobody was told
        ("upload.after_keep_before_note:kill", 60_000),  # looked at and kept, and nobody was told
    ],
)
def test_killed_in_the_middle_and_gone_on_with(mia, begun, fault, received):
    pieces = [FILM[:20_000], FILM[20_000:40_000], FILM[40_000:]]
    assert killed(lambda: upload.receive(mia.id, begun.public_id, 0, pieces, now=START), fault)
    assert state(begun) == ("receiving", received)
    row = upload.receive(mia.id, begun.public_id, received, [FILM[received:]] if received < len(FILM) else [], now=LATER)
    assert (row.state, row.sha256) == ("ready", hashlib.sha256(FILM).hexdigest())
    assert social.files.path_of(row.sha256, upload.folder()).read_bytes() == FILM
    upload_tidy.tidy({}, now=LATER)
    assert not [each for each in upload.parts_folder().iterdir() if not each.name.startswith(".")]


def test_whoever_received_the_last_byte_is_gone_and_a_job_looks_at_it(mia, begun):
    assert killed(lambda: upload.receive(mia.id, begun.public_id, 0, [FILM], now=START), "upload.after_keep_before_note:kill")
    with transaction():
        [job] = session().scalars(select(jobs.Job).where(jobs.Job.name == "upload.look"))
        assert job.run_at == START + upload.LOOK_AGAIN
        job_id = job.id
    for _ in range(2):
        worker.HANDLERS["upload.look"]({"upload": begun.id}, now=LATER)
    assert job_id
    assert state(begun) == ("ready", len(FILM))


# --- let go of -------------------------------------------------------------------------------------


def files_in(folder):
    return {
        each.name for each in folder.rglob("*") if each.is_file() and not each.name.startswith(".") and "idle" not in each.name
    }


def test_what_stopped_a_day_ago_is_over_and_goes(mia, begun):
    upload.receive(mia.id, begun.public_id, 0, [FILM[:100]], now=START)
    day = START + timedelta(hours=24)
    with pytest.raises(upload.Over):
        upload.receive(mia.id, begun.public_id, 100, [FILM[100:]], now=day)
    upload_tidy.tidy({}, now=day - timedelta(seconds=1))
    assert part_of(begun).exists()
    upload_tidy.tidy({}, now=day)
    assert not part_of(begun).exists()
    assert uploads.find(begun.id) is None


def test_files_stay_while_an_upload_a_draft_or_a_post_needs_them(mia):
    """Two looks a day apart let go of what nothing needs; a file that two have goes with the last of them."""
    now = START + timedelta(days=31)
    kept, drafted, posted, idle = (
        sent(mia, films.photo(600, 600 + n), "a.jpg") for n in range(4)
    )  # fmt: skip
    twin = sent(mia, films.photo(600, 600), "twin.jpg", now=now)
    with transaction():
        social.keep_draft(
            mia.id, social.forms.document(social.Form(uploads=(social.Picked(drafted.public_id),))), public_id="", now=START
        )
        facts = upload.facts_of(mia.id, [posted.public_id])
        social.compose(
            mia.id, kind="image", caption="", title="", promotes="nothing", media=facts, targets=[], publish_at=now, now=START
        )
    for days in (0, 1):
        upload_tidy.tidy({}, now=now + timedelta(days=days))
    end_reading()
    assert [uploads.find(row.id) is not None for row in (kept, drafted, posted, idle, twin)] == [False, True, False, False, True]
    assert files_in(upload.folder()) == {f"{row.sha256}{end}" for row in (drafted, posted, twin) for end in ("", ".webp")}
    after = now + timedelta(days=31)
    for days in (0, 1, 2):
        upload_tidy.tidy({}, now=after + timedelta(days=days))
    # the post is long over: its large file goes, its small picture stays with it
    assert files_in(upload.folder()) == {drafted.sha256, f"{drafted.sha256}.webp", f"{posted.sha256}.webp"}


def test_a_file_that_is_needed_again_between_two_looks_stays(mia):
    row = sent(mia)
    upload.remove(mia.id, row.public_id)
    upload_tidy.tidy({}, now=START)
    assert social.files.path_of(row.sha256, upload.folder()).exists()  # a post may be naming it at this moment
    again = sent(mia, now=START + timedelta(hours=1))
    for days in (1, 2):
        upload_tidy.tidy({}, now=START + timedelta(days=days))
    assert social.files.path_of(again.sha256, upload.folder()).exists()


# --- in the shape that a channel takes -------------------------------------------------------------


def test_a_target_gets_its_own_shape_once_and_anew_when_the_post_changes(mia, world):
    row = sent(mia, films.photo(500, 1500), "tall.jpg")
    with transaction():
        channel = social.connect(
            mia.id, provider="instagram", via="instagram", account_id="1", scoped_id="", username="mia", name="",
            token=social.TokenFacts("a", "", frozenset(), START, None, None, None), now=START,
        )  # fmt: skip
        post, [target] = social.compose(
            mia.id, kind="image", caption="", title="", promotes="nothing", media=upload.facts_of(mia.id, [row.public_id]),
            targets=[social.TargetFacts(channel.id)], publish_at=START, now=START,
        )  # fmt: skip
    media = social.media_of(post.id)
    for _ in range(2):
        upload_fit.make(target.id)
        end_reading()
        [fit] = social.fits_of(media, "instagram").values()
        assert (fit.width, fit.height, fit.media_type) == (1200, 1500, "image/jpeg")
        assert social.files.path_of(fit.sha256, upload.folder()).stat().st_size == fit.size
    first = fit.public_id
    with transaction():
        session().get(social.Post, post.id).kind = "story"
    upload_fit.make(target.id)
    end_reading()
    [fit] = social.fits_of(media, "instagram").values()
    assert ((fit.width, fit.height), fit.public_id != first) == ((1080, 1920), True)
    social.files.path_of(row.sha256, upload.folder()).unlink()
    with transaction():
        session().get(social.Post, post.id).kind = "image"
    upload_fit.make(target.id)  # what cannot be made is told in the log, and the post goes on
