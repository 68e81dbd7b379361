"""SIGKILL at any point: the next run sends or fetches only what is missing."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from luml.api import LumlClient
from tests.conftest import ROOT, RegistryAddress
from tests.faulty import FaultyProxy, Seen
from tests.making import MIB, make_artifact

SIZE = 200 * MIB
PART = 32 * MIB
IN_FLIGHT = 2
HALVES = ("sync", "async")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An artifact file of seven parts."""
    return make_artifact(tmp_path_factory.mktemp("large") / "large.pyfnx", SIZE)


class Process:
    """A transfer in a process, and how to kill it."""

    def __init__(self, registry: RegistryAddress, base_url: str, collection: str) -> None:
        self._environment = {
            **os.environ,
            "TEST_BASE_URL": base_url,
            "TEST_API_KEY": registry.api_key,
            "TEST_ORGANIZATION": registry.organization,
            "TEST_ORBIT": registry.orbit,
            "TEST_COLLECTION": collection,
        }
        self._process: subprocess.Popen[str] | None = None

    def start(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "tests.transfers.work", *arguments]
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=self._environment, stdout=subprocess.PIPE, text=True
        )

    def kill(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)

    def finish(self) -> tuple[int, str]:
        assert self._process is not None
        output, _ = self._process.communicate(timeout=60)
        return self._process.returncode, output.strip()


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize("at", [1, 3, 5])
def test_killed_upload(
    registry: RegistryAddress, client: LumlClient, large: Path, half: str, at: int
) -> None:
    assert client.collection is not None
    processes: list[Process] = []

    def kill(method: str, path: str, before: int) -> None:
        if method == "PUT" and path.startswith("/_store/") and before == at:
            processes[0].kill()

    with FaultyProxy(registry.base_url, kill) as proxy:
        process = Process(registry, proxy.base_url, client.collection)
        processes.append(process)
        process.start(half, "upload", str(large))
        assert process.finish()[0] == -signal.SIGKILL
        (left,) = client.artifacts.list().items
        assert left.status == "pending_upload"
        time.sleep(0.3)  # the server takes in what was on its way
        proxy.plan, proxy.seen = _nothing, Seen()
        process.start(half, "upload", str(large))
        code, artifact_id = process.finish()
        assert (code, artifact_id) == (0, left.id)
        sent = proxy.seen.up
    done = max(0, at - IN_FLIGHT + 1)
    assert sent <= large.stat().st_size - done * PART + MIB
    (artifact,) = client.artifacts.list().items
    assert (artifact.status, artifact.file_hash) == ("uploaded", sha256(large))


@pytest.mark.parametrize("half", HALVES)
def test_killed_download(
    registry: RegistryAddress, client: LumlClient, large: Path, tmp_path: Path, half: str
) -> None:
    assert client.collection is not None
    artifact = client.artifacts.upload(large, progress=False)
    target = tmp_path / "back.pyfnx"
    target.write_bytes(b"stays whole until then")
    processes: list[Process] = []

    def kill(method: str, path: str, before: int) -> None:
        if method == "GET" and path.startswith("/_store/") and before == 5:
            processes[0].kill()

    with FaultyProxy(registry.base_url, kill) as proxy:
        process = Process(registry, proxy.base_url, client.collection)
        processes.append(process)
        process.start(half, "download", artifact.id, str(target))
        assert process.finish()[0] == -signal.SIGKILL
        assert target.read_bytes() == b"stays whole until then"
        proxy.plan, proxy.seen = _nothing, Seen()
        process.start(half, "download", artifact.id, str(target))
        assert process.finish()[0] == 0
        assert proxy.seen.down <= artifact.size - (5 - IN_FLIGHT + 1) * PART + MIB
    assert sha256(target) == artifact.file_hash
    assert [path.name for path in tmp_path.iterdir()] == ["back.pyfnx"]


def test_two_processes_download_to_one_target(
    registry: RegistryAddress, client: LumlClient, large: Path, tmp_path: Path
) -> None:
    assert client.collection is not None
    artifact = client.artifacts.upload(large, progress=False)
    target = tmp_path / "back.pyfnx"
    processes = [Process(registry, registry.base_url, client.collection) for _ in range(2)]
    for process in processes:
        process.start("sync", "download", artifact.id, str(target))
    assert [process.finish()[0] for process in processes] == [0, 0]
    assert sha256(target) == artifact.file_hash
    assert [path.name for path in tmp_path.iterdir()] == ["back.pyfnx"]


def _nothing(method: str, path: str, before: int) -> None:
    """Break nothing."""
