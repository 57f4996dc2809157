"""What is different between two sets of terms is told in sentences, and nothing else is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from socialshop.domain import programs

NOW = datetime(2026, 6, 1, tzinfo=UTC)
BASE: dict[str, Any] = {"rules": [{"id": "r", "percent": "10"}]}


@pytest.mark.parametrize("locale", ["en", "id"])
def test_the_same_terms_say_nothing(locale: str) -> None:
    spelled_out = {"window_days": 30, "rules": [{"id": "r", "kind": "base", "percent": "10"}], "base": {"tax": False}}
    assert programs.changes(BASE, spelled_out, "IDR", locale) == []


def test_a_rule_is_matched_by_its_id_and_stands_beside_what_it_was() -> None:
    after = {"rules": [{"id": "new", "percent": "20", "when": {"category": "a"}}, {"id": "r", "percent": "12.5"}]}
    found = programs.changes(BASE, after, "IDR", "en")
    assert (found[0].before, found[0].after) == ("Commission: 10% of the goods.", "Commission: 12.5% of the goods.")
    assert (found[1].before, "20%" in found[1].after) == ("", True)


def test_choices_are_paired_with_what_they_replace() -> None:
    found = programs.changes(BASE, BASE | {"window_days": 7, "notice_days": 30}, "IDR", "en")
    assert [(change.topic, bool(change.before), bool(change.after)) for change in found] == [
        ("earned", True, True),
        ("changes", False, True),
    ]


def test_rules_that_only_moved_are_told_apart() -> None:
    one, other = {"id": "a", "percent": "5"}, {"id": "b", "percent": "5"}
    assert programs.moved({"rules": [one, other]}, {"rules": [other, one]})
    assert not programs.moved({"rules": [one, other]}, {"rules": [one, {"id": "c", "percent": "1"}, other]})


def test_a_notice_says_until_when() -> None:
    assert programs.notice(BASE, NOW) is None
    assert programs.notice(BASE | {"notice_days": 30}, NOW) == programs.Notice(30, NOW, NOW + timedelta(days=30))
