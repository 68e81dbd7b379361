"""Artifacts that an index finds by what a condition asks, where they are few enough to sort.

Of the tests that must all hold, each that has an index of its own says how many artifacts it lets
through, as far as a limit. The smallest such set is read, tested and sorted.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, any_, func, literal, select

from luml.server.db import trigrams
from luml.server.db.filtering import COMPARE, Clause, clause
from luml.server.db.listing import COLUMNS, Listing, Pair
from luml.server.db.scanning import Place
from luml.server.db.tables import artifact_metrics, artifact_tags, artifacts
from luml.server.db.types import AnySelect
from luml.server.filters.conditions import (
    Compares,
    Condition,
    Contains,
    Equals,
    Measures,
    conjuncts,
)

ENOUGH = 200
MOST_COLLECTIONS = 500


@dataclass(frozen=True, slots=True)
class Source:
    """A query for the ids of artifacts, and whether it asks the trigram index."""

    query: AnySelect
    trigram: bool = False

    def count(self, connection: Connection, most: int) -> int:
        """Return how many ids there are, ``most`` at most."""
        some = self.query.limit(most).subquery()
        with trigrams.only_by_index(connection) if self.trigram else nullcontext():
            return int(connection.execute(select(func.count()).select_from(some)).scalar_one())


def smallest(
    connection: Connection, listing: Listing, pairs: list[Pair], few: int
) -> Source | None:
    """Return what finds the fewest artifacts; None if nothing finds ``few`` or less."""
    collection_ids = sorted({pair.collection_id for pair in pairs})
    if listing.condition is None or len(collection_ids) > MOST_COLLECTIONS:
        return None
    best, least = None, few + 1
    for test in conjuncts(listing.condition):
        source = _source(connection, test, collection_ids, sorted({pair.type for pair in pairs}))
        if source is None:
            continue
        found = source.count(connection, few + 1)
        if found < least:
            best, least = source, found
        if least <= ENOUGH:
            break
    return best


def _source(
    connection: Connection, test: Condition, collection_ids: list[str], types: list[str]
) -> Source | None:
    if isinstance(test, Contains):
        within = test.field in ("name", "file_name", "tag", "search")
        if not within or not trigrams.is_indexed(connection, test.value):
            return None
        return Source(trigrams.holding(connection, test.value, collection_ids), trigram=True)
    if isinstance(test, Equals) and test.field == "tag":
        tags = artifact_tags.c
        here = (tags.collection_id.in_(collection_ids), tags.tag == test.value)
        return Source(select(tags.artifact_id.label("id")).where(*here))
    if isinstance(test, Measures) and test.comparison != "!=":
        metrics = artifact_metrics.c
        places = (metrics.collection_id.in_(collection_ids), metrics.type.in_(types))
        compared = COMPARE[test.comparison](metrics.value, test.value)
        query = select(metrics.artifact_id.label("id"))
        return Source(query.where(*places, metrics.key == test.key, compared))
    return _by_column(test, collection_ids, types)


def _by_column(test: Condition, collection_ids: list[str], types: list[str]) -> Source | None:
    columns = artifacts.c
    compared: Clause
    if isinstance(test, Equals) and test.field in ("name", "file_name", "status"):
        compared = columns[test.field] == test.value
    elif isinstance(test, Compares) and test.comparison != "!=":
        compared = COMPARE[test.comparison](columns[test.field], test.value)
    else:
        return None
    here = (columns.collection_id.in_(collection_ids), columns.type.in_(types))
    return Source(select(columns.id.label("id")).where(*here, compared))


def read(
    connection: Connection, listing: Listing, pairs: list[Pair], source: Source, after: Place | None
) -> list[Place]:
    """Return all of a listing after a place, from what a source finds."""
    columns = artifacts.c
    condition = clause(listing.condition) if listing.condition is not None else literal(True)
    query: AnySelect = select(
        columns.id, columns.collection_id, columns.type, _value(listing).label("value")
    ).where(_among(connection, source.query), condition)
    with trigrams.only_by_index(connection) if source.trigram else nullcontext():
        rows = connection.execute(query).all()
    known = {(pair.collection_id, pair.type) for pair in pairs}
    places = [Place(row.value, row.id) for row in rows if (row.collection_id, row.type) in known]
    if after is not None:
        places = [place for place in places if _is_beyond(place, after, listing.descending)]
    return _in_order(places, listing.descending)


def _among(connection: Connection, query: AnySelect) -> Clause:
    """Return that an artifact is one of few; as an array PostgreSQL looks each up by its id."""
    if connection.dialect.name == "sqlite":
        return artifacts.c.id.in_(query)
    return artifacts.c.id == any_(func.array(query.scalar_subquery(), type_=artifacts.c.id.type))


def _value(listing: Listing) -> ColumnElement[Any]:
    if not listing.by_metric:
        column: ColumnElement[Any] = COLUMNS.get(listing.sort_by, artifacts.c.type)
        return column
    metrics = artifact_metrics.c
    here = (metrics.artifact_id == artifacts.c.id, metrics.key == listing.sort_by)
    return select(metrics.value).where(*here).correlate(artifacts).scalar_subquery()


def _in_order(places: list[Place], descending: bool) -> list[Place]:
    """Sort places; those that lack a metric come last in both directions."""
    having = [place for place in places if place.value is not None]
    lacking = [place for place in places if place.value is None]
    having.sort(key=lambda place: place.key, reverse=descending)
    lacking.sort(key=lambda place: place.id, reverse=descending)
    return [*having, *lacking]


def _is_beyond(place: Place, after: Place, descending: bool) -> bool:
    if (place.value is None) != (after.value is None):
        return place.value is None
    return place.key < after.key if descending else place.key > after.key
