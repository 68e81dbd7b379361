"""How bytes get into a bucket: upload details, parts, sessions."""

from pydantic import Field

from luml.models.base import WireModel
from luml.models.enums import BucketType


class UploadDetails(WireModel):
    """Where and how to send the bytes of a new artifact."""

    type: BucketType = BucketType.S3
    url: str | None = None
    multipart: bool = False
    bucket_location: str
    bucket_secret_id: str


class PartDetails(WireModel):
    """One part of a multipart upload; ``end_byte`` is the last byte, inclusive."""

    part_number: int
    url: str
    start_byte: int
    end_byte: int
    part_size: int


class MultiPartUploadDetails(WireModel):
    """Signed URLs of all parts and of the completing request."""

    type: BucketType = BucketType.S3
    upload_id: str | None = None
    parts: list[PartDetails]
    complete_url: str


class SessionPart(WireModel):
    """A part that an upload session still misses; ``end_byte`` is inclusive."""

    part_number: int
    url: str
    start_byte: int
    end_byte: int


class StoredPart(WireModel):
    """A part that the store holds."""

    part_number: int
    etag: str
    size: int


class UploadSession(WireModel):
    """What an upload still misses (extension ``upload_sessions``).

    Attributes:
        part_size: Bytes a part, the last one apart.
        parts: Missing parts with signed URLs, lowest first, at most 100.
        complete: True when no part is missing.
        expires_at: When the URLs run out.
    """

    upload_id: str
    part_size: int
    parts_total: int
    parts_done: list[StoredPart] = Field(default_factory=list[StoredPart])
    parts: list[SessionPart] = Field(default_factory=list[SessionPart])
    complete: bool
    expires_at: str


class ServerInfo(WireModel):
    """What a registry says of itself at ``/v1/server``."""

    name: str
    version: str
    extensions: list[str] = Field(default_factory=list)
    limits: dict[str, int] = Field(default_factory=dict)
