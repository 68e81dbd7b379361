"""Routes that remove artifacts (wire, section 4)."""

from __future__ import annotations

from typing import Any, TypeAlias

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.responses import Response

from luml.models import ArtifactStatus
from luml.server.context import Attempt, Body, Caller, Context, parse
from luml.server.db.types import AnyRow
from luml.server.errors import storage_failed
from luml.server.routes.answers import DeletedBatch, DeletionUrls, UrlAnswer
from luml.server.routes.parts import (
    ARTIFACT,
    COLLECTION,
    ArtifactId,
    InCollection,
    json_answer,
    nothing,
    takes,
)
from luml.server.services import artifacts, deletions
from luml.server.services.deletions import Batch, DeletionBatch, Doomed, failure
from luml.server.services.policy import Place, Right, authorize
from luml.server.services.storage import open_storage
from luml.server.storage.base import Storage

router = APIRouter(tags=["artifacts"])

Going: TypeAlias = list[tuple[Doomed, Storage]]
Failures: TypeAlias = list[dict[str, Any]]


@router.get(ARTIFACT + "/delete-url", response_model=UrlAnswer)
def get_delete_url(context: Caller, place: InCollection, artifact_id: ArtifactId) -> Response:
    """Say that an artifact is going, and sign the DELETE of its object."""

    def announce(connection: Connection) -> tuple[AnyRow, Storage]:
        grant = authorize(connection, context.key, Right.WRITE, place)
        row = artifacts.find(connection, grant, str(artifact_id))
        deletions.request_deletion(connection, row)
        return row, _storage(context, connection, row.bucket_secret_id)

    row, storage = context.change(announce)
    return json_answer({"url": storage.delete_url(row.bucket_location)})


@router.post(
    COLLECTION + "/artifacts/delete-urls",
    response_model=DeletionUrls,
    openapi_extra=dict(takes(Batch)),
)
def get_delete_urls(context: Caller, place: InCollection, body: Body) -> Response:
    """Say that several artifacts are going, and sign the DELETEs of their objects."""
    batch = Attempt(lambda: parse(Batch, body))

    def announce(connection: Connection) -> dict[str, Any]:
        urls: list[dict[str, Any]] = []
        grant = authorize(connection, context.key, Right.WRITE, place)
        rows, failed = deletions.find_several(connection, grant, batch.value.ids)
        storages = _storages(context, connection, rows)
        for row in rows:
            deletions.request_deletion(connection, row)
            url = storages[row.bucket_secret_id].delete_url(row.bucket_location)
            urls.append({"artifact_id": row.id, "name": row.name, "url": url})
        return {"urls": urls, "failed": failed}

    return json_answer(context.change(announce))


@router.delete(ARTIFACT, status_code=204)
def delete_artifact(context: Caller, place: InCollection, artifact_id: ArtifactId) -> Response:
    """Delete an artifact from any status: what the client has not removed the server removes."""
    return _delete(context, place, str(artifact_id), force=False)


@router.delete(ARTIFACT + "/force", status_code=204)
def force_delete_artifact(
    context: Caller, place: InCollection, artifact_id: ArtifactId
) -> Response:
    """Delete an artifact even if the store does not let its object go."""
    return _delete(context, place, str(artifact_id), force=True)


def _delete(context: Context, place: Place, artifact_id: str, *, force: bool) -> Response:
    def doom(connection: Connection) -> tuple[Doomed, Storage]:
        grant = authorize(connection, context.key, Right.WRITE, place)
        row = artifacts.find(connection, grant, artifact_id)
        storage = _storage(context, connection, row.bucket_secret_id)
        return deletions.doom(connection, row), storage

    doomed, storage = context.change(doom)
    reason = deletions.remove_object(storage, doomed)

    def settle(connection: Connection) -> None:
        if reason is None or force:
            deletions.remove_row(connection, doomed)
        else:
            deletions.keep_row(connection, doomed, reason)

    context.change(settle)
    if reason is not None and not force:
        raise storage_failed()
    return nothing()


@router.delete(
    COLLECTION + "/artifacts",
    response_model=DeletedBatch,
    openapi_extra=dict(takes(DeletionBatch)),
)
def delete_artifacts(context: Caller, place: InCollection, body: Body) -> Response:
    """Delete several artifacts: those that are pending deletion, or with ``force`` all of them."""
    batch = Attempt(lambda: parse(DeletionBatch, body))

    def doom(connection: Connection) -> tuple[Going, Failures]:
        grant = authorize(connection, context.key, Right.WRITE, place)
        rows, failed = deletions.find_several(connection, grant, batch.value.ids)
        force = batch.value.force
        going = [row for row in rows if force or row.status == ArtifactStatus.PENDING_DELETION]
        kept = {row.id: row.name for row in rows if row not in going}
        failed += [failure(one, name, "not_pending_deletion") for one, name in kept.items()]
        storages = _storages(context, connection, going)
        doomed = [
            (deletions.doom(connection, row), storages[row.bucket_secret_id]) for row in going
        ]
        return doomed, failed

    doomed, failed = context.change(doom)
    deleted, kept = _remove(context, doomed, force=batch.value.force)
    return json_answer({"deleted": deleted, "failed": failed + kept})


def _remove(context: Context, doomed: Going, *, force: bool) -> tuple[list[str], Failures]:
    reasons = [(one, deletions.remove_object(storage, one)) for one, storage in doomed]

    def settle(connection: Connection) -> tuple[list[str], Failures]:
        deleted: list[str] = []
        failed: Failures = []
        for one, reason in reasons:
            if reason is None or force:
                deletions.remove_row(connection, one)
                deleted.append(one.row.id)
            else:
                deletions.keep_row(connection, one, reason)
                failed.append(failure(one.row.id, one.row.name, "storage_error"))
        return deleted, failed

    return context.change(settle)


def _storage(context: Context, connection: Connection, secret_id: str) -> Storage:
    return open_storage(context.registry, connection, secret_id, context.base_url)


def _storages(context: Context, connection: Connection, rows: list[AnyRow]) -> dict[str, Storage]:
    """Return the stores of some artifacts by bucket secret; most often that is one."""
    secrets = {row.bucket_secret_id for row in rows}
    return {secret: _storage(context, connection, secret) for secret in secrets}
