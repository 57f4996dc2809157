"""What posts promote: words, links and codes of each channel, drafts

Revision: 0016_offers
After: 0015_posts
"""

from __future__ import annotations

revision = "0016_offers"
down_revision = "0015_posts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
