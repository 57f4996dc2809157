"""Know more of each click, and count them by day

Revision: 0009_clicks
After: 0008_spool
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009_clicks"
down_revision = "0008_spool"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TEXTS = {
    "country": 2, "device": 8, "system": 16, "browser": 24, "inside": 16, "language": 8,
    "utm_source": 60, "utm_medium": 60, "utm_campaign": 60, "destination": 20,
}  # fmt: skip


def upgrade() -> None:
    op.add_column("clicks", sa.Column("post_id", _KEY, nullable=True))
    for name, length in _TEXTS.items():
        op.add_column("clicks", sa.Column(name, sa.String(length=length), server_default="", nullable=False))
    op.create_table(
        "click_counts",
        sa.Column("creator_id", _KEY, nullable=False),
        sa.Column("dimension", sa.String(length=16), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("value", sa.String(length=120), nullable=False),
        sa.Column("count", _KEY, nullable=False),
        sa.PrimaryKeyConstraint("creator_id", "dimension", "day", "value", name=op.f("pk_click_counts")),
    )
    op.create_index("ix_click_counts_day", "click_counts", ["day", "dimension"])
    op.create_table(
        "link_days",
        sa.Column("link_id", _KEY, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("payable", _KEY, nullable=False),
        sa.Column("apart", _KEY, nullable=False),
        sa.PrimaryKeyConstraint("link_id", "day", name=op.f("pk_link_days")),
    )


def downgrade() -> None:
    op.drop_table("link_days")
    op.drop_index("ix_click_counts_day", table_name="click_counts")
    op.drop_table("click_counts")
    for name in reversed(_TEXTS):
        op.drop_column("clicks", name)
    op.drop_column("clicks", "post_id")
