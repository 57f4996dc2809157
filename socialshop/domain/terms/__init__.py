"""What a brand promises, and what an order is worth under it (specification, sections 2, 4 and 5). Pure.

terms.read(document)                      strict; BadDocument names the rule and the key
terms.open_versions(program, creator, at) who may count on which version
terms.freeze(...), terms.price(...)       one creator, one version, line by line
"""

from .conversion import convert, newest_quote
from .document import Program, Recurring, Rule, Terms, Tier, Version, to_document
from .facts import (
    Click,
    CreatorFacts,
    Creators,
    Customer,
    FirstPayment,
    FxQuote,
    History,
    Line,
    OrderFacts,
    Roster,
    Share,
    Subscription,
    Via,
)
from .goods import bases_of, check_discounts, nets_of
from .instants import NotAnInstant, Period, days, period_bounds, plus_months, read_instant, write_instant
from .notice import open_versions
from .overlaps import Idle, Overlap, idle, overlaps
from .pricing import Frozen, Piece, Priced, PricedLine, Reason, Stages, freeze, part_of, price
from .reading import listed, named, read, read_program
from .strict import BadDocument, Keys, Place

__all__ = [
    "BadDocument",
    "Click",
    "CreatorFacts",
    "Creators",
    "Customer",
    "FirstPayment",
    "Frozen",
    "FxQuote",
    "History",
    "Idle",
    "Keys",
    "Line",
    "NotAnInstant",
    "OrderFacts",
    "Overlap",
    "Period",
    "Piece",
    "Place",
    "Priced",
    "PricedLine",
    "Program",
    "Reason",
    "Recurring",
    "Roster",
    "Rule",
    "Share",
    "Stages",
    "Subscription",
    "Terms",
    "Tier",
    "Version",
    "Via",
    "bases_of",
    "check_discounts",
    "convert",
    "days",
    "freeze",
    "idle",
    "listed",
    "named",
    "nets_of",
    "newest_quote",
    "open_versions",
    "overlaps",
    "part_of",
    "period_bounds",
    "plus_months",
    "price",
    "read",
    "read_instant",
    "read_program",
    "to_document",
    "write_instant",
]
