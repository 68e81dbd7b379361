"""Routes of upload sessions (wire, section 7)."""

from __future__ import annotations

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.responses import Response

from luml.models import UploadSession
from luml.server.context import Attempt, Body, Caller, Context, parse
from luml.server.db.types import AnyRow
from luml.server.errors import Problem
from luml.server.routes.answers import DetailsAnswer
from luml.server.routes.parts import (
    ARTIFACT,
    ArtifactId,
    InCollection,
    json_answer,
    json_bytes,
    nothing,
    takes,
)
from luml.server.services import artifacts, documents, uploads
from luml.server.services.artifacts import UNFINISHED
from luml.server.services.policy import Grant, Place, Right, authorize
from luml.server.services.storage import open_storage
from luml.server.services.uploads import Outcome, Session, UploadCompletion
from luml.server.storage.base import Storage

router = APIRouter(tags=["uploads"])

EXTENSION = "upload_sessions"
UPLOAD = ARTIFACT + "/upload"


@router.post(UPLOAD, response_model=UploadSession)
def open_upload(context: Caller, place: InCollection, artifact_id: ArtifactId) -> Response:
    """Say what an upload still misses, and sign its next parts; called again it continues."""
    session, storage = _load(context, place, str(artifact_id))
    if session.row.status in UNFINISHED:
        session = _start(context, session, storage)
    lifetime = context.registry.settings.url_lifetime
    return json_answer(uploads.describe(session, storage, lifetime))


def _start(context: Context, session: Session, storage: Storage) -> Session:
    """Start at the store outside of the transaction, and give way to a request that was faster."""
    started = None
    if not session.single and session.upload_id is None:
        started = storage.start_multipart(session.location, session.plan)
    current = context.change(lambda connection: uploads.resume(connection, session, started))
    if started is not None and current.upload_id != started:
        storage.abort(session.location, started)
    return current


@router.post(
    UPLOAD + "/complete",
    response_model=DetailsAnswer,
    openapi_extra=dict(takes(UploadCompletion)),
)
def complete_upload(
    context: Caller, place: InCollection, artifact_id: ArtifactId, body: Body
) -> Response:
    """End an upload at the store, verify what came of it, and return the artifact."""
    completion = Attempt(lambda: parse(UploadCompletion, body))
    session, storage = _load(context, place, str(artifact_id))
    given = completion.value
    pending = session.row.status in UNFINISHED
    outcome = uploads.finish(session, storage, given) if pending else Outcome(None)
    extensions = context.registry.settings.extensions

    def settle(connection: Connection) -> tuple[Problem | None, AnyRow, Grant]:
        grant = authorize(connection, context.key, Right.WRITE, place)
        problem = uploads.settle(connection, session, given, outcome, extensions)
        return problem, artifacts.details(connection, grant, str(artifact_id)), grant

    problem, row, grant = context.change(settle)
    if problem is not None:
        raise problem
    return json_bytes(documents.details_text(row, grant.the_collection()).encode())


@router.delete(UPLOAD, status_code=204)
def abort_upload(context: Caller, place: InCollection, artifact_id: ArtifactId) -> Response:
    """Give an upload up, and drop its parts at the store."""
    session, storage = _load(context, place, str(artifact_id))
    if session.upload_id is not None:
        storage.abort(session.location, session.upload_id)
    context.change(lambda connection: uploads.abort(connection, session))
    return nothing()


def _load(context: Context, place: Place, artifact_id: str) -> tuple[Session, Storage]:
    if not context.has(EXTENSION):
        raise Problem(404, "not_found", "Not Found")
    with context.reading() as connection:
        grant = authorize(connection, context.key, Right.WRITE, place)
        row = artifacts.find(connection, grant, artifact_id)
        session = uploads.load(connection, row)
        storage = open_storage(context.registry, connection, row.bucket_secret_id, context.base_url)
    return session, storage
