"""Clears what nobody came back for: uploads without a sign of life, answers older than a day."""

from __future__ import annotations

import logging

from sqlalchemy import Connection

from luml.server.db import artifacts, idempotency, uploads
from luml.server.db.types import AnyRow, now
from luml.server.errors import Problem
from luml.server.services.artifacts import UNFINISHED, fail
from luml.server.services.idempotency import LIFETIME
from luml.server.services.registry import Registry
from luml.server.services.storage import open_storage
from luml.server.storage.base import StorageError

logger = logging.getLogger("luml.server")

BATCH = 100
SECOND = 1_000_000
NOWHERE = "http://localhost"
REASON = "The upload was abandoned."


def sweep(registry: Registry) -> int:
    """Abort abandoned uploads at their stores and forget old answers; safe to run anywhere, any
    number of times.

    Args:
        registry: Its settings say after how many seconds an upload counts as abandoned.

    Returns:
        How many uploads were aborted.
    """
    registry.database.change(lambda connection: idempotency.sweep(connection, now() - LIFETIME))
    before = now() - registry.settings.abandoned_after * SECOND
    with registry.database.read() as connection:
        found = uploads.abandoned(connection, before, BATCH)
    return sum(_abort(registry, row, before) for row in found)


def _abort(registry: Registry, row: AnyRow, before: int) -> bool:
    """Clear the store, then forget the upload; one that came back meanwhile is left alone."""
    if not registry.database.change(lambda connection: _claim(connection, row, before)):
        return False
    try:
        with registry.database.read() as connection:
            storage = open_storage(registry, connection, row.bucket_secret_id, NOWHERE)
        if row.upload_id is not None:
            storage.abort(row.bucket_location, row.upload_id)
        if row.status in UNFINISHED:
            storage.delete(row.bucket_location)
    except (StorageError, Problem) as error:
        logger.warning("upload of artifact %s was not aborted: %s", row.artifact_id, error)
        return False
    registry.database.change(lambda connection: _forget(connection, row))
    return True


def _claim(connection: Connection, row: AnyRow, before: int) -> bool:
    """Take an upload that is still abandoned; others find it alive until it is gone."""
    current = uploads.get(connection, row.artifact_id)
    if current is None or current.updated_at >= before:
        return False
    return uploads.touch(connection, row.artifact_id)


def _forget(connection: Connection, row: AnyRow) -> None:
    uploads.remove(connection, row.artifact_id)
    artifact = artifacts.narrow(connection, row.collection_id, row.artifact_id)
    if artifact is not None and artifact.status in UNFINISHED:
        fail(connection, row.artifact_id, REASON)
