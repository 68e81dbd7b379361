"""Rows of uploads: one for each artifact whose bytes are not all there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from luml.server.db.locks import hold, locking
from luml.server.db.tables import artifacts, uploads
from luml.server.db.types import AnyRow, AnySelect, now

UNFINISHED = ("pending_upload", "upload_failed")


def get(connection: Connection, artifact_id: str) -> AnyRow | None:
    """Return the upload of an artifact."""
    query: AnySelect = select(*uploads.c).where(uploads.c.artifact_id == artifact_id)
    return connection.execute(locking(connection, query, uploads)).one_or_none()


def at(connection: Connection, bucket_location: str) -> AnyRow | None:
    """Return the upload to a location, with the artifact's size."""
    query = (
        select(uploads, artifacts.c.size, artifacts.c.status, artifacts.c.bucket_secret_id)
        .join(artifacts, artifacts.c.id == uploads.c.artifact_id)
        .where(uploads.c.bucket_location == bucket_location)
    )
    return connection.execute(query).one_or_none()


def add(connection: Connection, row: Mapping[str, Any]) -> None:
    """Insert an upload."""
    moment = now()
    connection.execute(insert(uploads), {"created_at": moment, "updated_at": moment, **row})


def touch(connection: Connection, artifact_id: str, **values: object) -> bool:
    """Update columns of an upload and the time of its last sign of life; False if there is none."""
    here = uploads.c.artifact_id == artifact_id
    statement = update(uploads).where(here).values(updated_at=now(), **values)
    return connection.execute(statement).rowcount > 0


def remove(connection: Connection, artifact_id: str) -> None:
    """Delete an upload."""
    connection.execute(delete(uploads).where(uploads.c.artifact_id == artifact_id))


def resumable(
    connection: Connection, collection_id: str, resume_token: str, same: Mapping[str, Any]
) -> str | None:
    """Return the id of the newest unfinished artifact with a resume token and equal columns.

    Until the transaction ends no other one looks for the same token.
    """
    hold(connection, "resume", collection_id, resume_token)
    query = (
        select(artifacts.c.id)
        .join(uploads, uploads.c.artifact_id == artifacts.c.id)
        .where(
            uploads.c.collection_id == collection_id,
            uploads.c.resume_token == resume_token,
            artifacts.c.status.in_(UNFINISHED),
            *[artifacts.c[name] == value for name, value in same.items()],
        )
        .order_by(artifacts.c.id.desc())
        .limit(1)
    )
    return connection.execute(query).scalar_one_or_none()


def abandoned(connection: Connection, before: int, count: int) -> Sequence[AnyRow]:
    """Return uploads without a sign of life since ``before``, oldest first, with where they go."""
    query = (
        select(uploads, artifacts.c.bucket_secret_id, artifacts.c.status)
        .join(artifacts, artifacts.c.id == uploads.c.artifact_id)
        .where(uploads.c.updated_at < before)
        .order_by(uploads.c.updated_at)
        .limit(count)
    )
    return connection.execute(query).all()
