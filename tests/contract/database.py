"""A database without a server around it, for tests of what lists return and how they are read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Connection

from luml.models import ArtifactType, SortOrder
from luml.server.databases import open_configured, upgrade
from luml.server.db import access, artifacts, collections, first, orbits
from luml.server.db.engine import Database
from luml.server.db.ids import new_id
from luml.server.db.shapes import shape_of
from luml.server.db.types import AnyRow
from luml.server.filters.conditions import Condition
from luml.server.services.pages import PageRequest
from luml.server.services.policy import Grant
from luml.server.settings import Settings
from tests.postgres import Cluster

ENGINES = ("sqlite", "postgresql")


def mapping(row: AnyRow) -> Mapping[str, Any]:
    """Return a row by column name."""
    columns = row._mapping  # pyright: ignore[reportPrivateUsage]  # SQLAlchemy's public name
    return {str(name): value for name, value in columns.items()}


@dataclass(frozen=True)
class DatabasePlace:
    """Where databases of one engine are made.

    Attributes:
        cluster: A PostgreSQL cluster; None for SQLite.
    """

    cluster: Cluster | None
    folders: pytest.TempPathFactory

    def empty(self, name: str) -> Settings:
        """Return the settings of a registry whose database has no schema yet."""
        url = None if self.cluster is None else self.cluster.new_database()
        return Settings(data_dir=self.folders.mktemp(name), database_url=url)

    def settings(self, name: str) -> Settings:
        """Return the settings of a new registry with its schema."""
        settings = self.empty(name)
        database = open_configured(settings)
        upgrade(database)
        database.close()
        return settings

    def bench(self, name: str) -> Bench:
        """Return a new database with its first rows."""
        database = open_configured(self.settings(name))
        upgrade(database)
        with database.write() as connection:
            rows = first.add_first_rows(connection, b"digest")
        return Bench(database, rows)


@dataclass(frozen=True, slots=True)
class Bench:
    """A migrated database with its first rows."""

    database: Database
    rows: first.FirstRows

    def add_orbit(self, connection: Connection) -> str:
        """Add an empty orbit."""
        model = orbits.get(connection, self.rows.orbit)
        orbit_id = new_id()
        row = {**mapping(model), "id": orbit_id, "total_collections": 0, "total_artifacts": 0}
        member = {
            "id": new_id(),
            "orbit_id": orbit_id,
            "user_id": self.rows.user,
            "role": "admin",
            "created_at": 1,
        }
        orbits.add(connection, row, [member])
        return orbit_id

    def add_collection(self, connection: Connection, orbit_id: str) -> str:
        """Add an empty mixed collection."""
        collection_id = new_id()
        row = {
            "id": collection_id,
            "orbit_id": orbit_id,
            "type": "mixed",
            "name": "c",
            "description": "",
            "description_sort": "+",
            "search_text": "c",
            "total_artifacts": 0,
            "created_at": 1,
        }
        collections.add(connection, row)
        return collection_id

    def add_artifact(
        self,
        connection: Connection,
        collection_id: str,
        kind: str,
        extra_values: Mapping[str, Any],
        **columns: Any,
    ) -> str:
        """Add an artifact."""
        tags: list[str] = columns.pop("tags", [])
        row = self.artifact_row(collection_id, tags, **columns)
        documents = {
            "extra_values": json.dumps(extra_values),
            "manifest": "{}",
            "file_index": "{}",
        }
        artifacts.add(connection, row, documents, shape_of(kind, extra_values), tags)
        return str(row["id"])

    def artifact_row(
        self, collection_id: str, tags: Sequence[str], **columns: Any
    ) -> dict[str, Any]:
        """Return the row of a new artifact."""
        artifact_id = new_id()
        row: dict[str, Any] = {
            "id": artifact_id,
            "collection_id": collection_id,
            "status": "uploaded",
            "name": "a",
            "file_name": "a.luml",
            "size": 1,
            "description": None,
            "tags": json.dumps(list(tags)),
            "file_hash": None,
            "unique_identifier": "0" * 32,
            "bucket_location": artifact_id,
            "bucket_secret_id": self.rows.orbit,
            "created_by": self.rows.user,
            "created_at": 1,
            **columns,
        }
        row |= artifacts.described(row["description"])
        row["search_text"] = artifacts.search_text(row["name"], row["file_name"], tags)
        return row

    def remove_artifact(self, connection: Connection, collection_id: str, artifact_id: str) -> None:
        """Delete an artifact."""
        row = artifacts.narrow(connection, collection_id, artifact_id)
        assert row is not None
        tags = json.loads(row.tags)
        artifacts.remove(connection, row, json.loads(row.extra_values), tags)

    def grant(self, connection: Connection, orbit_id: str) -> Grant:
        """Return what a member of an orbit may do there."""
        orbit = access.Orbit(*orbits.get(connection, orbit_id))
        key = access.Key("key", b"", self.rows.user, "admin", "admin", None, None, None)
        return Grant(key, "owner", "admin", orbit, None)


def page_request(
    *,
    collection_ids: Sequence[str] = (),
    types: Sequence[str] = (),
    search: str = "",
    condition: Condition | None = None,
    name: str | None = None,
    sort_by: str = "created_at",
    descending: bool = True,
    cursor: str | None = None,
    limit: int = 100,
) -> PageRequest:
    """Return a request for a page of summaries."""
    return PageRequest(
        collection_ids=tuple(collection_ids),
        types=tuple(map(ArtifactType, types)),
        search=search,
        condition=condition,
        name=name,
        sort_by=sort_by,
        order=SortOrder.DESC if descending else SortOrder.ASC,
        cursor=cursor,
        limit=limit,
        summary=True,
    )
