"""What publishing still lacked

Revision: 0020_publishing
After: 0019_slots
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020_publishing"
down_revision = "0019_slots"
branch_labels = None
depends_on = None


INSTANTS = ("busy_until", "served_at", "begins_at", "paused_until", "room_at")


def upgrade() -> None:
    """With each channel: whose turn was when, what it may not do yet, how many posts it still takes. With each target: since when."""
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    for name in INSTANTS:
        op.add_column("channels", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("channels", sa.Column("paused_why", sa.String(length=40), nullable=False, server_default=""))
    op.add_column("channels", sa.Column("room", big, nullable=True))
    op.add_column("post_targets", sa.Column("wanted_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE post_targets SET wanted_at = (SELECT publish_at FROM posts WHERE posts.id = post_targets.post_id)")
    op.create_index("ix_post_targets_called", "post_targets", ["state", "called_at"])


def downgrade() -> None:
    """Forget whose turn it was."""
    op.drop_index("ix_post_targets_called", table_name="post_targets")
    op.drop_column("post_targets", "wanted_at")
    for name in ("paused_why", "room", *INSTANTS):
        op.drop_column("channels", name)
