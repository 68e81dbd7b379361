"""What a measurement was made on and with, and where its results go."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import ssl
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.published.test_life_cycle import HOME, PUBLISHED
from tools.pythons import find_python

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
SCRATCH = ROOT / ".cache" / "bench"
"""Data of a run; removed at its end."""


def published_python() -> Path:
    """Return an interpreter that has the published client, installed once a clone."""
    python, ready = HOME / "bin" / "python", HOME / PUBLISHED
    if not ready.exists():
        print(f"Installing {PUBLISHED} into a virtual environment of its own ...", flush=True)
        subprocess.run([str(find_python(12)), "-m", "venv", "--clear", str(HOME)], check=True)
        pip = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*pip, PUBLISHED], check=True)
        ready.touch()
    return python


def clean_environment() -> dict[str, str]:
    """Return the environment without settings of luml or proxies, with bytecode allowed."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("LUML_", "PYTHONDONTWRITEBYTECODE"))
        and not name.lower().endswith("_proxy")
    }


@dataclass(slots=True)
class Report:
    """The results of one benchmark, with all that is needed to judge them.

    Args:
        name: The file is ``results/<name>.json``.
        quick: Small sizes, which say whether things work and not how fast they are.
    """

    name: str
    quick: bool
    results: dict[str, Any] = field(default_factory=dict[str, Any])
    _begun: datetime = field(default_factory=lambda: datetime.now(UTC))
    _load_before: tuple[float, float, float] = field(default_factory=os.getloadavg)

    def write(self) -> Path:
        """Write the file and return its path; a quick run does not replace a full one."""
        folder = SCRATCH.parent / "bench-quick" if self.quick else RESULTS
        folder.mkdir(parents=True, exist_ok=True)
        document = {
            "benchmark": self.name,
            "quick": self.quick,
            "date": self._begun.isoformat(timespec="seconds"),
            "seconds": round((datetime.now(UTC) - self._begun).total_seconds(), 1),
            "load_average": {"before": self._load_before, "after": os.getloadavg()},
            "machine": _machine(),
            "versions": _versions(),
            "results": self.results,
        }
        path = folder / f"{self.name}.json"
        path.write_text(json.dumps(document, indent=2) + "\n")
        print(f"\nWritten to {path.relative_to(ROOT)}\n", flush=True)
        return path


def _machine() -> dict[str, Any]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    congestion = Path("/proc/sys/net/ipv4/tcp_congestion_control")
    return {
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "memory_gib": round(memory / 2**30, 1),
        "kernel": platform.release(),
        "tcp_congestion_control": congestion.read_text().strip() if congestion.exists() else None,
    }


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()


def _versions() -> dict[str, str]:
    names = ("luml", "fastapi", "uvicorn", "sqlalchemy", "httpx2", "pydantic")
    asked = [str(published_python()), "-c", "import platform; print(platform.python_version())"]
    theirs = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    return {
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "openssl": ssl.OPENSSL_VERSION,
        "published client": PUBLISHED,
        "python of the published client": theirs,
        "commit": _commit(),
        **{name: version(name) for name in names},
    }


def _commit() -> str:
    asked = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
    found = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    return found.stdout.strip() or "unknown"
