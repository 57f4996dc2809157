"""Remember what orders came from

Revision: 0011_analytics
After: 0010_links
"""

from __future__ import annotations

revision = "0011_analytics"
down_revision = "0010_links"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
