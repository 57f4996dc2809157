"""What posts promote: words, links and codes of each channel, drafts

Revision: 0016_offers
After: 0015_posts
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016_offers"
down_revision = "0015_posts"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_PRESSED = sa.text("form_key <> ''")


def upgrade() -> None:
    """What was typed, the final words of each channel, what is shown there, and links that know their post."""
    op.add_column("posts", sa.Column("form", sa.JSON(), nullable=True))
    op.add_column("posts", sa.Column("form_key", sa.String(length=64), server_default="", nullable=False))
    op.add_column("posts", sa.Column("disclosure", sa.Text(), server_default="", nullable=False))
    op.create_index("uq_posts_form_key", "posts", ["form_key"], unique=True, sqlite_where=_PRESSED, postgresql_where=_PRESSED)
    op.add_column("post_targets", sa.Column("caption", sa.Text(), server_default="", nullable=False))
    op.add_column("post_targets", sa.Column("title", sa.String(length=90), server_default="", nullable=False))
    op.add_column("tracked_links", sa.Column("post_id", _KEY, nullable=True))
    op.create_index("ix_tracked_links_post_id", "tracked_links", ["post_id"])
    op.create_table(
        "post_offers",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("post_id", _KEY, nullable=False),
        sa.Column("target_id", _KEY, nullable=False),
        sa.Column("position", _KEY, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("product_id", _KEY, nullable=True),
        sa.Column("program_id", _KEY, nullable=True),
        sa.Column("link_id", _KEY, nullable=False),
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.CheckConstraint("kind IN ('product', 'page', 'link')", name=op.f("ck_post_offers_kind")),
        sa.ForeignKeyConstraint(["link_id"], ["tracked_links.id"], name=op.f("fk_post_offers_link_id_tracked_links")),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_post_offers_post_id_posts")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_post_offers_product_id_products")),
        sa.ForeignKeyConstraint(["program_id"], ["programs.id"], name=op.f("fk_post_offers_program_id_programs")),
        sa.ForeignKeyConstraint(["target_id"], ["post_targets.id"], name=op.f("fk_post_offers_target_id_post_targets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_offers")),
        sa.UniqueConstraint("target_id", "position", name=op.f("uq_post_offers_target_id_position")),
    )
    op.create_index("ix_post_offers_code", "post_offers", ["code"])
    op.create_index("ix_post_offers_post_id", "post_offers", ["post_id"])
    op.create_table(
        "post_drafts",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("creator_id", _KEY, nullable=False),
        sa.Column("form", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["creator_id"], ["creators.id"], name=op.f("fk_post_drafts_creator_id_creators")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_drafts")),
        sa.UniqueConstraint("public_id", name=op.f("uq_post_drafts_public_id")),
    )
    op.create_index("ix_post_drafts_creator_id", "post_drafts", ["creator_id"])


def downgrade() -> None:
    op.drop_table("post_drafts")
    op.drop_table("post_offers")
    op.drop_index("ix_tracked_links_post_id", table_name="tracked_links")
    op.drop_column("tracked_links", "post_id")
    op.drop_column("post_targets", "title")
    op.drop_column("post_targets", "caption")
    op.drop_index("uq_posts_form_key", table_name="posts")
    op.drop_column("posts", "disclosure")
    op.drop_column("posts", "form_key")
    op.drop_column("posts", "form")
