"""Files of posts: whoever has a signed address that has not ended reads them, in parts too; nobody else does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from socialshop.domain import social
from socialshop.domain.social import MediaFacts
from socialshop.kernel import clock
from socialshop.kernel.database import transaction

from ..conftest import START
from ..doubles import films


@pytest.fixture
def address(app, world, tmp_path):
    """A function: seconds from now → the address of a film that is kept."""
    mia = world.creator("mia")
    draft = tmp_path / "draft"
    draft.write_bytes(films.film(size=10_000))
    sha256, size = social.files.keep(draft, tmp_path / "post_media")
    with app.app_context():
        with transaction():
            post, _ = social.compose(
                mia.id, kind="video", caption="", title="", promotes="nothing", targets=[], publish_at=START, now=START,
                media=[MediaFacts("video", "video/mp4", size, sha256)],
            )  # fmt: skip
        [item] = social.media_of(post.id)

    def made(seconds: int = 3600) -> str:
        until = int((START + timedelta(seconds=seconds)).timestamp())
        return f"/post-media/{item.public_id}/{until}/{social.files.mark_of(item.public_id, until)}"

    return made


def test_whole_and_in_parts(client, address, tmp_path):
    body = (tmp_path / "draft").read_bytes()
    with client.get(address()) as whole:
        assert (whole.status_code, whole.mimetype, whole.data) == (200, "video/mp4", body)
    with client.get(address(), headers={"Range": "bytes=5000-5099"}) as part:
        assert (part.status_code, part.data) == (206, body[5000:5100])
        assert part.headers["Content-Range"] == "bytes 5000-5099/10000"
    with client.head(address()) as head:
        assert head.headers["Content-Length"] == "10000"


def test_nobody_reads_without_our_mark_or_after_its_end(client, address):
    good = address()
    item, until, mark = good.split("/")[2:]
    for bad in (
        f"/post-media/{item}/{until}/{mark[:-1]}x", f"/post-media/{item}/{int(until) + 1}/{mark}", f"/post-media/pmd_x/{until}/{mark}",
        f"/post-media/{item}/{10**15}/{mark}", address(-1), address(0),
    ):  # fmt: skip
        assert client.get(bad).status_code == 404, bad
    clock.use(lambda: START + timedelta(hours=1))
    assert client.get(good).status_code == 404


def test_a_file_that_is_gone_is_not_found(client, address, tmp_path):
    for path in (tmp_path / "post_media").rglob("*"):
        if path.is_file():
            path.unlink()
    assert client.get(address()).status_code == 404
