"""Engines that the tests run against: found where Debian puts them, or installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

BINARIES = Path("/usr/lib/postgresql")
MISSING = (
    "PostgreSQL's server programs (initdb, postgres) are missing: install Debian's `postgresql`, "
    "or put its bin directory on PATH"
)


class ServiceError(Exception):
    """An engine is missing and cannot be installed; the message says what to do."""


def find_postgresql() -> Path | None:
    """Return the directory of PostgreSQL's server programs, the newest; None if there is none."""
    found = [path.parent for path in BINARIES.glob("*/bin/initdb")]
    if found:
        return max(found, key=lambda path: float(path.parent.name))
    program = shutil.which("initdb")
    return None if program is None else Path(program).resolve().parent


def ensure_postgresql() -> Path:
    """Return the directory of PostgreSQL's server programs; as root on Debian it is installed.

    Raises:
        ServiceError: It is missing, and this is not root with apt-get, or apt-get failed.
    """
    found = find_postgresql()
    if found is not None:
        return found
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise ServiceError(MISSING)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", "postgresql"]):
        done = subprocess.run(
            ["apt-get", *command], env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise ServiceError(f"{MISSING} (apt-get said: {done.stderr.strip()[-500:]})")
    found = find_postgresql()
    if found is None:
        raise ServiceError(MISSING)
    return found


if __name__ == "__main__":
    print(ensure_postgresql())
