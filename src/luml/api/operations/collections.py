"""Collections (wire, section 3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from luml.api.operations.paths import CollectionPath, OrbitPath
from luml.api.operations.request import Repeat, Request, given, into, nothing, query
from luml.models import (
    Collection,
    CollectionDetails,
    CollectionsList,
    CollectionType,
    CollectionTypeFilter,
    SortOrder,
)


@dataclass(frozen=True, slots=True)
class CollectionQuery:
    """Which collections, in which order.

    Attributes:
        limit: 1 to 100; None is the server's default.
        search: Text that the name or a tag contains, in any case.
        name: The exact name (a registry that does not know this parameter ignores it).
    """

    limit: int | None = None
    sort_by: str | None = None
    order: SortOrder | str | None = None
    search: str | None = None
    types: Sequence[CollectionTypeFilter | str] = ()
    name: str | None = None


def list_collections(
    path: OrbitPath, what: CollectionQuery, cursor: str | None = None
) -> Request[CollectionsList]:
    """Ask for one page of collections."""
    params = query(
        cursor=cursor,
        limit=what.limit,
        sort_by=what.sort_by,
        order=what.order,
        search=what.search,
        types=list(what.types),
        name=what.name,
    )
    return Request("GET", f"{path.url}/collections", into(CollectionsList), params=params)


def get_collection(path: CollectionPath) -> Request[CollectionDetails]:
    """Ask for one collection."""
    return Request("GET", path.url, into(CollectionDetails))


def create_collection(
    path: OrbitPath,
    description: str,
    name: str,
    type: CollectionType | str,
    tags: Sequence[str] | None,
) -> Request[Collection]:
    """Make a collection."""
    body = given(description=description, name=name, type=str(type), tags=_listed(tags))
    return Request(
        "POST", f"{path.url}/collections", into(Collection), json=body, repeat=Repeat.KEYED
    )


def update_collection(
    path: CollectionPath, name: str | None, description: str | None, tags: Sequence[str] | None
) -> Request[Collection]:
    """Change what is given."""
    body = given(name=name, description=description, tags=_listed(tags))
    return Request("PATCH", path.url, into(Collection), json=body)


def delete_collection(path: CollectionPath) -> Request[None]:
    """Remove an empty collection."""
    return Request("DELETE", path.url, nothing)


def _listed(tags: Sequence[str] | None) -> list[str] | None:
    return None if tags is None else list(tags)
