"""Artifacts (wire, section 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from luml.api.operations.paths import CollectionPath, segment
from luml.api.operations.request import (
    Repeat,
    Request,
    given,
    into,
    into_type,
    nothing,
    query,
)
from luml.models import (
    Artifact,
    ArtifactDeleteFailure,
    ArtifactsDeleteResult,
    ArtifactsList,
    ArtifactStatus,
    ArtifactType,
    CreatedArtifact,
    SortOrder,
)
from luml.models.base import WireModel

MAX_BATCH = 100
"""Ids in one batch request (wire, section 4)."""


@dataclass(frozen=True, slots=True)
class ArtifactQuery:
    """Which artifacts, in which order.

    Attributes:
        limit: 1 to 100; None is the server's default.
        sort_by: A column or any metric key.
        search: Text that the name or a tag contains, in any case.
        filter: Text of the filter language (extension ``filters``).
        name: The exact name or file name (extension ``lookup``; ignored where it is unknown).
        summary: Leave manifest and file index out (extension ``thin_lists``).
    """

    limit: int | None = None
    sort_by: str | None = None
    order: SortOrder | str | None = None
    types: Sequence[ArtifactType | str] = ()
    search: str | None = None
    filter: str | None = None
    name: str | None = None
    summary: bool = False


@dataclass(frozen=True, slots=True)
class NewArtifact:
    """What a registry is told of a new artifact.

    Attributes:
        extra_values: Metric values by key.
        file_hash: SHA-256 in hex; None only with the extension ``upload_sessions``.
        file_index: Member name to (offset, size), in bytes.
        size: Bytes.
        resume_token: Text that names this upload, so that a later one goes on where it stopped.
        part_digests: SHA-256 of each part, in hex (extension ``digests``).
        member_digests: SHA-256 of each member, in hex (extension ``digests``).
    """

    file_name: str
    extra_values: Mapping[str, Any]
    manifest: Mapping[str, Any]
    file_hash: str | None
    file_index: Mapping[str, tuple[int, int]]
    size: int
    name: str | None = None
    description: str | None = None
    tags: Sequence[str] | None = None
    type: ArtifactType | None = None
    resume_token: str | None = None
    part_digests: Sequence[str] | None = None
    member_digests: Mapping[str, str] | None = None


class DeleteUrl(WireModel):
    """Where a client removes the object of one artifact."""

    artifact_id: str
    name: str | None = None
    url: str


class DeleteUrls(WireModel):
    """Where a client removes the objects of a batch, and what cannot be removed."""

    urls: list[DeleteUrl]
    failed: list[ArtifactDeleteFailure] = Field(default_factory=list[ArtifactDeleteFailure])


def artifact_url(path: CollectionPath, artifact_id: str) -> str:
    """Return the path of one artifact."""
    return f"{path.url}/artifacts/{segment(artifact_id)}"


def list_artifacts(
    path: CollectionPath, what: ArtifactQuery, cursor: str | None = None
) -> Request[ArtifactsList]:
    """Ask for one page of a collection."""
    params = _page_params(what, cursor)
    return Request("GET", f"{path.url}/artifacts", into(ArtifactsList), params=params)


def list_orbit_artifacts(
    path: CollectionPath, what: ArtifactQuery, cursor: str | None = None
) -> Request[ArtifactsList]:
    """Ask for the same page by the orbit's list, for servers without a list a collection."""
    params = query(collection_ids=path.collection) + _page_params(what, cursor)
    return Request("GET", f"{path.parent.url}/artifacts", into(ArtifactsList), params=params)


def _page_params(what: ArtifactQuery, cursor: str | None) -> tuple[tuple[str, str], ...]:
    return query(
        cursor=cursor,
        limit=what.limit,
        sort_by=what.sort_by,
        order=what.order,
        types=list(what.types),
        search=what.search,
        filter=what.filter,
        name=what.name,
        fields="summary" if what.summary else None,
    )


def get_artifact(path: CollectionPath, artifact_id: str) -> Request[Artifact]:
    """Ask for one artifact."""
    return Request("GET", artifact_url(path, artifact_id), into(Artifact))


def create_artifact(path: CollectionPath, new: NewArtifact) -> Request[CreatedArtifact]:
    """Make a record, pending upload."""
    optional = given(
        name=new.name,
        description=new.description,
        tags=None if new.tags is None else list(new.tags),
        type=None if new.type is None else str(new.type),
        resume_token=new.resume_token,
        part_digests=None if new.part_digests is None else list(new.part_digests),
        member_digests=None if new.member_digests is None else dict(new.member_digests),
    )
    body: dict[str, Any] = {
        "file_name": new.file_name,
        "extra_values": dict(new.extra_values),
        "manifest": dict(new.manifest),
        "file_hash": new.file_hash,
        "file_index": {member: list(span) for member, span in new.file_index.items()},
        "size": new.size,
        **optional,
    }
    url = f"{path.url}/artifacts"
    return Request("POST", url, into(CreatedArtifact), json=body, repeat=Repeat.KEYED)


@dataclass(frozen=True, slots=True)
class ArtifactChange:
    """What an update changes; None leaves a field as it is."""

    file_name: str | None = None
    name: str | None = None
    description: str | None = None
    tags: Sequence[str] | None = None
    status: ArtifactStatus | str | None = None


def update_artifact(
    path: CollectionPath, artifact_id: str, change: ArtifactChange
) -> Request[Artifact]:
    """Change what is given."""
    body = given(
        file_name=change.file_name,
        name=change.name,
        description=change.description,
        tags=None if change.tags is None else list(change.tags),
        status=None if change.status is None else str(change.status),
    )
    return Request("PATCH", artifact_url(path, artifact_id), into(Artifact), json=body)


def get_download_url(path: CollectionPath, artifact_id: str) -> Request[dict[str, str]]:
    """Ask for a presigned URL of the object."""
    url = f"{artifact_url(path, artifact_id)}/download-url"
    return Request("GET", url, into_type(dict[str, str]))


def get_delete_url(path: CollectionPath, artifact_id: str) -> Request[dict[str, str]]:
    """Ask for a presigned URL that removes the object; the artifact is pending deletion then."""
    url = f"{artifact_url(path, artifact_id)}/delete-url"
    return Request("GET", url, into_type(dict[str, str]))


def delete_artifact(path: CollectionPath, artifact_id: str) -> Request[None]:
    """Remove an artifact."""
    return Request("DELETE", artifact_url(path, artifact_id), nothing)


def force_delete_artifact(path: CollectionPath, artifact_id: str) -> Request[None]:
    """Remove a record whatever the store says."""
    return Request("DELETE", f"{artifact_url(path, artifact_id)}/force", nothing)


def get_delete_urls(path: CollectionPath, artifact_ids: Sequence[str]) -> Request[DeleteUrls]:
    """Ask for presigned URLs that remove up to 100 objects."""
    body = {"artifact_ids": list(artifact_ids)}
    return Request("POST", f"{path.url}/artifacts/delete-urls", into(DeleteUrls), json=body)


def delete_artifacts(
    path: CollectionPath, artifact_ids: Sequence[str], force: bool
) -> Request[ArtifactsDeleteResult]:
    """Remove up to 100 artifacts."""
    body = {"artifact_ids": list(artifact_ids), "force": force}
    return Request("DELETE", f"{path.url}/artifacts", into(ArtifactsDeleteResult), json=body)
