"""Lay out judgements with their evidence, appeals, and disputes

Revision: 0002_appeals
After: 0001_rooms
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002_appeals"
down_revision = "0001_rooms"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "disputes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=4), nullable=False),
        sa.Column("amount_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.String(length=120), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(length=120), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("refund_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("state IN ('open', 'won', 'lost')", name=op.f("ck_disputes_state")),
        sa.CheckConstraint("amount_minor IS NULL OR amount_minor > 0", name=op.f("ck_disputes_amount")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_disputes_order_id_orders")),
        sa.ForeignKeyConstraint(["refund_id"], ["refunds.id"], name=op.f("fk_disputes_refund_id_refunds")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disputes")),
        sa.UniqueConstraint("order_id", "key", name=op.f("uq_disputes_order_id_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_disputes_public_id")),
    )
    op.create_index(
        "uq_disputes_open",
        "disputes",
        ["order_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "judgements",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event_id", sa.String(length=160), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("creator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("commission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=120), nullable=False),
        sa.Column("ended_why", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('hold', 'rejection')", name=op.f("ck_judgements_kind")),
        sa.ForeignKeyConstraint(["brand_id"], ["brands.id"], name=op.f("fk_judgements_brand_id_brands")),
        sa.ForeignKeyConstraint(["commission_id"], ["commissions.id"], name=op.f("fk_judgements_commission_id_commissions")),
        sa.ForeignKeyConstraint(["creator_id"], ["creators.id"], name=op.f("fk_judgements_creator_id_creators")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_judgements_order_id_orders")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judgements")),
        sa.UniqueConstraint("event_id", name=op.f("uq_judgements_event_id")),
    )
    op.create_index("ix_judgements_order_creator", "judgements", ["order_id", "creator_id"], unique=False)
    op.create_table(
        "appeals",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("judgement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("creator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("commission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("turn_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'asked', 'granted', 'denied', 'withdrawn')", name=op.f("ck_appeals_state")),
        sa.ForeignKeyConstraint(["brand_id"], ["brands.id"], name=op.f("fk_appeals_brand_id_brands")),
        sa.ForeignKeyConstraint(["commission_id"], ["commissions.id"], name=op.f("fk_appeals_commission_id_commissions")),
        sa.ForeignKeyConstraint(["creator_id"], ["creators.id"], name=op.f("fk_appeals_creator_id_creators")),
        sa.ForeignKeyConstraint(["judgement_id"], ["judgements.id"], name=op.f("fk_appeals_judgement_id_judgements")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_appeals_order_id_orders")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeals")),
        sa.UniqueConstraint("creator_id", "key", name=op.f("uq_appeals_creator_id_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_appeals_public_id")),
    )
    op.create_index("ix_appeals_brand_state", "appeals", ["brand_id", "state"], unique=False)
    op.create_index(op.f("ix_appeals_judgement_id"), "appeals", ["judgement_id"], unique=False)
    op.create_index("ix_appeals_remind_at", "appeals", ["remind_at"], unique=False)
    op.create_index(
        "uq_appeals_running",
        "appeals",
        ["order_id", "creator_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('open', 'asked')"),
        postgresql_where=sa.text("state IN ('open', 'asked')"),
    )
    op.create_table(
        "judgement_evidence",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("judgement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["judgement_id"], ["judgements.id"], name=op.f("fk_judgement_evidence_judgement_id_judgements")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judgement_evidence")),
    )
    op.create_index(op.f("ix_judgement_evidence_judgement_id"), "judgement_evidence", ["judgement_id"], unique=False)
    op.create_table(
        "appeal_messages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("appeal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("side", sa.String(length=7), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.CheckConstraint("side IN ('creator', 'brand')", name=op.f("ck_appeal_messages_side")),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeals.id"], name=op.f("fk_appeal_messages_appeal_id_appeals")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal_messages")),
        sa.UniqueConstraint("appeal_id", "key", name=op.f("uq_appeal_messages_appeal_id_key")),
        sa.UniqueConstraint("appeal_id", "place", name=op.f("uq_appeal_messages_appeal_id_place")),
    )
    op.create_table(
        "appeal_steps",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("appeal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("was", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeals.id"], name=op.f("fk_appeal_steps_appeal_id_appeals")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal_steps")),
        sa.UniqueConstraint("appeal_id", "place", name=op.f("uq_appeal_steps_appeal_id_place")),
    )
    op.create_table(
        "papers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("evidence_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("creator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(length=7), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("width", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("height", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('picture', 'pdf')", name=op.f("ck_papers_kind")),
        sa.CheckConstraint("(evidence_id IS NULL) <> (message_id IS NULL)", name=op.f("ck_papers_one_place")),
        sa.ForeignKeyConstraint(["brand_id"], ["brands.id"], name=op.f("fk_papers_brand_id_brands")),
        sa.ForeignKeyConstraint(["creator_id"], ["creators.id"], name=op.f("fk_papers_creator_id_creators")),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["judgement_evidence.id"], name=op.f("fk_papers_evidence_id_judgement_evidence")
        ),
        sa.ForeignKeyConstraint(["message_id"], ["appeal_messages.id"], name=op.f("fk_papers_message_id_appeal_messages")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_papers")),
        sa.UniqueConstraint("public_id", name=op.f("uq_papers_public_id")),
    )
    op.create_index(op.f("ix_papers_evidence_id"), "papers", ["evidence_id"], unique=False)
    op.create_index(op.f("ix_papers_message_id"), "papers", ["message_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_papers_message_id"), table_name="papers")
    op.drop_index(op.f("ix_papers_evidence_id"), table_name="papers")
    op.drop_table("papers")
    op.drop_table("appeal_steps")
    op.drop_table("appeal_messages")
    op.drop_index(op.f("ix_judgement_evidence_judgement_id"), table_name="judgement_evidence")
    op.drop_table("judgement_evidence")
    op.drop_index(
        "uq_appeals_running",
        table_name="appeals",
        sqlite_where=sa.text("state IN ('open', 'asked')"),
        postgresql_where=sa.text("state IN ('open', 'asked')"),
    )
    op.drop_index("ix_appeals_remind_at", table_name="appeals")
    op.drop_index(op.f("ix_appeals_judgement_id"), table_name="appeals")
    op.drop_index("ix_appeals_brand_state", table_name="appeals")
    op.drop_table("appeals")
    op.drop_index("ix_judgements_order_creator", table_name="judgements")
    op.drop_table("judgements")
    op.drop_index(
        "uq_disputes_open",
        table_name="disputes",
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.drop_table("disputes")
