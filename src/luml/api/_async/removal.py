"""Removing objects from a bucket, where the registry leaves that to the client."""

from __future__ import annotations

from luml.api._async.session import AsyncSession
from luml.api._runtime.exchange import HttpFailure, HttpRequest


async def remove_object(session: AsyncSession, url: str) -> str | None:
    """Delete the object behind a presigned URL; say what went wrong, None if nothing did.

    A missing object is what was wanted.
    """
    try:
        answer = await session.fetch(HttpRequest("DELETE", url))
    except HttpFailure as failure:
        return failure.reason.value
    if answer.ok or answer.status == 404:
        return None
    return f"the store answered {answer.status}"
