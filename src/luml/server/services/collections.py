"""Collections (wire, section 3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from luml.models import CollectionSortBy, CollectionType, CollectionTypeFilter, SortOrder
from luml.server.db import collections, shapes
from luml.server.db.artifacts import description_sort, search_text
from luml.server.db.collections import CollectionListing
from luml.server.db.ids import new_id
from luml.server.db.scanning import Place
from luml.server.db.types import now
from luml.server.errors import conflict
from luml.server.filters.conditions import folded
from luml.server.services import cursors
from luml.server.services.documents import collection_fields, dump
from luml.server.services.fields import CollectionTags, Description, Name, Request
from luml.server.services.policy import Grant

_KINDS: dict[str, type[str] | type[int]] = {"created_at": int, "total_artifacts": int}


class CollectionDraft(Request):
    """The body that creates a collection."""

    name: Name
    description: Description = ""
    type: CollectionType
    tags: CollectionTags | None = None


class CollectionChange(Request):
    """The body that changes a collection; what it does not name stays."""

    name: Name | None = None
    description: Description | None = None
    tags: CollectionTags | None = None


@dataclass(frozen=True, slots=True)
class CollectionsRequest:
    """What a client asks of a list; see the wire for each name."""

    types: tuple[CollectionTypeFilter, ...]
    tags: tuple[str, ...]
    search: str
    name: str | None
    sort_by: CollectionSortBy
    order: SortOrder
    cursor: str | None
    limit: int


def create(connection: Connection, grant: Grant, draft: CollectionDraft) -> dict[str, Any]:
    """Store a new collection and return it."""
    collection_id = new_id()
    row = {
        "id": collection_id,
        "orbit_id": grant.the_orbit().id,
        "type": draft.type.value,
        "name": draft.name,
        "description": draft.description,
        "description_sort": description_sort(draft.description),
        "tags": None if draft.tags is None else dump(draft.tags),
        "search_text": search_text(draft.name, "", draft.tags or []),
        "total_artifacts": 0,
        "created_at": now(),
    }
    collections.add(connection, row)
    return dict(collection_fields(collections.get(connection, collection_id)))


def details(connection: Connection, grant: Grant) -> dict[str, Any]:
    """Return the grant's collection with the tags and metric keys of its artifacts."""
    collection = grant.the_collection()
    return {
        **collection_fields(collection),
        "artifacts_tags": shapes.tags(connection, collection.id),
        "artifacts_extra_values": shapes.metric_keys(connection, collection.id),
    }


def update(connection: Connection, grant: Grant, change: CollectionChange) -> dict[str, Any]:
    """Change what is named of the grant's collection and return it."""
    collection = grant.the_collection()
    values: dict[str, Any] = change.named("name", "description")
    if "description" in values:
        values["description_sort"] = description_sort(values["description"])
    if "tags" in change.model_fields_set:
        values["tags"] = None if change.tags is None else dump(change.tags)
    current = collections.get(connection, collection.id)
    fields = collection_fields(current)
    if not values:
        return dict(fields)
    tags = change.tags if "tags" in values else fields["tags"]
    name = values.get("name", current.name)
    values["search_text"] = search_text(name, "", tags or [])
    changed = collections.change(connection, collection.id, {**values, "updated_at": now()})
    return dict(collection_fields(changed))


def delete(connection: Connection, grant: Grant) -> None:
    """Delete the grant's collection; a 409 if it is not empty."""
    collection = grant.the_collection()
    if collection.total_artifacts:
        detail = f"The collection holds {collection.total_artifacts} artifacts; delete them first."
        raise conflict("collection_not_empty", detail)
    collections.remove(connection, collection.id, collection.orbit_id)


def read(connection: Connection, grant: Grant, request: CollectionsRequest) -> dict[str, Any]:
    """Return a page of the orbit's collections."""
    wanted = _listing(grant, request)
    scope = cursors.scope_of(
        [wanted.orbit_id, sorted(wanted.types), sorted(wanted.tags), wanted.search, wanted.name]
    )
    after = None
    if request.cursor is not None:
        kind = _KINDS.get(wanted.sort_by, str)
        after = cursors.decode(request.cursor, wanted.sort_by, wanted.descending, scope, kind)
    rows = collections.page(connection, wanted, after, request.limit + 1)
    shown = rows[: request.limit]
    cursor = None
    if len(rows) > request.limit:
        place = Place(shown[-1].sort_value, shown[-1].id)
        cursor = cursors.encode(place, wanted.sort_by, wanted.descending, scope)
    return {"items": [collection_fields(row) for row in shown], "cursor": cursor}


def _listing(grant: Grant, request: CollectionsRequest) -> CollectionListing:
    words = {word.value for word in request.types}
    types = [kind.value for kind in CollectionType if words & set(kind.value.split("_"))]
    return CollectionListing(
        orbit_id=grant.the_orbit().id,
        types=tuple(types),
        tags=request.tags,
        search=folded(request.search),
        name=request.name,
        sort_by=request.sort_by.value,
        descending=request.order is SortOrder.DESC,
    )


def tags(connection: Connection, grant: Grant) -> list[str]:
    """Return the tags of the orbit's collections, sorted."""
    return collections.tags_of_orbit(connection, grant.the_orbit().id)
