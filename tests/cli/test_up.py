"""luml up."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import COMMAND, Command


@contextmanager
def running(folder: Path, *arguments: str) -> Generator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [COMMAND, "up", "--data-dir", str(folder / "data"), *arguments],
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def credentials(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "data" / "credentials.json").read_text())
    return found


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_starts_says_how_to_connect_and_stops(
    stranger: Command, tmp_path: Path, ending: signal.Signals
) -> None:
    with running(tmp_path, "--port", "0") as process:
        assert line(process).startswith("The registry is at http://127.0.0.1:")
        base_url = credentials(tmp_path)["base_url"]
        with urllib.request.urlopen(f"{base_url}/healthz", timeout=10) as answer:
            assert answer.status == 200
        path = str(tmp_path / "data" / "credentials.json")
        assert stranger("login", "--credentials", path).code == 0
        assert stranger("ls").code == 0
        said = [line(process) for _ in range(4)]
        process.send_signal(ending)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (0, "The registry has stopped.\n", "")
    assert said[1].split() == ["luml", "login", "--credentials", path]


def test_second_start_keeps_the_key(tmp_path: Path) -> None:
    keys: list[str] = []
    for _ in range(2):
        with running(tmp_path, "--port", "0", "--public-url", "https://luml.test") as process:
            line(process)
            assert credentials(tmp_path)["base_url"] == "https://luml.test"
            keys.append(credentials(tmp_path)["api_key"])
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=20)
    assert keys[0] == keys[1]


def test_json(tmp_path: Path) -> None:
    with running(tmp_path, "--port", "0", "--json") as process:
        said = json.loads("".join(line(process) for _ in range(5)))
        assert said["credentials"] == str(tmp_path / "data" / "credentials.json")
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=20)
    assert out == ""


def test_what_it_cannot_start_with(stranger: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    newer = tmp_path / "newer"
    newer.mkdir()
    (newer / "version").write_text("999\n")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        cases: dict[tuple[str, ...], str] = {
            ("--data-dir", "new", "--port", port): "taken",
            ("--data-dir", "file/below"): "cannot use",
            ("--data-dir", "newer"): "newer",
            ("--data-dir", "new", "--host", "192.0.2.1"): "cannot listen",
        }
        for arguments, reason in cases.items():
            answer = stranger("up", *arguments)
            assert (answer.code, answer.out) == (2, "")
            assert reason in answer.err
            assert len(answer.err.splitlines()) == 1


def test_settings_that_are_none(stranger: Command) -> None:
    answer = stranger("up", "--data-dir", "new", LUML_URL_LIFETIME="soon")
    assert answer.code == 2
    assert "LUML_URL_LIFETIME" in answer.err
    assert stranger("up", "--port", "70000").code == 2


def test_a_second_process_leaves_the_address_of_the_first(tmp_path: Path) -> None:
    with running(tmp_path, "--port", "0") as first:
        line(first)
        address = credentials(tmp_path)["base_url"]
        with running(tmp_path, "--port", "0") as second:
            assert address not in line(second)
            assert credentials(tmp_path)["base_url"] == address
        with urllib.request.urlopen(f"{address}/healthz", timeout=10) as answer:
            assert answer.status == 200


def test_a_directory_that_was_open_keeps_its_files_closed(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o755)
    with running(tmp_path, "--port", "0") as process:
        line(process)
        for path in (tmp_path / "data").rglob("*"):
            assert path.stat().st_mode & 0o077 == 0, path
