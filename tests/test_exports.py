"""The public names, pinned: a name that comes or goes does so on purpose."""

from __future__ import annotations

import importlib
import inspect

import pytest

import luml.api
from luml import errors
from luml.api import LumlAPIError

PUBLIC = [
    "APIConnectionError",
    "APIError",
    "APIStatusError",
    "Artifact",
    "ArtifactDeleteFailure",
    "ArtifactNotFoundError",
    "ArtifactSortBy",
    "ArtifactStatus",
    "ArtifactType",
    "ArtifactsDeleteResult",
    "ArtifactsList",
    "AsyncLumlClient",
    "AuthenticationError",
    "AzureBucketSecret",
    "BadRequestError",
    "BaseProgressHandler",
    "BucketSecret",
    "BucketType",
    "Collection",
    "CollectionDetails",
    "CollectionResourceNotFoundError",
    "CollectionSortBy",
    "CollectionType",
    "CollectionTypeFilter",
    "CollectionsList",
    "ConfigurationError",
    "ConflictError",
    "CreatedArtifact",
    "DownloadOutcome",
    "FileDownloadError",
    "FileError",
    "FileTransferError",
    "FileUploadError",
    "IntegrityError",
    "InternalServerError",
    "LumlAPIError",
    "LumlClient",
    "MultiPartUploadDetails",
    "MultipleResourcesFoundError",
    "NotFoundError",
    "Orbit",
    "OrbitResourceNotFoundError",
    "Organization",
    "OrganizationResourceNotFoundError",
    "PartDetails",
    "PermissionDeniedError",
    "RateLimitError",
    "ResourceNotFoundError",
    "S3BucketSecret",
    "SortOrder",
    "TransferOptions",
    "UnprocessableEntityError",
    "UploadDetails",
    "UploadOutcome",
]

RESOURCES = {
    "api_keys": "ApiKeyResource",
    "artifacts": "ArtifactResource",
    "bucket_secrets": "BucketSecretResource",
    "collections": "CollectionResource",
    "orbits": "OrbitResource",
    "organizations": "OrganizationResource",
}


def test_public_names() -> None:
    assert sorted(luml.api.__all__) == sorted(PUBLIC)
    assert all(hasattr(luml.api, name) for name in PUBLIC)


def test_every_error_is_public_and_of_one_root() -> None:
    raised = {
        name
        for name, value in vars(errors).items()
        if inspect.isclass(value) and issubclass(value, Exception)
    }
    assert raised <= set(PUBLIC)
    assert all(issubclass(getattr(luml.api, name), LumlAPIError) for name in raised)


@pytest.mark.parametrize("noun", RESOURCES)
def test_resources(noun: str) -> None:
    module = importlib.import_module(f"luml.api.resources.{noun}")
    sync, twin = RESOURCES[noun], f"Async{RESOURCES[noun]}"
    assert {sync, twin} <= set(module.__all__)
    assert public_of(getattr(module, sync)) == public_of(getattr(module, twin))
    for name in public_of(getattr(module, sync)):
        here, there = (getattr(getattr(module, kind), name) for kind in (sync, twin))
        assert parameters(here) == parameters(there)
        assert inspect.getdoc(here) is not None
        assert ">>>" in str(inspect.getdoc(there)), f"{twin}.{name} has no example"
        assert "await " not in str(inspect.getdoc(here))


def test_bases_of_the_artifact_resources() -> None:
    module = importlib.import_module("luml.api.resources.artifacts")
    for resource in (module.ArtifactResource, module.AsyncArtifactResource):
        assert resource.__bases__[-2:] == (module.ArtifactResourceBase, module.ListedResource)


def public_of(kind: type) -> set[str]:
    """Return the names of the public methods."""
    return {name for name in dir(kind) if not name.startswith("_")}


def parameters(function: object) -> list[tuple[str, object, object]]:
    """Return what can be passed to a method."""
    assert callable(function)
    found = inspect.signature(function).parameters.values()
    return [(each.name, each.kind, each.default) for each in found]
