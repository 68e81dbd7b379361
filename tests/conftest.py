"""A real registry on a thread for all tests of a process, and clients of it."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from luml.api import AsyncLumlClient, LumlClient
from luml.server.run import RunningServer
from luml.server.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "examples" / "artifacts"
PROXIES = ("http_proxy", "https_proxy", "all_proxy")


@dataclass(frozen=True)
class RegistryAddress:
    """How to reach the registry of the tests as its first user."""

    base_url: str
    api_key: str
    organization: str
    orbit: str
    collection: str


@pytest.fixture(scope="session", autouse=True)
def isolated_environment(tmp_path_factory: pytest.TempPathFactory) -> Generator[None, None, None]:
    """Keep the settings, the profile and the proxies of whoever runs the tests out of them."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("LUML_") or name.lower() in PROXIES:
                patch.delenv(name)
        patch.setenv("LUML_CONFIG_DIR", str(tmp_path_factory.mktemp("config")))
        yield


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run async tests on asyncio, which is what the SDK runs on."""
    return "asyncio"


@pytest.fixture(scope="session")
def registry(
    tmp_path_factory: pytest.TempPathFactory, isolated_environment: None
) -> Generator[RegistryAddress, None, None]:
    """Serve one registry for all tests of this process."""
    with RunningServer(Settings(data_dir=tmp_path_factory.mktemp("registry"))) as server:
        first = server.credentials
        yield RegistryAddress(
            server.base_url, first.api_key, first.organization, first.orbit, first.collection
        )


@pytest.fixture
def new_collection(registry: RegistryAddress) -> Callable[..., str]:
    """Return a function that makes an empty collection and returns its id."""

    def make(type: str = "mixed", name: str | None = None) -> str:
        with LumlClient(
            registry.base_url,
            registry.api_key,
            registry.organization,
            registry.orbit,
            registry.collection,
        ) as luml:
            return luml.collections.create("", name or f"test {uuid4().hex}", type).id

    return make


@pytest.fixture
def collection(new_collection: Callable[..., str]) -> str:
    """Id of a mixed collection that this test has for itself."""
    return new_collection()


@pytest.fixture
def client(registry: RegistryAddress, collection: str) -> Generator[LumlClient, None, None]:
    """A client whose default collection is the test's own."""
    with LumlClient(
        registry.base_url, registry.api_key, registry.organization, registry.orbit, collection
    ) as luml:
        yield luml


@pytest.fixture
async def aclient(
    registry: RegistryAddress, collection: str
) -> AsyncGenerator[AsyncLumlClient, None]:
    """An async client whose default collection is the test's own."""
    async with AsyncLumlClient(registry.base_url, registry.api_key) as luml:
        await luml.setup_config(
            organization=registry.organization, orbit=registry.orbit, collection=collection
        )
        yield luml


@pytest.fixture
def samples() -> Path:
    """The folder of real artifact files."""
    return SAMPLES
