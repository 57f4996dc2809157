"""Make money quicker to read

Revision: 0007_speed
After: 0006_api_keys
"""

from __future__ import annotations

revision = "0007_speed"
down_revision = "0006_api_keys"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
