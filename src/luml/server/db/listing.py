"""Pages of artifacts, each a bounded number of index range reads at any depth.

A listing is a row of *segments*, one after the other: for a metric, first the artifacts that have
a finite number under the
key, then those that lack it; for any other column there is one segment (for ``type``, one a type).
A segment is the
merge of *ranges*: one per (collection, artifact type) that is not empty, or one per (collection,
shape). Each range is a
prefix of an index, followed by the sort value and the id (``scanning.py``).

A *shape* is an artifact's type with the set of its metric keys. The artifacts that lack a metric
are those of the shapes
that lack it, which is why they too can be read in order without looking at any other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    exists,
    literal,
    select,
    tuple_,
)

from luml.server.db.scanning import Place, Segment, Value
from luml.server.db.tables import (
    artifact_metrics,
    artifact_shape_keys,
    artifact_shapes,
    artifacts,
    collection_metrics,
    collection_types,
    collections,
)
from luml.server.db.types import AnySelect, Id
from luml.server.filters.conditions import Condition

COLUMNS = {
    "created_at": artifacts.c.created_at,
    "name": artifacts.c.name,
    "size": artifacts.c.size,
    "description": artifacts.c.description_sort,
    "status": artifacts.c.status,
}
TYPE = "type"


@dataclass(frozen=True, slots=True)
class Listing:
    """What is listed, and in which order.

    Attributes:
        orbit_id: The orbit; ``collection_ids`` lie in it.
        collection_ids: Empty for all collections of the orbit.
        types: Artifact types; empty for all.
        condition: What an artifact must fulfil besides; None for all.
        name: An exact ``name`` or ``file_name``; the order is then that of the ids, whatever
            ``sort_by`` says.
        sort_by: A column of ``COLUMNS``, ``type``, or a metric key.
    """

    orbit_id: str
    collection_ids: tuple[str, ...]
    types: tuple[str, ...]
    condition: Condition | None
    name: str | None
    sort_by: str
    descending: bool

    @property
    def by_metric(self) -> bool:
        """True if the sort key is no column."""
        return self.sort_by not in COLUMNS and self.sort_by != TYPE


@dataclass(frozen=True, slots=True)
class Pair:
    """A collection and a type of which artifacts are in it."""

    collection_id: str
    type: str


@dataclass(frozen=True, slots=True)
class _ShapePlace:
    collection_id: str
    shape_id: str


def has_metric(connection: Connection, listing: Listing) -> bool:
    """Say whether any of the collections has the metric that the listing sorts by."""
    query = (
        select(literal(1))
        .select_from(collection_metrics)
        .where(
            collection_metrics.c.key == listing.sort_by,
            _in_collections(collection_metrics.c.collection_id, listing),
        )
    )
    return connection.execute(query.limit(1)).first() is not None


def segments(
    connection: Connection, listing: Listing, pairs: list[Pair], after: Place | None
) -> Iterator[Segment]:
    """Yield the segments of a listing that are not before a place, one after the other."""
    if listing.name is not None:
        yield _named_segment(listing, listing.name, pairs, after)
    elif listing.by_metric:
        if after is None or after.value is not None:
            yield _metric_segment(listing, pairs, after)
            after = None
        yield _lacking_segment(connection, listing, pairs, after)
    elif listing.sort_by == TYPE:
        yield from _type_segments(connection, listing, pairs, after)
    else:
        yield _column_segment(listing, pairs, after)


def _column_segment(listing: Listing, pairs: list[Pair], after: Place | None) -> Segment:
    column = COLUMNS[listing.sort_by]
    ranges = [
        select(column.label("value"), artifacts.c.id.label("id")).where(
            artifacts.c.collection_id == pair.collection_id,
            artifacts.c.type == pair.type,
            *_beyond(column, artifacts.c.id, listing, after),
        )
        for pair in pairs
    ]
    return Segment(ranges, fixed=False)


def _metric_segment(listing: Listing, pairs: list[Pair], after: Place | None) -> Segment:
    metrics = artifact_metrics.c
    ranges = [
        select(metrics.value.label("value"), metrics.artifact_id.label("id")).where(
            metrics.collection_id == pair.collection_id,
            metrics.key == listing.sort_by,
            metrics.type == pair.type,
            *_beyond(metrics.value, metrics.artifact_id, listing, after),
        )
        for pair in pairs
    ]
    return Segment(ranges, fixed=False)


def _lacking_segment(
    connection: Connection, listing: Listing, pairs: list[Pair], after: Place | None
) -> Segment:
    return _shape_segment(
        listing, _shapes(connection, listing, pairs, listing.sort_by), after, None
    )


def _type_segments(
    connection: Connection, listing: Listing, pairs: list[Pair], after: Place | None
) -> Iterator[Segment]:
    for kind in sorted({pair.type for pair in pairs}, reverse=listing.descending):
        if after is not None and _passed(kind, after.value, listing.descending):
            continue
        here = after if after is not None and after.value == kind else None
        chosen = [pair for pair in pairs if pair.type == kind]
        yield _shape_segment(listing, _shapes(connection, listing, chosen, None), here, kind)


def _passed(kind: str, reached: Value, descending: bool) -> bool:
    text = str(reached)
    return kind > text if descending else kind < text


def _shape_segment(
    listing: Listing, shapes: list[_ShapePlace], after: Place | None, value: Value
) -> Segment:
    column = artifacts.c
    rest = _beyond_id(listing, after)
    ranges = [
        select(column.id.label("id")).where(
            column.collection_id == shape.collection_id, column.shape_id == shape.shape_id, *rest
        )
        for shape in shapes
    ]
    return Segment(ranges, fixed=True, value=value)


def _named_segment(listing: Listing, name: str, pairs: list[Pair], after: Place | None) -> Segment:
    column = artifacts.c
    rest = _beyond_id(listing, after)
    ranges: list[AnySelect] = []
    for pair in pairs:
        here = (column.collection_id == pair.collection_id, column.type == pair.type)
        by_name = select(column.id.label("id")).where(*here, column.name == name, *rest)
        by_file = select(column.id.label("id")).where(
            *here, column.file_name == name, column.name != name, *rest
        )
        ranges += [by_name, by_file]
    return Segment(ranges, fixed=True)


def _beyond_id(listing: Listing, after: Place | None) -> list[ColumnElement[bool]]:
    if after is None:
        return []
    key = artifacts.c.id
    return [key < after.id if listing.descending else key > after.id]


def _beyond(
    column: ColumnElement[Any], key: ColumnElement[Any], listing: Listing, after: Place | None
) -> list[ColumnElement[bool]]:
    if after is None:
        return []
    here = tuple_(column, key)
    there = tuple_(literal(after.value, column.type), literal(after.id, Id))
    return [here < there if listing.descending else here > there]


def pairs_of(connection: Connection, listing: Listing) -> list[Pair]:
    """Return where artifacts of a listing lie: collections with the types that are in them."""
    query = select(collection_types.c.collection_id, collection_types.c.type).where(
        _in_collections(collection_types.c.collection_id, listing)
    )
    if listing.types:
        query = query.where(collection_types.c.type.in_(listing.types))
    return [Pair(*row) for row in connection.execute(query)]


def _shapes(
    connection: Connection, listing: Listing, pairs: list[Pair], lacking: str | None
) -> list[_ShapePlace]:
    """Return the shapes of the pairs, or only those without a number under a key."""
    if not pairs:
        return []
    shapes, keys = artifact_shapes.c, artifact_shape_keys.c
    query = select(shapes.collection_id, shapes.shape_id).where(
        _in_collections(shapes.collection_id, listing),
        shapes.type.in_(sorted({pair.type for pair in pairs})),
    )
    if lacking is not None:
        has = and_(
            keys.collection_id == shapes.collection_id,
            keys.key == lacking,
            keys.shape_id == shapes.shape_id,
            keys.numeric == 1,
        )
        query = query.where(~exists().where(has))
    return [_ShapePlace(*row) for row in connection.execute(query)]


def _in_collections(column: ColumnElement[Any], listing: Listing) -> ColumnElement[bool]:
    if len(listing.collection_ids) == 1:
        return column == listing.collection_ids[0]
    if listing.collection_ids:
        return column.in_(listing.collection_ids)
    return column.in_(select(collections.c.id).where(collections.c.orbit_id == listing.orbit_id))
