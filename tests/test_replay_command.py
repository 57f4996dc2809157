"""The command `socialshop replay`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from socialshop import replay_command

SCENARIOS = Path(__file__).parent / "scenarios"
ONE, TWO = (str(SCENARIOS / name) for name in ("01-bases-and-rounding.json", "10-payout-and-clawback.json"))


def test_it_prints_one_result_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert replay_command.main([ONE, TWO]) == 0
    results = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [list(result) for result in results] == [["commissions", "declined", "postings", "payouts", "balances", "parked"]] * 2
    assert results[0]["commissions"][0]["amount"] == 1125


def test_it_checks(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert replay_command.main([ONE, TWO, "--check"]) == 0
    assert capsys.readouterr().out == ""
    document = json.loads(Path(ONE).read_text())
    document["expect"]["commissions"][0]["amount"] = 1126
    (wrong := tmp_path / "wrong.json").write_text(json.dumps(document))
    assert replay_command.main(["--check", ONE, str(wrong)]) == 1
    assert capsys.readouterr().out.count("\n") == 2  # expected but not found, found but not expected


@pytest.mark.parametrize(
    ("content", "sentence"),
    [('{"program": 1.0}', "creators"), ("{", "not JSON"), (None, "cannot be read"), ('{"a": 1, "a": 2}', "given twice")],
)
def test_a_bad_document_has_a_sentence_and_no_result(
    content: str | None, sentence: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "bad.json"
    if content is not None:
        file.write_text(content)
    assert replay_command.main([str(file)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert sentence in printed.err
    assert printed.err.count("\n") == 1


def test_unknown_words_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert replay_command.main([]) == 2
    assert replay_command.main([ONE, "--chekc"]) == 2
    assert capsys.readouterr().out == ""
    assert replay_command.main(["--help"]) == 0


def test_it_brings_no_web_stack_and_no_database() -> None:
    code = (
        "import sys; from socialshop import replay_command; assert replay_command.main(sys.argv[1:]) == 0;"
        "sys.exit(bool({'flask', 'sqlalchemy', 'babel', 'structlog'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", code, ONE, "--check"], check=True, timeout=30)
