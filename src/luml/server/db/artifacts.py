"""Rows of artifacts and their documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from luml.server.db import shapes
from luml.server.db.locks import locking
from luml.server.db.shapes import Shape
from luml.server.db.tables import (
    artifact_documents,
    artifact_metrics,
    artifact_tags,
    artifacts,
    collections,
    orbits,
    uploads,
    users,
)
from luml.server.db.types import AnyRow, AnySelect
from luml.server.filters.conditions import folded

DESCRIPTION_SORT_LENGTH = 600

WIRE = (
    artifacts.c.id,
    artifacts.c.collection_id,
    artifacts.c.file_name,
    artifacts.c.name,
    artifacts.c.description,
    artifacts.c.file_hash,
    artifacts.c.size,
    artifacts.c.type,
    artifacts.c.bucket_location,
    artifacts.c.unique_identifier,
    artifacts.c.status,
    users.c.name.label("created_by_user"),
    artifacts.c.created_at,
    artifacts.c.updated_at,
)
"""What the wire shows of an artifact's row as it is; every query below begins with these."""

_INSIDE = (
    artifacts.c.bucket_secret_id,
    artifacts.c.status_reason,
    artifacts.c.shape_id,
)
_DOCUMENTS = artifact_documents.c
_SUMMARY: AnySelect = (
    select(*WIRE, artifacts.c.tags, _DOCUMENTS.extra_values)
    .join_from(artifacts, artifact_documents, _DOCUMENTS.artifact_id == artifacts.c.id)
    .join(users, users.c.id == artifacts.c.created_by)
)
_FULL = _SUMMARY.add_columns(_DOCUMENTS.manifest, _DOCUMENTS.file_index)
_NARROW = _SUMMARY.add_columns(*_INSIDE)
_DETAILS = _FULL.add_columns(*_INSIDE, _DOCUMENTS.part_digests, _DOCUMENTS.member_digests)


def description_sort(description: str | None) -> str:
    """Return what a description sorts by: none comes first, of the rest 600 characters count."""
    return "" if description is None else "+" + description[:DESCRIPTION_SORT_LENGTH]


def search_text(name: str, file_name: str, tags: Iterable[str]) -> str:
    """Return the text that a search looks into, a line for each name and tag."""
    return "\n".join(map(folded, [name, file_name, *tags]))


def described(description: str | None) -> dict[str, str | None]:
    """Return the columns that a description fills."""
    lower = None if description is None else folded(description)
    return {
        "description": description,
        "description_sort": description_sort(description),
        "description_folded": None if lower == description else lower,
    }


def add(
    connection: Connection,
    row: Mapping[str, Any],
    documents: Mapping[str, str | None],
    shape: Shape,
    tags: Sequence[str],
) -> None:
    """Insert an artifact with all that is kept about it."""
    collection_id, artifact_id = row["collection_id"], row["id"]
    connection.execute(insert(artifacts), {**row, "type": shape.type, "shape_id": shape.id})
    connection.execute(insert(artifact_documents), {**documents, "artifact_id": artifact_id})
    if shape.numbers:
        connection.execute(
            insert(artifact_metrics),
            [
                {
                    "collection_id": collection_id,
                    "key": key,
                    "type": shape.type,
                    "value": value,
                    "artifact_id": artifact_id,
                }
                for key, value in shape.numbers.items()
            ],
        )
    shapes.add(connection, collection_id, shape)
    change_tags(connection, row, set(tags), set())
    _count(connection, collection_id, 1)


def remove(
    connection: Connection, row: AnyRow, extra_values: Mapping[str, Any], tags: Sequence[str]
) -> None:
    """Delete an artifact that is there, with all that is kept about it."""
    connection.execute(delete(uploads).where(uploads.c.artifact_id == row.id))
    connection.execute(delete(artifact_documents).where(artifact_documents.c.artifact_id == row.id))
    connection.execute(delete(artifacts).where(artifacts.c.id == row.id))
    metrics = artifact_metrics.c
    for key, value in shapes.shape_of(row.type, extra_values).numbers.items():
        connection.execute(
            delete(artifact_metrics).where(
                metrics.collection_id == row.collection_id,
                metrics.key == key,
                metrics.type == row.type,
                metrics.value == value,
                metrics.artifact_id == row.id,
            )
        )
    shapes.remove(connection, row.collection_id, row.type, row.shape_id)
    change_tags(connection, {"id": row.id, "collection_id": row.collection_id}, set(), set(tags))
    _count(connection, row.collection_id, -1)


def change_tags(
    connection: Connection, row: Mapping[str, Any], added: set[str], removed: set[str]
) -> None:
    """Note which tags an artifact got and lost."""
    columns, place = artifact_tags.c, {"collection_id": row["collection_id"]}
    if added:
        fresh = [{**place, "tag": tag, "artifact_id": row["id"]} for tag in sorted(added)]
        connection.execute(insert(artifact_tags), fresh)
    if removed:
        connection.execute(
            delete(artifact_tags).where(
                columns.collection_id == row["collection_id"],
                columns.tag.in_(removed),
                columns.artifact_id == row["id"],
            )
        )
    shapes.count_tags(connection, row["collection_id"], added, removed)


def _count(connection: Connection, collection_id: str, change: int) -> None:
    counted = (
        update(collections)
        .where(collections.c.id == collection_id)
        .values(total_artifacts=collections.c.total_artifacts + change)
        .returning(collections.c.orbit_id)
    )
    orbit_id = connection.execute(counted).scalar_one()
    connection.execute(
        update(orbits)
        .where(orbits.c.id == orbit_id)
        .values(total_artifacts=orbits.c.total_artifacts + change)
    )


def details(connection: Connection, collection_id: str, artifact_id: str) -> AnyRow | None:
    """Return one artifact with all its documents."""
    query = _DETAILS.where(
        artifacts.c.id == artifact_id, artifacts.c.collection_id == collection_id
    )
    return connection.execute(query).one_or_none()


def narrow(connection: Connection, collection_id: str, artifact_id: str) -> AnyRow | None:
    """Return one artifact without its manifest and index."""
    query = _NARROW.where(artifacts.c.id == artifact_id, artifacts.c.collection_id == collection_id)
    return connection.execute(locking(connection, query, artifacts)).one_or_none()


def listed(connection: Connection, ids: Sequence[str], *, summary: bool) -> list[AnyRow]:
    """Return artifacts as a list shows them, in the order of ``ids``."""
    return _in_order(connection, _SUMMARY if summary else _FULL, ids)


def several(connection: Connection, collection_id: str, ids: Sequence[str]) -> list[AnyRow]:
    """Return those of some artifacts that are in a collection, in the order of ``ids``."""
    query = _NARROW.where(artifacts.c.collection_id == collection_id).order_by(artifacts.c.id)
    return _in_order(connection, locking(connection, query, artifacts), ids)


def _in_order(connection: Connection, query: AnySelect, ids: Sequence[str]) -> list[AnyRow]:
    if not ids:
        return []
    found = {row[0]: row for row in connection.execute(query.where(artifacts.c.id.in_(ids)))}
    return [found[artifact_id] for artifact_id in ids if artifact_id in found]


def change(connection: Connection, artifact_id: str, values: Mapping[str, Any]) -> None:
    """Update columns of one artifact."""
    connection.execute(update(artifacts).where(artifacts.c.id == artifact_id).values(**values))


def change_documents(
    connection: Connection, artifact_id: str, values: Mapping[str, str | None]
) -> None:
    """Update documents of one artifact."""
    here = artifact_documents.c.artifact_id == artifact_id
    connection.execute(update(artifact_documents).where(here).values(**values))
