"""Let links choose their way

Revision: 0010_links
After: 0009_clicks
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from socialshop.domain.links.triggers import WAYS, drop_statements, statements

revision = "0010_links"
down_revision = "0009_clicks"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("tracked_links", sa.Column("routes", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("tracked_links", sa.Column("dead", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("tracked_links", sa.Column("password_hash", sa.String(length=255), server_default="", nullable=False))
    op.add_column("tracked_links", sa.Column("max_clicks", _KEY, nullable=True))
    op.create_table(
        "link_aliases",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("look", sa.String(length=60), nullable=False),
        sa.Column("link_id", _KEY, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["link_id"], ["tracked_links.id"], name=op.f("fk_link_aliases_link_id_tracked_links")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_aliases")),
        sa.UniqueConstraint("slug", name=op.f("uq_link_aliases_slug")),
    )
    op.create_index(op.f("ix_link_aliases_look"), "link_aliases", ["look"])
    op.create_index(op.f("ix_link_aliases_link_id"), "link_aliases", ["link_id"])
    op.create_table(
        "link_checks",
        sa.Column("link_id", _KEY, nullable=False, autoincrement=False),
        sa.Column("word", sa.String(length=20), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("misses", _KEY, nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["link_id"], ["tracked_links.id"], name=op.f("fk_link_checks_link_id_tracked_links")),
        sa.PrimaryKeyConstraint("link_id", "word", name=op.f("pk_link_checks")),
    )
    op.create_index(op.f("ix_link_checks_checked_at"), "link_checks", ["checked_at"])
    for statement in statements(op.get_bind().dialect.name, WAYS):
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in drop_statements(op.get_bind().dialect.name, WAYS):
        op.get_bind().exec_driver_sql(statement)
    op.drop_table("link_checks")
    op.drop_table("link_aliases")
    for column in ("max_clicks", "password_hash", "dead", "routes"):
        op.drop_column("tracked_links", column)
