"""How far each node has poured its clicks

Revision: 0014_nodes
After: 0013_money
"""

from __future__ import annotations

revision = "0014_nodes"
down_revision = "0013_money"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
