"""Routes of API keys (wire, section 1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path
from sqlalchemy import Connection
from starlette.responses import Response

from luml.server.context import Attempt, Body, Caller, parse
from luml.server.routes.answers import KeyAnswer, NewKeyAnswer
from luml.server.routes.parts import json_answer, nothing, takes
from luml.server.services import api_keys
from luml.server.services.api_keys import KeyDraft
from luml.server.services.policy import Place, Right, authorize

router = APIRouter(prefix="/auth/api-keys", tags=["api keys"])


@router.get("/validate", status_code=204)
def validate_key(context: Caller) -> Response:
    """Answer 204 to a good key."""
    with context.reading() as connection:
        authorize(connection, context.key, Right.READ, Place())
    return nothing()


@router.get("", response_model=list[KeyAnswer])
def list_keys(context: Caller) -> Response:
    """List the caller's keys."""
    with context.reading() as connection:
        grant = authorize(connection, context.key, Right.ADMIN, Place())
        return json_answer(api_keys.list_mine(connection, grant))


@router.post("", response_model=NewKeyAnswer, openapi_extra=dict(takes(KeyDraft)))
def create_key(context: Caller, body: Body) -> Response:
    """Create a key; its text is shown this once."""
    draft = Attempt(lambda: parse(KeyDraft, body))

    def create(connection: Connection) -> Mapping[str, Any]:
        grant = authorize(connection, context.key, Right.ADMIN, Place())
        return api_keys.create(connection, grant, draft.value)

    return json_answer(context.change(create))


@router.delete("/{key_id}", status_code=204)
def delete_key(context: Caller, key_id: Annotated[UUID, Path()]) -> Response:
    """Delete one of the caller's keys."""

    def delete(connection: Connection) -> None:
        grant = authorize(connection, context.key, Right.ADMIN, Place())
        api_keys.delete(connection, grant, str(key_id))

    context.change(delete)
    return nothing()
