"""Alembic's entry: it runs on the connection that ``schema.py`` hands over."""

from alembic import context

from luml.server.db.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
