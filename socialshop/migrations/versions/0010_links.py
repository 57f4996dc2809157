"""Let links choose their way

Revision: 0010_links
After: 0009_clicks
"""

from __future__ import annotations

revision = "0010_links"
down_revision = "0009_clicks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
