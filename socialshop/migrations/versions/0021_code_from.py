"""Who said a code

Revision: 0021_code_from
After: 0020_publishing
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021_code_from"
down_revision = "0020_publishing"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """With carts and orders: whether the buyer typed the code or a link filled it in. Codes in carts of before count as typed."""
    op.add_column("carts", sa.Column("code_typed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("carts", sa.Column("code_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE carts SET code_typed = (1 = 1) WHERE code IS NOT NULL")
    op.add_column("orders", sa.Column("code_from", sa.String(length=6), nullable=False, server_default=""))


def downgrade() -> None:
    """Forget it."""
    op.drop_column("orders", "code_from")
    op.drop_column("carts", "code_at")
    op.drop_column("carts", "code_typed")
