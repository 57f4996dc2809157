"""What publishing still lacked

Revision: 0020_publishing
After: 0019_slots
"""

from __future__ import annotations

revision = "0020_publishing"
down_revision = "0019_slots"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
