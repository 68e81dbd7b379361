"""Processes of a benchmark, and what they cost as the kernel counts it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.machine import ROOT, clean_environment

TICKS = os.sysconf("SC_CLK_TCK")
LUML = "from luml.cli.main import main; main()"
START_SECONDS = 60
STOP_SECONDS = 40


def cpu_seconds(pid: int) -> float:
    """Return the CPU seconds, user and system, that a process has used with all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def reset_peak(pid: int) -> None:
    """Let the peak memory of a process count from now."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def peak_mib(pid: int) -> float:
    """Return the largest resident memory of a process since ``reset_peak``, in MiB."""
    return _memory_mib(pid, "VmHWM:")


def own_mib(pid: int) -> float:
    """Return the memory of a process now, without the files that it has mapped, in MiB."""
    return _memory_mib(pid, "RssAnon:")


def _memory_mib(pid: int, name: str) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) / 1024
    raise LookupError(f"process {pid} has no {name}")


@dataclass(frozen=True, slots=True)
class Place:
    """A running registry, and who one is there."""

    base_url: str
    api_key: str
    organization: str
    orbit: str
    collection: str
    pid: int

    @property
    def orbit_path(self) -> str:
        """Path of the orbit."""
        return f"/v1/organizations/{self.organization}/orbits/{self.orbit}"

    @property
    def collection_path(self) -> str:
        """Path of the default collection."""
        return f"{self.orbit_path}/collections/{self.collection}"


@contextmanager
def running_registry(
    directory: Path, *, host: str = "127.0.0.1", prefix: Sequence[str] = ()
) -> Generator[Place, None, None]:
    """Run ``luml up`` on a directory, as a user starts it, in a process of its own.

    Args:
        directory: The data directory; made if missing.
        host: Where to listen.
        prefix: What runs the command, such as ``ip netns exec NAME``; it must replace itself.
    """
    credentials = directory / "credentials.json"
    credentials.unlink(missing_ok=True)
    arguments = ["up", "--data-dir", str(directory), "--host", host, "--port", "0"]
    command = [*prefix, sys.executable, "-c", LUML, *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, env=clean_environment(), stdout=subprocess.DEVNULL
    ) as process:
        try:
            given = _wait_for(credentials, process)
            yield Place(pid=process.pid, **{name: given[name] for name in PLACE_FIELDS})
        finally:
            _stop(process)


PLACE_FIELDS = ("base_url", "api_key", "organization", "orbit", "collection")


def _wait_for(credentials: Path, process: subprocess.Popen[bytes]) -> dict[str, str]:
    end = time.monotonic() + START_SECONDS
    while not credentials.exists():
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"the registry did not start (exit code {process.returncode})")
        time.sleep(0.05)
    given: dict[str, str] = json.loads(credentials.read_text())
    return given


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()


class Worker:
    """A process that has a client constructed and does what it is told, a JSON line each.

    Args:
        python: The interpreter.
        client: "luml" or "published".
        place: The registry.
        prefix: What runs the command, as for ``running_registry``.
    """

    def __init__(
        self, python: Path, client: str, place: Place, *, prefix: Sequence[str] = ()
    ) -> None:
        script = Path(__file__).with_name("worker.py")
        given = {name: getattr(place, name) for name in PLACE_FIELDS}
        self._process = subprocess.Popen(
            [*prefix, python, script, client, json.dumps(given)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=clean_environment(),
            text=True,
        )
        self.pid = self._process.pid
        self.answer()

    def ask(self, verb: str, **arguments: Any) -> dict[str, Any]:
        """Have one thing done and return the answer."""
        self.tell(verb, **arguments)
        return self.answer()

    def tell(self, verb: str, **arguments: Any) -> None:
        """Have one thing begun."""
        pipe = self._process.stdin
        assert pipe is not None
        pipe.write(json.dumps({"verb": verb, **arguments}) + "\n")
        pipe.flush()

    def answer(self) -> dict[str, Any]:
        """Return the answer to what was told, waiting for it."""
        pipe = self._process.stdout
        assert pipe is not None
        line = pipe.readline()
        if not line:
            raise RuntimeError(f"the worker ended with exit code {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """End it."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
