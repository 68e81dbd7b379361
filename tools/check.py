"""Every check that is no test: format, lint, types, generated code and docs fresh."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable

CHECKS: Sequence[tuple[str, Sequence[str]]] = (
    ("format", (PYTHON, "-m", "ruff", "format", "--check", ".")),
    ("lint", (PYTHON, "-m", "ruff", "check", ".")),
    ("generated sync half", (PYTHON, "tools/unasync.py", "--check")),
    ("generated reference", (PYTHON, "tools/reference.py", "--check")),
    ("types, mypy", (PYTHON, "-m", "mypy")),
    ("types, pyright", (PYTHON, "-m", "pyright")),
)


def main() -> int:
    """Run all checks and say which failed."""
    failed: list[str] = []
    for name, command in CHECKS:
        began = time.monotonic()
        result = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
        took = time.monotonic() - began
        print(
            f"{'ok    ' if result.returncode == 0 else 'FAILED'} {name} ({took:.1f} s)", flush=True
        )
        if result.returncode != 0:
            failed.append(name)
            print(result.stdout + result.stderr, flush=True)
    if failed:
        print(f"\nFailed: {', '.join(failed)}. `make fix` mends format and what is generated.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
