"""The real command, run as a process of its own against a real registry."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from tests.conftest import RegistryAddress

COMMAND = Path(sys.executable).with_name("luml")
TIMEOUT = 60


@dataclass(frozen=True)
class Answer:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Command: TypeAlias = Callable[..., Answer]


def run(environment: dict[str, str], folder: Path, *arguments: str, text: str = "") -> Answer:
    done = subprocess.run(
        [COMMAND, *arguments],
        env={**os.environ, **environment},
        cwd=folder,
        input=text,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return Answer(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def environment(registry: RegistryAddress, collection: str, tmp_path: Path) -> dict[str, str]:
    """Environment of a command that works on this test's own collection."""
    return {
        "LUML_BASE_URL": registry.base_url,
        "LUML_API_KEY": registry.api_key,
        "LUML_COLLECTION": collection,
        "LUML_CONFIG_DIR": str(tmp_path / "config"),
    }


@pytest.fixture
def luml(environment: dict[str, str], tmp_path: Path) -> Command:
    """Run ``luml`` with arguments in an empty folder."""

    def call(*arguments: str, text: str = "", **more: str) -> Answer:
        return run(environment | more, tmp_path, *arguments, text=text)

    return call


@pytest.fixture
def stranger(tmp_path: Path) -> Command:
    """Run ``luml`` where nothing is configured."""

    def call(*arguments: str, text: str = "", **more: str) -> Answer:
        config = {"LUML_CONFIG_DIR": str(tmp_path / "config")}
        return run(config | more, tmp_path, *arguments, text=text)

    return call
