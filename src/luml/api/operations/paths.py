"""Where resources live: organization, orbit, collection."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from luml.errors import ConfigurationError


def segment(value: str) -> str:
    """Return ``value`` as one path segment.

    Raises:
        ConfigurationError: The value is empty or a dot segment, which would name another resource,
            or no text at all.
    """
    if value in {"", ".", ".."}:
        raise ConfigurationError(f"{value!r} is not an id.")
    try:
        return quote(value, safe="")
    except UnicodeEncodeError as error:
        raise ConfigurationError(f"{value!r} is not an id.") from error


@dataclass(frozen=True, slots=True)
class OrganizationPath:
    """``ORG`` of the wire."""

    organization: str

    @property
    def url(self) -> str:
        """Its path."""
        return f"/v1/organizations/{segment(self.organization)}"


@dataclass(frozen=True, slots=True)
class OrbitPath:
    """``ORB`` of the wire."""

    organization: str
    orbit: str

    @property
    def parent(self) -> OrganizationPath:
        """The organization."""
        return OrganizationPath(self.organization)

    @property
    def url(self) -> str:
        """Its path."""
        return f"{self.parent.url}/orbits/{segment(self.orbit)}"


@dataclass(frozen=True, slots=True)
class CollectionPath:
    """``COL`` of the wire."""

    organization: str
    orbit: str
    collection: str

    @property
    def parent(self) -> OrbitPath:
        """The orbit."""
        return OrbitPath(self.organization, self.orbit)

    @property
    def url(self) -> str:
        """Its path."""
        return f"{self.parent.url}/collections/{segment(self.collection)}"
