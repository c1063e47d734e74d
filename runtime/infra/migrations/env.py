"""Runs the migrations inside the transaction that `runtime.infra.schema` holds open."""

from alembic import context

from runtime.infra.db import metadata
from runtime.infra.schema import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
)
with context.begin_transaction():
    context.run_migrations()
