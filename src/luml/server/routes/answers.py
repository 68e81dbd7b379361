"""What answers look like where they say more than the shared wire models; for OpenAPI."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from luml.models import (
    ArtifactStatus,
    ArtifactType,
    Collection,
    Orbit,
    Organization,
    UploadDetails,
)

Permissions = dict[str, list[str]]


class ArtifactAnswer(BaseModel):
    """An artifact (wire, section 4)."""

    id: str
    collection_id: str
    file_name: str
    name: str
    description: str | None
    extra_values: dict[str, Any]
    manifest: dict[str, Any]
    file_hash: str | None
    file_index: dict[str, tuple[int, int]]
    size: int
    tags: list[str] | None
    type: ArtifactType
    bucket_location: str
    unique_identifier: str
    status: ArtifactStatus
    created_by_user: str | None
    created_at: str
    updated_at: str | None


class ArtifactItem(ArtifactAnswer):
    """An artifact in a list; summaries have neither ``manifest`` nor ``file_index``."""

    collection_name: str
    deployments: list[Any]


class ArtifactPage(BaseModel):
    """A page of artifacts; ``cursor`` is null on the last one."""

    items: list[ArtifactItem]
    cursor: str | None


class DetailsAnswer(ArtifactAnswer):
    """An artifact with what belongs to it."""

    part_digests: list[str] | None
    member_digests: dict[str, str] | None
    status_reason: str | None
    collection: Collection
    deployments: list[Any]
    tracks: list[Any]


class CreatedAnswer(BaseModel):
    """A new artifact and where its bytes go."""

    artifact: ArtifactAnswer
    upload_details: UploadDetails
    resumed: bool


class UrlAnswer(BaseModel):
    """A presigned URL."""

    url: str


class OrganizationAnswer(Organization):
    """An organization and what the caller may do in it."""

    permissions: Permissions


class OrbitAnswer(Orbit):
    """An orbit and what the caller may do in it."""

    total_satellites: int
    permissions: Permissions


class OrbitMember(BaseModel):
    """A person in an orbit."""

    id: str
    orbit_id: str
    user_id: str
    name: str
    email: str | None
    role: str
    created_at: str


class OrbitDetails(OrbitAnswer):
    """An orbit with its people and the tags of its collections."""

    members: list[OrbitMember]
    collections_tags: list[str]


class KeyAnswer(BaseModel):
    """An API key without its text."""

    id: str
    name: str
    role: str
    organization_id: str | None
    orbit_id: str | None
    expires_at: str | None
    created_at: str


class NewKeyAnswer(KeyAnswer):
    """A new API key with its text, which is shown this once."""

    key: str


class KeyInUse(BaseModel):
    """The key of this request."""

    id: str
    role: str
    organization_id: str | None
    orbit_id: str | None
    expires_at: str | None


class UserAnswer(BaseModel):
    """The caller."""

    id: str
    name: str
    email: str | None
    created_at: str
    api_key: KeyInUse


class DeletionUrl(BaseModel):
    """Where to delete the object of an artifact."""

    artifact_id: str
    name: str
    url: str


class Failure(BaseModel):
    """An artifact that a batch leaves, and why."""

    artifact_id: str
    name: str | None
    reason: str
    deployments: list[Any]
    tracks: list[Any]


class DeletionUrls(BaseModel):
    """Where to delete the objects of a batch."""

    urls: list[DeletionUrl]
    failed: list[Failure]


class DeletedBatch(BaseModel):
    """What a batch deleted and what it left."""

    deleted: list[str]
    failed: list[Failure]
