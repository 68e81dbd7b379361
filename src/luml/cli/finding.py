"""Finding by id or exact name; what is not there is an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luml.errors import (
    ArtifactNotFoundError,
    CollectionResourceNotFoundError,
    OrbitResourceNotFoundError,
    OrganizationResourceNotFoundError,
)
from luml.models import Artifact, CollectionDetails, Orbit, Organization

if TYPE_CHECKING:
    from luml.api import LumlClient


def find_artifact(client: LumlClient, value: str) -> Artifact:
    """Return an artifact of the default collection, or raise ArtifactNotFoundError."""
    found = client.artifacts.get(value)
    if found is None:
        raise ArtifactNotFoundError(value)
    return found


def find_collection(client: LumlClient, value: str | None) -> CollectionDetails:
    """Return a collection of the default orbit, or raise CollectionResourceNotFoundError."""
    found = client.collections.get(value)
    if found is None:
        raise CollectionResourceNotFoundError(value)
    return found


def find_orbit(client: LumlClient, value: str | None) -> Orbit:
    """Return an orbit of the default organization, or raise OrbitResourceNotFoundError."""
    found = client.orbits.get(value)
    if found is None:
        raise OrbitResourceNotFoundError(value, client.orbits.list())
    return found


def find_organization(client: LumlClient, value: str | None) -> Organization:
    """Return an organization, or raise OrganizationResourceNotFoundError."""
    found = client.organizations.get(value)
    if found is None:
        raise OrganizationResourceNotFoundError(value, client.organizations.list())
    return found
