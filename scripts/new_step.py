"""Draft a migration from the models: `python scripts/new_step.py "what it does"`. Read it before you commit it.

The draft compares the models with a scratch SQLite database that stands at the newest step.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command

from socialshop.app import create_app
from socialshop.config import Settings
from socialshop.kernel import schema
from socialshop.kernel.database import db


def main(message: str, name: str) -> None:
    """Upgrade a scratch database, then write the step that is missing."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(env="test", instance=Path(folder), secret_key="scratch", mailer="locmem"))
        with app.app_context():
            if schema.head():
                schema.upgrade()
            with db.engine.connect().execution_options(writing=True) as connection:
                config = schema.config()
                config.attributes["connection"] = connection
                command.revision(config, message=message, autogenerate=True, rev_id=name)
            db.engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
