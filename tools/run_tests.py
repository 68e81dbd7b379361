"""Runs the tests; arguments go to pytest, such as ``tests/client -k upload``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tools.services import ServiceError, ensure_postgresql

ROOT = Path(__file__).resolve().parent.parent
WORKERS = "2"


def main(arguments: list[str]) -> int:
    """Run pytest on two processes; each test starts what it needs and stops it."""
    try:
        ensure_postgresql()
    except ServiceError as error:
        print(error)
        return 2
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("LUML_")
    }
    command = [sys.executable, "-m", "pytest", "-n", WORKERS, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
