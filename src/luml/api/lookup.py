"""Finding one thing by its id or its exact name, as conversations without I/O."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar
from uuid import UUID

from luml.api.failures import says_missing
from luml.api.listing import Walk
from luml.api.operations import artifacts, bucket_secrets, collections, orbits, organizations
from luml.api.operations.artifacts import ArtifactQuery
from luml.api.operations.collections import CollectionQuery
from luml.api.operations.paths import CollectionPath, OrbitPath, OrganizationPath
from luml.api.operations.request import Request, Steps, ask
from luml.errors import (
    APIStatusError,
    MultipleResourcesFoundError,
    Named,
    NotFoundError,
    describe_choices,
)
from luml.models import (
    Artifact,
    ArtifactsList,
    BucketSecret,
    Collection,
    CollectionDetails,
    Orbit,
    Organization,
)

T = TypeVar("T")
NamedT = TypeVar("NamedT", bound=Named)

PAGE = 100
"""The largest page there is (wire, section 3)."""

MATCHES_SHOWN = 10


def is_id(value: str) -> bool:
    """Say whether ``value`` has the form of an id: a dashed UUID."""
    try:
        return str(UUID(value)) == value.lower()
    except ValueError:
        return False


def only(kind: str, value: str, matches: Sequence[NamedT]) -> NamedT | None:
    """Return the one match, None if there is none.

    Raises:
        MultipleResourcesFoundError: There are several; the message lists their ids.
    """
    if len(matches) > 1:
        raise MultipleResourcesFoundError(
            f"{kind} {value!r} is not one but several; ask by id. {describe_choices(matches)}"
        )
    return matches[0] if matches else None


def choose(kind: str, value: str, items: Iterable[NamedT]) -> NamedT | None:
    """Return the item whose id, or else whose exact name, is ``value``."""
    there = list(items)
    by_id = next((item for item in there if item.id == value.lower()), None)
    return by_id or only(kind, value, [item for item in there if item.name == value])


def unless_missing(noun: str, request: Request[T]) -> Steps[T | None]:
    """Ask; None if the registry says that the ``noun`` does not exist."""
    try:
        return (yield from ask(request))
    except NotFoundError as error:
        if says_missing(error, noun):
            return None
        raise


def organization(value: str) -> Steps[Organization | None]:
    """Find an organization: one request."""
    there = yield from ask(organizations.list_organizations())
    return choose("Organization", value, there)


def orbit(path: OrganizationPath, value: str) -> Steps[Orbit | None]:
    """Find an orbit: one request; two for a name that has the form of an id."""
    if is_id(value):
        wanted = orbits.get_orbit(OrbitPath(path.organization, value))
        found = yield from unless_missing("orbit", wanted)
        if found is not None:
            return found
    return choose("Orbit", value, (yield from ask(orbits.list_orbits(path))))


def collections_named(path: OrbitPath, name: str) -> Steps[list[Collection]]:
    """Return all collections with exactly this name.

    A registry with exact lookup answers with them alone. Others ignore ``name`` and answer the
    search, which takes parts of names in any case: its pages are sifted to the end.
    """
    what = CollectionQuery(limit=PAGE, name=name, search=name)
    walk: Walk[Collection] = Walk(f"{path.url}/collections")
    found: list[Collection] = []
    while not walk.done:
        page = yield from ask(collections.list_collections(path, what, walk.cursor))
        found += [item for item in walk.take(page.items, page.cursor) if item.name == name]
    return found


def collection(path: OrbitPath, value: str) -> Steps[CollectionDetails | None]:
    """Find a collection: one request by id, two by name."""
    if is_id(value):
        wanted = CollectionPath(path.organization, path.orbit, value)
        found = yield from _collection_details(wanted)
        if found is not None:
            return found
    named = only("Collection", value, (yield from collections_named(path, value)))
    if named is None:
        return None
    return (yield from _collection_details(CollectionPath(path.organization, path.orbit, named.id)))


def _collection_details(path: CollectionPath) -> Steps[CollectionDetails | None]:
    return (yield from unless_missing("collection", collections.get_collection(path)))


def bucket_secret(path: OrganizationPath, value: str) -> Steps[BucketSecret | None]:
    """Find a bucket secret by its id or the name of its bucket."""
    if is_id(value):
        found = yield from unless_missing("secret", bucket_secrets.get_secret(path, value))
        if found is not None:
            return found
    there = yield from ask(bucket_secrets.list_secrets(path))
    matches = [secret for secret in there if secret.bucket_name == value]
    if len(matches) > 1:
        ids = ", ".join(secret.id for secret in matches)
        raise MultipleResourcesFoundError(
            f"Bucket secret {value!r} is not one but several; ask by id: {ids}."
        )
    return matches[0] if matches else None


def artifact(path: CollectionPath, value: str) -> Steps[Artifact | None]:
    """Find an artifact among any number: one request where the registry looks names up."""
    if is_id(value):
        found = yield from unless_missing("artifact", artifacts.get_artifact(path, value))
        if found is not None:
            return found
    what = ArtifactQuery(limit=MATCHES_SHOWN, name=value)
    page = yield from artifacts_page(path, what)
    matches = [item for item in page.items if value in (item.name, item.file_name)]
    if len(matches) == len(page.items):
        return only("Artifact", value, matches)
    return only("Artifact", value, (yield from _sifted(path, value)))


def _sifted(path: CollectionPath, value: str) -> Steps[list[Artifact]]:
    """Find by search, then by looking at everything: the server ignored ``name``.

    Its search knows names and tags; a file name that is not the name is found by the second walk.
    """
    search = ArtifactQuery(limit=PAGE, search=value)
    found = yield from _walked(path, search, value)
    return found or (yield from _walked(path, replace(search, search=None), value))


def _walked(path: CollectionPath, what: ArtifactQuery, value: str) -> Steps[list[Artifact]]:
    walk: Walk[Artifact] = Walk(f"{path.url}/artifacts")
    found: list[Artifact] = []
    while not walk.done:
        page = yield from artifacts_page(path, what, walk.cursor)
        items = walk.take(page.items, page.cursor)
        found += [item for item in items if value in (item.name, item.file_name)]
    return found


def artifacts_page(
    path: CollectionPath, what: ArtifactQuery, cursor: str | None = None
) -> Steps[ArtifactsList]:
    """Ask for a page of a collection; by the orbit's list where the collection has none."""
    try:
        return (yield from ask(artifacts.list_artifacts(path, what, cursor)))
    except APIStatusError as error:
        if error.status_code != 405:
            raise
    return (yield from ask(artifacts.list_orbit_artifacts(path, what, cursor)))
