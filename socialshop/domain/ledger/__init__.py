"""Double entry: money goes from one pocket to another, and nothing is ever unwritten. The door.

    owed (the brand's)  →  held (the creator's)  →  payable  →  in_transit  →  bank (outside)

A pocket's balance is the sum of its postings; what leaves a pocket is negative, what enters is positive, all pockets
of a currency sum to 0. So:
    owed        below 0: what the brand owes its creators and outside, as earned so far
    held        above 0: earned, but not released yet (the hold runs, or somebody holds it)
    payable     above 0: released, to be drawn by the next payout run; never below 0
    in_transit  above 0: drawn up or sent, the bank has not said yet
    bank        above 0: arrived outside
    owed_back   below 0: what a creator was paid too much; later payouts fill it up to 0 first
A loss takes from held or payable what is open of the commission; what was paid already comes out of owed_back.
"""

from .actions import Move, MoveConflict, Overdrawn, Unbalanced, book, book_all, move, programs_booked, take_snapshots
from .models import Account, Head, Posting, Snapshot, Transaction
from .periods import Level, Movement, first_booked, levels_at, movements, pockets_at, programs_of_creator
from .queries import Entry, balances, discrepancies, entries, find, pockets_of_commissions
from .rules import Leg, Pocket, PocketKind, tidy

__all__ = [
    "Account", "Entry", "Head", "Leg", "Level", "Move", "MoveConflict", "Movement", "Overdrawn", "Pocket", "PocketKind",
    "Posting", "Snapshot", "Transaction", "Unbalanced", "balances", "book", "book_all", "discrepancies", "entries", "find",
    "first_booked", "levels_at", "move", "movements", "pockets_at", "pockets_of_commissions", "programs_booked",
    "programs_of_creator", "take_snapshots", "tidy",
]  # fmt: skip
