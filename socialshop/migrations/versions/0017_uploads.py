"""Files on their way in

Revision: 0017_uploads
After: 0016_offers
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017_uploads"
down_revision = "0016_offers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Uploads of creators, and what each channel gets of a post's pictures."""
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "uploads",
        sa.Column("id", big, nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("creator_id", big, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("size", big, nullable=False),
        sa.Column("received", big, nullable=False),
        sa.Column("writer", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(length=5), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("kept", big, nullable=False),
        sa.Column("width", big, nullable=False),
        sa.Column("height", big, nullable=False),
        sa.Column("milliseconds", big, nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("why", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('image', 'video')", name=op.f("ck_uploads_kind")),
        sa.CheckConstraint("state IN ('receiving', 'ready', 'refused')", name=op.f("ck_uploads_state")),
        sa.CheckConstraint("received >= 0 AND received <= size", name=op.f("ck_uploads_received")),
        sa.ForeignKeyConstraint(["creator_id"], ["creators.id"], name=op.f("fk_uploads_creator_id_creators")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploads")),
        sa.UniqueConstraint("public_id", name=op.f("uq_uploads_public_id")),
    )
    op.create_index("ix_uploads_creator_id", "uploads", ["creator_id"])
    op.create_index("ix_uploads_sha256", "uploads", ["sha256"])
    op.create_index("ix_uploads_state", "uploads", ["state", "updated_at"])
    op.create_table(
        "post_media_fits",
        sa.Column("id", big, nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("media_id", big, nullable=False),
        sa.Column("provider", sa.String(length=12), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("size", big, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("width", big, nullable=False),
        sa.Column("height", big, nullable=False),
        sa.ForeignKeyConstraint(["media_id"], ["post_media.id"], name=op.f("fk_post_media_fits_media_id_post_media")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_media_fits")),
        sa.UniqueConstraint("public_id", name=op.f("uq_post_media_fits_public_id")),
        sa.UniqueConstraint("media_id", "provider", name=op.f("uq_post_media_fits_media_id_provider")),
    )
    op.create_index("ix_post_media_fits_sha256", "post_media_fits", ["sha256"])


def downgrade() -> None:
    """Forget what is on its way in; files of posts stay."""
    for table in ("post_media_fits", "uploads"):
        op.drop_table(table)
