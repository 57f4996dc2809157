"""Why a commission is what it is: the facts (`of_commission`, `of_order`) and the sentences (`tell`)."""

from .facts import Considered, Receipt, considered, of_commission, of_order, reasons_of
from .told import tell
from .voice import Audience, Entry, Told, number, percent

__all__ = [
    "Audience",
    "Considered",
    "Entry",
    "Receipt",
    "Told",
    "considered",
    "number",
    "of_commission",
    "of_order",
    "percent",
    "reasons_of",
    "tell",
]
