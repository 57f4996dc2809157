"""Remember what orders came from

Revision: 0011_analytics
After: 0010_links
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011_analytics"
down_revision = "0010_links"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TEXTS = {
    "channel": 20, "placement": 60, "country": 2, "device": 8, "system": 16, "browser": 24, "inside": 16, "language": 8,
    "referrer": 120, "utm_source": 60, "utm_medium": 60, "utm_campaign": 60, "destination": 20,
}  # fmt: skip
_BATCH = 500


def upgrade() -> None:
    """Which click a credit goes back to; the facts of that click with each order; views counted without their rows."""
    op.add_column("credits", sa.Column("click", sa.String(length=40), server_default="", nullable=False))
    op.create_table(
        "order_sources",
        sa.Column("order_id", _KEY, nullable=False),
        sa.Column("creator_id", _KEY, nullable=False),
        sa.Column("program_id", _KEY, nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("percent", sa.String(length=10), nullable=False),
        sa.Column("via", sa.String(length=14), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("click", sa.String(length=40), nullable=False),
        sa.Column("clicked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("link_id", _KEY, nullable=True),
        sa.Column("product_id", _KEY, nullable=True),
        sa.Column("post_id", _KEY, nullable=True),
        *(sa.Column(name, sa.String(length=length), nullable=False) for name, length in _TEXTS.items()),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_sources_order_id_orders")),
        sa.ForeignKeyConstraint(["creator_id"], ["creators.id"], name=op.f("fk_order_sources_creator_id_creators")),
        sa.ForeignKeyConstraint(["program_id"], ["programs.id"], name=op.f("fk_order_sources_program_id_programs")),
        sa.PrimaryKeyConstraint("order_id", "creator_id", name=op.f("pk_order_sources")),
    )
    op.create_index("ix_order_sources_creator", "order_sources", ["creator_id", "placed_at"])
    op.create_index("ix_order_sources_program", "order_sources", ["program_id", "placed_at"])
    op.create_index("ix_page_views_creator_at", "page_views", ["creator_id", "at", "kind", "page_id"])
    op.drop_index("ix_page_views_creator_id", table_name="page_views")
    _look_back()


def _look_back() -> None:
    """Tell it of the orders that are here already: their stored arrivals say which click won."""
    database = op.get_bind()
    stored = sa.table("attributions", sa.column("id"), sa.column("order_id"), sa.column("arrival", sa.JSON()))
    credit = sa.table("credits", sa.column("order_id"), sa.column("creator_id"), sa.column("click"))
    last = 0
    while True:
        page = sa.select(stored.c.id, stored.c.order_id, stored.c.arrival).where(stored.c.id > last).order_by(stored.c.id)
        rows = database.execute(page.limit(_BATCH)).all()
        if not rows:
            break
        last = rows[-1].id
        for row in rows:
            for touch in row.arrival["touches"]:
                if touch["kind"] == "click" and touch["won"]:
                    mine = (credit.c.order_id == row.order_id) & (credit.c.creator_id == int(touch["creator"]))
                    database.execute(sa.update(credit).where(mine).values(click=touch["id"]))
    texts = ", ".join(_TEXTS)
    facts = ", ".join(f"coalesce(k.{name}, '')" for name in _TEXTS)
    op.execute(f"""
        INSERT INTO order_sources (order_id, creator_id, program_id, placed_at, currency, percent, via, code, click, clicked_at,
            link_id, product_id, post_id, {texts})
        SELECT c.order_id, c.creator_id, c.program_id, c.placed_at, c.currency, c.percent, c.via,
            CASE WHEN c.via = 'code' THEN o.code ELSE '' END, c.click, k.at, k.link_id, l.product_id, k.post_id, {facts}
        FROM credits c JOIN orders o ON o.id = c.order_id
        LEFT JOIN clicks k ON k.public_id = c.click AND c.click <> '' LEFT JOIN tracked_links l ON l.id = k.link_id
    """)  # noqa: S608 (our own names)


def downgrade() -> None:
    op.create_index("ix_page_views_creator_id", "page_views", ["creator_id"])
    op.drop_index("ix_page_views_creator_at", table_name="page_views")
    op.drop_table("order_sources")
    op.drop_column("credits", "click")
