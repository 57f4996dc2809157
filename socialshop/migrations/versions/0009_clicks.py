"""Know more of each click, and count them by day

Revision: 0009_clicks
After: 0008_spool
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from socialshop.domain.clicks.traces import trace_of

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
        sqlite_with_rowid=False,
    )
    op.create_table(
        "link_days",
        sa.Column("link_id", _KEY, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("payable", _KEY, nullable=False),
        sa.Column("apart", _KEY, nullable=False),
        sa.PrimaryKeyConstraint("link_id", "day", name=op.f("pk_link_days")),
        sqlite_with_rowid=False,
    )
    op.add_column("clicks", sa.Column("trace", _KEY, server_default="0", nullable=False))
    _trace_what_is_there()
    for name in ("ix_clicks_link_id", "ix_clicks_visitor"):
        op.drop_index(name, table_name="clicks")
    op.create_index("ix_clicks_at", "clicks", ["at"])
    op.create_index("ix_clicks_trace", "clicks", ["trace"])


def _trace_what_is_there() -> None:
    """What is counted of older clicks is made by the worker: `flows/recount.py` finds nothing counted."""
    clicks: Any = sa.table(
        "clicks", *(sa.column(name) for name in ("id", "visitor", "kind", "trace")), sa.column("at", sa.DateTime)
    )
    connection, last = op.get_bind(), 0
    page = sa.select(clicks.c.id, clicks.c.visitor, clicks.c.at, clicks.c.kind).order_by(clicks.c.id).limit(1000)
    while rows := connection.execute(page.where(clicks.c.id > last)).all():
        traces = [{"which": row.id, "trace": _trace(row.visitor, row.at, row.kind)} for row in rows]
        connection.execute(clicks.update().where(clicks.c.id == sa.bindparam("which")), traces)
        last = rows[-1].id


def _trace(visitor: str, at: datetime, kind: str) -> int:
    return trace_of(visitor, at if at.tzinfo else at.replace(tzinfo=UTC), payable=kind == "payable")


def downgrade() -> None:
    op.drop_index("ix_clicks_trace", table_name="clicks")
    op.drop_index("ix_clicks_at", table_name="clicks")
    op.create_index("ix_clicks_visitor", "clicks", ["visitor", "at"])
    op.create_index("ix_clicks_link_id", "clicks", ["link_id"])
    op.drop_column("clicks", "trace")
    op.drop_table("link_days")
    op.drop_table("click_counts")
    for name in reversed(_TEXTS):
        op.drop_column("clicks", name)
    op.drop_column("clicks", "post_id")
