"""Why commissions are held or rejected, with evidence, and the creators' appeals against it. The door.

judge, add_evidence, end_judgements      what a brand decided, beside the engine's fact that carries it out
open_appeal, say, move, remind           an appeal along its edges: open ⇄ asked → granted, denied or withdrawn
"""

from .actions import (
    AppealMoved,
    Case,
    TooManyPapers,
    add_evidence,
    end_judgements,
    judge,
    move,
    open_appeal,
    remind,
    say,
)
from .checks import discrepancies
from .models import Appeal, AppealMessage, AppealStep, Evidence, Judgement, Paper
from .queries import (
    Shown,
    appeal_of_brand,
    appeal_of_creator,
    count_waiting,
    due_for_reminder,
    find_by_key,
    find_running,
    get,
    judgements_of,
    listed_of_brand,
    listed_of_creator,
    of_case,
    paper_of_brand,
    paper_of_creator,
    said_before,
    shown_to_brand,
    shown_to_creator,
    standing,
    steps_of,
    thread_of,
)
from .rules import (
    EDGES,
    MAX_FILES,
    MAX_PDF,
    MAX_WORDS,
    REASONS,
    RUNNING,
    TOO_MANY_FILES,
    Exhibit,
    FileRefused,
    PaperDraft,
    Side,
    digest,
    file_name,
    is_pdf,
    pdf,
    read_reason,
    reason_text,
)

__all__ = [
    "EDGES", "MAX_FILES", "MAX_PDF", "MAX_WORDS", "REASONS", "RUNNING", "TOO_MANY_FILES", "Appeal", "AppealMessage",
    "AppealMoved", "AppealStep", "Case", "Evidence", "Exhibit", "FileRefused", "Judgement", "Paper", "PaperDraft", "Shown",
    "Side", "TooManyPapers", "add_evidence", "appeal_of_brand", "appeal_of_creator", "count_waiting", "digest",
    "discrepancies", "due_for_reminder", "end_judgements", "file_name", "find_by_key", "find_running", "get", "is_pdf",
    "judge", "judgements_of", "listed_of_brand", "listed_of_creator", "move", "of_case", "open_appeal", "paper_of_brand",
    "paper_of_creator", "pdf", "read_reason", "reason_text", "remind", "said_before", "say", "shown_to_brand",
    "shown_to_creator", "standing", "steps_of", "thread_of",
]  # fmt: skip
