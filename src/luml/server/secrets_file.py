"""The registry's own secret: made once, readable by its owner only."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

FILE_NAME = "secret.key"
SECRET_BYTES = 32


def read_or_make(directory: Path) -> str:
    """Return the text of ``directory/secret.key``, made now if it is not there."""
    path = directory / FILE_NAME
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        text = secrets.token_urlsafe(SECRET_BYTES)
        write_private(path, text + "\n")
        return text


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
