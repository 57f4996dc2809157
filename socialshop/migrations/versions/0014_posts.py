"""Channels, media and posts

Revision: 0014_posts
After: 0013_money
"""

from __future__ import annotations

revision = "0014_posts"
down_revision = "0013_money"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
