"""Places in a creator's queue

Revision: 0019_slots
After: 0018_results
"""

from __future__ import annotations

revision = "0019_slots"
down_revision = "0018_results"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
