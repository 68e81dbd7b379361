"""Artifacts: create, look at, change (wire, section 4)."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from luml.models import ArtifactStatus, CollectionType
from luml.server.db import artifacts, uploads
from luml.server.db.ids import new_id
from luml.server.db.types import AnyRow, now
from luml.server.errors import Problem, bad_request, conflict, not_found
from luml.server.services.documents import dump
from luml.server.services.drafts import ArtifactDraft, FileName, Prepared
from luml.server.services.fields import ArtifactDescription, ArtifactName, ArtifactTags, Request
from luml.server.services.policy import Grant
from luml.server.services.verification import incomplete

UNFINISHED = frozenset(uploads.UNFINISHED)
ANNOUNCED = (
    ArtifactStatus.UPLOADED,
    ArtifactStatus.UPLOAD_FAILED,
    ArtifactStatus.DELETION_FAILED,
)
_FROM = {
    ArtifactStatus.UPLOADED: UNFINISHED,
    ArtifactStatus.UPLOAD_FAILED: UNFINISHED,
    ArtifactStatus.DELETION_FAILED: frozenset({"pending_deletion"}),
}


class ArtifactChange(Request):
    """The body that changes an artifact; what it does not name stays."""

    name: ArtifactName | None = None
    file_name: FileName | None = None
    description: ArtifactDescription | None = None
    tags: ArtifactTags | None = None
    status: ArtifactStatus | None = None


@dataclass(frozen=True, slots=True)
class Created:
    """A new artifact, or the unfinished one that it goes on with."""

    row: AnyRow
    resumed: bool


def tags_of(row: AnyRow) -> list[str]:
    """Return the tags of a row, none for null."""
    return [] if row.tags is None else list(json.loads(row.tags))


def find(connection: Connection, grant: Grant, artifact_id: str) -> AnyRow:
    """Return an artifact of the grant's collection, without manifest and index; or a 404."""
    row = artifacts.narrow(connection, grant.the_collection().id, artifact_id)
    if row is None:
        raise not_found("Artifact")
    return row


def details(connection: Connection, grant: Grant, artifact_id: str) -> AnyRow:
    """Return an artifact of the grant's collection with all its documents; or a 404."""
    row = artifacts.details(connection, grant.the_collection().id, artifact_id)
    if row is None:
        raise not_found("Artifact")
    return row


def create(connection: Connection, grant: Grant, prepared: Prepared) -> Created:
    """Store a new artifact, or hand back the unfinished upload of the same file.

    Raises:
        Problem: 400 if the collection does not take the type.
    """
    collection, draft = grant.the_collection(), prepared.draft
    if not CollectionType(collection.type).allows(prepared.type):
        detail = "Artifact type is not allowed for this collection type"
        raise bad_request("artifact_type_not_allowed", detail)
    resumed = _resume(connection, grant, draft)
    if resumed is not None:
        return Created(details(connection, grant, resumed), resumed=True)
    row = _new_row(grant, draft)
    artifacts.add(connection, row, prepared.documents, prepared.shape, draft.tags or [])
    uploads.add(
        connection,
        {
            "artifact_id": row["id"],
            "collection_id": collection.id,
            "bucket_location": row["bucket_location"],
            "resume_token": draft.resume_token,
        },
    )
    return Created(details(connection, grant, row["id"]), resumed=False)


def _new_row(grant: Grant, draft: ArtifactDraft) -> dict[str, Any]:
    collection, orbit = grant.the_collection(), grant.the_orbit()
    identifier = uuid.uuid4().hex
    folder = f"orbit-{orbit.id}/collection-{collection.id}"
    name = draft.name or draft.file_name
    return {
        "id": new_id(),
        "collection_id": collection.id,
        "status": ArtifactStatus.PENDING_UPLOAD.value,
        "name": name,
        "file_name": draft.file_name,
        "size": draft.size,
        **artifacts.described(draft.description),
        "tags": None if draft.tags is None else dump(draft.tags),
        "search_text": artifacts.search_text(name, draft.file_name, draft.tags or []),
        "file_hash": draft.file_hash,
        "unique_identifier": identifier,
        "bucket_location": f"{folder}/{identifier}-{draft.file_name}",
        "bucket_secret_id": orbit.bucket_secret_id,
        "created_by": grant.key.user_id,
        "created_at": now(),
    }


def _resume(connection: Connection, grant: Grant, draft: ArtifactDraft) -> str | None:
    """Return the id of the caller's unfinished artifact for the same file, brought up to date."""
    if draft.resume_token is None:
        return None
    same = {
        "created_by": grant.key.user_id,
        "file_name": draft.file_name,
        "name": draft.name or draft.file_name,
        "size": draft.size,
    }
    collection_id = grant.the_collection().id
    artifact_id = uploads.resumable(connection, collection_id, draft.resume_token, same)
    if artifact_id is None:
        return None
    row = find(connection, grant, artifact_id)
    change = ArtifactChange(description=draft.description, tags=draft.tags)
    values = {"status": ArtifactStatus.PENDING_UPLOAD.value, "status_reason": None}
    if draft.file_hash is not None:
        values["file_hash"] = draft.file_hash
    artifacts.change(connection, artifact_id, {**_changes(connection, row, change), **values})
    uploads.touch(connection, artifact_id)
    return artifact_id


def must_verify(row: AnyRow, change: ArtifactChange) -> bool:
    """Say whether a change announces bytes that have to be looked at first."""
    return change.status is ArtifactStatus.UPLOADED and row.status in UNFINISHED


def check_transition(row: AnyRow, status: ArtifactStatus | None) -> None:
    """Check that an artifact may go to a status that a client announces; else a 400."""
    if status is None or row.status == status:
        return
    if status not in ANNOUNCED or row.status not in _FROM[status]:
        detail = f"Invalid status transition from {row.status} to {status.value}"
        raise bad_request("invalid_status_transition", detail)


def update(
    connection: Connection,
    grant: Grant,
    artifact_id: str,
    change: ArtifactChange,
    fault: str | None = None,
) -> Problem | None:
    """Change an artifact.

    Args:
        change: What is named is changed.
        fault: What verification found wrong with an announced object.

    Returns:
        The problem to answer with once the new status is committed, or None.
    """
    row = find(connection, grant, artifact_id)
    check_transition(row, change.status)
    if fault is not None and row.status in UNFINISHED:
        fail(connection, row.id, fault)
        return incomplete(fault)
    values = _changes(connection, row, change)
    if change.status is not None and row.status != change.status:
        values |= {"status": change.status.value, "status_reason": None}
    if values:
        artifacts.change(connection, row.id, {**values, "updated_at": now()})
    if change.status is ArtifactStatus.UPLOADED:
        uploads.remove(connection, row.id)
    return None


def fail(connection: Connection, artifact_id: str, reason: str) -> None:
    """Say that an upload failed, and why."""
    values = {
        "status": ArtifactStatus.UPLOAD_FAILED.value,
        "status_reason": reason,
        "updated_at": now(),
    }
    artifacts.change(connection, artifact_id, values)


def _changes(connection: Connection, row: AnyRow, change: ArtifactChange) -> dict[str, Any]:
    """Return the columns that a change touches, and count the tags that come and go."""
    values = change.named("name", "file_name")
    named = change.model_fields_set
    if "description" in named:
        values |= artifacts.described(change.description)
    tags = tags_of(row)
    if "tags" in named:
        values["tags"] = None if change.tags is None else dump(change.tags)
        before, tags = set(tags), change.tags or []
        place = {"id": row.id, "collection_id": row.collection_id}
        artifacts.change_tags(connection, place, set(tags) - before, before - set(tags))
    if values:
        name, file_name = values.get("name", row.name), values.get("file_name", row.file_name)
        values["search_text"] = artifacts.search_text(name, file_name, tags)
    return values


def check_downloadable(row: AnyRow) -> None:
    """Check that an artifact's bytes are there; else a 409 (wire, section 4, rule d)."""
    if row.status != ArtifactStatus.UPLOADED:
        detail = f"The artifact is not uploaded: its status is {row.status}."
        raise conflict("not_uploaded", detail)
