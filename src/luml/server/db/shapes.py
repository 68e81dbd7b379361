"""The shape of an artifact, its type with its metric keys, and what is kept of it."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from luml.server.db.ids import dashed
from luml.server.db.tables import (
    artifact_shape_keys,
    artifact_shapes,
    collection_metrics,
    collection_tags,
    collection_types,
)

MAX_KEYS = 1000
MAX_KEY_LENGTH = 128


@dataclass(frozen=True, slots=True)
class Shape:
    """What of an artifact's extra values can be listed and sorted by.

    Attributes:
        id: A digest of type and keys.
        numbers: Finite numbers by key.
        others: Keys whose value is no finite number.
    """

    id: str
    type: str
    numbers: dict[str, float]
    others: tuple[str, ...]


def finite(value: object) -> float | None:
    """Return ``value`` as a finite double, None if it is none (wire, section 1)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def shape_of(artifact_type: str, extra_values: Mapping[str, Any]) -> Shape:
    """Return the shape of an artifact."""
    numbers: dict[str, float] = {}
    others: list[str] = []
    fitting = [key for key in extra_values if len(key) <= MAX_KEY_LENGTH and "\0" not in key]
    for key in fitting[:MAX_KEYS]:
        number = finite(extra_values[key])
        if number is None:
            others.append(key)
        else:
            numbers[key] = number
    text = "\0".join([artifact_type, *sorted(numbers), "", *sorted(others)])
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
    return Shape(dashed(digest), artifact_type, numbers, tuple(others))


def add(connection: Connection, collection_id: str, shape: Shape) -> None:
    """Count one more artifact of a shape."""
    _count(connection, collection_types, {"collection_id": collection_id, "type": shape.type}, {})
    place = {"collection_id": collection_id, "shape_id": shape.id}
    total = _count(connection, artifact_shapes, place, {"type": shape.type})
    keys = [*((key, 1) for key in shape.numbers), *((key, 0) for key in shape.others)]
    if total > 1 or not keys:
        return
    connection.execute(
        insert(artifact_shape_keys),
        [{**place, "key": key, "numeric": numeric} for key, numeric in keys],
    )
    for key, _ in keys:
        _count(
            connection,
            collection_metrics,
            {"collection_id": collection_id, "key": key},
            {},
            "shapes",
        )


def remove(connection: Connection, collection_id: str, artifact_type: str, shape_id: str) -> None:
    """Count one artifact of a shape less."""
    _uncount(connection, collection_types, {"collection_id": collection_id, "type": artifact_type})
    place = {"collection_id": collection_id, "shape_id": shape_id}
    if _uncount(connection, artifact_shapes, place):
        return
    keys = artifact_shape_keys.c
    of_shape = (keys.collection_id == collection_id) & (keys.shape_id == shape_id)
    for key in connection.execute(select(keys.key).where(of_shape)).scalars().all():
        _uncount(
            connection, collection_metrics, {"collection_id": collection_id, "key": key}, "shapes"
        )
    connection.execute(delete(artifact_shape_keys).where(of_shape))


def metric_keys(connection: Connection, collection_id: str) -> list[str]:
    """Return the metric keys of a collection, sorted."""
    columns = collection_metrics.c
    query = select(columns.key).where(columns.collection_id == collection_id).order_by(columns.key)
    return list(connection.execute(query).scalars())


def tags(connection: Connection, collection_id: str) -> list[str]:
    """Return the tags of a collection's artifacts, sorted."""
    columns = collection_tags.c
    query = select(columns.tag).where(columns.collection_id == collection_id).order_by(columns.tag)
    return list(connection.execute(query).scalars())


def count_tags(
    connection: Connection, collection_id: str, added: set[str], removed: set[str]
) -> None:
    """Count tags that artifacts of a collection got and lost."""
    for tag in sorted(added):
        _count(connection, collection_tags, {"collection_id": collection_id, "tag": tag}, {})
    for tag in sorted(removed):
        _uncount(connection, collection_tags, {"collection_id": collection_id, "tag": tag})


def _count(
    connection: Connection,
    table: Table,
    place: dict[str, str],
    rest: dict[str, str],
    counter: str = "total",
) -> int:
    """Add one to a counter, which starts at nothing, and return it."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).values({**place, **rest, counter: 1})
    counted = statement.on_conflict_do_update(
        index_elements=list(place), set_={counter: table.c[counter] + 1}
    ).returning(table.c[counter])
    return int(connection.execute(counted).scalar_one())


def _uncount(
    connection: Connection, table: Table, place: dict[str, str], counter: str = "total"
) -> int:
    """Take one from a counter, drop it at zero, and return it."""
    here = [table.c[name] == value for name, value in place.items()]
    statement = update(table).where(*here).values({counter: table.c[counter] - 1})
    left = connection.execute(statement.returning(table.c[counter])).scalar_one_or_none() or 0
    if left <= 0:
        connection.execute(delete(table).where(*here))
    return int(left)
