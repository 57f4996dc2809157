"""What each creator earned of each order: facts taken in their order of arrival, and all that follows. The door.

take(ground, event, ...)   a fact of the engine: kept once, parked or effective, booked
arrive(program, orders, ...)   orders, one or many at once
release_due, pay, arrived, came_back   what time and payouts do
"""

from .arriving import Newcomer
from .booking import Cause, Moved
from .books import book_of, key_of, open_holds, open_rejects
from .checks import discrepancies
from .facts import FactConflict, of_program
from .models import Attribution, Commission, CommissionStep, Credit, Declined, ProgramEvent, Touched
from .paying import Given, arrived, came_back, pay, positions, programs_with_due, release_due
from .queries import (
    CreatorCost,
    Earnings,
    Override,
    before,
    by_ids,
    cost_of_creators,
    currencies_of,
    declined_of_order,
    due_of_brand,
    find_of,
    first_of,
    get_of_programs,
    get_own,
    listed,
    missed_by,
    newest_order_at,
    next_due,
    of_order,
    overrides_of,
    recent_of_creator,
    recent_overrides,
    steps_in,
    steps_of,
    summary_of_creator,
    touched_by,
    was_touched,
    without_rate,
)
from .quotes import take_quotes
from .rules import EDGES, may_move
from .taking import Ground, arrive, attribution_of, note_fact, take

__all__ = [
    "EDGES",
    "Attribution",
    "Cause",
    "Commission",
    "CommissionStep",
    "CreatorCost",
    "Credit",
    "Declined",
    "Earnings",
    "FactConflict",
    "Given",
    "Ground",
    "Moved",
    "Newcomer",
    "Override",
    "ProgramEvent",
    "Touched",
    "arrive",
    "arrived",
    "attribution_of",
    "before",
    "book_of",
    "by_ids",
    "came_back",
    "cost_of_creators",
    "currencies_of",
    "declined_of_order",
    "discrepancies",
    "due_of_brand",
    "find_of",
    "first_of",
    "get_of_programs",
    "get_own",
    "key_of",
    "listed",
    "may_move",
    "missed_by",
    "newest_order_at",
    "next_due",
    "note_fact",
    "of_order",
    "of_program",
    "open_holds",
    "open_rejects",
    "overrides_of",
    "pay",
    "positions",
    "programs_with_due",
    "recent_of_creator",
    "recent_overrides",
    "release_due",
    "steps_in",
    "steps_of",
    "summary_of_creator",
    "take",
    "take_quotes",
    "touched_by",
    "was_touched",
    "without_rate",
]
