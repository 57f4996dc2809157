"""Alembic runs our steps on the connection that `kernel.schema` hands over, each step in a transaction."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from socialshop.domain import rooms  # noqa: F401  # all models, so that autogenerate compares with the whole
from socialshop.kernel.database import Base, UtcDateTime
from socialshop.kernel.vault import Sealed


def plainly(kind: str, item: Any, _autogen: AutogenContext) -> str | Literal[False]:
    """Write what the database sees, so that an old step does not change with our own types."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Sealed):
        return "sa.Text()"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transaction_per_migration=True,
    compare_type=True,
    render_item=plainly,
)
with context.begin_transaction():
    context.run_migrations()
connection.commit()
