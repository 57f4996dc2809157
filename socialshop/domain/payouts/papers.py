"""Keeping a brand's maps, the files that go to its bank, and the results that come back."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ...kernel.database import new_id, session
from ...kernel.errors import N_, Conflict, FieldError, Invalid, NotFound
from .answers import Reading
from .bank_models import BankFile, BankFileRow, BankMap, BankResult
from .columns import Map, read_map
from .models import Payout

MOST_MAPS = 30


class InAnotherFile(Conflict):
    """A payout is in a file already: in two of them, the bank would be asked for it twice."""

    code = "in_another_file"
    message = N_("Some of these payouts got into another file in the meantime. Please look again.")


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file as it is to be kept. rows: (payout id, what is sent) in the order of the file."""

    name: str
    content: bytes
    rows: Sequence[tuple[int, int]]
    currency: str
    part: int
    parts: int
    fee: int = 0  # what the bank charges for each


# maps


def maps_of(brand_id: int) -> list[BankMap]:
    """The brand's own maps, by name."""
    query = select(BankMap).where(BankMap.brand_id == brand_id, BankMap.archived_at.is_(None)).order_by(BankMap.name, BankMap.id)
    return list(session().scalars(query))


def map_of(brand_id: int, public_id: str) -> BankMap:
    """One of the brand's maps; NotFound for anybody else's, or one that was put away."""
    found = session().scalar(
        select(BankMap).where(BankMap.brand_id == brand_id, BankMap.public_id == public_id, BankMap.archived_at.is_(None))
    )
    if found is None:
        raise NotFound()
    return found


def keep_map(brand_id: int, name: str, map_: Map, *, starter: str, now: datetime) -> BankMap:
    """A new map of the brand's."""
    if len(maps_of(brand_id)) >= MOST_MAPS:
        raise Invalid(N_("A brand has 30 maps at most. Put one away first."), code="too_many_maps")
    made = BankMap(
        brand_id=brand_id, name=_map_name(name), starter=starter, document=map_.to_document(), changed_at=now, revision=1
    )
    session().add(made)
    session().flush()
    return made


def change_map(row: BankMap, name: str, map_: Map, *, seen: int, now: datetime) -> None:
    """Another layout from now on; files that were made stay as they are. Conflict: it was changed since it was read."""
    changed = session().execute(
        update(BankMap)
        .where(BankMap.id == row.id, BankMap.revision == seen)
        .values(name=_map_name(name), document=map_.to_document(), revision=BankMap.revision + 1, changed_at=now)
        .returning(BankMap.id)
        .execution_options(synchronize_session=False)
    )
    if changed.scalar() is None:
        raise Conflict()


def archive_map(row: BankMap, *, now: datetime) -> None:
    """Offer it no more; files that were made with it stay."""
    row.archived_at = now
    session().flush()


def remember_reading(map_id: int, reading: Reading) -> None:
    """How the bank's results are read the next time."""
    session().execute(
        update(BankMap)
        .where(BankMap.id == map_id)
        .values(reading=reading.to_document())
        .execution_options(synchronize_session=False)
    )


def layout(row: BankMap) -> Map:
    """A stored map, read as strictly as a new one."""
    return read_map(row.document)


def _map_name(name: str) -> str:
    name = " ".join(name.split())
    if not 1 <= len(name) <= 80:
        raise Invalid(fields=[FieldError("name", "length", N_("Give it a name of up to 80 characters."))])
    return name


# files


def keep_file(run_id: int, file: NewFile, *, map_id: int | None, map_name: str, by: str, now: datetime) -> BankFile:
    """A file with its rows; InAnotherFile where one of its payouts is in a file that counts."""
    total = sum(sent for _, sent in file.rows) if file.currency else 0
    made = BankFile(
        run_id=run_id, map_id=map_id, map_name=map_name, name=file.name, part=file.part, parts=file.parts, rows=len(file.rows),
        currency=file.currency, total_minor=total, fee_minor=file.fee,
        content=_sealed(file.content), digest=digest_of(file.content), made_at=now, made_by=by,
    )  # fmt: skip
    session().add(made)
    session().flush()
    dialect = postgresql if session().get_bind().dialect.name == "postgresql" else sqlite
    values = [
        {"file_id": made.id, "payout_id": payout_id, "place": place, "sent_minor": sent}
        for place, (payout_id, sent) in enumerate(file.rows, start=1)
    ]
    let_in = session().execute(dialect.insert(BankFileRow).values(values).on_conflict_do_nothing().returning(BankFileRow.id))
    if len(let_in.all()) != len(values):
        raise InAnotherFile()
    return made


def files_of(run_id: int) -> list[BankFile]:
    """A run's files, those that never went to the bank among them, in the order in which they were made."""
    return list(session().scalars(select(BankFile).where(BankFile.run_id == run_id).order_by(BankFile.id)))


def file_of(run_id: int, public_id: str) -> BankFile:
    """One of the run's files; NotFound for anybody else's."""
    found = session().scalar(select(BankFile).where(BankFile.run_id == run_id, BankFile.public_id == public_id))
    if found is None:
        raise NotFound()
    return found


def bytes_of(file: BankFile | BankResult) -> bytes:
    """What was kept, byte for byte."""
    return base64.b64decode(file.content)


def rows_of(file_id: int) -> list[tuple[BankFileRow, Payout]]:
    """A file's rows with their payouts, in its order."""
    query = select(BankFileRow, Payout).join(Payout, Payout.id == BankFileRow.payout_id)
    found = session().execute(query.where(BankFileRow.file_id == file_id).order_by(BankFileRow.place))
    return [(row, payout) for row, payout in found]


def files_by_payout(run_id: int) -> dict[int, BankFile]:
    """The file that counts for each payout of a run that is in one."""
    query = select(BankFileRow.payout_id, BankFile).join(BankFile, BankFile.id == BankFileRow.file_id)
    found = session().execute(query.where(BankFile.run_id == run_id, BankFileRow.discarded_at.is_(None)))
    return {row.payout_id: row.BankFile for row in found}


def fee_of(payout_id: int) -> int:
    """What the bank charges for a payout by the file that it is in; 0 where it is in none."""
    query = select(BankFile.fee_minor).join(BankFileRow, BankFileRow.file_id == BankFile.id)
    found = session().scalar(query.where(BankFileRow.payout_id == payout_id, BankFileRow.discarded_at.is_(None)))
    return int(found or 0)


def count_download(file: BankFile) -> None:
    """One more download."""
    session().execute(
        update(BankFile)
        .where(BankFile.id == file.id)
        .values(downloads=BankFile.downloads + 1)
        .execution_options(synchronize_session=False)
    )


def discard_file(file: BankFile, reason: str, *, now: datetime) -> bool:
    """Let its payouts into another file; False: it was discarded before."""
    done = session().execute(
        update(BankFile)
        .where(BankFile.id == file.id, BankFile.discarded_at.is_(None))
        .values(discarded_at=now, discarded_why=reason[:300])
        .returning(BankFile.id)
        .execution_options(synchronize_session=False)
    )
    if done.scalar() is None:
        return False
    session().execute(
        update(BankFileRow)
        .where(BankFileRow.file_id == file.id)
        .values(discarded_at=now)
        .execution_options(synchronize_session=False)
    )
    return True


# results


def keep_result(
    run_id: int, content: bytes, name: str, reading: Reading, *, map_id: int | None, by: str, now: datetime
) -> tuple[BankResult, bool]:
    """The result with these bytes, and whether it is new: the same file again is the same result."""
    dialect = postgresql if session().get_bind().dialect.name == "postgresql" else sqlite
    digest = digest_of(content)
    values = {
        "public_id": new_id("brs"), "run_id": run_id, "map_id": map_id, "name": name[:120], "content": _sealed(content),
        "digest": digest, "reading": reading.to_document(), "state": "open", "counts": {}, "uploaded_at": now, "uploaded_by": by,
    }  # fmt: skip
    insert = dialect.insert(BankResult).values(**values).on_conflict_do_nothing(index_elements=["run_id", "digest"])
    new = session().execute(insert.returning(BankResult.id)).scalar() is not None
    query = select(BankResult).where(BankResult.run_id == run_id, BankResult.digest == digest)
    return session().scalars(query.execution_options(populate_existing=True)).one(), new


def results_of(run_id: int) -> list[BankResult]:
    """A run's results, newest first."""
    query = select(BankResult).where(BankResult.run_id == run_id)
    return list(session().scalars(query.order_by(BankResult.id.desc())))


def find_result(run_id: int, public_id: str) -> BankResult | None:
    """One of the run's results; None where it was dropped, or is anybody else's."""
    query = select(BankResult).where(BankResult.run_id == run_id, BankResult.public_id == public_id)
    return session().scalar(query.execution_options(populate_existing=True))


def result_of(run_id: int, public_id: str) -> BankResult:
    """The same; NotFound where there is none."""
    found = find_result(run_id, public_id)
    if found is None:
        raise NotFound()
    return found


def move_result(result: BankResult, source: str, target: str, *, now: datetime, **values: Any) -> bool:
    """Let a result go from one state to another; False: it was not there any more."""
    if target == "taken":
        values["taken_at"] = now
    moved = session().execute(
        update(BankResult)
        .where(BankResult.id == result.id, BankResult.state == source)
        .values(state=target, **values)
        .returning(BankResult.id)
        .execution_options(synchronize_session=False)
    )
    return moved.scalar() is not None


def forget_result(result: BankResult) -> None:
    """Away with a result that was not taken."""
    session().execute(delete(BankResult).where(BankResult.id == result.id, BankResult.state == "open"))


def last_map_of(run_id: int) -> int | None:
    """The map of the run's newest file that counts, for reading what comes back."""
    query = select(BankFile.map_id).where(BankFile.run_id == run_id, BankFile.discarded_at.is_(None))
    return session().scalar(query.order_by(BankFile.id.desc()).limit(1))


def digest_of(content: bytes) -> str:
    """SHA-256 as hex."""
    return hashlib.sha256(content).hexdigest()


def _sealed(content: bytes) -> str:
    return base64.b64encode(content).decode()
