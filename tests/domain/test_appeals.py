"""The rules of appeals: reasons, files, edges."""

from __future__ import annotations

import pytest

from socialshop.domain import appeals
from socialshop.flows import money_words, papers

PDF = b"%PDF-1.7\n%%EOF"


@pytest.mark.parametrize(
    ("code", "words", "kept"),
    [
        ("self_purchase", "", "self_purchase"),
        ("self_purchase", "Alamat: sama.", "self_purchase: Alamat: sama."),
        ("other", "Kata: kata.", "Kata: kata."),
    ],
)
def test_a_reason_is_read_back_as_it_was_kept(code, words, kept):
    assert appeals.reason_text(code, words) == kept
    assert appeals.read_reason(kept) == (code, words)


def test_words_that_look_like_a_code_of_ours_stay_words():
    assert appeals.read_reason("nonsense: x") == ("other", "nonsense: x")
    assert appeals.read_reason("other: x") == ("other", "other: x")


def test_several_reasons_are_said_one_after_another():
    text = "suspicious_clicks: a; b; dispute; brand_bidding"
    said = money_words.why(text, lambda sentence: f"<{sentence[:8]}>")
    assert said == "<The taps> a; b <The buye> <The buye>"
    assert money_words.why("", str) == ""


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("nota.jpg", "nota.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\mia\\chat 12.pdf", "chat 12.pdf"),
        ('a"\r\nSet-Cookie: x.pdf', "aSet-Cookie x.pdf"),
        ("", "file.pdf"),
        ("…", "….pdf"),
        ("x" * 300 + ".pdf", "x" * 80 + ".pdf"),
    ],
)
def test_a_file_name_is_safe_wherever_it_goes(name, kept):
    assert appeals.file_name(name, "pdf") == kept


@pytest.mark.usefixtures("room")
def test_files_are_known_again_by_what_they_hold():
    one, other = papers.read([("a.pdf", PDF), ("b.pdf", PDF)])
    assert one.sha256 == other.sha256
    assert one.content == PDF


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (PDF[:8], "damaged"),
        (b"%PDF-" + b"x" * appeals.MAX_PDF + b"%%EOF", "too_big"),
        (b"GIF89a", "not_a_file"),
        (b"", "not_a_file"),
    ],
)
@pytest.mark.usefixtures("room")
def test_what_is_no_file_of_ours_is_refused_by_name(data, code):
    with pytest.raises(appeals.FileRefused) as refused:
        papers.read([("x.pdf", data)])
    assert (refused.value.code, refused.value.file) == (code, "x.pdf")


def test_every_state_is_known_and_the_closed_ones_lead_nowhere():
    assert set(appeals.EDGES) == {"open", "asked", "granted", "denied", "withdrawn"}
    assert {state for state, targets in appeals.EDGES.items() if targets} == appeals.RUNNING
    assert all(targets <= set(appeals.EDGES) for targets in appeals.EDGES.values())
