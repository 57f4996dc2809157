"""Why a commission is what it is: the facts (`of_commission`, `of_order`) and the sentences (`tell`)."""

from .facts import Receipt, of_commission, of_order, reasons_of
from .told import tell
from .voice import Audience, Entry, Told, number, percent

__all__ = ["Audience", "Entry", "Receipt", "Told", "number", "of_commission", "of_order", "percent", "reasons_of", "tell"]
