"""Locks of PostgreSQL, which SQLite's single writer makes needless."""

from __future__ import annotations

import hashlib
from typing import Final

from sqlalchemy import Connection, Table, func, select

from luml.server.db.types import AnySelect

WRITE: Final = "luml_write"
"""The execution option of a connection that may write."""


def locking(connection: Connection, query: AnySelect, table: Table) -> AnySelect:
    """Return a query whose rows of ``table`` no other transaction changes before this one ends.

    In a transaction that only reads it is the same query.
    """
    if not connection.get_execution_options().get(WRITE, False):
        return query
    return query.with_for_update(of=table)


def hold(connection: Connection, *names: str) -> None:
    """Let one transaction at a time do what ``names`` stand for, until it ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_number(names))))


def _number(names: tuple[str, ...]) -> int:
    digest = hashlib.blake2b("\0".join(names).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
