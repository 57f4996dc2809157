"""Lay out exchange rates

Revision: 0005_currencies
After: 0004_sending
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from socialshop.domain.currencies.guards import drop_statements, statements

revision = "0005_currencies"
down_revision = "0004_sending"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Rates, appended only, the desk where each brand's come in, and a quick way to a program's quotes."""
    op.create_table(
        "rates",
        sa.Column("id", _ID, nullable=False),
        sa.Column("brand_id", _ID, nullable=False),
        sa.Column("number", _ID, nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("base", sa.String(length=3), nullable=False),
        sa.Column("quote", sa.String(length=3), nullable=False),
        sa.Column("rate", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("entered_by", sa.String(length=120), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("base <> quote", name=op.f("ck_rates_two_currencies")),
        sa.CheckConstraint("source IN ('hand', 'file', 'frankfurter')", name=op.f("ck_rates_source")),
        sa.ForeignKeyConstraint(["brand_id"], ["brands.id"], name=op.f("fk_rates_brand_id_brands")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rates")),
        sa.UniqueConstraint("brand_id", "key", name=op.f("uq_rates_brand_id_key")),
        sa.UniqueConstraint("brand_id", "number", name=op.f("uq_rates_brand_id_number")),
    )
    op.create_index("ix_rates_pair", "rates", ["brand_id", "base", "quote", "at"])
    op.create_table(
        "rate_desks",
        sa.Column("id", _ID, nullable=False),
        sa.Column("brand_id", _ID, nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("switched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(length=20), nullable=False),
        sa.Column("unknown", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["brand_id"], ["brands.id"], name=op.f("fk_rate_desks_brand_id_brands")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rate_desks")),
        sa.UniqueConstraint("brand_id", name=op.f("uq_rate_desks_brand_id")),
    )
    quotes = sa.text("type = 'fx'")
    op.create_index("ix_program_events_fx", "program_events", ["program_id", "at"], sqlite_where=quotes, postgresql_where=quotes)
    for sql in statements(op.get_bind().dialect.name):
        op.execute(sa.text(sql))


def downgrade() -> None:
    """Take all of it away, with the guard."""
    quotes = sa.text("type = 'fx'")
    op.drop_index("ix_program_events_fx", "program_events", sqlite_where=quotes, postgresql_where=quotes)
    for sql in drop_statements(op.get_bind().dialect.name):
        op.execute(sa.text(sql))
    op.drop_table("rate_desks")
    op.drop_index("ix_rates_pair", table_name="rates")
    op.drop_table("rates")
