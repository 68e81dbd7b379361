"""Pages of artifacts, each a bounded number of index range reads at any depth.

A listing is a row of *segments*, one after the other: for a metric, first the artifacts that have
a finite number under the
key, then those that lack it; for any other column there is one segment (for ``type``, one a type).
A segment is the
merge of *ranges*: one per (collection, artifact type) that is not empty, or one per (collection,
shape). Each range is a
prefix of an index, followed by the sort value and the id, so the database merges them in order and
stops at the limit.

A *shape* is an artifact's type with the set of its metric keys. The artifacts that lack a metric
are those of the shapes
that lack it, which is why they too can be read in order without looking at any other.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    and_,
    asc,
    desc,
    exists,
    literal,
    select,
    tuple_,
    union_all,
)

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

Value = str | int | float | None

COLUMNS = {
    "created_at": artifacts.c.created_at,
    "name": artifacts.c.name,
    "size": artifacts.c.size,
    "description": artifacts.c.description_sort,
    "status": artifacts.c.status,
}
TYPE = "type"
MERGED_AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: the sort value (None for a metric that is lacking) and the id."""

    value: Value
    id: str


@dataclass(frozen=True, slots=True)
class Listing:
    """What is listed, and in which order.

    Attributes:
        orbit_id: The orbit; ``collection_ids`` lie in it.
        collection_ids: Empty for all collections of the orbit.
        types: Artifact types; empty for all.
        search: Casefolded text that ``search_text`` must hold; empty for no search.
        name: An exact ``name`` or ``file_name``; the order is then that of the ids, whatever
            ``sort_by`` says.
        sort_by: A column of ``COLUMNS``, ``type``, or a metric key.
    """

    orbit_id: str
    collection_ids: tuple[str, ...]
    types: tuple[str, ...]
    search: str
    name: str | None
    sort_by: str
    descending: bool

    @property
    def by_metric(self) -> bool:
        """True if the sort key is no column."""
        return self.sort_by not in COLUMNS and self.sort_by != TYPE


@dataclass(frozen=True, slots=True)
class _Pair:
    collection_id: str
    type: str


@dataclass(frozen=True, slots=True)
class _ShapePlace:
    collection_id: str
    shape_id: str


@dataclass(frozen=True, slots=True)
class _Segment:
    """Ranges that merge; ``value`` is what all of it sorts by where that is one value."""

    ranges: list[AnySelect]
    fixed: bool
    value: Value = None


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


def page(connection: Connection, listing: Listing, after: Place | None, count: int) -> list[Place]:
    """Return the places of the next ``count`` artifacts after a place, or of the first ones."""
    found: list[Place] = []
    for segment in _segments(connection, listing, after):
        found += _read(connection, segment, listing.descending, count - len(found))
        if len(found) >= count:
            break
    return found


def _segments(connection: Connection, listing: Listing, after: Place | None) -> Iterator[_Segment]:
    pairs = _pairs(connection, listing)
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


def _column_segment(listing: Listing, pairs: list[_Pair], after: Place | None) -> _Segment:
    column = COLUMNS[listing.sort_by]
    ranges = [
        select(column.label("value"), artifacts.c.id.label("id")).where(
            artifacts.c.collection_id == pair.collection_id,
            artifacts.c.type == pair.type,
            *_beyond(column, artifacts.c.id, listing, after),
            *_matching(listing),
        )
        for pair in pairs
    ]
    return _Segment(ranges, fixed=False)


def _metric_segment(listing: Listing, pairs: list[_Pair], after: Place | None) -> _Segment:
    metrics = artifact_metrics.c
    found: list[ColumnElement[bool]] = []
    if listing.search:
        found.append(exists().where(artifacts.c.id == metrics.artifact_id, *_matching(listing)))
    ranges = [
        select(metrics.value.label("value"), metrics.artifact_id.label("id")).where(
            metrics.collection_id == pair.collection_id,
            metrics.key == listing.sort_by,
            metrics.type == pair.type,
            *_beyond(metrics.value, metrics.artifact_id, listing, after),
            *found,
        )
        for pair in pairs
    ]
    return _Segment(ranges, fixed=False)


def _lacking_segment(
    connection: Connection, listing: Listing, pairs: list[_Pair], after: Place | None
) -> _Segment:
    return _shape_segment(
        listing, _shapes(connection, listing, pairs, listing.sort_by), after, None
    )


def _type_segments(
    connection: Connection, listing: Listing, pairs: list[_Pair], after: Place | None
) -> Iterator[_Segment]:
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
) -> _Segment:
    column = artifacts.c
    rest = [*_beyond_id(listing, after), *_matching(listing)]
    ranges = [
        select(column.id.label("id")).where(
            column.collection_id == shape.collection_id, column.shape_id == shape.shape_id, *rest
        )
        for shape in shapes
    ]
    return _Segment(ranges, fixed=True, value=value)


def _named_segment(
    listing: Listing, name: str, pairs: list[_Pair], after: Place | None
) -> _Segment:
    column = artifacts.c
    rest = [*_beyond_id(listing, after), *_matching(listing)]
    ranges: list[AnySelect] = []
    for pair in pairs:
        here = (column.collection_id == pair.collection_id, column.type == pair.type)
        by_name = select(column.id.label("id")).where(*here, column.name == name, *rest)
        by_file = select(column.id.label("id")).where(
            *here, column.file_name == name, column.name != name, *rest
        )
        ranges += [by_name, by_file]
    return _Segment(ranges, fixed=True)


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


def _matching(listing: Listing) -> list[ColumnElement[bool]]:
    if not listing.search:
        return []
    return [artifacts.c.search_text.contains(listing.search, autoescape=True)]


def _pairs(connection: Connection, listing: Listing) -> list[_Pair]:
    query = select(collection_types.c.collection_id, collection_types.c.type).where(
        _in_collections(collection_types.c.collection_id, listing)
    )
    if listing.types:
        query = query.where(collection_types.c.type.in_(listing.types))
    return [_Pair(*row) for row in connection.execute(query)]


def _shapes(
    connection: Connection, listing: Listing, pairs: list[_Pair], lacking: str | None
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


def _read(connection: Connection, segment: _Segment, descending: bool, count: int) -> list[Place]:
    ranges = segment.ranges
    chunks = [
        _merged(connection, ranges[start : start + MERGED_AT_ONCE], segment, descending, count)
        for start in range(0, len(ranges), MERGED_AT_ONCE)
    ]
    if len(chunks) == 1:
        return chunks[0]
    merged = heapq.merge(*chunks, key=lambda place: (place.value, place.id), reverse=descending)
    return [place for place, _ in zip(merged, range(count), strict=False)]


def _merged(
    connection: Connection,
    ranges: Sequence[AnySelect],
    segment: _Segment,
    descending: bool,
    count: int,
) -> list[Place]:
    query: AnySelect | CompoundSelect[*tuple[Any, ...]]
    query = ranges[0] if len(ranges) == 1 else union_all(*ranges)
    names = ("id",) if segment.fixed else ("value", "id")
    order: list[ColumnElement[Any]] = [desc(name) if descending else asc(name) for name in names]
    rows = connection.execute(query.order_by(*order).limit(count))
    if segment.fixed:
        return [Place(segment.value, row[0]) for row in rows]
    return [Place(row[0], row[1]) for row in rows]
