"""Disks that are full, at the registry and at the target: a clear error, and nothing is lost.

The real file system refuses: a process may write no file larger than ``RLIMIT_FSIZE``, which is
what ``ENOSPC`` looks like to everything above the kernel but for the number.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from luml.api import FileDownloadError, LumlClient
from luml.server.storage.base import DiskFullError
from luml.server.storage.local import LocalStore
from luml.transfer.plan import MIB, Plan
from tests.conftest import ROOT, RegistryAddress
from tests.making import make_artifact

SIZE = 20 * MIB


@contextmanager
def small_disk(size: int) -> Generator[None, None, None]:
    """Let no file of this process grow beyond ``size`` bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


def test_a_full_disk_at_the_store_is_known_before_a_byte_comes(tmp_path: Path) -> None:
    store = LocalStore(tmp_path, b"k" * 32)
    signed = store.bind("http://localhost", 60)
    with small_disk(MIB):
        with pytest.raises(DiskFullError, match=str(SIZE)):
            signed.start_multipart("orbit/collection/x.fnnx", Plan(SIZE, 8 * MIB))
        with pytest.raises(DiskFullError), store.receive("orbit/collection/x.fnnx", SIZE):
            raise AssertionError("nothing may be received")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_full_disk_at_the_target(
    registry: RegistryAddress, client: LumlClient, tmp_path: Path
) -> None:
    artifact = client.artifacts.upload(make_artifact(tmp_path / "a.pyfnx", SIZE), progress=False)
    target = tmp_path / "target" / "a.pyfnx"
    target.parent.mkdir()
    target.write_bytes(b"what was there")
    with small_disk(MIB), pytest.raises(FileDownloadError, match="target was not touched"):
        client.artifacts.download(artifact.id, target, progress=False)
    assert target.read_bytes() == b"what was there"
    assert os.listdir(target.parent) == ["a.pyfnx"]
    client.artifacts.download(artifact.id, target, progress=False)
    assert target.stat().st_size == artifact.size


def test_the_registry_says_that_its_disk_is_full(tmp_path: Path) -> None:
    large = make_artifact(tmp_path / "large.pyfnx", 70 * MIB)
    code = (
        "import resource, signal, sys\n"
        "from luml.api import LumlClient\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "with LumlClient.embedded(sys.argv[1]) as luml:\n"
        f"    resource.setrlimit(resource.RLIMIT_FSIZE, ({10 * MIB}, {10 * MIB}))\n"
        "    try:\n"
        "        luml.artifacts.upload(sys.argv[2], progress=False)\n"
        "    except Exception as error:\n"
        "        sys.exit(f'{type(error).__name__} {error.code} {error}')\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "registry", large],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 1
    assert "InternalServerError insufficient_storage" in result.stderr
    assert "no room" in result.stderr
