"""Removing artifacts: object first, row last, so that a crash leaves a row to retry (wire, 4 c)."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field
from sqlalchemy import Connection

from luml.models import ArtifactStatus
from luml.server.db import artifacts, uploads
from luml.server.db.types import AnyRow, now
from luml.server.services.artifacts import tags_of
from luml.server.services.fields import BATCH, Request
from luml.server.services.policy import Grant
from luml.server.storage.base import Storage, StorageError

logger = logging.getLogger("luml.server")

Reason = Literal["not_found", "not_pending_deletion", "storage_error"]


class Batch(Request):
    """The body that names several artifacts."""

    artifact_ids: Annotated[list[UUID], Field(max_length=BATCH)]

    @property
    def ids(self) -> list[str]:
        """The ids as text, each once."""
        return list(dict.fromkeys(map(str, self.artifact_ids)))


class DeletionBatch(Batch):
    """The body that deletes several artifacts."""

    force: bool = False


@dataclass(frozen=True, slots=True)
class Doomed:
    """An artifact that is about to go, and what it has at the store."""

    row: AnyRow
    upload_id: str | None


def request_deletion(connection: Connection, row: AnyRow) -> None:
    """Say that an artifact's object is about to go."""
    if row.status != ArtifactStatus.PENDING_DELETION:
        values = {"status": ArtifactStatus.PENDING_DELETION.value, "status_reason": None}
        artifacts.change(connection, row.id, {**values, "updated_at": now()})


def doom(connection: Connection, row: AnyRow) -> Doomed:
    """Say that an artifact is going, before anything of it goes."""
    request_deletion(connection, row)
    upload = uploads.get(connection, row.id)
    return Doomed(row, None if upload is None else upload.upload_id)


def remove_object(storage: Storage, doomed: Doomed) -> str | None:
    """Remove what an artifact has at the store; return why it could not be done, or None."""
    try:
        if doomed.upload_id is not None:
            storage.abort(doomed.row.bucket_location, doomed.upload_id)
        storage.delete(doomed.row.bucket_location)
    except StorageError as error:
        logger.warning("artifact %s: its object was not removed: %s", doomed.row.id, error)
        return str(error) or type(error).__name__
    return None


def remove_row(connection: Connection, doomed: Doomed) -> None:
    """Delete an artifact's row with all that is kept about it; fine if it is gone already."""
    row = artifacts.narrow(connection, doomed.row.collection_id, doomed.row.id)
    if row is not None:
        artifacts.remove(connection, row, json.loads(row.extra_values), tags_of(row))


def keep_row(connection: Connection, doomed: Doomed, reason: str) -> None:
    """Say that an artifact is still there because its object could not be removed."""
    values = {"status": ArtifactStatus.DELETION_FAILED.value, "status_reason": reason}
    artifacts.change(connection, doomed.row.id, {**values, "updated_at": now()})


def find_several(
    connection: Connection, grant: Grant, ids: Sequence[str]
) -> tuple[list[AnyRow], list[dict[str, Any]]]:
    """Return the collection's artifacts among ``ids``, and a failure for each other id."""
    rows = artifacts.several(connection, grant.the_collection().id, ids)
    known = {row.id for row in rows}
    missing = [
        failure(artifact_id, None, "not_found") for artifact_id in ids if artifact_id not in known
    ]
    return rows, missing


def failure(artifact_id: str, name: str | None, reason: Reason) -> dict[str, Any]:
    """Return why one artifact of a batch stays, as the wire shows it."""
    return {
        "artifact_id": artifact_id,
        "name": name,
        "reason": reason,
        "deployments": [],
        "tracks": [],
    }
