"""Draft terms tried on orders, before anybody is bound by them. The door: everything others may call."""

from .actions import Difference, Superseded, TooManyTrials, ask, begin, fail, finish, progress
from .models import Against, Trial, TrialDifference, TrialFile
from .orders_csv import COLUMNS, NEEDED, BadFile, Filed, Reading, RowError, check, orders
from .queries import (
    content_of,
    count_differences,
    difference_of,
    differences_after,
    differences_of,
    get,
    receipts_of,
    trial_of,
    trials_of,
)
from .receipts import receipts
from .rules import Comparison, Outcome, versions_for
from .summary import Summary

__all__ = [
    "COLUMNS", "NEEDED", "Against", "BadFile", "Comparison", "Difference", "Filed", "Outcome", "Reading", "RowError", "Summary",
    "Superseded", "TooManyTrials", "Trial", "TrialDifference", "TrialFile", "ask", "begin", "check", "content_of",
    "count_differences", "difference_of", "differences_after", "differences_of", "fail", "finish", "get", "orders", "progress",
    "receipts", "receipts_of", "trial_of", "trials_of", "versions_for",
]  # fmt: skip
