"""Every sentence that people may see is there in Bahasa Indonesia, with the same facts in it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent / "scripts" / "words.py"


@pytest.fixture
def script():
    spec = importlib.util.spec_from_file_location("words_script", SCRIPT)
    words = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(words)
    return words


def test_the_catalogue_is_complete_and_fresh(capsys, monkeypatch, script):
    monkeypatch.setattr("sys.argv", ["words.py", "--check"])
    status = script.main()
    assert status == 0, capsys.readouterr().out[:4000]


def test_the_same_words_are_the_same_bytes_on_any_day(script):
    text, compiled = script.written(script.merged())
    assert b"POT-Creation-Date: 1970-01-01" in compiled
    assert b"POT-Creation-Date" not in text
