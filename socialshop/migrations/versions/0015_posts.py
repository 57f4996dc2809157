"""Channels, media and posts

Revision: 0015_posts
After: 0014_nodes
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015_posts"
down_revision = "0014_nodes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Connected accounts, posts with their files, where each has come to, and requests to be forgotten."""
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "channel_erasures",
        sa.Column("id", big, nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("provider", sa.String(length=12), nullable=False),
        sa.Column("channels", big, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel_erasures")),
        sa.UniqueConstraint("public_id", name=op.f("uq_channel_erasures_public_id")),
    )
    op.create_table(
        "channel_knocks",
        sa.Column("id", big, nullable=False),
        sa.Column("creator_id", big, nullable=False),
        sa.Column("via", sa.String(length=12), nullable=False),
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("verifier", sa.Text(), nullable=False),
        sa.Column("redirect_uri", sa.String(length=512), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["creator_id"], ["creators.id"], name=op.f("fk_channel_knocks_creator_id_creators")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel_knocks")),
        sa.UniqueConstraint("state_hash", name=op.f("uq_channel_knocks_state_hash")),
    )
    op.create_index("ix_channel_knocks_creator_id", "channel_knocks", ["creator_id"])
    op.create_table(
        "channels",
        sa.Column("id", big, nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("creator_id", big, nullable=False),
        sa.Column("provider", sa.String(length=12), nullable=False),
        sa.Column("via", sa.String(length=12), nullable=False),
        sa.Column("account_id", sa.String(length=80), nullable=False),
        sa.Column("scoped_id", sa.String(length=80), nullable=False),
        sa.Column("username", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("access_token", sa.Text(), nullable=True),
        sa.Column("refresh_token", sa.Text(), nullable=True),
        sa.Column("token_number", big, nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refresh_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refresh_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refreshing_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=6), nullable=False),
        sa.Column("why", sa.String(length=40), nullable=False),
        sa.Column("connected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('live', 'lost', 'off')", name=op.f("ck_channels_state")),
        sa.ForeignKeyConstraint(["creator_id"], ["creators.id"], name=op.f("fk_channels_creator_id_creators")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channels")),
        sa.UniqueConstraint("public_id", name=op.f("uq_channels_public_id")),
    )
    op.create_index("ix_channels_creator_id", "channels", ["creator_id"])
    op.create_index("ix_channels_refresh", "channels", ["refresh_at"])
    op.create_index(
        "uq_channels_kept",
        "channels",
        ["provider", "account_id"],
        unique=True,
        sqlite_where=sa.text("state <> 'off'"),
        postgresql_where=sa.text("state <> 'off'"),
    )
    op.create_table(
        "posts",
        sa.Column("id", big, nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("creator_id", big, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("caption", sa.Text(), nullable=False),
        sa.Column("title", sa.String(length=90), nullable=False),
        sa.Column("promotes", sa.String(length=8), nullable=False),
        sa.Column("publish_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('image', 'carousel', 'reel', 'story', 'video', 'photos')", name=op.f("ck_posts_kind")),
        sa.CheckConstraint("promotes IN ('nothing', 'own', 'brand')", name=op.f("ck_posts_promotes")),
        sa.ForeignKeyConstraint(["creator_id"], ["creators.id"], name=op.f("fk_posts_creator_id_creators")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts")),
        sa.UniqueConstraint("public_id", name=op.f("uq_posts_public_id")),
    )
    op.create_index("ix_posts_creator_id", "posts", ["creator_id"])
    op.create_table(
        "post_media",
        sa.Column("id", big, nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("post_id", big, nullable=False),
        sa.Column("position", big, nullable=False),
        sa.Column("kind", sa.String(length=5), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("size", big, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("width", big, nullable=False),
        sa.Column("height", big, nullable=False),
        sa.Column("milliseconds", big, nullable=False),
        sa.Column("alt_text", sa.String(length=1000), nullable=False),
        sa.CheckConstraint("kind IN ('image', 'video')", name=op.f("ck_post_media_kind")),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_post_media_post_id_posts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_media")),
        sa.UniqueConstraint("post_id", "position", name=op.f("uq_post_media_post_id_position")),
        sa.UniqueConstraint("public_id", name=op.f("uq_post_media_public_id")),
    )
    op.create_table(
        "post_targets",
        sa.Column("id", big, nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("post_id", big, nullable=False),
        sa.Column("channel_id", big, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.String(length=80), nullable=False),
        sa.Column("permalink", sa.String(length=300), nullable=False),
        sa.Column("visible", sa.Boolean(), nullable=False),
        sa.Column("why", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("tries", big, nullable=False),
        sa.Column("rounds", big, nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("privacy", sa.String(length=40), nullable=False),
        sa.Column("comments", sa.Boolean(), nullable=False),
        sa.Column("duet", sa.Boolean(), nullable=False),
        sa.Column("stitch", sa.Boolean(), nullable=False),
        sa.Column("draft", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'preparing', 'ready', 'calling', 'unknown', 'underway', 'published', 'delivered', 'failed', 'cancelled')",
            name=op.f("ck_post_targets_state"),
        ),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_post_targets_channel_id_channels")),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_post_targets_post_id_posts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_targets")),
        sa.UniqueConstraint("post_id", "channel_id", name=op.f("uq_post_targets_post_id_channel_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_post_targets_public_id")),
    )
    op.create_index("ix_post_targets_channel_id", "post_targets", ["channel_id"])
    op.create_index("ix_post_targets_next", "post_targets", ["next_at"])
    op.create_index(
        "uq_post_targets_remote",
        "post_targets",
        ["channel_id", "remote_id"],
        unique=True,
        sqlite_where=sa.text("remote_id <> ''"),
        postgresql_where=sa.text("remote_id <> ''"),
    )


def downgrade() -> None:
    """Forget the channels; what was posted stays where it stands."""
    for table in ("post_targets", "post_media", "posts", "channels", "channel_knocks", "channel_erasures"):
        op.drop_table(table)
