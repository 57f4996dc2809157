"""Lay out appeals

Revision: 0002_appeals
After: 0001_rooms
"""

from __future__ import annotations

revision = "0002_appeals"
down_revision = "0001_rooms"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
