"""What the bank answers: a file is uploaded, looked at row by row, and taken once every row is clear."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ..domain import audit, payouts, programs
from ..domain.audit import Actor
from ..domain.people import get_brand
from ..kernel import faults
from ..kernel.database import session, transaction
from ..kernel.errors import N_, DomainError, Invalid
from . import bank

AT_ONCE = 100  # rows in one commit: about two seconds, less than others wait for the database
WORDS = {"paid": "paid", "returned": "returned", "unclear": "unknown"}


class RowsWrong(Invalid):
    """Rows that cannot be used; nothing was changed."""

    code = "rows_wrong"
    message = N_("These rows cannot be used: {rows}. Nothing was changed.")


@dataclass(frozen=True, slots=True)
class Preview:
    """What a result would do, row by row."""

    columns: Sequence[str]
    verdicts: Sequence[payouts.Verdict]

    @property
    def wrong(self) -> list[payouts.Verdict]:
        """The rows that keep it from being taken."""
        return [verdict for verdict in self.verdicts if verdict.wrong]

    @property
    def counts(self) -> dict[str, int]:
        """How many rows do what."""
        return dict(Counter(verdict.does for verdict in self.verdicts))


def upload(run: payouts.PayoutRun, content: bytes, name: str, *, actor: Actor, now: datetime) -> tuple[payouts.BankResult, bool]:
    """Keep a result file, and whether it is new; read as the last one of the same map was. Invalid: it is no CSV."""
    guessed = payouts.guess(content)
    with transaction():
        map_id = payouts.last_map_of(run.id)
        row = None if map_id is None else session().get(payouts.BankMap, map_id)
        reading = guessed if row is None or row.reading is None else _remembered(row.reading, content, guessed)
        return payouts.keep_result(run.id, content, name, reading, map_id=map_id, by=_name(actor), now=now)


def look(run: payouts.PayoutRun, result: payouts.BankResult, reading: payouts.Reading) -> Preview:
    """What the result would do now, read like this. Reads, never writes. Invalid: it cannot be read like this."""
    table = payouts.read_table(payouts.bytes_of(result), header=reading.header, skip=reading.skip)
    return Preview(table.columns, payouts.judge(table, reading, _expected(run)))


def reading_of(result: payouts.BankResult) -> payouts.Reading:
    """How the result is read so far."""
    return payouts.read_reading(result.reading)


def settle_reading(result: payouts.BankResult, reading: payouts.Reading) -> None:
    """Read it like this from now on, for whoever looks next."""
    with transaction():
        payouts.move_result(result, "open", "open", now=result.uploaded_at, reading=reading.to_document())


def apply(
    run: payouts.PayoutRun, result: payouts.BankResult, reading: payouts.Reading, *, actor: Actor, now: datetime
) -> dict[str, int]:
    """Take every row; how many payouts changed to which state. Taken before: nothing changes.

    Up to AT_ONCE rows are one commit; a longer answer is several, so that others can write in between. Every row is judged
    before the first of them, and what broke in the middle goes on where it stopped.
    RowsWrong: a row cannot be used, and nothing was changed.
    """
    changed: Counter[str] = Counter(paid=0, returned=0, unknown=0)
    while _some(run, result, reading, changed, actor=actor, now=now):
        faults.point("payout.reconcile.mid")
    return dict(changed)


def _some(
    run: payouts.PayoutRun,
    result: payouts.BankResult,
    reading: payouts.Reading,
    changed: Counter[str],
    *,
    actor: Actor,
    now: datetime,
) -> bool:
    """Take as many rows as one commit holds; whether there are more."""
    with transaction():
        for program_id in sorted({payout.program_id for payout in payouts.of_run(run.id)}):
            programs.lock(program_id)
        if not payouts.move_result(result, "open", "open", now=now, reading=reading.to_document()):
            return False
        preview = look(run, result, reading)
        if not preview.verdicts:
            raise Invalid(N_("There are no rows in this file."), code="no_rows")
        if preview.wrong:
            rows = [verdict.row for verdict in preview.wrong]
            raise RowsWrong(rows=", ".join(map(str, rows[:10])) + (" …" if len(rows) > 10 else ""))
        waiting = [verdict for verdict in preview.verdicts if verdict.does in WORDS]
        done = Counter(payouts.result_of(run.id, result.public_id).counts)
        ids = {payout.public_id: payout.id for payout in payouts.of_run(run.id)}
        for verdict in waiting[:AT_ONCE]:
            moved = _book(ids[verdict.reference], verdict, actor=actor, now=now)
            changed[WORDS[verdict.does]] += moved
            done[WORDS[verdict.does]] += moved
            faults.point("payout.reconcile.mid")
        more = len(waiting) > AT_ONCE
        payouts.move_result(result, "open", "open" if more else "taken", now=now, counts=dict(done))
        if not more:
            if result.map_id is not None:
                payouts.remember_reading(result.map_id, reading)
            audit.note(
                "bank_result.taken", result.public_id, actor=actor, tenant=get_brand(run.brand_id).public_id, now=now,
                after={"run": run.public_id, "sha256": result.digest, **done},
            )  # fmt: skip
    return more


def drop(result: payouts.BankResult, *, now: datetime) -> None:
    """It was the wrong file; the same one may be uploaded again."""
    with transaction():
        payouts.forget_result(result)


def take(run: payouts.PayoutRun, text: str, *, actor: Actor, now: datetime) -> dict[str, int]:
    """Upload and take in one step, read as its own header suggests."""
    result, _ = upload(run, text.encode(), "result.csv", actor=actor, now=now)
    try:
        return apply(run, result, reading_of(result), actor=actor, now=now)
    except DomainError:
        drop(result, now=now)
        raise


def _book(payout_id: int, verdict: payouts.Verdict, *, actor: Actor, now: datetime) -> bool:
    if verdict.does == "paid":
        return bank.book_paid(
            payout_id, actor=actor, now=now, reason=verdict.reason, reference=verdict.bank_reference, fee=verdict.fee
        )
    reason = verdict.reason or verdict.said
    if verdict.does == "returned":
        return bank.book_returned(payout_id, actor=actor, now=now, reason=reason, fee=verdict.fee or 0)
    return bank.book_unknown(payout_id, actor=actor, now=now, reason=reason)


def _expected(run: payouts.PayoutRun) -> list[payouts.Expected]:
    return [
        payouts.Expected(
            payout.public_id, payout.payee_number, payout.amount_minor - payout.fee_minor, payout.currency, payout.state
        )
        for payout in payouts.of_run(run.id)
        if payout.via is None
    ]


def _remembered(document: dict[str, object], content: bytes, guessed: payouts.Reading) -> payouts.Reading:
    """The reading of the last time, if the columns that it names are there again."""
    try:
        reading = payouts.read_reading(document)
        table = payouts.read_table(content, header=reading.header, skip=reading.skip)
    except DomainError:
        return guessed
    there = {column.casefold() for column in table.columns} | {payouts.EVERY_ROW, ""}
    if not all(name.casefold() in there for name in reading.columns.values()):
        return guessed
    # a column that the last file did not have, but this one has, is looked at too: an amount is never left unchecked
    return replace(reading, columns={name: column or guessed.columns[name] for name, column in reading.columns.items()})


def _name(actor: Actor) -> str:
    return f"{actor.kind}:{actor.name}"
