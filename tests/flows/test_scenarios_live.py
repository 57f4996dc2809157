"""Every public scenario through the live flows on a real database: the expectation holds, and replay says the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from socialshop.domain.replay import differences, run

from .live import Stage

HERE = Path(__file__).parent.parent / "scenarios"
FILES = sorted(HERE.glob("*.json")) + sorted((HERE / "own").glob("*.json"))


def _without_first_version(result: dict[str, Any]) -> dict[str, Any]:
    return result


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_live_is_replay(room: None, path: Path) -> None:
    document = json.loads(path.read_text())
    live = Stage(document).play()
    assert differences(document["expect"], live) == []
    assert differences(run(document), live) == []
