"""The published client, unchanged, against ``luml up`` as a user starts it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.making import MIB, make_artifact
from tools.pythons import find_python

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / ".cache" / "published-client"
PUBLISHED = "luml-api==0.4.0"
LIFE_CYCLE = Path(__file__).with_name("life_cycle.py")
SECONDS = 240


@pytest.fixture(scope="module")
def published_python() -> Path:
    """Return an interpreter that has the published client, installed once a clone."""
    python, ready = HOME / "bin" / "python", HOME / PUBLISHED
    if not ready.exists():
        subprocess.run([find_python(12), "-m", "venv", "--clear", HOME], check=True)
        subprocess.run(
            [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", PUBLISHED],
            check=True,
        )
        ready.touch()
    return python


@pytest.fixture
def up(tmp_path: Path) -> Generator[dict[str, str], None, None]:
    """Run ``luml up`` in a process of its own and yield its credentials file."""
    folder = tmp_path / "registry"
    command = [sys.executable, "-m", "luml", "up", "--data-dir", str(folder), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        try:
            yield _wait_for(folder / "credentials.json", process)
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
        finally:
            process.kill()


def _wait_for(path: Path, process: subprocess.Popen[bytes]) -> dict[str, str]:
    end = time.monotonic() + 30
    while not path.exists() and process.poll() is None and time.monotonic() < end:
        time.sleep(0.05)
    assert path.exists(), process.stdout and process.stdout.read()
    credentials: dict[str, str] = json.loads(path.read_text())
    return credentials


def test_life_cycle_of_the_published_client(
    published_python: Path, up: dict[str, str], tmp_path: Path
) -> None:
    big = make_artifact(tmp_path / "big.pyfnx", 520 * MIB)
    environment = {
        **os.environ,
        "TEST_BASE_URL": up["base_url"],
        "TEST_API_KEY": up["api_key"],
        "TEST_ORGANIZATION": up["organization"],
        "TEST_ORBIT": up["orbit"],
        "TEST_SAMPLES": str(ROOT / "examples" / "artifacts"),
        "TEST_BIG_FILE": str(big),
    }
    result = subprocess.run(
        [published_python, LIFE_CYCLE],
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert result.returncode == 0, result.stdout[-2000:] + result.stderr[-6000:]
    assert "the whole life cycle passed" in result.stdout
