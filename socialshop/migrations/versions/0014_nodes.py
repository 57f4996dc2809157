"""How far each node has poured its clicks

Revision: 0014_nodes
After: 0013_money
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014_nodes"
down_revision = "0013_money"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "nodes",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("asked", _NUMBER, nullable=False),
        sa.Column("answered", _NUMBER, nullable=False),
        sa.Column("waiting", _NUMBER, nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("late_since", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('live', 'late')", name=op.f("ck_nodes_state")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_nodes")),
    )
    op.create_table(
        "unheard_nodes",
        sa.Column("order_id", _NUMBER, nullable=False),
        sa.Column("node", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_unheard_nodes_order_id_orders")),
        sa.PrimaryKeyConstraint("order_id", "node", name=op.f("pk_unheard_nodes")),
    )


def downgrade() -> None:
    op.drop_table("unheard_nodes")
    op.drop_table("nodes")
