"""Finds another Python on this machine: the published client needs 3.12, luml runs from 3.11 on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

NEWEST = 15


class NoPythonError(Exception):
    """There is no such Python; the message says how to get one."""


def find_python(minor: int) -> Path:
    """Return a Python 3 of at least ``minor``.

    Looks at the running one, at PATH, at pyenv's versions and at those that uv manages, and lets uv
    fetch one as a last resort.

    Raises:
        NoPythonError: None was found and none could be fetched.
    """
    for candidate in _candidates(minor):
        if _is_at_least(candidate, minor):
            return candidate
    raise NoPythonError(
        f"Python 3.{minor} or later is needed and was not found. Install one (python.org, pyenv, "
        "uv, your distribution) so that it is on PATH, and try again."
    )


def _candidates(minor: int) -> Iterator[Path]:
    yield Path(sys.executable)
    names = [f"python3.{number}" for number in range(minor, NEWEST)] + ["python3"]
    for name in names:
        if found := shutil.which(name):
            yield Path(found)
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from sorted(pyenv.glob("versions/3.*/bin/python3"))
    if uv := shutil.which("uv"):
        asked = [uv, "python", "find", f">=3.{minor}"]
        subprocess.run([uv, "python", "install", f"3.{minor}"], check=False, capture_output=True)
        found = subprocess.run(asked, check=False, capture_output=True, text=True).stdout.strip()
        if found:
            yield Path(found)


def _is_at_least(python: Path, minor: int) -> bool:
    code = f"import sys; sys.exit(sys.version_info < (3, {minor}))"
    try:
        return (
            subprocess.run([python, "-c", code], check=False, capture_output=True).returncode == 0
        )
    except OSError:
        return False
