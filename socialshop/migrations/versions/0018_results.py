"""What posts brought

Revision: 0018_results
After: 0017_uploads
"""

from __future__ import annotations

revision = "0018_results"
down_revision = "0017_uploads"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
