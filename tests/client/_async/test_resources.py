"""Organizations, orbits, collections, bucket secrets and keys against a real registry."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest

from luml.api import (
    AsyncLumlClient,
    AuthenticationError,
    CollectionSortBy,
    CollectionType,
    ConflictError,
    MultipleResourcesFoundError,
    NotFoundError,
    S3BucketSecret,
)
from tests.client.support import async_opened
from tests.conftest import RegistryAddress

pytestmark = pytest.mark.anyio

UNKNOWN = "0199c455-21ee-74c6-b747-19a82f1a1e67"


async def test_organizations(aclient: AsyncLumlClient, registry: RegistryAddress) -> None:
    (only,) = await aclient.organizations.list()
    assert only.id == registry.organization
    for value in (None, only.id, only.name):
        assert await aclient.organizations.get(value) == only
    for value in (UNKNOWN, only.name.upper() + "x", ".."):
        assert await aclient.organizations.get(value) is None


async def test_orbits(aclient: AsyncLumlClient, registry: RegistryAddress) -> None:
    default = await aclient.orbits.get()
    assert default is not None
    assert default.id == registry.orbit
    name = f"orbit {uuid4().hex}"
    made = await aclient.orbits.create(name, default.bucket_secret_id)
    for value in (made.id, name):
        found = await aclient.orbits.get(value)
        assert found is not None
        assert found.id == made.id
    assert made.id in [orbit.id for orbit in await aclient.orbits.list()]
    aclient.orbit = name
    updated = await aclient.orbits.update(name=name.upper())
    assert (updated.id, updated.bucket_secret_id) == (made.id, default.bucket_secret_id)
    assert aclient.orbit == made.id
    await aclient.orbits.delete(made.id)
    assert await aclient.orbits.get(made.id) is None
    with pytest.raises(NotFoundError):
        await aclient.orbits.delete(UNKNOWN)


async def test_collections(aclient: AsyncLumlClient, collection: str) -> None:
    made = await aclient.collections.create("text", f"c {uuid4().hex}", CollectionType.MODEL, ["t"])
    assert (made.type, made.tags, made.total_artifacts) == (CollectionType.MODEL, ["t"], 0)
    for value in (made.id, made.name):
        found = await aclient.collections.get(value)
        assert found is not None
        assert found.id == made.id
    default = await aclient.collections.get()
    assert default is not None
    assert default.id == collection
    updated = await aclient.collections.update(description="new", collection_id=made.id)
    assert (updated.name, updated.tags, updated.description) == (made.name, ["t"], "new")
    await aclient.collections.delete(made.id)
    for value in (made.id, made.name, ".."):
        assert await aclient.collections.get(value) is None
    with pytest.raises(NotFoundError, match="Collection not found"):
        await aclient.collections.update(name="x", collection_id=made.id)


async def test_collection_names_are_taken_as_a_whole(
    aclient: AsyncLumlClient, new_collection: Callable[..., str]
) -> None:
    name = f"Whole {uuid4().hex}"
    first = new_collection(name=name)
    new_collection(name=name.lower())
    new_collection(name=f"{name} and more")
    found = await aclient.collections.get(name)
    assert found is not None
    assert found.id == first
    assert await aclient.collections.get("Whole") is None
    second = new_collection(name=name)
    with pytest.raises(MultipleResourcesFoundError) as caught:
        await aclient.collections.get(name)
    assert first in str(caught.value)
    assert second in str(caught.value)


async def test_collection_pages(
    aclient: AsyncLumlClient, new_collection: Callable[..., str]
) -> None:
    word = uuid4().hex
    made = [new_collection("model", f"{word} {number}") for number in range(3)]
    page = await aclient.collections.list(
        search=word, limit=2, sort_by=CollectionSortBy.NAME, order="asc"
    )
    assert [item.id for item in page.items] == made[:2]
    rest = await aclient.collections.list(
        search=word, limit=2, sort_by="name", order="asc", start_after=page.cursor
    )
    assert [item.id for item in rest.items] == made[2:]
    walked = aclient.collections.list_all(search=word, limit=1, types=["model"])
    assert [item.id async for item in walked] == made[::-1]
    assert (await aclient.collections.list(search=word, types=["dataset"])).items == []


async def test_bucket_secrets(aclient: AsyncLumlClient) -> None:
    secrets = await aclient.bucket_secrets.list()
    first = secrets[0]
    assert isinstance(first, S3BucketSecret)
    assert await aclient.bucket_secrets.get(first.id) == first
    assert await aclient.bucket_secrets.get(first.bucket_name) == first
    assert await aclient.bucket_secrets.get("no such bucket") is None
    assert await aclient.bucket_secrets.get(UNKNOWN) is None
    with pytest.raises(ConflictError):
        await aclient.bucket_secrets.delete(first.id)


async def test_api_keys(aclient: AsyncLumlClient, registry: RegistryAddress) -> None:
    await aclient.api_keys.validate()
    user = await aclient.api_keys.whoami()
    assert user.api_key.role == "admin"
    made = await aclient.api_keys.create(
        "for a test", "read", organization_id=registry.organization
    )
    assert made.key not in repr(made)
    assert made.id in [key.id for key in await aclient.api_keys.list()]
    other = await async_opened(registry, api_key=made.key)
    assert other.organization == registry.organization
    await aclient.api_keys.delete(made.id)
    with pytest.raises(AuthenticationError, match="api_key"):
        await other.api_keys.validate()
    await other.aclose()
