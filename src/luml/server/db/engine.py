"""Opens a database: pool, session settings, and transactions that begin when we say so.

SQLite has one writer at a time, so that a write transaction sees nothing change. PostgreSQL has
many, each statement of which sees what is committed: whoever reads a row to change it locks it
(``locks.py``), and what still collides is run again.
"""

from __future__ import annotations

import logging
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from luml.server.db.locks import WRITE

Value = TypeVar("Value")

logger = logging.getLogger("luml.server")

BUSY_SECONDS = 10
SQLITE_POOL_SIZE = 48
CACHE_KIB = 16_384
MMAP_BYTES = 4 * 1024**3

POOL_SIZE = 16
STATEMENT_SECONDS = 30
POOL_WAIT_SECONDS = 10
RECYCLE_SECONDS = 1800

ATTEMPTS = 8
FIRST_PAUSE = 0.005
LONGEST_PAUSE = 0.5
DISK_FULL = "53100"
COLLISIONS = frozenset(
    {
        "40001",  # serialization_failure
        "40P01",  # deadlock_detected
        "23503",  # foreign_key_violation: what a row belongs to was deleted meanwhile
        "23505",  # unique_violation: another request made the same row
    }
)
"""SQLSTATEs after which the same work may end otherwise, because another transaction is over."""

PASSING = frozenset({"08", "53", "55", "57"})
"""Classes of SQLSTATEs: no connection, no resources, a lock, a timeout or a shutdown."""

_CONNECT = {"connect_timeout": 10, "application_name": "luml"}

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}",
    "PRAGMA foreign_keys = ON",
    f"PRAGMA cache_size = -{CACHE_KIB}",
    f"PRAGMA mmap_size = {MMAP_BYTES}",
    "PRAGMA temp_store = MEMORY",
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a process takes of a PostgreSQL server.

    Attributes:
        pool_size: Connections at most.
        statement_seconds: How long one statement may run, and wait for a lock.
    """

    pool_size: int = POOL_SIZE
    statement_seconds: int = STATEMENT_SECONDS


class Database:
    """An engine and its two kinds of transaction.

    On SQLite writers of one process queue on a lock, because SQLite's own waiting sleeps and is
    unfair; writers of other processes are waited for up to ``BUSY_SECONDS``.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writing = threading.Lock() if engine.dialect.name == "sqlite" else None
        self._reader = engine
        if engine.dialect.name == "postgresql":
            self._reader = engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )

    @property
    def is_sqlite(self) -> bool:
        """True if the database is a file of this machine."""
        return self._writing is not None

    @contextmanager
    def read(self) -> Generator[Connection]:
        """Yield a connection that sees one snapshot."""
        with self._reader.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Generator[Connection]:
        """Yield a connection that may write; commits at the end, rolls back on any error."""
        if self._writing is None:
            with self._begun() as connection:
                yield connection
            return
        with self._writing, self._begun() as connection:
            yield connection

    @contextmanager
    def _begun(self) -> Generator[Connection]:
        with self.engine.connect() as plain:
            connection = plain.execution_options(**{WRITE: True})
            with connection.begin():
                yield connection

    def change(self, work: Callable[[Connection], Value]) -> Value:
        """Run ``work`` in a write transaction and return what it returns.

        Args:
            work: May run several times, where it collides with another transaction; what it does
                besides its statements must be fit for that.

        Raises:
            DBAPIError: The database failed, or ``ATTEMPTS`` collisions came one after the other.
        """
        for attempt in range(1, ATTEMPTS):
            try:
                with self.write() as connection:
                    return work(connection)
            except DBAPIError as error:
                if not is_collision(error):
                    raise
                logger.info("a transaction collides with another one, attempt %d", attempt)
            pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2**attempt)
            time.sleep(pause * random.random())
        with self.write() as connection:
            return work(connection)

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def is_collision(error: DBAPIError) -> bool:
    """Say whether a transaction failed because of another one, and may be run again."""
    return getattr(error.orig, "sqlstate", None) in COLLISIONS


def is_disk_full(error: DBAPIError) -> bool:
    """Say whether the database has no room left on its disk."""
    if isinstance(error.orig, sqlite3.Error):
        return error.orig.sqlite_errorcode == sqlite3.SQLITE_FULL
    return getattr(error.orig, "sqlstate", None) == DISK_FULL


def is_passing(error: DBAPIError) -> bool:
    """Say whether a database that failed is likely to work in a moment."""
    if error.connection_invalidated or is_collision(error):
        return True
    if isinstance(error.orig, sqlite3.Error):
        return "locked" in str(error.orig)
    state = getattr(error.orig, "sqlstate", None)
    return state is None or state[:2] in PASSING


def sqlite_url(path: Path) -> str:
    """Return the URL of a SQLite file."""
    return f"sqlite:///{path}"


def parse_url(text: str) -> URL:
    """Return a database URL with the driver that is used for it.

    Raises:
        ValueError: It is no URL, or one of a database that luml does not know; the message does
            not repeat it, because it may hold a password.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise ValueError("it is not a URL such as postgresql://user@host/name") from None
    kind = url.drivername.partition("+")[0]
    if kind in ("postgres", "postgresql"):
        return url.set(drivername="postgresql+psycopg")
    if kind == "sqlite":
        return url.set(drivername="sqlite")
    raise ValueError(f"luml knows postgresql:// and sqlite:/// but not {kind}://")


def open_database(url: str, limits: Limits | None = None) -> Database:
    """Return the database at a ``url``; nothing is connected before it is used.

    Raises:
        ValueError: See :func:`parse_url`.
    """
    parsed = parse_url(url)
    if parsed.drivername == "sqlite":
        return Database(_sqlite_engine(parsed))
    return Database(_postgresql_engine(parsed, limits or Limits()))


def _sqlite_engine(url: URL) -> Engine:
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=SQLITE_POOL_SIZE,
        max_overflow=SQLITE_POOL_SIZE,
        pool_pre_ping=False,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    if not isinstance(connection, sqlite3.Connection):
        raise TypeError(f"not a SQLite connection: {connection!r}")
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgresql_engine(url: URL, limits: Limits) -> Engine:
    engine = create_engine(
        url,
        pool_size=limits.pool_size,
        max_overflow=0,
        pool_timeout=POOL_WAIT_SECONDS,
        pool_recycle=RECYCLE_SECONDS,
        pool_use_lifo=True,
        isolation_level="READ COMMITTED",
        connect_args={name: value for name, value in _CONNECT.items() if name not in url.query},
    )
    settings = "; ".join(f"SET {name} = {value}" for name, value in _session(limits).items())

    def prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        cursor.execute(settings)
        cursor.close()
        connection.commit()

    event.listen(engine, "connect", prepare)
    return engine


def _session(limits: Limits) -> dict[str, str]:
    milliseconds = str(limits.statement_seconds * 1000)
    return {
        "statement_timeout": milliseconds,
        "lock_timeout": milliseconds,
        "idle_in_transaction_session_timeout": milliseconds,
        "timezone": "'UTC'",
        # Plans depend on where a page begins and on how rare a word is; compiling them costs more
        # than the few rows that each reads.
        "plan_cache_mode": "force_custom_plan",
        "jit": "off",
    }
