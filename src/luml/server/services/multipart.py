"""Multipart uploads of the public wire: one endpoint that signs all parts (wire, section 6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import Connection

from luml.models import BucketType
from luml.server.db import places, uploads
from luml.server.errors import Problem, conflict, invalid, not_found
from luml.server.services.fields import PlainText, Request
from luml.server.services.policy import Place, Right, authorize
from luml.server.services.registry import Registry
from luml.server.services.storage import open_storage
from luml.server.storage.base import Storage
from luml.transfer.plan import MAX_OBJECT_SIZE, public_plan

TEXT_LENGTH = 4096


class MultipartRequest(Request):
    """The body that asks for the URLs of a multipart upload."""

    bucket_id: UUID
    bucket_location: Annotated[PlainText, Field(max_length=TEXT_LENGTH)]
    size: int = Field(gt=0, le=MAX_OBJECT_SIZE)
    upload_id: Annotated[PlainText, Field(min_length=1, max_length=TEXT_LENGTH)] | None = None


@dataclass(frozen=True, slots=True)
class Signing:
    """A multipart upload whose parts may be signed."""

    request: MultipartRequest

    def open(self, registry: Registry, connection: Connection, base_url: str) -> Storage:
        """Return the store of the upload."""
        return open_storage(registry, connection, str(self.request.bucket_id), base_url)

    def signed(self, storage: Storage) -> dict[str, Any]:
        """Return the URLs of all parts and of the end."""
        location, upload_id = self.request.bucket_location, self.request.upload_id or ""
        if storage.kind is BucketType.S3 and not upload_id:
            raise invalid(("body", "upload_id"), "An S3 upload has an id; start it first")
        plan = public_plan(self.request.size)
        parts = [
            {
                "part_number": part.number,
                "url": storage.part_url(location, upload_id, plan, part),
                "start_byte": part.start,
                "end_byte": part.end,
                "part_size": part.size,
            }
            for part in plan.parts()
        ]
        return {
            "type": storage.kind.value,
            "upload_id": upload_id or None,
            "parts": parts,
            "complete_url": storage.complete_url(location, upload_id, plan),
        }


def begin(connection: Connection, key: str | None, request: MultipartRequest) -> Signing:
    """Check that the location is of a pending artifact that the caller may write, and note the
    upload.

    Raises:
        Problem: 404 if it is not, 403 if the caller may only read, 409 if the size is another one.
    """
    upload = uploads.at(connection, request.bucket_location)
    if upload is None or upload.status not in uploads.UNFINISHED:
        raise not_found("Artifact")
    organization_id, orbit_id = places.above(connection, upload.collection_id)
    _authorize(connection, key, Place(organization_id, orbit_id, upload.collection_id))
    if upload.bucket_secret_id != str(request.bucket_id):
        raise not_found("Secret")
    if upload.size != request.size:
        detail = f"The artifact was declared with {upload.size} bytes, not {request.size}."
        raise conflict("size_mismatch", detail)
    uploads.touch(connection, upload.artifact_id, upload_id=request.upload_id)
    return Signing(request)


def _authorize(connection: Connection, key: str | None, place: Place) -> None:
    """Ask the policy; a location of another tenant looks like one that is not there."""
    try:
        authorize(connection, key, Right.READ, place)
    except Problem as problem:
        raise not_found("Artifact") from problem
    authorize(connection, key, Right.WRITE, place)
