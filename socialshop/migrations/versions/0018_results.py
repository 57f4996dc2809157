"""What posts brought

Revision: 0018_results
After: 0017_uploads
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018_results"
down_revision = "0017_uploads"
branch_labels = None
depends_on = None

_OF_POSTS = sa.text("post_id IS NOT NULL")


def upgrade() -> None:
    """What channels told about posts, day by day, and when each post is asked about next."""
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "post_figures",
        sa.Column("target_id", big, autoincrement=False, nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("views", big, nullable=True),
        sa.Column("likes", big, nullable=True),
        sa.Column("comments", big, nullable=True),
        sa.Column("shares", big, nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["target_id"], ["post_targets.id"], name=op.f("fk_post_figures_target_id_post_targets")),
        sa.PrimaryKeyConstraint("target_id", "on_day", name=op.f("pk_post_figures")),
    )
    op.create_table(
        "post_figure_asks",
        sa.Column("target_id", big, autoincrement=False, nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["target_id"], ["post_targets.id"], name=op.f("fk_post_figure_asks_target_id_post_targets")),
        sa.PrimaryKeyConstraint("target_id", name=op.f("pk_post_figure_asks")),
    )
    op.create_index("ix_post_figure_asks_next_at", "post_figure_asks", ["next_at"])
    op.create_index("ix_order_sources_post", "order_sources", ["post_id"], sqlite_where=_OF_POSTS, postgresql_where=_OF_POSTS)


def downgrade() -> None:
    """Forget what channels told."""
    op.drop_index("ix_order_sources_post", table_name="order_sources")
    op.drop_table("post_figure_asks")
    op.drop_table("post_figures")
