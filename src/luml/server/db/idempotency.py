"""Rows of requests that must not be done twice."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from luml.server.db.locks import hold
from luml.server.db.tables import idempotency_keys
from luml.server.db.types import AnyRow, AnySelect


def get(connection: Connection, user_id: str, key: str, since: int) -> AnyRow | None:
    """Return what was kept under a key of a user since a moment.

    Until the transaction ends no other one asks for the same key.
    """
    hold(connection, "idempotency", user_id, key)
    columns = idempotency_keys.c
    query: AnySelect = select(columns.fingerprint, columns.answer).where(
        columns.user_id == user_id, columns.key == key, columns.created_at > since
    )
    return connection.execute(query).one_or_none()


def keep(
    connection: Connection, user_id: str, key: str, fingerprint: bytes, answer: str, moment: int
) -> None:
    """Keep an answer, instead of one that has run out."""
    columns = idempotency_keys.c
    connection.execute(
        delete(idempotency_keys).where(columns.user_id == user_id, columns.key == key)
    )
    connection.execute(
        insert(idempotency_keys),
        {
            "user_id": user_id,
            "key": key,
            "fingerprint": fingerprint,
            "answer": answer,
            "created_at": moment,
        },
    )


def sweep(connection: Connection, before: int) -> int:
    """Delete what was kept before a moment and return how many."""
    old = delete(idempotency_keys).where(idempotency_keys.c.created_at < before)
    return connection.execute(old).rowcount
