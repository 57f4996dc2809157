"""Keep all clicks in segments

Revision: 0012_segments
After: 0011_analytics
"""

from __future__ import annotations

revision = "0012_segments"
down_revision = "0011_analytics"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
