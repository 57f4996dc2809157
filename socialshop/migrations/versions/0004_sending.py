"""Lay out sending by provider

Revision: 0004_sending
After: 0003_bank_files
"""

from __future__ import annotations

revision = "0004_sending"
down_revision = "0003_bank_files"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
