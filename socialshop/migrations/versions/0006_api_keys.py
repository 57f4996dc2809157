"""Lay out API keys

Revision: 0006_api_keys
After: 0005_currencies
"""

from __future__ import annotations

revision = "0006_api_keys"
down_revision = "0005_currencies"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
