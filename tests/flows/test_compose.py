"""A post is written once, and says on each channel what was promised: disclosure, code and that channel's own link."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from socialshop.domain import links
from socialshop.domain.uploads import Upload
from socialshop.flows import compose
from socialshop.flows.compose import Aim, Form, Offered, Picked
from socialshop.kernel.database import session, transaction

from ..conftest import START
from ..doubles import films
from ..post_stage import CREATOR, Stage, staged

pytestmark = pytest.mark.usefixtures("room")
PUBLIC, LATER = "PUBLIC_TO_EVERYONE", START + timedelta(hours=2)


@pytest.fixture
def stage(tmp_path) -> Iterator[Stage]:
    compose.set_up(hashtags=5, audited=True, base_url="https://toko.example")
    with staged(tmp_path) as made:
        yield made


@pytest.fixture
def mia(world, stage):
    """Mia, in a program of Senja's, with both channels."""
    made = world.creator("mia")
    for via in ("instagram", "tiktok"):
        stage.connect(made.id, via, now=START)
    return made


@pytest.fixture
def kopi(world, mia):
    brand = world.brand("senja")
    world.enroll(world.program(brand, buyer_discount="10"), mia)
    return world.product(brand, "Kopi Gayo")


def uploaded(stage, creator, kind="video") -> str:
    """A file that came in whole."""
    facts = stage.keep(films.film(size=20_000) if kind == "video" else films.photo(), kind)
    row = Upload(
        creator_id=creator.id, name="kopi", size=facts.size, received=facts.size, kind=kind, media_type=facts.media_type,
        sha256=facts.sha256, kept=facts.size, width=1080, height=1920, milliseconds=facts.milliseconds, facts={}, state="ready",
        created_at=START, updated_at=START,
    )  # fmt: skip
    with transaction():
        session().add(row)
        session().flush()
        return row.public_id


def form(stage, mia, *offers, kind="video", **more) -> Form:
    aims = (Aim(stage.channels["instagram"].public_id), Aim(stage.channels["tiktok"].public_id, privacy=PUBLIC))
    facts = {
        "kind": kind, "caption": "Pagi dengan kopi #kopi", "uploads": (Picked(uploaded(stage, mia)),), "offers": offers,
        "targets": aims, "publish_at": LATER, **more,
    }  # fmt: skip
    return Form(**facts)


def test_what_is_posted_is_what_was_shown(stage, mia, kopi):
    asked = form(stage, mia, Offered("product", kopi.public_id))
    promised = compose.show(mia.id, asked, now=START, locale="en")
    assert [each.complaints for each in promised] == [(), ()]
    post = compose.schedule(mia.id, asked, actor=CREATOR, now=START)
    stage.serve(post)
    stage.work(LATER)
    assert stage.states(post) == {"instagram": "published", "tiktok": "published"}
    for via, shown in zip(("instagram", "tiktok"), promised, strict=True):
        [told] = getattr(stage, via).posted()
        link = session().scalar(
            select(links.TrackedLink).where(links.TrackedLink.post_id == post.id, links.TrackedLink.channel == via)
        )
        assert str(told["text"]) == shown.caption.replace("•" * 7, link.slug)
