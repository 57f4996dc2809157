"""The bench runs, at a size at which nobody looks at the figures."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NAMES = ["engine.orders_per_s", "live.settle_vs_driver", "verify.seconds_100k", "whatif.seconds_100k", "ledger.read_growth"]


@pytest.mark.usefixtures("blank_database")
def test_make_bench_prints_its_figures(request: pytest.FixtureRequest) -> None:
    database = request.config.getoption("--database")
    command = [sys.executable, "-m", "scripts.bench", "money", "--scale", "0.0003", "--rounds", "1", "--database", database]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert said.returncode == 0, said.stderr
    figures = [json.loads(line) for line in said.stdout.splitlines() if line.startswith("{")]
    assert [figure["name"] for figure in figures] == NAMES
    assert all(figure["value"] > 0 and figure["unit"] and figure["conditions"] for figure in figures)
    assert said.stdout.startswith("engine.orders_per_s")  # the table comes first
