"""The defaults of a client: organization, orbit, collection. All decisions, no I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from luml.api import lookup
from luml.api.failures import says_missing
from luml.api.operations import collections, orbits, organizations
from luml.api.operations.collections import CollectionQuery
from luml.api.operations.paths import CollectionPath, OrbitPath, OrganizationPath
from luml.api.operations.request import Request, Steps, ask
from luml.errors import (
    APIStatusError,
    CollectionResourceNotFoundError,
    ConfigurationError,
    Named,
    OrbitResourceNotFoundError,
    OrganizationResourceNotFoundError,
)

T = TypeVar("T")
NamedT = TypeVar("NamedT", bound=Named)


def _unset(noun: str, argument: str) -> ConfigurationError:
    return ConfigurationError(
        f"No {noun} is given and the client has no default {noun}. Pass {argument}, or set "
        f"{noun}= when the client is made (await setup_config on an async client) or later."
    )


def not_set_up() -> ConfigurationError:
    """Return the error for an async client that was used before ``setup_config``."""
    return ConfigurationError(
        "The client is not set up. Await client.setup_config(organization=..., orbit=..., "
        "collection=...) first; without arguments it takes what there is only one of."
    )


@dataclass(frozen=True, slots=True)
class Scope:
    """Ids of the defaults; before it is resolved, ids or exact names."""

    organization: str | None = None
    orbit: str | None = None
    collection: str | None = None

    def with_organization(self, value: str | None) -> Scope:
        """Return the wish for another organization; what lies below goes with the old one."""
        return Scope(value)

    def with_orbit(self, value: str | None) -> Scope:
        """Return the wish for another orbit; the collection goes with the old one."""
        return Scope(self.organization, value)

    def with_collection(self, value: str | None) -> Scope:
        """Return the wish for another collection."""
        return replace(self, collection=value)

    def check_hierarchy(self) -> None:
        """Refuse an orbit without an organization and a collection without an orbit.

        Raises:
            ConfigurationError: Something above is missing.
        """
        if self.orbit and not self.organization:
            raise ConfigurationError(
                f"orbit={self.orbit!r} needs an organization: set organization= as well."
            )
        if self.collection and not self.orbit:
            raise ConfigurationError(
                f"collection={self.collection!r} needs an orbit: set orbit= as well."
            )

    def organization_path(self) -> OrganizationPath:
        """Return the default organization, or raise ConfigurationError."""
        if not self.organization:
            raise _unset("organization", "an organization")
        return OrganizationPath(self.organization)

    def orbit_path(self, orbit_id: str | None = None) -> OrbitPath:
        """Return an orbit of the default organization, or raise ConfigurationError."""
        organization = self.organization_path().organization
        chosen = orbit_id or self.orbit
        if not chosen:
            raise _unset("orbit", "orbit_id")
        return OrbitPath(organization, chosen)

    def collection_path(self, collection_id: str | None = None) -> CollectionPath:
        """Return a collection of the default orbit, or raise ConfigurationError."""
        chosen = collection_id or self.collection
        if not chosen:
            raise _unset("collection", "collection_id")
        path = self.orbit_path()
        return CollectionPath(path.organization, path.orbit, chosen)


def resolve(wish: Scope) -> Steps[Scope]:
    """Turn ids, exact names and nothing into ids: at most three requests if all is well.

    Ids are taken at their word until the deepest request proves them; nothing given and exactly
    one there is that one (client spec, Clients).
    """
    wish.check_hierarchy()
    organization = yield from _organization(wish.organization)
    if organization is None:
        return Scope()
    path = OrganizationPath(organization)
    orbit = yield from _orbit(path, wish.orbit)
    if orbit is None:
        return Scope(organization)
    collection = yield from _collection(OrbitPath(organization, orbit), wish.collection)
    return Scope(organization, orbit, collection)


def _organization(value: str | None) -> Steps[str | None]:
    if value and lookup.is_id(value):
        return value
    there = yield from ask(organizations.list_organizations())
    if not value:
        return _single(there)
    found = lookup.choose("Organization", value, there)
    if found is None:
        raise OrganizationResourceNotFoundError(value, there)
    return found.id


def _orbit(path: OrganizationPath, value: str | None) -> Steps[str | None]:
    if value and lookup.is_id(value):
        return value
    there = yield from _within_organization(path, orbits.list_orbits(path))
    if not value:
        return _single(there)
    found = lookup.choose("Orbit", value, there)
    if found is None:
        raise OrbitResourceNotFoundError(value, there)
    return found.id


def _collection(path: OrbitPath, value: str | None) -> Steps[str | None]:
    try:
        if not value:
            return (yield from _single_collection(path))
        if lookup.is_id(value):
            return (yield from _known_collection(path, value))
        named = yield from lookup.collections_named(path, value)
    except APIStatusError as error:
        yield from _explain(path, error)
        raise
    found = lookup.only("Collection", value, named)
    if found is None:
        raise (yield from _unknown_collection(path, value))
    return found.id


def _single_collection(path: OrbitPath) -> Steps[str | None]:
    page = yield from ask(collections.list_collections(path, CollectionQuery(limit=2)))
    return _single(page.items)


def _known_collection(path: OrbitPath, value: str) -> Steps[str]:
    wanted = collections.get_collection(CollectionPath(path.organization, path.orbit, value))
    found = yield from lookup.unless_missing("collection", wanted)
    if found is None:
        raise (yield from _unknown_collection(path, value))
    return found.id


def _unknown_collection(path: OrbitPath, value: str) -> Steps[CollectionResourceNotFoundError]:
    page = yield from ask(collections.list_collections(path, CollectionQuery(limit=lookup.PAGE)))
    return CollectionResourceNotFoundError(value, page.items)


def _within_organization(path: OrganizationPath, request: Request[T]) -> Steps[T]:
    """Ask something of an organization; if that is what is unknown, say so with the choices."""
    try:
        return (yield from ask(request))
    except APIStatusError as error:
        yield from _explain_organization(path, error)
        raise


def _explain(path: OrbitPath, error: APIStatusError) -> Steps[None]:
    """Raise the error of the level that is unknown; return if none is."""
    yield from _explain_organization(path.parent, error)
    if says_missing(error, "orbit"):
        there = yield from ask(orbits.list_orbits(path.parent))
        raise OrbitResourceNotFoundError(path.orbit, there) from error


def _explain_organization(path: OrganizationPath, error: APIStatusError) -> Steps[None]:
    """Raise if the organization is unknown: a 403 is all that the wire says of that."""
    if error.status_code != 403 and not says_missing(error, "organization"):
        return
    there = yield from ask(organizations.list_organizations())
    if lookup.choose("Organization", path.organization, there) is None:
        raise OrganizationResourceNotFoundError(path.organization, there) from error


def _single(items: Sequence[NamedT]) -> str | None:
    return items[0].id if len(items) == 1 else None
