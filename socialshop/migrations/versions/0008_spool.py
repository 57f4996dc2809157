"""Take noted taps in, and tell of changed links

Revision: 0008_spool
After: 0007_speed
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from socialshop.domain.links.triggers import LINKS, drop_statements, statements

revision = "0008_spool"
down_revision = "0007_speed"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "spool_files",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("end", _KEY, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_spool_files")),
    )
    op.create_table(
        "spoiled_taps",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("file", sa.String(length=80), nullable=False),
        sa.Column("line", sa.String(length=2000), nullable=False),
        sa.Column("why", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spoiled_taps")),
    )
    op.create_table(
        "link_changes",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("link_id", _KEY, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_changes")),
    )
    op.add_column("clicks", sa.Column("repeats", sa.String(length=40), server_default="", nullable=False))
    op.drop_index("ix_clicks_program_visitor", table_name="clicks")
    op.create_index("ix_clicks_visitor", "clicks", ["visitor", "at"])
    for statement in statements(op.get_bind().dialect.name, LINKS):
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in drop_statements(op.get_bind().dialect.name, LINKS):
        op.get_bind().exec_driver_sql(statement)
    op.drop_index("ix_clicks_visitor", table_name="clicks")
    op.create_index("ix_clicks_program_visitor", "clicks", ["program_id", "visitor"])
    op.drop_column("clicks", "repeats")
    op.drop_table("link_changes")
    op.drop_table("spoiled_taps")
    op.drop_table("spool_files")
