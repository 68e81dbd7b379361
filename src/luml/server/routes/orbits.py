"""Routes of orbits (wire, section 2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.responses import Response

from luml.server.context import Attempt, Body, Caller, parse
from luml.server.routes.answers import OrbitAnswer, OrbitDetails
from luml.server.routes.parts import (
    ORBIT,
    ORGANIZATION,
    InOrbit,
    InOrganization,
    json_answer,
    nothing,
    takes,
)
from luml.server.services import idempotency, orbits
from luml.server.services.orbits import OrbitChange, OrbitDraft
from luml.server.services.policy import Right, authorize

router = APIRouter(tags=["orbits"])


@router.get(ORGANIZATION + "/orbits", response_model=list[OrbitAnswer])
def list_orbits(context: Caller, place: InOrganization) -> Response:
    """List the orbits of an organization that the caller may see."""
    with context.reading() as connection:
        grant = authorize(connection, context.key, Right.READ, place)
        return json_answer(orbits.list_visible(connection, grant, str(place.organization)))


@router.post(
    ORGANIZATION + "/orbits", response_model=OrbitDetails, openapi_extra=dict(takes(OrbitDraft))
)
def create_orbit(context: Caller, place: InOrganization, body: Body) -> Response:
    """Create an orbit."""
    draft = Attempt(lambda: parse(OrbitDraft, body))

    def create(connection: Connection) -> dict[str, Any]:
        grant = authorize(connection, context.key, Right.ADMIN, place)
        return idempotency.once(
            connection,
            grant,
            context.once(body),
            lambda: orbits.create(connection, grant, str(place.organization), draft.value),
        )

    return json_answer(context.change(create))


@router.get(ORBIT, response_model=OrbitDetails)
def get_orbit(context: Caller, place: InOrbit) -> Response:
    """Return an orbit with its people and the tags of its collections."""
    with context.reading() as connection:
        grant = authorize(connection, context.key, Right.READ, place)
        return json_answer(orbits.details(connection, grant))


@router.patch(ORBIT, response_model=OrbitAnswer, openapi_extra=dict(takes(OrbitChange)))
def update_orbit(context: Caller, place: InOrbit, body: Body) -> Response:
    """Change what is named of an orbit."""
    change = Attempt(lambda: parse(OrbitChange, body))

    def update(connection: Connection) -> Mapping[str, Any]:
        grant = authorize(connection, context.key, Right.ADMIN, place)
        return orbits.update(connection, grant, change.value)

    return json_answer(context.change(update))


@router.delete(ORBIT, status_code=204)
def delete_orbit(context: Caller, place: InOrbit) -> Response:
    """Delete an orbit that holds no artifacts."""

    def delete(connection: Connection) -> None:
        grant = authorize(connection, context.key, Right.ADMIN, place)
        orbits.delete(connection, grant)

    context.change(delete)
    return nothing()
