"""Lay out API keys

Revision: 0006_api_keys
After: 0005_currencies
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006_api_keys"
down_revision = "0005_currencies"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One new table; nothing that exists is touched."""
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "api_keys",
        sa.Column("id", key, nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("brand_id", key, nullable=True),
        sa.Column("creator_id", key, nullable=True),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("prefix", sa.String(length=16), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("form_key", sa.String(length=80), nullable=False),
        sa.Column("made_by", key, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(brand_id IS NULL) <> (creator_id IS NULL)", name=op.f("ck_api_keys_one_owner")),
        sa.ForeignKeyConstraint(["brand_id"], ["brands.id"], name=op.f("fk_api_keys_brand_id_brands")),
        sa.ForeignKeyConstraint(["creator_id"], ["creators.id"], name=op.f("fk_api_keys_creator_id_creators")),
        sa.ForeignKeyConstraint(["made_by"], ["users.id"], name=op.f("fk_api_keys_made_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("form_key", name=op.f("uq_api_keys_form_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_api_keys_public_id")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_api_keys_secret_hash")),
    )
    op.create_index(op.f("ix_api_keys_brand_id"), "api_keys", ["brand_id"])
    op.create_index(op.f("ix_api_keys_creator_id"), "api_keys", ["creator_id"])


def downgrade() -> None:
    """Every key is gone with its table."""
    op.drop_index(op.f("ix_api_keys_creator_id"), table_name="api_keys")
    op.drop_index(op.f("ix_api_keys_brand_id"), table_name="api_keys")
    op.drop_table("api_keys")
