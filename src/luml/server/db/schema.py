"""Which schema a database has, and how it gets to the newest one."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from luml.server.db.locks import hold

MIGRATIONS = Path(__file__).parent / "migrations"


class State(StrEnum):
    """How the schema of a database compares with the one of this program."""

    EMPTY = "empty"
    OLDER = "older"
    CURRENT = "current"
    NEWER = "newer"


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def current_revision(connection: Connection) -> str | None:
    """Return the revision of the database, None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def head_revision() -> str:
    """Return the newest revision that this program knows."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise LookupError(f"no revisions in {MIGRATIONS}")
    return head


def known_revisions() -> frozenset[str]:
    """Return every revision that this program knows."""
    script = ScriptDirectory.from_config(_config())
    return frozenset(revision.revision for revision in script.walk_revisions())


def state(revision: str | None) -> State:
    """Return what a revision says of the database that has it."""
    if revision is None:
        return State.EMPTY
    if revision == head_revision():
        return State.CURRENT
    return State.OLDER if revision in known_revisions() else State.NEWER


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the database to a revision, within the transaction of ``connection``.

    Of several processes one does it; the others wait, and find it done.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        hold(connection, "migration")
    command.upgrade(_config(connection), revision)
