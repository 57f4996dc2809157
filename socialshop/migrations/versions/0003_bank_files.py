"""Schedules of payout runs, a brand's own bank files, results and fees

Revision: 0003_bank_files
After: 0002_appeals
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003_bank_files"
down_revision = "0002_appeals"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """New tables, and columns that old rows read as "by hand, the brand bears the fee, none charged"."""
    op.add_column("payout_runs", sa.Column("slot", sa.String(10), nullable=True))
    op.add_column("payout_runs", sa.Column("fee_bearer", sa.String(10), nullable=True))
    op.add_column("payouts", sa.Column("bank_fee_minor", WHOLE, nullable=False, server_default="0"))
    op.create_table(
        "payout_settings",
        sa.Column("brand_id", WHOLE, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("weekday", WHOLE, nullable=False),
        sa.Column("day", WHOLE, nullable=False),
        sa.Column("second", WHOLE, nullable=False),
        sa.Column("hour", WHOLE, nullable=False),
        sa.Column("fee_bearer", sa.String(10), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.CheckConstraint("kind IN ('none', 'weekly', 'monthly', 'twice')", name=op.f("ck_payout_settings_kind")),
        sa.CheckConstraint("fee_bearer IN ('brand', 'creator')", name=op.f("ck_payout_settings_fee_bearer")),
        sa.ForeignKeyConstraint(["brand_id"], ["brands.id"], name=op.f("fk_payout_settings_brand_id_brands")),
        sa.PrimaryKeyConstraint("brand_id", name=op.f("pk_payout_settings")),
    )
    op.create_table(
        "payout_slots",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("brand_id", WHOLE, nullable=False),
        sa.Column("slot", sa.String(10), nullable=False),
        sa.Column("run_id", WHOLE, nullable=True),
        sa.Column("taken_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["brand_id"], ["brands.id"], name=op.f("fk_payout_slots_brand_id_brands")),
        sa.ForeignKeyConstraint(["run_id"], ["payout_runs.id"], name=op.f("fk_payout_slots_run_id_payout_runs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_slots")),
        sa.UniqueConstraint("brand_id", "slot", name=op.f("uq_payout_slots_brand_id_slot")),
    )
    op.create_table(
        "bank_maps",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("public_id", sa.String(40), nullable=False),
        sa.Column("brand_id", WHOLE, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("starter", sa.String(20), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("reading", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("revision", WHOLE, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("archived_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["brand_id"], ["brands.id"], name=op.f("fk_bank_maps_brand_id_brands")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_maps")),
        sa.UniqueConstraint("public_id", name=op.f("uq_bank_maps_public_id")),
    )
    op.create_index(op.f("ix_bank_maps_brand_id"), "bank_maps", ["brand_id"])
    op.create_table(
        "bank_files",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("public_id", sa.String(40), nullable=False),
        sa.Column("run_id", WHOLE, nullable=False),
        sa.Column("map_id", WHOLE, nullable=True),
        sa.Column("map_name", sa.String(80), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("part", WHOLE, nullable=False),
        sa.Column("parts", WHOLE, nullable=False),
        sa.Column("rows", WHOLE, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("total_minor", WHOLE, nullable=False),
        sa.Column("fee_minor", WHOLE, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("made_by", sa.String(120), nullable=False),
        sa.Column("downloads", WHOLE, nullable=False),
        sa.Column("discarded_at", INSTANT, nullable=True),
        sa.Column("discarded_why", sa.String(300), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["payout_runs.id"], name=op.f("fk_bank_files_run_id_payout_runs")),
        sa.ForeignKeyConstraint(["map_id"], ["bank_maps.id"], name=op.f("fk_bank_files_map_id_bank_maps")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_files")),
        sa.UniqueConstraint("public_id", name=op.f("uq_bank_files_public_id")),
    )
    op.create_index("ix_bank_files_run", "bank_files", ["run_id"])
    op.create_table(
        "bank_file_rows",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("file_id", WHOLE, nullable=False),
        sa.Column("payout_id", WHOLE, nullable=False),
        sa.Column("place", WHOLE, nullable=False),
        sa.Column("sent_minor", WHOLE, nullable=False),
        sa.Column("discarded_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["file_id"], ["bank_files.id"], name=op.f("fk_bank_file_rows_file_id_bank_files")),
        sa.ForeignKeyConstraint(["payout_id"], ["payouts.id"], name=op.f("fk_bank_file_rows_payout_id_payouts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_file_rows")),
        sa.UniqueConstraint("file_id", "place", name=op.f("uq_bank_file_rows_file_id_place")),
    )
    op.create_index(op.f("ix_bank_file_rows_payout_id"), "bank_file_rows", ["payout_id"])
    op.create_index(
        "uq_bank_file_rows_live", "bank_file_rows", ["payout_id"], unique=True,
        sqlite_where=sa.text("discarded_at IS NULL"), postgresql_where=sa.text("discarded_at IS NULL"),
    )  # fmt: skip
    op.create_table(
        "bank_results",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("public_id", sa.String(40), nullable=False),
        sa.Column("run_id", WHOLE, nullable=False),
        sa.Column("map_id", WHOLE, nullable=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("reading", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("uploaded_at", INSTANT, nullable=False),
        sa.Column("uploaded_by", sa.String(120), nullable=False),
        sa.Column("taken_at", INSTANT, nullable=True),
        sa.CheckConstraint("state IN ('open', 'taken')", name=op.f("ck_bank_results_state")),
        sa.ForeignKeyConstraint(["run_id"], ["payout_runs.id"], name=op.f("fk_bank_results_run_id_payout_runs")),
        sa.ForeignKeyConstraint(["map_id"], ["bank_maps.id"], name=op.f("fk_bank_results_map_id_bank_maps")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_results")),
        sa.UniqueConstraint("public_id", name=op.f("uq_bank_results_public_id")),
        sa.UniqueConstraint("run_id", "digest", name=op.f("uq_bank_results_run_id_digest")),
    )


def downgrade() -> None:
    """Take them away; what files and results said is lost with them."""
    for table in ("bank_results", "bank_file_rows", "bank_files", "bank_maps", "payout_slots", "payout_settings"):
        op.drop_table(table)
    op.drop_column("payouts", "bank_fee_minor")
    op.drop_column("payout_runs", "fee_bearer")
    op.drop_column("payout_runs", "slot")
