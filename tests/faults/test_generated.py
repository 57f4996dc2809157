"""Scenario documents made up by the machine: the live flows on a real database give what `replay` gives."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, given, seed, settings

from socialshop.domain.replay import differences, run
from socialshop.flows import verify
from socialshop.kernel.database import db

from ..flows.live import Stage
from . import budget
from .documents import Document, scenarios
from .fresh import Fresh


def test_live_is_replay(fresh: Fresh) -> None:
    wanted = budget.scenarios(db.engine.dialect.name)
    budget.note(f"scenarios, seed {budget.seed()}: {wanted}")

    @seed(budget.seed())
    @settings(
        max_examples=wanted, deadline=None, database=None, phases=(Phase.generate, Phase.shrink) if budget.SHRINK else (Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(document=scenarios())
    def both_ways(document: Document) -> None:
        fresh.lay()
        stage = Stage(document)
        live = stage.play()
        assert differences(run(document), live) == []
        assert verify.run(stage.scenario.now) == []

    both_ways()
