"""What travels on the wire, one file a noun; client and server share it."""

from luml.models.api_keys import ApiKey, KeyInUse, NewApiKey, User
from luml.models.artifacts import (
    Artifact,
    ArtifactDeleteFailure,
    ArtifactsDeleteResult,
    ArtifactsList,
    CreatedArtifact,
)
from luml.models.bucket_secrets import (
    AzureBucketSecret,
    BucketSecret,
    BucketSecretUrls,
    S3BucketSecret,
)
from luml.models.collections import Collection, CollectionDetails, CollectionsList
from luml.models.enums import (
    ArtifactSortBy,
    ArtifactStatus,
    ArtifactType,
    BucketType,
    CollectionSortBy,
    CollectionType,
    CollectionTypeFilter,
    SortOrder,
)
from luml.models.orbits import Orbit, OrbitBase
from luml.models.organizations import Organization
from luml.models.uploads import (
    MultiPartUploadDetails,
    PartDetails,
    ServerInfo,
    SessionPart,
    StoredPart,
    UploadDetails,
    UploadSession,
)

__all__ = [
    "ApiKey",
    "Artifact",
    "ArtifactDeleteFailure",
    "ArtifactSortBy",
    "ArtifactStatus",
    "ArtifactType",
    "ArtifactsDeleteResult",
    "ArtifactsList",
    "AzureBucketSecret",
    "BucketSecret",
    "BucketSecretUrls",
    "BucketType",
    "Collection",
    "CollectionDetails",
    "CollectionSortBy",
    "CollectionType",
    "CollectionTypeFilter",
    "CollectionsList",
    "CreatedArtifact",
    "KeyInUse",
    "MultiPartUploadDetails",
    "NewApiKey",
    "Orbit",
    "OrbitBase",
    "Organization",
    "PartDetails",
    "S3BucketSecret",
    "ServerInfo",
    "SessionPart",
    "SortOrder",
    "StoredPart",
    "UploadDetails",
    "UploadSession",
    "User",
]
