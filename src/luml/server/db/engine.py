"""Opens a database: pool, pragmas, and transactions that begin when we say so."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

BUSY_SECONDS = 10
POOL_SIZE = 48
CACHE_KIB = 16_384
MMAP_BYTES = 4 * 1024**3
WRITE = "luml_write"

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}",
    "PRAGMA foreign_keys = ON",
    f"PRAGMA cache_size = -{CACHE_KIB}",
    f"PRAGMA mmap_size = {MMAP_BYTES}",
    "PRAGMA temp_store = MEMORY",
)


class Database:
    """An engine and its two kinds of transaction.

    Writers of one process queue on a lock, because SQLite's own waiting sleeps and is unfair;
    writers of other
    processes are waited for up to ``BUSY_SECONDS``.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writing = threading.Lock() if engine.dialect.name == "sqlite" else None

    @contextmanager
    def read(self) -> Generator[Connection]:
        """Yield a connection that sees one snapshot."""
        with self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Generator[Connection]:
        """Yield a connection that may write; commits at the end, rolls back on any error."""
        if self._writing is None:
            with self.engine.begin() as connection:
                yield connection
            return
        with self._writing, self.engine.connect() as plain:
            connection = plain.execution_options(**{WRITE: True})
            with connection.begin():
                yield connection

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def sqlite_url(path: Path) -> str:
    """Return the URL of a SQLite file."""
    return f"sqlite:///{path}"


def open_database(url: str) -> Database:
    """Return the database at a SQLAlchemy ``url``."""
    engine = create_engine(
        url, poolclass=QueuePool, pool_size=POOL_SIZE, max_overflow=POOL_SIZE, pool_pre_ping=False
    )
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
    return Database(engine)


def _prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    if not isinstance(connection, sqlite3.Connection):
        raise TypeError(f"not a SQLite connection: {connection!r}")
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
