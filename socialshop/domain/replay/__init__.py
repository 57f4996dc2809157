"""A scenario document in, a result document out, and the parts that the live system runs on (sections 1, 6 and 7). Pure.

replay.run(document)                     the whole of it, in memory
replay.arrive(order, verdict, ...)       one order is priced, once; store `to_document()`
replay.fold(arrival, happenings)         one order's commissions after its own events
replay.draw_up(positions, at, minimum)   what a payout pays and settles
"""

from ..attribution import Declined, TouchSeen, Verdict
from ..terms import BadDocument
from .arrival import Arrival, Stake, arrive
from .book import Happening, OrderBook, Row, fold, state_of
from .checking import differences
from .events import (
    Dispute,
    DisputeClosed,
    Event,
    Hold,
    Later,
    OrderEdit,
    Payout,
    PayoutFailed,
    Refund,
    Reinstate,
    Reject,
    Release,
    event_document,
    subject_of,
)
from .people import read_creator, read_creators
from .postings import Key, Paid, Position, Posting, Unpaid
from .reading import read_event
from .results import commission_document, result_document
from .running import load, run, run_scenario
from .scenario import Scenario, read_json, read_scenario
from .settling import Draw, Item, draw_up
from .stored import arrival_from_document, stored_click, stored_order
from .world import PaidOut, World

__all__ = [
    "Arrival",
    "BadDocument",
    "Declined",
    "Dispute",
    "DisputeClosed",
    "Draw",
    "Event",
    "Happening",
    "Hold",
    "Item",
    "Key",
    "Later",
    "OrderBook",
    "OrderEdit",
    "Paid",
    "PaidOut",
    "Payout",
    "PayoutFailed",
    "Position",
    "Posting",
    "Refund",
    "Reinstate",
    "Reject",
    "Release",
    "Row",
    "Scenario",
    "Stake",
    "TouchSeen",
    "Unpaid",
    "Verdict",
    "World",
    "arrival_from_document",
    "arrive",
    "commission_document",
    "differences",
    "draw_up",
    "event_document",
    "fold",
    "load",
    "read_creator",
    "read_creators",
    "read_event",
    "read_json",
    "read_scenario",
    "result_document",
    "run",
    "run_scenario",
    "state_of",
    "stored_click",
    "stored_order",
    "subject_of",
]
