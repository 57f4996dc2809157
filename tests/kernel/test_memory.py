"""What processes share, and what is not loaded at all."""

from __future__ import annotations

import gc
import subprocess
import sys

import pytest

from socialshop.kernel import garbage
from socialshop.kernel.imports import without


@pytest.fixture
def thawed():
    yield
    gc.unfreeze()
    gc.enable()


def test_what_is_shared_stays_so_while_large_batches_work(thawed):
    garbage.share()
    frozen = gc.get_freeze_count()
    with garbage.by_hand():
        assert not gc.isenabled()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0.99 * frozen  # a few have died meanwhile
    gc.unfreeze()
    with garbage.by_hand():
        assert gc.get_freeze_count() > 0
    assert gc.get_freeze_count() == 0


def test_a_library_that_is_there_is_not_loaded_along():
    sys.modules.pop("this", None)
    with without("this"), pytest.raises(ImportError):
        import this  # noqa: F401
    assert "this" not in sys.modules


def test_one_that_is_loaded_stays():
    with without("json"):
        import json
    assert json is sys.modules["json"]


def test_web_and_worker_on_sqlite_load_neither_driver_nor_tools_of_others():
    said = subprocess.run(
        [sys.executable, "-c", "import socialshop.bell, sys; print([n for n in ('psycopg', 'duckdb', 'pyarrow') if n in sys.modules])"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert said.stdout.strip() == "[]"
