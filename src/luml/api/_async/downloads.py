"""Downloads: an artifact becomes a file, byte for byte."""

from __future__ import annotations

import os
from pathlib import Path

from luml.api._async.session import AsyncSession
from luml.api._engine.download_run import KEPT, DownloadRun
from luml.api._engine.group import Group
from luml.api._runtime import aio
from luml.api.failures import says_missing
from luml.api.operations import artifacts
from luml.api.operations.paths import CollectionPath
from luml.api.progress import BaseProgressHandler
from luml.api.targets import Targets, target_of
from luml.errors import (
    ArtifactNotFoundError,
    FileDownloadError,
    NotFoundError,
)
from luml.models import Artifact

ROUNDS = 20


async def download_file(
    session: AsyncSession,
    path: CollectionPath,
    artifact_id: str,
    file_path: str | os.PathLike[str] | None = None,
    progress: BaseProgressHandler | None = None,
    group: Group | None = None,
    targets: Targets | None = None,
) -> Path:
    """Download one artifact, or go on with a download that did not end; return where it lies.

    ``group`` can cancel it; ``targets`` keeps downloads of one call apart.

    Raises:
        ArtifactNotFoundError: There is no such artifact.
        FileDownloadError: The bytes did not come, or cannot be written.
        IntegrityError: They are not those that the registry recorded.
        APIError: The registry refused.
    """
    artifact = await _artifact(session, path, artifact_id)
    choose = target_of if targets is None else targets.claim
    target = await aio.run_blocking(choose, artifact, file_path)
    report = None if progress is None else progress.update
    run = DownloadRun(session.settings.engine, artifact, target, report)
    if progress is not None:
        progress.start(target.name, artifact.size)
    with (group or Group()).holding(run):
        try:
            kept = await aio.run_transfer(run, run.open)
            if progress is not None:
                progress.phase("resuming" if kept else "receiving")
            await _fetch(session, path, artifact, run, progress)
            return target
        finally:
            await aio.run_blocking(run.close)
            if progress is not None:
                progress.finish()


async def _fetch(
    session: AsyncSession,
    path: CollectionPath,
    artifact: Artifact,
    run: DownloadRun,
    progress: BaseProgressHandler | None,
) -> None:
    refusals = 0
    while True:
        signed = await session.send(artifacts.get_download_url(path, artifact.id))
        refusal = await aio.run_transfer(run, run.fetch, signed["url"])
        if refusal is not None:
            refusals += 1
            if refusals == ROUNDS:
                raise FileDownloadError(
                    f"The store keeps refusing {artifact.file_name}: {refusal}. {KEPT}"
                ) from refusal
            continue
        if progress is not None:
            progress.phase("verifying")
        if await aio.run_transfer(run, run.finish):
            return
        await aio.run_transfer(run, run.open)


async def _artifact(session: AsyncSession, path: CollectionPath, artifact_id: str) -> Artifact:
    try:
        return await session.send(artifacts.get_artifact(path, artifact_id))
    except NotFoundError as error:
        if not says_missing(error, "artifact"):
            raise
        raise ArtifactNotFoundError(artifact_id) from error
