"""Runs and payouts: who is paid how much, for what, to which account, and whether it arrived. The door."""

from .actions import Destination, NotAlongAnEdge, charge, draw_up, move, open_run, send_out, skip
from .answers import COLUMNS as RESULT_COLUMNS
from .answers import EVERY_ROW, Expected, Reading, Verdict, guess, judge, read_reading, read_table
from .bank_models import BankFile, BankFileRow, BankMap, BankResult, PayoutSettings, PayoutSlot
from .columns import FIELDS, MOST_COLUMNS, PAYEES, PLACEHOLDERS, Column, Map, read_map
from .handing import hand_to, take_back
from .models import Payout, PayoutItem, PayoutRun, PayoutSkip, PayoutStep
from .papers import (
    InAnotherFile,
    NewFile,
    archive_map,
    bytes_of,
    change_map,
    count_download,
    digest_of,
    discard_file,
    fee_of,
    file_of,
    files_by_payout,
    files_of,
    find_result,
    forget_result,
    keep_file,
    keep_map,
    keep_result,
    last_map_of,
    layout,
    map_of,
    maps_of,
    move_result,
    remember_reading,
    result_of,
    results_of,
    rows_of,
)
from .queries import (
    RunTotal,
    before,
    by_public_ids,
    come_back,
    count_waiting,
    discrepancies,
    get,
    items_of,
    of_commission,
    of_creator,
    of_run,
    own,
    payout_of,
    run,
    run_of,
    runs_of,
    skips_of,
    standing_skips,
    steps_of,
    totals_of,
)
from .rhythm import Rhythm, Slot, next_slot, read_rhythm, slots
from .rules import EDGES, OPEN
from .sheets import Facts, LeftOut, Sheet, Transfer, lay_out, write
from .starters import BI_FAST, NEUTRAL, STARTERS, Starter
from .timetable import (
    BEARERS,
    change_settings,
    fee_bearer_of,
    last_slots,
    note_run,
    rhythm_of,
    scheduled,
    settings_of,
    take_slot,
    taken_slots,
)

__all__ = [
    "BEARERS", "BI_FAST", "EDGES", "EVERY_ROW", "FIELDS", "MOST_COLUMNS", "NEUTRAL", "OPEN", "PAYEES", "PLACEHOLDERS",
    "RESULT_COLUMNS", "STARTERS", "BankFile", "BankFileRow", "BankMap", "BankResult", "Column", "Destination", "Expected",
    "Facts", "InAnotherFile", "LeftOut", "Map", "NewFile", "NotAlongAnEdge", "Payout", "PayoutItem", "PayoutRun",
    "PayoutSettings", "PayoutSkip", "PayoutSlot", "PayoutStep", "Reading", "Rhythm", "RunTotal", "Sheet", "Slot", "Starter",
    "Transfer", "Verdict", "archive_map", "before", "by_public_ids", "bytes_of", "change_map", "change_settings", "charge",
    "come_back", "count_download", "count_waiting", "digest_of", "discard_file", "discrepancies", "draw_up", "fee_bearer_of",
    "fee_of", "file_of", "files_by_payout", "files_of", "find_result", "forget_result", "get", "guess", "hand_to", "items_of",
    "judge", "keep_file", "keep_map", "keep_result", "last_map_of", "last_slots", "lay_out", "layout", "map_of", "maps_of",
    "move", "move_result", "next_slot", "note_run", "of_commission", "of_creator", "of_run", "open_run", "own", "payout_of",
    "read_map", "read_reading", "read_rhythm", "read_table", "remember_reading", "result_of", "results_of", "rhythm_of",
    "rows_of", "run", "run_of", "runs_of", "scheduled", "send_out", "settings_of", "skip", "skips_of", "slots",
    "standing_skips", "steps_of", "take_back", "take_slot", "taken_slots", "totals_of", "write",
]  # fmt: skip
