"""What the money room still lacked

Revision: 0013_money
After: 0012_segments
"""

from __future__ import annotations

revision = "0013_money"
down_revision = "0012_segments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
