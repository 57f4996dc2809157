"""Keep all clicks in segments

Revision: 0012_segments
After: 0011_analytics
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012_segments"
down_revision = "0011_analytics"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Which segments of the store of all clicks count, and how far the clicks of the database lie in them."""
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "click_segments",
        sa.Column("id", big, nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("first_id", big, nullable=False),
        sa.Column("last_id", big, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clicks", big, nullable=False),
        sa.Column("bytes", big, nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("level IN ('part', 'day', 'month')", name=op.f("ck_click_segments_level")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_click_segments")),
        sa.UniqueConstraint("key", name=op.f("uq_click_segments_key")),
        sa.UniqueConstraint("first_id", name=op.f("uq_click_segments_first_id")),
        sa.UniqueConstraint("last_id", name=op.f("uq_click_segments_last_id")),
    )
    op.create_table(
        "click_progress",
        sa.Column("id", big, nullable=False),
        sa.Column("closed_to", big, nullable=False),
        sa.Column("seen_to", big, nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_transaction", big, nullable=False),
        sa.Column("let_go_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("visitor_key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_click_progress")),
    )


def downgrade() -> None:
    op.drop_table("click_progress")
    op.drop_table("click_segments")
