"""Routes of collections (wire, section 3)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy import Connection
from starlette.responses import Response

from luml.models import (
    Collection,
    CollectionDetails,
    CollectionsList,
    CollectionSortBy,
    CollectionTypeFilter,
    SortOrder,
)
from luml.server.context import Attempt, Body, Caller, parse
from luml.server.routes.parts import (
    COLLECTION,
    NO_NUL,
    ORBIT,
    Cursor,
    InCollection,
    InOrbit,
    Limit,
    QueryText,
    json_answer,
    nothing,
    takes,
)
from luml.server.services import collections, idempotency
from luml.server.services.collections import CollectionChange, CollectionDraft, CollectionsRequest
from luml.server.services.policy import Right, authorize

router = APIRouter(tags=["collections"])


@router.get(ORBIT + "/collections", response_model=CollectionsList)
def list_collections(
    context: Caller,
    place: InOrbit,
    cursor: Cursor = None,
    limit: Limit = 50,
    sort_by: CollectionSortBy = CollectionSortBy.CREATED_AT,
    order: SortOrder = SortOrder.DESC,
    search: QueryText = "",
    types: Annotated[list[CollectionTypeFilter] | None, Query()] = None,
    tags: Annotated[list[str] | None, Query()] = None,
    name: Annotated[str | None, Query(pattern=NO_NUL)] = None,
) -> Response:
    """List the collections of an orbit."""
    request = CollectionsRequest(
        types=tuple(types or ()),
        tags=tuple(tags or ()),
        search=search,
        name=name if context.has("lookup") else None,
        sort_by=sort_by,
        order=order,
        cursor=cursor,
        limit=limit,
    )
    with context.reading() as connection:
        grant = authorize(connection, context.key, Right.READ, place)
        return json_answer(collections.read(connection, grant, request))


@router.post(
    ORBIT + "/collections", response_model=Collection, openapi_extra=dict(takes(CollectionDraft))
)
def create_collection(context: Caller, place: InOrbit, body: Body) -> Response:
    """Create a collection."""
    draft = Attempt(lambda: parse(CollectionDraft, body))

    def create(connection: Connection) -> dict[str, Any]:
        grant = authorize(connection, context.key, Right.WRITE, place)
        return idempotency.once(
            connection,
            grant,
            context.once(body),
            lambda: collections.create(connection, grant, draft.value),
        )

    return json_answer(context.change(create))


@router.get(ORBIT + "/collections/tags", response_model=list[str])
def list_collection_tags(context: Caller, place: InOrbit) -> Response:
    """List the tags that the collections of an orbit carry."""
    with context.reading() as connection:
        grant = authorize(connection, context.key, Right.READ, place)
        return json_answer(collections.tags(connection, grant))


@router.get(COLLECTION, response_model=CollectionDetails)
def get_collection(context: Caller, place: InCollection) -> Response:
    """Return a collection with the tags and metric keys of its artifacts."""
    with context.reading() as connection:
        grant = authorize(connection, context.key, Right.READ, place)
        return json_answer(collections.details(connection, grant))


@router.patch(COLLECTION, response_model=Collection, openapi_extra=dict(takes(CollectionChange)))
def update_collection(context: Caller, place: InCollection, body: Body) -> Response:
    """Change what is named of a collection."""
    change = Attempt(lambda: parse(CollectionChange, body))

    def update(connection: Connection) -> dict[str, Any]:
        grant = authorize(connection, context.key, Right.WRITE, place)
        return collections.update(connection, grant, change.value)

    return json_answer(context.change(update))


@router.delete(COLLECTION, status_code=204)
def delete_collection(context: Caller, place: InCollection) -> Response:
    """Delete an empty collection."""

    def delete(connection: Connection) -> None:
        grant = authorize(connection, context.key, Right.WRITE, place)
        collections.delete(connection, grant)

    context.change(delete)
    return nothing()
