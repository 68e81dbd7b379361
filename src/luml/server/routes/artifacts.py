"""Routes of artifacts (wire, section 4)."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from sqlalchemy import Connection
from starlette.responses import Response

from luml.models import ArtifactStatus, ArtifactType, SortOrder
from luml.server.context import Attempt, Body, Caller, Context, parse
from luml.server.db.types import AnyRow
from luml.server.errors import Problem
from luml.server.routes.answers import (
    ArtifactAnswer,
    ArtifactPage,
    CreatedAnswer,
    DetailsAnswer,
    UrlAnswer,
)
from luml.server.routes.parts import (
    ARTIFACT,
    COLLECTION,
    NO_NUL,
    ORBIT,
    ArtifactId,
    Cursor,
    InCollection,
    InOrbit,
    Limit,
    QueryText,
    json_bytes,
    takes,
)
from luml.server.services import artifacts, creation, documents, pages
from luml.server.services.artifacts import ArtifactChange
from luml.server.services.creation import Creation
from luml.server.services.drafts import ArtifactDraft
from luml.server.services.pages import PageRequest
from luml.server.services.policy import Place, Right, authorize
from luml.server.services.storage import open_storage
from luml.server.services.verification import fault
from luml.server.storage.base import Storage

router = APIRouter(tags=["artifacts"])

Types = Annotated[list[ArtifactType] | None, Query()]
SortBy = Annotated[
    str, Query(max_length=1000, pattern=NO_NUL, description="A column, or any metric key.")
]
Fields = Annotated[Literal["full", "summary"], Query()]
Name = Annotated[
    str | None,
    Query(max_length=1000, pattern=NO_NUL, description="Exactly a name or file name."),
]

Filter = Annotated[str, Query(description='Tests, such as `metrics.F1 > 0.9 and not tag = "old"`.')]


def _page(context: Context, place: Place, request: PageRequest, filter: str) -> Response:
    with context.reading() as connection:
        grant = authorize(connection, context.key, Right.READ, place)
        if context.has("filters"):
            request = replace(request, condition=pages.condition_of(filter))
        page = pages.read(connection, grant, request)
    return json_bytes(documents.page_bytes(page, summary=request.summary))


@router.get(ORBIT + "/artifacts", response_model=ArtifactPage)
def list_orbit_artifacts(
    context: Caller,
    place: InOrbit,
    collection_ids: Annotated[list[UUID] | None, Query(max_length=1000)] = None,
    types: Types = None,
    cursor: Cursor = None,
    limit: Limit = 50,
    sort_by: SortBy = "created_at",
    order: SortOrder = SortOrder.DESC,
    search: QueryText = "",
    filter: Filter = "",
    excluded_tracks: Annotated[list[UUID] | None, Query()] = None,
    fields: Fields = "full",
    name: Name = None,
) -> Response:
    """List the artifacts of an orbit, or of some of its collections."""
    request = PageRequest(
        collection_ids=tuple(map(str, collection_ids or ())),
        types=tuple(types or ()),
        search=search,
        condition=None,
        name=name if context.has("lookup") else None,
        sort_by=sort_by,
        order=order,
        cursor=cursor,
        limit=limit,
        summary=fields == "summary" and context.has("thin_lists"),
        excluded_tracks=tuple(map(str, excluded_tracks or ())),
    )
    return _page(context, place, request, filter)


@router.get(COLLECTION + "/artifacts", response_model=ArtifactPage)
def list_artifacts(
    context: Caller,
    place: InCollection,
    types: Types = None,
    type: Types = None,
    cursor: Cursor = None,
    limit: Limit = 50,
    sort_by: SortBy = "created_at",
    order: SortOrder = SortOrder.DESC,
    search: QueryText = "",
    filter: Filter = "",
    fields: Fields = "full",
    name: Name = None,
) -> Response:
    """List the artifacts of a collection."""
    request = PageRequest(
        collection_ids=(str(place.collection),),
        types=(*(types or ()), *(type or ())),
        search=search,
        condition=None,
        name=name if context.has("lookup") else None,
        sort_by=sort_by,
        order=order,
        cursor=cursor,
        limit=limit,
        summary=fields == "summary" and context.has("thin_lists"),
    )
    return _page(context, place, request, filter)


@router.post(
    COLLECTION + "/artifacts",
    response_model=CreatedAnswer,
    openapi_extra=dict(takes(ArtifactDraft)),
)
def create_artifact(context: Caller, place: InCollection, body: Body) -> Response:
    """Create an artifact and say where its bytes go."""
    prepared = Attempt(lambda: creation.prepared(parse(ArtifactDraft, body), context.registry))

    def create(connection: Connection) -> tuple[Creation, Storage]:
        grant = authorize(connection, context.key, Right.WRITE, place)
        answer = creation.create(connection, grant, lambda: prepared.value, context.once(body))
        secret = answer.bucket_secret_id
        return answer, open_storage(context.registry, connection, secret, context.base_url)

    answer, storage = context.change(create)
    return json_bytes(answer.signed(storage))


@router.get(ARTIFACT, response_model=DetailsAnswer)
def get_artifact(context: Caller, place: InCollection, artifact_id: ArtifactId) -> Response:
    """Return an artifact with its collection and digests."""
    with context.reading() as connection:
        grant = authorize(connection, context.key, Right.READ, place)
        row = artifacts.details(connection, grant, str(artifact_id))
    return json_bytes(documents.details_text(row, grant.the_collection()).encode())


@router.patch(ARTIFACT, response_model=ArtifactAnswer, openapi_extra=dict(takes(ArtifactChange)))
def update_artifact(
    context: Caller, place: InCollection, artifact_id: ArtifactId, body: Body
) -> Response:
    """Change what is named of an artifact; the server verifies before it says uploaded."""
    change = Attempt(lambda: parse(ArtifactChange, body))
    found = _announced_fault(context, place, str(artifact_id), change)

    def update(connection: Connection) -> tuple[Problem | None, AnyRow]:
        grant = authorize(connection, context.key, Right.WRITE, place)
        problem = artifacts.update(connection, grant, str(artifact_id), change.value, found)
        return problem, artifacts.details(connection, grant, str(artifact_id))

    problem, row = context.change(update)
    if problem is not None:
        raise problem
    return json_bytes(documents.artifact_text(row).encode())


def _announced_fault(
    context: Context, place: Place, artifact_id: str, change: Attempt[ArtifactChange]
) -> str | None:
    """Look at the store outside of any write transaction: it may take seconds."""
    if change.failed or change.value.status is not ArtifactStatus.UPLOADED:
        return None
    with context.reading() as connection:
        grant = authorize(connection, context.key, Right.WRITE, place)
        row = artifacts.find(connection, grant, artifact_id)
        storage = open_storage(context.registry, connection, row.bucket_secret_id, context.base_url)
    if not artifacts.must_verify(row, change.value):
        return None
    return fault(storage, row.bucket_location, row.size, row.file_hash)


@router.get(ARTIFACT + "/download-url", response_model=UrlAnswer)
def get_download_url(context: Caller, place: InCollection, artifact_id: ArtifactId) -> Response:
    """Sign ranged GETs of an uploaded artifact."""
    with context.reading() as connection:
        grant = authorize(connection, context.key, Right.READ, place)
        row = artifacts.find(connection, grant, str(artifact_id))
        artifacts.check_downloadable(row)
        storage = open_storage(context.registry, connection, row.bucket_secret_id, context.base_url)
    url = storage.get_url(row.bucket_location, row.file_name)
    return json_bytes(documents.dump({"url": url}).encode())
