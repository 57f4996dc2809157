"""A picture that Instagram would refuse as it is goes out in a shape that it takes."""

from __future__ import annotations

import pytest

from socialshop.domain import social, uploads
from socialshop.flows import publish, upload, upload_fit
from socialshop.kernel.database import end_reading

from ..conftest import START
from ..doubles import films
from ..post_stage import CREATOR, staged

pytestmark = pytest.mark.usefixtures("room")


def test_a_tall_picture_is_refused_as_it_is_and_taken_as_we_send_it(world, tmp_path):
    mia = world.creator("mia")
    with staged(tmp_path) as stage:
        upload.set_up(tmp_path / "uploads", stage.folder, limits=uploads.Limits())
        stage.connect(mia.id, "instagram", now=START)
        bare = stage.plan(mia.id, "instagram", now=START, body=films.photo(400, 1200))  # nothing is known of its sides
        stage.work(START)
        assert stage.states(bare) == {"instagram": "failed"}
        row = upload.whole(mia.id, "tall.jpg", "", len(films.photo(400, 1200)), [films.photo(400, 1200)], now=START)
        post = publish.schedule(
            mia.id, kind="image", caption="Iklan. Kopi", media=upload.facts_of(mia.id, [row.public_id]),
            targets=[social.TargetFacts(stage.channels["instagram"].id)], publish_at=START, actor=CREATOR, now=START,
        )  # fmt: skip
        [target] = social.targets_of(post.id)
        upload_fit.make(target.id)
        end_reading()
        media = social.media_of(post.id)
        [fit] = social.fits_of(media, "instagram").values()
        stage.serve(post)
        stage.files[fit.public_id] = social.files.path_of(fit.sha256, stage.folder)
        stage.work(START)
        assert stage.states(post) == {"instagram": "published"}
        [posted] = [each for each in stage.instagram.posts.values() if "Kopi" in each.caption]
        assert f"/post-media/{fit.public_id}/" in posted.url
