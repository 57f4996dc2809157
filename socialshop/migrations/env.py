"""Alembic runs our steps on the connection that `kernel.schema` hands over, each step in a transaction."""

from __future__ import annotations

from alembic import context

from socialshop.domain import rooms  # noqa: F401  # all models, so that autogenerate compares with the whole
from socialshop.kernel.database import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transaction_per_migration=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
connection.commit()
