"""Every sentence that people may see is there in Bahasa Indonesia, with the same facts in it."""

from __future__ import annotations

import ast
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


GETTERS = {"_", "_l", "_L", "N_", "gettext", "ngettext", "lazy_gettext", "lazy_ngettext"}


def hidden(source: str) -> list[str]:
    """Sentences inside an f-string, where those who gather the sentences do not look."""
    strings = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.JoinedStr)]
    calls = {node for string in strings for node in ast.walk(string) if isinstance(node, ast.Call)}
    return [ast.unparse(call) for call in calls if isinstance(call.func, ast.Name) and call.func.id in GETTERS]


def test_no_sentence_hides_in_an_f_string():
    assert hidden("""said = f"{gettext('Last days')}, {zone}" """) == ["gettext('Last days')"]
    files = sorted((SCRIPT.parent.parent / "socialshop").rglob("*.py"))
    assert len(files) > 100
    assert {str(file): found for file in files if (found := hidden(file.read_text()))} == {}
