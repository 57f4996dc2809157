"""Places in a creator's queue

Revision: 0019_slots
After: 0018_results
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019_slots"
down_revision = "0018_results"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Places in the week where posts go out; posts that a person has put aside, though they need one."""
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "queue_slots",
        sa.Column("id", big, nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("creator_id", big, nullable=False),
        sa.Column("weekday", big, nullable=False),
        sa.Column("minute", big, nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_queue_slots_weekday")),
        sa.CheckConstraint("minute BETWEEN 0 AND 1439", name=op.f("ck_queue_slots_minute")),
        sa.ForeignKeyConstraint(["creator_id"], ["creators.id"], name=op.f("fk_queue_slots_creator_id_creators")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queue_slots")),
        sa.UniqueConstraint("public_id", name=op.f("uq_queue_slots_public_id")),
        sa.UniqueConstraint(
            "creator_id", "weekday", "minute", "zone", name=op.f("uq_queue_slots_creator_id_weekday_minute_zone")
        ),
    )
    op.add_column("posts", sa.Column("set_aside_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Forget the places, and what was put aside."""
    op.drop_column("posts", "set_aside_at")
    op.drop_table("queue_slots")
