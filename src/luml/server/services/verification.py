"""Looks at an object before the registry says that it is there (wire, section 4, rule a)."""

from __future__ import annotations

import re

from luml.server.errors import Problem, conflict
from luml.server.storage.base import Storage

_DIGEST = re.compile(r"[0-9a-fA-F]{64}")


def is_digest(file_hash: str | None) -> bool:
    """Say whether a hash is a SHA-256 in hex; other text never counts as verified."""
    return file_hash is not None and _DIGEST.fullmatch(file_hash) is not None


def checked_digest(file_hash: str | None) -> str | None:
    """Return what the store shall check a PUT against."""
    return file_hash.lower() if file_hash is not None and is_digest(file_hash) else None


def fault(storage: Storage, location: str, size: int, file_hash: str | None) -> str | None:
    """Return what is wrong with a stored object, in a sentence that names both sides; None if
    nothing is.

    Raises:
        StorageError: The store did not answer.
    """
    if file_hash is None:
        return "The file has no digest yet; complete its upload with file_hash."
    stored = storage.stat(location)
    if stored is None:
        return f"The object is missing: {size} bytes were declared, nothing is in the store."
    if stored.size != size:
        return (
            f"The object is not the declared one: {size} bytes were declared, "
            f"{stored.size} are in the store."
        )
    digest = checked_digest(file_hash)
    if digest is not None and stored.sha256 is not None and stored.sha256.lower() != digest:
        return (
            f"The object is not the declared one: SHA-256 {digest} was declared, "
            f"{stored.sha256} is in the store."
        )
    return None


def incomplete(reason: str) -> Problem:
    """409: what was announced is not in the store."""
    return conflict("upload_incomplete", reason)
