"""Make money quicker to read

Revision: 0007_speed
After: 0006_api_keys
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007_speed"
down_revision = "0006_api_keys"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One new table, and an index that answers what tiers ask by itself; no row is touched."""
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "ledger_snapshots",
        sa.Column("account_id", key, nullable=False),
        sa.Column("posting_id", key, nullable=False),
        sa.Column("minor", key, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["ledger_accounts.id"], name=op.f("fk_ledger_snapshots_account_id_ledger_accounts")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_ledger_snapshots")),
    )
    op.drop_index("ix_credits_volume", "credits")
    op.create_index("ix_credits_volume", "credits", ["program_id", "creator_id", "currency", "placed_at", "volume_minor"])


def downgrade() -> None:
    """A snapshot can always be taken again."""
    op.drop_index("ix_credits_volume", "credits")
    op.create_index("ix_credits_volume", "credits", ["program_id", "creator_id", "currency", "placed_at"])
    op.drop_table("ledger_snapshots")
