"""What is different between two sets of terms, in sentences. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import SequenceMatcher

from .. import terms
from .sentences import Topic, clauses, rule_sentences

_TOPICS: tuple[Topic, ...] = ("amount", "earned", "limits", "paid", "changes")


@dataclass(frozen=True, slots=True)
class Change:
    """One sentence that is gone, new, or says something else now; "" where there is none on that side."""

    topic: Topic
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Whom the version that is replaced protects: whoever was enrolled before `begins`, until `ends`."""

    days: int
    begins: datetime
    ends: datetime


def changes(
    before: Mapping[str, object],
    after: Mapping[str, object],
    currency: str,
    locale: str,
    *,
    zone: str = "Asia/Jakarta",
    names: Mapping[str, str] | None = None,
) -> list[Change]:
    """Every sentence that differs, in the order in which terms are told; rules are matched by their ids."""
    how = (currency, locale)
    found = _of_rules(rule_sentences(before, *how, zone=zone, names=names), rule_sentences(after, *how, zone=zone, names=names))
    of_rules = {text for document in (before, after) for text in rule_sentences(document, *how, zone=zone, names=names).values()}
    old, new = (
        [clause for clause in clauses(document, *how, zone=zone, names=names) if clause.text not in of_rules]
        for document in (before, after)
    )
    for topic in _TOPICS:
        found += _paired(topic, [c.text for c in old if c.topic == topic], [c.text for c in new if c.topic == topic])
    return found


def moved(before: Mapping[str, object], after: Mapping[str, object]) -> bool:
    """Whether rules that are in both stand in another order."""
    one, other = ([rule.id for rule in terms.read(document).rules] for document in (before, after))
    return [rule for rule in one if rule in other] != [rule for rule in other if rule in one]


def notice(replaced: Mapping[str, object], begins: datetime) -> Notice | None:
    """How long the version that these terms replace goes on protecting creators; None: not at all."""
    days = terms.read(replaced).notice_days
    return Notice(days, begins, begins + timedelta(days=min(days, 100_000))) if days else None


def _of_rules(before: Mapping[str, str], after: Mapping[str, str]) -> list[Change]:
    ids = [*before, *(rule for rule in after if rule not in before)]
    return [
        Change("amount", before.get(rule, ""), after.get(rule, "")) for rule in ids if before.get(rule, "") != after.get(rule, "")
    ]


def _paired(topic: Topic, before: Sequence[str], after: Sequence[str]) -> list[Change]:
    """Sentences that were replaced stand beside what replaced them."""
    found = []
    for what, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what == "equal":
            continue
        gone, new = list(before[i1:i2]), list(after[j1:j2])
        for n in range(max(len(gone), len(new))):
            found.append(Change(topic, gone[n] if n < len(gone) else "", new[n] if n < len(new) else ""))
    return found
