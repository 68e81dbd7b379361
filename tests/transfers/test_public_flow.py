"""The public flow of the wire, on a registry of ours whose extensions are switched off."""

from __future__ import annotations

import hashlib
from collections.abc import Generator
from pathlib import Path

import pytest

from luml.api import AsyncLumlClient, FileError, FileUploadError, LumlClient
from luml.server.run import RunningServer
from luml.server.settings import Settings
from tests.conftest import SAMPLES
from tests.faulty import Answer, FaultyProxy, Seen
from tests.making import MIB, make_artifact

SAMPLE = SAMPLES / "iris_sklearn.luml"


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningServer, None, None]:
    """A registry that speaks sections 1 to 6 of the wire alone."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("plain"), extensions=frozenset())
    with RunningServer(settings) as server:
        yield server


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An artifact file over the public limit for one PUT."""
    return make_artifact(tmp_path_factory.mktemp("large") / "large.pyfnx", 510 * MIB)


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync_client(server: RunningServer, base_url: str | None = None) -> LumlClient:
    first = server.credentials
    return LumlClient(
        base_url or server.base_url,
        first.api_key,
        first.organization,
        first.orbit,
        first.collection,
    )


def test_small_file(plain: RunningServer, tmp_path: Path) -> None:
    with FaultyProxy(plain.base_url, _nothing) as proxy, sync_client(plain, proxy.base_url) as luml:
        artifact = luml.artifacts.upload(SAMPLE, progress=False)
        assert artifact.status == "uploaded"
        luml.artifacts.download(artifact.id, tmp_path, progress=False)
        assert (tmp_path / SAMPLE.name).read_bytes() == SAMPLE.read_bytes()
        assert luml.artifacts.get(SAMPLE.name) is not None
        luml.artifacts.delete(artifact.id)
        assert luml.artifacts.get(artifact.id) is None
        used = {path.split("?")[0].rsplit("/", 1)[-1] for _, path in proxy.seen.requests}
        assert not used & {"upload", "complete"}


def test_multipart(plain: RunningServer, large: Path, tmp_path: Path) -> None:
    with FaultyProxy(plain.base_url, _nothing) as proxy, sync_client(plain, proxy.base_url) as luml:
        artifact = luml.artifacts.upload(large, progress=False)
        assert (artifact.status, artifact.file_hash) == ("uploaded", sha256(large))
        assert proxy.seen.count("POST", "/_store/") == 2
        assert proxy.seen.count("PUT", "/_store/") == 16
        luml.artifacts.download(artifact.id, tmp_path, progress=False)
        assert sha256(tmp_path / large.name) == artifact.file_hash


@pytest.mark.anyio
async def test_async(plain: RunningServer, large: Path, tmp_path: Path) -> None:
    first = plain.credentials
    async with AsyncLumlClient(plain.base_url, first.api_key) as luml:
        await luml.setup_config(
            organization=first.organization, orbit=first.orbit, collection=first.collection
        )
        for path in (SAMPLE, large):
            artifact = await luml.artifacts.upload(path, progress=False)
            assert artifact.status == "uploaded"
            await luml.artifacts.download(artifact.id, tmp_path, progress=False)
            assert sha256(tmp_path / path.name) == sha256(path)


def test_a_failure_is_recorded(plain: RunningServer) -> None:
    def refuse(method: str, path: str, before: int) -> Answer | None:
        return Answer("400 Bad Request") if method == "PUT" else None

    with FaultyProxy(plain.base_url, refuse) as proxy, sync_client(plain, proxy.base_url) as luml:
        with pytest.raises(FileUploadError):
            luml.artifacts.upload(SAMPLE, name="fails", progress=False)
        left = luml.artifacts.get("fails")
        assert left is not None
        assert left.status == "upload_failed"


def test_a_type_that_does_not_fit_is_refused_before_hashing(plain: RunningServer) -> None:
    with FaultyProxy(plain.base_url, _nothing) as proxy, sync_client(plain, proxy.base_url) as luml:
        datasets = luml.collections.create("", "datasets alone", "dataset")
        proxy.seen = Seen()
        with pytest.raises(FileError, match="datasets alone"):
            luml.artifacts.upload(SAMPLE, collection_id=datasets.id, progress=False)
        assert proxy.seen.count("POST", "/v1") == 0


def _nothing(method: str, path: str, before: int) -> None:
    """Break nothing."""
