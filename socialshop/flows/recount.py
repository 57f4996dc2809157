"""What is counted of clicks by day is what the clicks say: looked at every night, mended by an operator; days are closed.

Only days whose clicks are all still in the database are compared: older ones are in the store of all clicks alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from ..domain import clicks, programs, segments
from ..kernel.database import end_reading, session, transaction

GRACE = timedelta(minutes=15)  # what was tapped just before midnight is poured by then
AT_MOST = 1_000_000  # clicks that the self-check reads: of the newest days, as many as have no more together


def close_days(_payload: dict[str, Any], *, now: datetime) -> None:
    """Job "clicks.close_days", hourly: count the visitors of each day that is over, once and for all. Safe to repeat."""
    end_reading()
    if clicks.nothing_is_counted():
        mend()
    last, since = clicks.today(now - GRACE), whole_since()
    ended = [day for day in clicks.days_of_clicks() if day < last]
    done = clicks.closed(ended[0], last) if ended else set()
    by_brand = clicks.counted_by_brand(ended[0], last) if ended else set()
    for day in ended:
        if since is not None and day < since:
            if day not in done:
                with transaction():
                    clicks.leave_closed(day)
            continue
        if day in done & by_brand:
            continue
        end_reading()
        before, visitors = clicks.fingerprint(day), clicks.visitors_by_whose(day)
        of_brands = clicks.visitors_by_brand(day, programs.brands_of_several())
        with transaction():
            clicks.one_at_a_time()
            if clicks.fingerprint(day) == before:  # else a click came in meanwhile: the next hour counts once more
                clicks.close_day(day, visitors, of_brands)


def discrepancies() -> Iterator[tuple[str, str, str]]:
    """(check, row, what is wrong) of the newest days, for the self-check. Reads only."""
    brand_of = programs.brands_of_several()
    for day in _newest_days():
        for one in clicks.differences(day, brand_of):
            yield "I-4", one.row, f"says {one.kept}, but its clicks are {one.counted}"


def compare() -> Iterator[tuple[date, list[clicks.Difference]]]:
    """Every day whose clicks are all here, and what is wrong about it."""
    days = clicks.days_of_clicks(whole_since())
    for day in days:
        end_reading()
        if session().get_bind().dialect.name == "postgresql":  # the clicks and their numbers of one moment
            session().connection(execution_options={"isolation_level": "REPEATABLE READ"})
        yield day, clicks.differences(day, programs.brands_of_several())
    end_reading()


def mend() -> int:
    """Bring every such day to what its clicks say; how many numbers were wrong."""
    end_reading()
    wrong = 0
    for day in clicks.days_of_clicks(whole_since()):
        with transaction():
            clicks.one_at_a_time()
            wrong += clicks.mend(day)
    return wrong


def whole_since() -> date | None:
    """The first day whose clicks are all in the database; None where none has ever been let go of."""
    before = session().scalar(select(segments.Progress.let_go_before))
    if before is None:
        return None
    day = clicks.today(before)
    return day if clicks.day_bounds(day)[0] == before else day + timedelta(days=1)


def _newest_days() -> list[date]:
    found: list[date] = []
    for day in reversed(clicks.days_of_clicks(whole_since())):
        found.append(day)
        if clicks.total(found) > AT_MOST:
            break
    return found
