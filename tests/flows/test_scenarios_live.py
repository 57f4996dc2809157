"""Every public scenario through the live flows on a real database: the expectation holds, and replay says the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from socialshop.domain.replay import differences, run
from socialshop.flows import verify

from .live import Stage

HERE = Path(__file__).parent.parent / "scenarios"
FILES = sorted(HERE.glob("*.json")) + sorted((HERE / "own").glob("*.json"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_live_is_replay(room: None, path: Path) -> None:
    document = json.loads(path.read_text())
    stage = Stage(document)
    live = stage.play()
    assert differences(document["expect"], live) == []
    assert differences(run(document), live) == []
    assert verify.run(stage.scenario.now) == []
    again = run(verify.scenario_of(stage.program_id, now=stage.scenario.now))
    assert [row["amount"] for row in _sorted(again)] == [row["amount"] for row in _sorted(live)]


def _sorted(result: dict[str, Any]) -> list[dict[str, Any]]:
    return sorted(result["commissions"], key=lambda row: (row["order"], row["level"], row["via"], row["amount"]))
