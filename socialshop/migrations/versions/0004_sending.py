"""Let payouts be sent by a provider

Revision: 0004_sending
After: 0003_bank_files
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004_sending"
down_revision = "0003_bank_files"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Accounts at providers, the payouts handed to them, their messages; which provider a payout went to."""
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("payouts", sa.Column("via", sa.String(length=20), nullable=True))
    op.create_table(
        "payout_accounts",
        sa.Column("id", big, nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("brand_id", big, nullable=False),
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("api_key", sa.Text(), nullable=True),
        sa.Column("key_end", sa.String(length=4), nullable=False),
        sa.Column("key_number", big, nullable=False),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("test_mode", sa.Boolean(), nullable=False),
        sa.Column("channels", sa.JSON(), nullable=False),
        sa.Column("chosen", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("connected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('live', 'off')", name=op.f("ck_payout_accounts_state")),
        sa.ForeignKeyConstraint(["brand_id"], ["brands.id"], name=op.f("fk_payout_accounts_brand_id_brands")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_accounts")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payout_accounts_public_id")),
    )
    op.create_index(op.f("ix_payout_accounts_brand_id"), "payout_accounts", ["brand_id"])
    op.create_index(
        "uq_payout_accounts_live",
        "payout_accounts",
        ["brand_id"],
        unique=True,
        sqlite_where=sa.text("state = 'live'"),
        postgresql_where=sa.text("state = 'live'"),
    )
    op.create_table(
        "payout_sendings",
        sa.Column("id", big, nullable=False),
        sa.Column("payout_id", big, nullable=False),
        sa.Column("account_id", big, nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("channel", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("remote_id", sa.String(length=120), nullable=True),
        sa.Column("remote_status", sa.String(length=40), nullable=False),
        sa.Column("why", sa.String(length=60), nullable=False),
        sa.Column("contradicted", sa.Boolean(), nullable=False),
        sa.Column("tries", big, nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("key_number", big, nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'calling', 'unknown', 'underway', 'done', 'refused', 'decided')",
            name=op.f("ck_payout_sendings_state"),
        ),
        sa.ForeignKeyConstraint(["payout_id"], ["payouts.id"], name=op.f("fk_payout_sendings_payout_id_payouts")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["payout_accounts.id"], name=op.f("fk_payout_sendings_account_id_payout_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_sendings")),
        sa.UniqueConstraint("payout_id", name=op.f("uq_payout_sendings_payout_id")),
        sa.UniqueConstraint("key", name=op.f("uq_payout_sendings_key")),
    )
    op.create_index(op.f("ix_payout_sendings_account_id"), "payout_sendings", ["account_id"])
    op.create_index("ix_payout_sendings_next", "payout_sendings", ["next_at"])
    op.create_table(
        "payout_events",
        sa.Column("id", big, nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("account_id", big, nullable=False),
        sa.Column("event_key", sa.String(length=200), nullable=False),
        sa.Column("topic", sa.String(length=60), nullable=False),
        sa.Column("remote_id", sa.String(length=120), nullable=False),
        sa.Column("reference", sa.String(length=255), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("worked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('kept', 'worked', 'ignored', 'quarantined')", name=op.f("ck_payout_events_state")),
        sa.ForeignKeyConstraint(["account_id"], ["payout_accounts.id"], name=op.f("fk_payout_events_account_id_payout_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_events")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payout_events_public_id")),
        sa.UniqueConstraint("account_id", "event_key", name=op.f("uq_payout_events_account_id_event_key")),
    )


def downgrade() -> None:
    """Forget the providers; what they paid stays in the ledger."""
    op.drop_table("payout_events")
    op.drop_table("payout_sendings")
    op.drop_table("payout_accounts")
    op.drop_column("payouts", "via")
