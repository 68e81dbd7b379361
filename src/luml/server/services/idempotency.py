"""The same request twice makes one object (wire, section 7, ``idempotency``)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from luml.server.db import idempotency
from luml.server.db.types import now
from luml.server.errors import conflict, invalid
from luml.server.services.documents import dump
from luml.server.services.policy import Grant

LIFETIME = 24 * 3600 * 1_000_000
KEY_LENGTH = 255


@dataclass(frozen=True, slots=True)
class Once:
    """A request that must not be done twice: its key, and a digest of what it asks."""

    key: str
    fingerprint: bytes


def once_for(key: str | None, method: str, path: str, body: bytes) -> Once | None:
    """Return what identifies a request that came with a key, None if it came without."""
    if key is None:
        return None
    if not 0 < len(key) <= KEY_LENGTH or "\0" in key:
        raise invalid(("header", "Idempotency-Key"), f"1 to {KEY_LENGTH} characters", key)
    digest = hashlib.sha256(f"{method} {path}\n".encode("utf-8", "replace") + body).digest()
    return Once(key, digest)


def once(
    connection: Connection, grant: Grant, request: Once | None, work: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """Do ``work`` and keep its answer, or return the answer of the first time.

    Raises:
        Problem: 409 ``idempotency_conflict`` if the key came with another request before.
    """
    if request is None:
        return work()
    moment, user = now(), grant.key.user_id
    kept = idempotency.get(connection, user, request.key, moment - LIFETIME)
    if kept is not None:
        if kept.fingerprint != request.fingerprint:
            detail = "The Idempotency-Key was used for another request within the last day."
            raise conflict("idempotency_conflict", detail)
        first: dict[str, Any] = json.loads(kept.answer)
        return first
    answer = work()
    idempotency.keep(connection, user, request.key, request.fingerprint, dump(answer), moment)
    return answer
