"""Every sentence that people may see is there in Bahasa Indonesia, with the same facts in it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

SCRIPT = Path(__file__).parent.parent / "scripts" / "words.py"


def test_the_catalogue_is_complete_and_fresh(capsys, monkeypatch):
    spec = importlib.util.spec_from_file_location("words_script", SCRIPT)
    words = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(words)
    monkeypatch.setattr("sys.argv", ["words.py", "--check"])
    status = words.main()
    assert status == 0, capsys.readouterr().out[:4000]
