"""How bytes get into a bucket (wire, sections 6 and 7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from luml.api.operations.artifacts import artifact_url
from luml.api.operations.paths import CollectionPath
from luml.api.operations.request import Request, given, into, nothing
from luml.models import Artifact, MultiPartUploadDetails, StoredPart, UploadSession


def multipart_urls(
    bucket_id: str, bucket_location: str, size: int, upload_id: str | None
) -> Request[MultiPartUploadDetails]:
    """Ask for the URLs of all parts of a public multipart upload; asking again is harmless."""
    body = given(
        bucket_id=bucket_id, bucket_location=bucket_location, size=size, upload_id=upload_id
    )
    url = "/v1/bucket-secrets/upload/multipart"
    return Request("POST", url, into(MultiPartUploadDetails), json=body)


def open_session(path: CollectionPath, artifact_id: str) -> Request[UploadSession]:
    """Start an upload session, or go on with the one there is (extension ``upload_sessions``)."""
    url = f"{artifact_url(path, artifact_id)}/upload"
    return Request("POST", url, into(UploadSession))


def complete_session(
    path: CollectionPath,
    artifact_id: str,
    parts: Sequence[StoredPart],
    *,
    file_hash: str | None = None,
    part_digests: Sequence[str] | None = None,
    member_digests: Mapping[str, str] | None = None,
) -> Request[Artifact]:
    """Finish at the store and have the registry verify; repeating it changes nothing."""
    body = given(
        parts=[{"part_number": part.part_number, "etag": part.etag} for part in parts],
        file_hash=file_hash,
        part_digests=None if part_digests is None else list(part_digests),
        member_digests=None if member_digests is None else dict(member_digests),
    )
    url = f"{artifact_url(path, artifact_id)}/upload/complete"
    return Request("POST", url, into(Artifact), json=body)


def abort_session(path: CollectionPath, artifact_id: str) -> Request[None]:
    """Drop what was sent."""
    return Request("DELETE", f"{artifact_url(path, artifact_id)}/upload", nothing)
