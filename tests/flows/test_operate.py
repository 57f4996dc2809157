"""What the operator does to people and to stuck work."""

from __future__ import annotations

import pytest

from socialshop.domain import audit, people
from socialshop.flows import operate
from socialshop.flows import people as stories
from socialshop.kernel import jobs
from socialshop.kernel.database import session, transaction
from socialshop.kernel.errors import Conflict, Invalid, NotFound
from tests.builders import PASSWORD, World
from tests.conftest import START

pytestmark = pytest.mark.usefixtures("room")
ACTOR = audit.Actor("user", "usr_op", "operator")
BROWSER = stories.Browser()


def test_a_closed_account_is_out_everywhere_until_it_is_opened(world: World) -> None:
    mia, op = world.person(), world.user("op@example.test", operator=True)
    entry = stories.sign_in("mia@example.test", PASSWORD, BROWSER, now=START)
    with pytest.raises(Invalid):
        operate.disable(mia.public_id, by=op.id, reason="  ", actor=ACTOR, now=START)
    assert people.find_session(entry.token, now=START) is not None
    for _ in range(2):
        operate.disable(mia.public_id, by=op.id, reason="spam", actor=ACTOR, now=START)
    assert people.find_session(entry.token, now=START) is None
    operate.enable(mia.public_id, reason="talked to her", actor=ACTOR, now=START)
    assert people.find_session(entry.token, now=START) is None, "old sessions do not come back"
    assert stories.sign_in("mia@example.test", PASSWORD, BROWSER, now=START).token
    last = audit.search(subject=mia.public_id)[0]
    assert (last.act, last.reason, last.actor) == (
        "user.enabled", "talked to her", "user:usr_op (operator)",
    )  # fmt: skip


def test_operators_cannot_close_themselves_nor_nobody(world: World) -> None:
    op = world.user("op@example.test", operator=True)
    with pytest.raises(Conflict):
        operate.disable(op.public_id, by=op.id, reason="oops", actor=ACTOR, now=START)
    with pytest.raises(NotFound):
        operate.disable("usr_nobody", by=op.id, reason="x", actor=ACTOR, now=START)


def test_stuck_work_is_revived_or_given_up_once() -> None:
    for number in range(2):
        with transaction():
            jobs.add("letter.send", {"n": number}, key=f"j{number}", now=START)
        with transaction():
            claimed = jobs.claim(jobs.due(START)[0], now=START)
            assert claimed is not None
            jobs.failed(claimed, "boom", now=START, final=True)
    one, two = jobs.dead()
    operate.revive(one.id, actor=ACTOR, now=START)
    with pytest.raises(Conflict):
        operate.revive(one.id, actor=ACTOR, now=START)
    with pytest.raises(Invalid):
        operate.drop(two.id, reason="", actor=ACTOR, now=START)
    operate.drop(two.id, reason="sent by hand", actor=ACTOR, now=START)
    with pytest.raises(Conflict):
        operate.drop(two.id, reason="again", actor=ACTOR, now=START)
    assert jobs.counts() == {"ready": 1, "dropped": 1}
    assert "sent by hand" in session().get_one(jobs.Job, two.id).error
    assert [e.act for e in audit.search(tenant="install")] == ["job.dropped", "job.revived"]
