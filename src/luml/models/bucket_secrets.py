"""Bucket secrets: where an orbit keeps its bytes. Keys never travel back to a client."""

from typing import Annotated, Literal

from pydantic import Field

from luml.models.base import WireModel
from luml.models.enums import BucketType
from luml.models.orbits import OrbitBase


class S3BucketSecret(WireModel):
    """An S3-compatible bucket, or the local store of an embedded registry."""

    id: str
    type: Literal[BucketType.S3] = BucketType.S3
    endpoint: str
    bucket_name: str
    secure: bool | None = None
    region: str
    cert_check: bool | None = None
    organization_id: str
    created_at: str
    updated_at: str | None = None
    orbits: list[OrbitBase] = Field(default_factory=list[OrbitBase])


class AzureBucketSecret(WireModel):
    """An Azure Blob container."""

    id: str
    type: Literal[BucketType.AZURE] = BucketType.AZURE
    endpoint: str
    bucket_name: str
    organization_id: str
    created_at: str
    updated_at: str | None = None
    orbits: list[OrbitBase] = Field(default_factory=list[OrbitBase])


BucketSecret = Annotated[S3BucketSecret | AzureBucketSecret, Field(discriminator="type")]


class BucketSecretUrls(WireModel):
    """Presigned URLs of a test object, to try a bucket before it is trusted."""

    presigned_url: str
    download_url: str
    delete_url: str
