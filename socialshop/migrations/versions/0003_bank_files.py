"""Lay out bank files and schedules

Revision: 0003_bank_files
After: 0002_appeals
"""

from __future__ import annotations

revision = "0003_bank_files"
down_revision = "0002_appeals"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
