"""Many artifacts at once, with all that is kept about them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Table, insert, update

from luml.server.db import shapes
from luml.server.db.shapes import Shape, shape_of
from luml.server.db.tables import (
    artifact_documents,
    artifact_metrics,
    artifact_shapes,
    artifact_tags,
    collection_tags,
    collection_types,
    collections,
)
from luml.server.db.tables import artifacts as artifacts_table
from tests.contract.database import Bench


@dataclass
class Bulk:
    """Collects artifacts of one collection and writes them."""

    bench: Bench
    collection_id: str
    rows: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    documents: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    metrics: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    tags: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    shapes: dict[str, Shape] = field(default_factory=dict[str, Shape])

    def add(self, kind: str, values: dict[str, Any], tags: Sequence[str], **columns: Any) -> None:
        """Note an artifact."""
        shape = shape_of(kind, values)
        self.shapes[shape.id] = shape
        row = self.bench.artifact_row(self.collection_id, tags, **columns)
        self.rows.append({**row, "type": kind, "shape_id": shape.id})
        place = {"collection_id": self.collection_id, "artifact_id": row["id"]}
        self.documents.append(
            {
                "artifact_id": row["id"],
                "extra_values": json.dumps(values),
                "manifest": "{}",
                "file_index": "{}",
            }
        )
        self.metrics += [
            {**place, "key": key, "type": kind, "value": value}
            for key, value in shape.numbers.items()
        ]
        self.tags += [{**place, "tag": tag} for tag in tags]

    def write(self, connection: Connection) -> None:
        """Write all of them."""
        for table, rows in (
            (artifacts_table, self.rows),
            (artifact_documents, self.documents),
            (artifact_metrics, self.metrics),
            (artifact_tags, self.tags),
        ):
            connection.execute(insert(table), rows)
        for shape_id, total in Counter(row["shape_id"] for row in self.rows).items():
            shape = self.shapes[shape_id]
            shapes.add(connection, self.collection_id, shape)
            self._count(connection, artifact_shapes, "shape_id", shape_id, total)
            self._count(connection, collection_types, "type", shape.type, total)
        for tag, total in Counter(row["tag"] for row in self.tags).items():
            shapes.count_tags(connection, self.collection_id, {tag}, set())
            self._count(connection, collection_tags, "tag", tag, total)
        here = collections.c.id == self.collection_id
        more = collections.c.total_artifacts + len(self.rows)
        connection.execute(update(collections).where(here).values(total_artifacts=more))

    def _count(
        self, connection: Connection, table: Table, name: str, value: str, total: int
    ) -> None:
        here = (table.c.collection_id == self.collection_id, table.c[name] == value)
        more = table.c.total + total - 1
        connection.execute(update(table).where(*here).values(total=more))
