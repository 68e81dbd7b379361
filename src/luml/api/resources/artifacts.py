"""The artifacts of a client, for annotations and ``isinstance``."""

from luml.api._async.artifacts import AsyncArtifactResource
from luml.api._sync.artifacts import ArtifactResource
from luml.api.bases import ArtifactResourceBase, ListedResource, validate_collection

__all__ = [
    "ArtifactResource",
    "ArtifactResourceBase",
    "AsyncArtifactResource",
    "ListedResource",
    "validate_collection",
]
