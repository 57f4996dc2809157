"""Lay out currencies

Revision: 0005_currencies
After: 0004_sending
"""

from __future__ import annotations

revision = "0005_currencies"
down_revision = "0004_sending"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
