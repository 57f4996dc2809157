"""Files on their way in

Revision: 0017_uploads
After: 0016_offers
"""

from __future__ import annotations

revision = "0017_uploads"
down_revision = "0016_offers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
