"""Routes of organizations and of the caller (wire, section 2)."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from luml.server.context import Caller
from luml.server.routes.answers import OrganizationAnswer, UserAnswer
from luml.server.routes.parts import json_answer
from luml.server.services import organizations
from luml.server.services.policy import Place, Right, authorize

router = APIRouter(tags=["organizations"])


@router.get("/users/me", response_model=UserAnswer)
def get_me(context: Caller) -> Response:
    """Return the caller and the key in use."""
    with context.reading() as connection:
        grant = authorize(connection, context.key, Right.READ, Place())
        return json_answer(organizations.me(connection, grant))


@router.get("/users/me/organizations", response_model=list[OrganizationAnswer])
def list_my_organizations(context: Caller) -> Response:
    """List the caller's organizations by name."""
    with context.reading() as connection:
        grant = authorize(connection, context.key, Right.READ, Place())
        return json_answer(organizations.list_mine(connection, grant))
