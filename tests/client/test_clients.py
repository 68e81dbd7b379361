"""How clients are made: defaults, requests, hierarchy, configuration, embedded registries."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from luml.api import (
    AsyncLumlClient,
    CollectionResourceNotFoundError,
    ConfigurationError,
    LumlClient,
    MultipleResourcesFoundError,
    OrbitResourceNotFoundError,
    OrganizationResourceNotFoundError,
    TransferOptions,
)
from luml.api._config import Profile, save_profile
from tests.client.support import AsyncRecorder, Log, Recorder, async_connected, connected
from tests.conftest import RegistryAddress

UNKNOWN = "0199c455-21ee-74c6-b747-19a82f1a1e67"
COLLECTIONS = 1_000


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Generator[RegistryAddress, None, None]:
    """A registry of its own with a thousand collections; "wanted" is the oldest."""
    from luml.server.run import RunningServer
    from luml.server.settings import Settings

    with RunningServer(Settings(data_dir=tmp_path_factory.mktemp("crowded"))) as server:
        first = server.credentials
        with LumlClient(server.base_url, first.api_key) as luml:
            wanted = luml.collections.create("", "wanted", "mixed").id
            with ThreadPoolExecutor(8) as pool:
                others = range(COLLECTIONS - 2)
                made = [
                    pool.submit(luml.collections.create, "", f"not wanted {number}", "mixed")
                    for number in others
                ]
                assert all(future.result().id != wanted for future in made)
        yield RegistryAddress(
            server.base_url, first.api_key, first.organization, first.orbit, wanted
        )


def defaults(luml: LumlClient | AsyncLumlClient) -> tuple[str | None, str | None, str | None]:
    """Return the ids of the defaults."""
    return luml.organization, luml.orbit, luml.collection


def names(address: RegistryAddress) -> tuple[str, str]:
    """Return the names of organization and orbit."""
    with LumlClient(address.base_url, address.api_key, address.organization) as luml:
        organization, orbit = luml.organizations.get(), luml.orbits.get()
        assert organization is not None
        assert orbit is not None
        return organization.name, orbit.name


@pytest.mark.parametrize(
    ("organization", "orbit", "collection", "requests"),
    [
        ("id", "id", "id", 1),
        ("id", "id", "name", 1),
        ("id", "id", None, 1),
        ("id", "name", "id", 2),
        ("id", "name", "name", 2),
        ("name", "id", "id", 2),
        ("name", "id", "name", 2),
        ("name", "name", "id", 3),
        ("name", "name", "name", 3),
        ("id", None, None, 2),
        (None, None, None, 3),
    ],
)
def test_requests_of_a_construction(
    crowded: RegistryAddress,
    organization: str | None,
    orbit: str | None,
    collection: str | None,
    requests: int,
) -> None:
    called = names(crowded)
    chosen = (
        {"id": crowded.organization, "name": called[0]}.get(organization or ""),
        {"id": crowded.orbit, "name": called[1]}.get(orbit or ""),
        {"id": crowded.collection, "name": "wanted"}.get(collection or ""),
    )
    expected = (crowded.organization, crowded.orbit, crowded.collection if collection else None)
    log = Log()
    with (
        connected(Recorder(log)) as http,
        LumlClient(crowded.base_url, crowded.api_key, *chosen, http_client=http) as luml,
    ):
        assert defaults(luml) == expected
    assert len(log) == requests
    async_log = Log()

    async def set_up() -> None:
        async with (
            async_connected(AsyncRecorder(async_log)) as async_http,
            AsyncLumlClient(
                crowded.base_url, crowded.api_key, http_client=async_http
            ) as async_luml,
        ):
            await async_luml.setup_config(
                organization=chosen[0], orbit=chosen[1], collection=chosen[2]
            )
            assert defaults(async_luml) == expected

    asyncio.run(set_up())
    assert async_log.lines == log.lines


@pytest.mark.parametrize(
    ("organization", "orbit", "collection", "error", "shown"),
    [
        (UNKNOWN, None, None, OrganizationResourceNotFoundError, "organization"),
        (UNKNOWN, "orbit", None, OrganizationResourceNotFoundError, "organization"),
        (UNKNOWN, "orbit", "collection", OrganizationResourceNotFoundError, "organization"),
        ("nope", None, None, OrganizationResourceNotFoundError, "organization"),
        ("organization", UNKNOWN, None, OrbitResourceNotFoundError, "orbit"),
        ("organization", UNKNOWN, "collection", OrbitResourceNotFoundError, "orbit"),
        ("organization", UNKNOWN, "name", OrbitResourceNotFoundError, "orbit"),
        ("organization", "nope", None, OrbitResourceNotFoundError, "orbit"),
        ("organization", "orbit", UNKNOWN, CollectionResourceNotFoundError, None),
        ("organization", "orbit", "want", CollectionResourceNotFoundError, None),
    ],
)
def test_unknown_defaults_name_what_there_is(
    crowded: RegistryAddress,
    organization: str,
    orbit: str | None,
    collection: str | None,
    error: type[Exception],
    shown: str | None,
) -> None:
    ids = {
        "organization": crowded.organization,
        "orbit": crowded.orbit,
        "collection": crowded.collection,
    }

    def resolved(value: str | None) -> str | None:
        return None if value is None else ids.get(value, value)

    with pytest.raises(error, match="There are: ") as caught:
        LumlClient(
            crowded.base_url,
            crowded.api_key,
            resolved(organization),
            resolved(orbit),
            resolved(collection),
        )
    assert isinstance(caught.value, ValueError)
    assert (ids[shown] if shown else "not wanted ") in str(caught.value)


def test_hierarchy(registry: RegistryAddress) -> None:
    with pytest.raises(ConfigurationError, match="needs an organization"):
        LumlClient(registry.base_url, registry.api_key, orbit=registry.orbit)
    with pytest.raises(ConfigurationError, match="needs an orbit"):
        LumlClient(registry.base_url, registry.api_key, registry.organization, collection="default")

    async def set_up() -> None:
        async with AsyncLumlClient(registry.base_url, registry.api_key) as luml:
            with pytest.raises(ConfigurationError, match="needs an organization"):
                await luml.setup_config(orbit="default")
            with pytest.raises(ConfigurationError, match="needs an orbit"):
                await luml.setup_config(collection="default")

    asyncio.run(set_up())


def test_only_one_of_each(tmp_path: Path) -> None:
    with LumlClient.embedded(tmp_path) as first:
        assert first.base_url is not None
        key = first.session.connect().connection.api_key
        with LumlClient(first.base_url, key) as luml:
            assert luml.collection == first.collection
            assert None not in (luml.organization, luml.orbit, luml.collection)


def test_setters(client: LumlClient, registry: RegistryAddress, collection: str) -> None:
    above = (registry.organization, registry.orbit)
    client.collection = "default"
    assert defaults(client) == (*above, registry.collection)
    client.collection = collection
    with pytest.raises(CollectionResourceNotFoundError):
        client.collection = "nope"
    with pytest.raises(OrbitResourceNotFoundError):
        client.orbit = "nope"
    with pytest.raises(OrganizationResourceNotFoundError):
        client.organization = "nope"
    assert defaults(client) == (*above, collection)
    client.orbit = registry.orbit
    assert defaults(client) == (*above, None)
    with pytest.raises(ConfigurationError, match="collection_id"):
        client.artifacts.list()


def test_async_setters(registry: RegistryAddress, collection: str) -> None:
    async def run() -> None:
        async with AsyncLumlClient(registry.base_url, registry.api_key) as luml:
            with pytest.raises(ConfigurationError, match="setup_config"):
                await luml.artifacts.list()
            with pytest.raises(ConfigurationError, match="setup_config"):
                [item async for item in luml.artifacts.list_all()]
            assert await luml is luml
            luml.orbit = registry.orbit
            luml.collection = "default"
            await luml.artifacts.list()
            assert luml.collection == registry.collection
            luml.collection = "nope"
            with pytest.raises(CollectionResourceNotFoundError):
                await luml.artifacts.list()
            luml.collection = collection
            await luml.artifacts.list()

    asyncio.run(run())


def test_an_async_client_outlives_its_loop(registry: RegistryAddress) -> None:
    luml = AsyncLumlClient(registry.base_url, registry.api_key)

    async def use() -> int:
        await luml.setup_config()
        found = await luml.organizations.list()
        await luml.aclose()
        return len(found)

    assert asyncio.run(use()) == 1


def test_names_that_fit_several(
    client: LumlClient, registry: RegistryAddress, collection: str
) -> None:
    found = client.collections.get()
    assert found is not None
    client.collections.create("", found.name, "mixed")
    with pytest.raises(MultipleResourcesFoundError, match=collection):
        LumlClient(
            registry.base_url,
            registry.api_key,
            registry.organization,
            registry.orbit,
            found.name,
        )


def test_configuration(
    registry: RegistryAddress, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LUML_CONFIG_DIR", str(tmp_path))
    with pytest.raises(ConfigurationError, match=r"api_key=.*LUML_API_KEY.*luml login"):
        LumlClient()
    with pytest.raises(ConfigurationError, match=r"api_key=.*LUML_API_KEY.*luml login"):
        AsyncLumlClient()
    save_profile(Profile(registry.base_url, registry.api_key))
    with LumlClient() as luml:
        assert luml.base_url == registry.base_url
    with pytest.raises(ConfigurationError, match="stored one for"):
        LumlClient("http://other.invalid")

    async def by_profile() -> None:
        async with AsyncLumlClient() as luml:
            await luml.setup_config()
            assert luml.base_url == registry.base_url

    asyncio.run(by_profile())
    monkeypatch.setenv("LUML_API_KEY", "from the environment")
    with pytest.raises(ConfigurationError, match="holds a space"):
        LumlClient()
    monkeypatch.setenv("LUML_API_KEY", registry.api_key)
    monkeypatch.setenv("LUML_BASE_URL", registry.base_url + "/v1/")
    with LumlClient() as luml:
        assert luml.base_url == registry.base_url


def test_a_missing_key_within_a_loop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LUML_CONFIG_DIR", str(tmp_path))

    async def make() -> None:
        AsyncLumlClient()

    with pytest.raises(ConfigurationError, match="LUML_API_KEY"):
        asyncio.run(make())


@pytest.mark.parametrize("url", ["registry", "ftp://host", "http://", "http://a b", "http://h:x"])
def test_addresses_that_are_none(url: str) -> None:
    with pytest.raises(ConfigurationError, match="base_url"):
        LumlClient(url, "luml_key")


def test_values_out_of_range() -> None:
    with pytest.raises(ConfigurationError, match="timeout"):
        LumlClient("http://host", "luml_key", timeout=0)
    with pytest.raises(ConfigurationError, match="max_retries"):
        LumlClient("http://host", "luml_key", max_retries=-1)
    with pytest.raises(ConfigurationError, match="max_file_size"):
        AsyncLumlClient("http://host", "luml_key", max_file_size=-1)


def test_embedded(tmp_path: Path, samples: Path) -> None:
    with LumlClient.embedded(tmp_path / "registry", transfer=TransferOptions()) as luml:
        made = luml.artifacts.upload(samples / "scale_pyfunc.pyfnx", name="kept")
        luml.collections.create("", "another", "mixed")
    with LumlClient.embedded(str(tmp_path / "registry")) as luml:
        found = luml.artifacts.get("kept")
        assert found is not None
        assert found.id == made.id
        luml.artifacts.download(made.id, tmp_path / "copy.pyfnx")
    assert (tmp_path / "copy.pyfnx").read_bytes() == (samples / "scale_pyfunc.pyfnx").read_bytes()

    async def use() -> None:
        async with AsyncLumlClient.embedded(tmp_path / "registry") as entered:
            assert await entered.artifacts.get("kept") == found
        awaited = await AsyncLumlClient.embedded(tmp_path / "registry", collection=None)
        assert await awaited.artifacts.get("kept") == found
        await awaited.aclose()
        told = AsyncLumlClient.embedded(tmp_path / "registry")
        await told.setup_config()
        assert await told.artifacts.get("kept") == found
        await told.aclose()

    asyncio.run(use())


def test_two_processes_share_an_embedded_registry(tmp_path: Path, samples: Path) -> None:
    with LumlClient.embedded(tmp_path) as luml:
        made = luml.artifacts.upload(samples / "scale_pyfunc.pyfnx", name="shared")
        context = multiprocessing.get_context("spawn")
        answers: multiprocessing.Queue[str] = context.Queue()
        process = context.Process(target=_find, args=(str(tmp_path), answers))
        process.start()
        assert answers.get(timeout=60) == made.id
        process.join()
        assert luml.artifacts.get("from the other process") is not None


def _find(path: str, answers: multiprocessing.Queue[str]) -> None:
    with LumlClient.embedded(path) as luml:
        found = luml.artifacts.get("shared")
        assert found is not None
        luml.artifacts.update(found.id, name="from the other process")
        answers.put(found.id)


def test_an_embedded_registry_that_cannot_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ConfigurationError, match="did not start"):
        LumlClient.embedded(tmp_path / "file" / "registry")


@pytest.mark.parametrize("module", ["luml.api", "luml.api.resources.artifacts"])
def test_the_import_is_light(module: str) -> None:
    heavy = ("luml.server", "luml.cli", "rich", "httpx2", "fastapi", "sqlalchemy", "typer")
    code = (
        f"import sys, {module}\n"
        f"print([name for name in sys.modules if name in {heavy!r}"
        f" or name.startswith(('luml.server.', 'luml.cli.'))])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )
    assert answer.stdout.strip() == "[]"
