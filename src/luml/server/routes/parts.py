"""What routes share: the ids of a path, answers, and how a body is described."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Path, Query
from pydantic import BaseModel
from starlette.responses import Response

from luml.server.services.documents import dump
from luml.server.services.policy import Place

ORGANIZATION = "/organizations/{organization_id}"
ORBIT = ORGANIZATION + "/orbits/{orbit_id}"
COLLECTION = ORBIT + "/collections/{collection_id}"
ARTIFACT = COLLECTION + "/artifacts/{artifact_id}"

OrganizationId = Annotated[UUID, Path()]
OrbitId = Annotated[UUID, Path()]
CollectionId = Annotated[UUID, Path()]
ArtifactId = Annotated[UUID, Path()]


async def _organization(organization_id: OrganizationId) -> Place:
    return Place(str(organization_id))


async def _orbit(organization_id: OrganizationId, orbit_id: OrbitId) -> Place:
    return Place(str(organization_id), str(orbit_id))


async def _collection(
    organization_id: OrganizationId, orbit_id: OrbitId, collection_id: CollectionId
) -> Place:
    return Place(str(organization_id), str(orbit_id), str(collection_id))


InOrganization = Annotated[Place, Depends(_organization)]
InOrbit = Annotated[Place, Depends(_orbit)]
InCollection = Annotated[Place, Depends(_collection)]

NO_NUL = r"^[^\x00]*$"
QueryText = Annotated[str, Query(max_length=1000, pattern=NO_NUL)]
Cursor = Annotated[str | None, Query(description="The cursor of the page before.")]
Limit = Annotated[int, Query(ge=1, le=100)]


BODIES: set[type[BaseModel]] = set()
"""Every model that a route takes as its body."""


def json_answer(value: object) -> Response:
    """Return ``value`` as a JSON answer."""
    return json_bytes(dump(value).encode())


def json_bytes(content: bytes) -> Response:
    """Return JSON that is text already."""
    return Response(content, media_type="application/json")


def nothing() -> Response:
    """Return 204 without a body."""
    return Response(status_code=204)


def takes(model: type[BaseModel]) -> Mapping[str, Any]:
    """Return how OpenAPI says that a route takes a JSON body; ``app`` adds the schema itself."""
    BODIES.add(model)
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    content = {"application/json": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}
