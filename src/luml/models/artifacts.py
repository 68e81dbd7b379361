"""Artifacts: the files a registry keeps."""

from typing import Any

from pydantic import AliasChoices, Field

from luml.models.base import WireModel
from luml.models.enums import ArtifactStatus, ArtifactType
from luml.models.uploads import UploadDetails


class Artifact(WireModel):
    """One artifact, as a list or a request for it shows it.

    Attributes:
        metrics: Metric values by key. The wire, and ``extra_values``, name the same field.
        file_hash: SHA-256 of the file, 64 hex digits; None while an upload is under way.
        file_index: Member name to (offset of its first byte, size), both in bytes. Empty in
            summaries.
        size: Size of the file in bytes.
    """

    id: str
    collection_id: str
    name: str
    file_name: str
    description: str | None = None
    metrics: dict[str, Any] = Field(
        default_factory=dict, validation_alias=AliasChoices("extra_values", "metrics")
    )
    manifest: dict[str, Any] = Field(default_factory=dict)
    bucket_location: str
    file_hash: str | None = None
    file_index: dict[str, tuple[int, int]] = Field(default_factory=dict)
    size: int
    unique_identifier: str
    status: ArtifactStatus
    type: ArtifactType
    tags: list[str] | None = None
    created_at: str
    updated_at: str | None = None
    created_by_user: str | None = None
    part_digests: list[str] | None = None
    member_digests: dict[str, str] | None = None

    @property
    def extra_values(self) -> dict[str, Any]:
        """The metrics under their name on the wire."""
        return self.metrics


class ArtifactsList(WireModel):
    """One page of artifacts; ``cursor`` is None on the last one."""

    items: list[Artifact]
    cursor: str | None = None


class CreatedArtifact(WireModel):
    """A new artifact and where its bytes go.

    Attributes:
        resumed: True where the registry handed back an unfinished upload of the same file.
    """

    artifact: Artifact
    upload_details: UploadDetails
    resumed: bool = False

    @property
    def url(self) -> str | None:
        """The presigned upload URL."""
        return self.upload_details.url


class ArtifactDeleteFailure(WireModel):
    """An artifact that a batch could not delete, and why."""

    artifact_id: str
    name: str | None = None
    reason: str


class ArtifactsDeleteResult(WireModel):
    """What a batch deleted and what it could not."""

    deleted: list[str] = Field(default_factory=list)
    failed: list[ArtifactDeleteFailure] = Field(default_factory=list[ArtifactDeleteFailure])
