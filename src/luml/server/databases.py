"""The database that the settings name, and whether its schema is the one of this program."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from luml.server.db import schema
from luml.server.db.engine import Database, Limits, open_database, sqlite_url
from luml.server.db.schema import State
from luml.server.settings import Settings

DATABASE_FILE: Final = "registry.db"


class SchemaError(Exception):
    """The schema is not the one of this program; the message is one line that says what to do."""


def open_configured(settings: Settings) -> Database:
    """Return the database of a registry, not connected yet.

    Raises:
        ValueError: ``LUML_DATABASE_URL`` is none; the message is one line.
    """
    url = settings.database_url or sqlite_url(settings.directory / DATABASE_FILE)
    limits = Limits(settings.database_pool_size, settings.database_timeout)
    try:
        return open_database(url, limits)
    except ModuleNotFoundError as error:
        missing = f"PostgreSQL needs {error.name}: pip install 'luml[postgres]'"
        raise ValueError(missing) from error


def state_of(database: Database) -> State:
    """Return how the schema of a database compares with the one of this program."""
    with database.read() as connection:
        return schema.state(schema.current_revision(connection))


def check(database: Database) -> None:
    """Check that a database has the schema of this program.

    Raises:
        SchemaError: It has not.
    """
    with database.read() as connection:
        current = schema.current_revision(connection)
    found = schema.state(current)
    if found is State.NEWER:
        raise SchemaError(
            f"the database has schema {current} of a newer version of luml; update luml to serve it"
        )
    if found is not State.CURRENT:
        has = "no schema" if current is None else f"schema {current}"
        raise SchemaError(
            f"the database has {has} and this luml needs {schema.head_revision()}; "
            "stop its servers and run `luml db upgrade`"
        )


def upgrade(database: Database) -> str | None:
    """Bring a database to the schema of this program, if it is older.

    A SQLite file is copied first, beside itself. Any number of processes may ask for it at once.

    Returns:
        The revision that it had before, None if it was empty.

    Raises:
        SchemaError: It was made by a newer version.
    """
    with database.read() as connection:
        current = schema.current_revision(connection)
    found = schema.state(current)
    if found is State.NEWER:
        check(database)
    if found is State.OLDER and current is not None and database.is_sqlite:
        _copy(Path(str(database.engine.url.database)), current)
    if found is not State.CURRENT:
        with database.write() as connection:
            schema.upgrade(connection)
    return current


def _copy(path: Path, revision: str) -> None:
    """Keep a SQLite database as it was before a migration."""
    target = path.with_name(f"{path.stem}-before-{revision}.db")
    source, copy = sqlite3.connect(path), sqlite3.connect(target)
    try:
        source.backup(copy)
    finally:
        source.close()
        copy.close()
    target.chmod(0o600)
