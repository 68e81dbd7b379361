"""Rows of collections, and their pages: one index range each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    asc,
    delete,
    desc,
    insert,
    literal,
    or_,
    select,
    tuple_,
    update,
)

from luml.server.db.access import COLLECTION_COLUMNS
from luml.server.db.locks import locking
from luml.server.db.scanning import Place
from luml.server.db.tables import collections, orbits
from luml.server.db.types import AnyRow, AnySelect, Id

COLUMNS: dict[str, ColumnElement[Any]] = {
    "created_at": collections.c.created_at,
    "name": collections.c.name,
    "type": collections.c.type,
    "description": collections.c.description_sort,
    "total_artifacts": collections.c.total_artifacts,
}


@dataclass(frozen=True, slots=True)
class CollectionListing:
    """What is listed, and in which order; empty filters let all through."""

    orbit_id: str
    types: tuple[str, ...]
    tags: tuple[str, ...]
    search: str
    name: str | None
    sort_by: str
    descending: bool


def add(connection: Connection, row: Mapping[str, Any]) -> None:
    """Insert a collection and count it."""
    connection.execute(insert(collections), row)
    _count(connection, row["orbit_id"], 1)


def remove(connection: Connection, collection_id: str, orbit_id: str) -> None:
    """Delete an empty collection and count it."""
    connection.execute(delete(collections).where(collections.c.id == collection_id))
    _count(connection, orbit_id, -1)


def _count(connection: Connection, orbit_id: str, change: int) -> None:
    total = orbits.c.total_collections + change
    connection.execute(
        update(orbits).where(orbits.c.id == orbit_id).values(total_collections=total)
    )


def change(connection: Connection, collection_id: str, values: Mapping[str, Any]) -> AnyRow:
    """Update columns of a collection and return it."""
    here = collections.c.id == collection_id
    changed = update(collections).where(here).values(**values).returning(*COLLECTION_COLUMNS)
    return connection.execute(changed).one()


def get(connection: Connection, collection_id: str) -> AnyRow:
    """Return a collection that is there."""
    query = select(*COLLECTION_COLUMNS).where(collections.c.id == collection_id)
    return connection.execute(locking(connection, query, collections)).one()


def names(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    """Return the names of some collections by id."""
    if not ids:
        return {}
    query = select(collections.c.id, collections.c.name).where(collections.c.id.in_(ids))
    return {row[0]: row[1] for row in connection.execute(query)}


def of_orbit(connection: Connection, orbit_id: str) -> list[str]:
    """Return the ids of an orbit's collections."""
    query = select(collections.c.id).where(collections.c.orbit_id == orbit_id)
    return list(connection.execute(query).scalars())


def tags_of_orbit(connection: Connection, orbit_id: str) -> list[str]:
    """Return the tags of an orbit's collections, sorted."""
    query = select(collections.c.tags).where(
        collections.c.orbit_id == orbit_id, collections.c.tags.is_not(None)
    )
    found: set[str] = set()
    for text in connection.execute(query).scalars():
        found.update(json.loads(text))
    return sorted(found)


def page(
    connection: Connection, listing: CollectionListing, after: Place | None, count: int
) -> Sequence[AnyRow]:
    """Return the next ``count`` collections after a place; ``sort_value`` is what they sort by."""
    column, columns = COLUMNS[listing.sort_by], collections.c
    direction = desc if listing.descending else asc
    query: AnySelect = (
        select(*COLLECTION_COLUMNS, column.label("sort_value"))
        .where(columns.orbit_id == listing.orbit_id, *_filters(listing))
        .order_by(direction(column), direction(columns.id))
        .limit(count)
    )
    if after is not None:
        here = tuple_(column, columns.id)
        there = tuple_(literal(after.value, column.type), literal(after.id, Id))
        query = query.where(here < there if listing.descending else here > there)
    return connection.execute(query).all()


def _filters(listing: CollectionListing) -> list[ColumnElement[bool]]:
    columns = collections.c
    found: list[ColumnElement[bool]] = []
    if listing.types:
        found.append(columns.type.in_(listing.types))
    if listing.search:
        found.append(columns.search_text.contains(listing.search, autoescape=True))
    if listing.name is not None:
        found.append(columns.name == listing.name)
    if listing.tags:
        texts = [json.dumps(tag, ensure_ascii=False) for tag in listing.tags]
        found.append(or_(*[columns.tags.contains(text, autoescape=True) for text in texts]))
    return found
