"""Cleans up after an upload that is not to be gone on with."""

from __future__ import annotations

import os

from luml.api import lookup
from luml.api._async.session import AsyncSession
from luml.api._runtime import aio
from luml.api.operations import artifacts
from luml.api.operations.artifacts import ArtifactQuery
from luml.api.operations.paths import CollectionPath
from luml.files import ArtifactFile, read_artifact
from luml.models import Artifact, ArtifactStatus

PAGE = 100
UNFINISHED = (ArtifactStatus.PENDING_UPLOAD, ArtifactStatus.UPLOAD_FAILED)


async def abort_upload(
    session: AsyncSession, path: CollectionPath, file_path: str | os.PathLike[str]
) -> list[Artifact]:
    """Remove the unfinished artifacts of a file, with what arrived of it; return them as they were.

    Raises:
        FileError: The file is no artifact.
        APIError: The registry refused.
    """
    limit = session.settings.max_file_size
    file = await aio.run_blocking(read_artifact, file_path, max_file_size=limit)
    what = ArtifactQuery(limit=PAGE, name=file.file_name)
    found: list[Artifact] = []
    cursor: str | None = None
    while True:
        page = await session.run(lookup.artifacts_page(path, what, cursor))
        found += [artifact for artifact in page.items if is_unfinished(artifact, file)]
        cursor = page.cursor
        if cursor is None:
            break
    for artifact in found:
        await session.send(artifacts.delete_artifact(path, artifact.id))
    return found


def is_unfinished(artifact: Artifact, file: ArtifactFile) -> bool:
    """Say whether ``artifact`` is an upload of ``file`` that did not end."""
    return (
        artifact.status in UNFINISHED
        and (artifact.file_name, artifact.size) == (file.file_name, file.size)
        and artifact.file_index == file.file_index
    )
