"""Channels, media and posts

Revision: 0015_posts
After: 0014_nodes
"""

from __future__ import annotations

revision = "0015_posts"
down_revision = "0014_nodes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
