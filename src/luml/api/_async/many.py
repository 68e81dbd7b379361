"""Many files at once: one budget, one set of connections, and no failure that stops the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from luml.api._async.downloads import download_file
from luml.api._async.session import AsyncSession
from luml.api._async.uploads import UploadRequest, upload_file
from luml.api._engine.group import Group
from luml.api._runtime import aio
from luml.api.operations.paths import CollectionPath
from luml.api.outcomes import DownloadOutcome, UploadOutcome
from luml.api.progress import BaseProgressHandler
from luml.api.targets import Targets
from luml.errors import LumlAPIError

Handlers = Callable[[], BaseProgressHandler | None]


async def upload_files(
    session: AsyncSession,
    path: CollectionPath,
    requests: Sequence[UploadRequest],
    handlers: Handlers,
) -> list[UploadOutcome]:
    """Upload all files, several at a time, and say what became of each."""
    group = Group()

    async def upload(request: UploadRequest) -> UploadOutcome:
        try:
            artifact = await upload_file(session, path, request, handlers(), group)
        except LumlAPIError as error:
            return UploadOutcome(request.file_path, None, error)
        return UploadOutcome(request.file_path, artifact, None)

    calls = [partial(upload, request) for request in requests]
    return await aio.gather_transfers(group, calls, session.settings.transfer.max_files)


async def download_files(
    session: AsyncSession,
    path: CollectionPath,
    wanted: Sequence[tuple[str, str | None]],
    handlers: Handlers,
) -> list[DownloadOutcome]:
    """Download all artifacts, each (id, target), several at a time, and say what became of each."""
    group, targets = Group(), Targets()

    async def download(artifact_id: str, target: str | None) -> DownloadOutcome:
        try:
            written = await download_file(
                session, path, artifact_id, target, handlers(), group, targets
            )
        except LumlAPIError as error:
            return DownloadOutcome(artifact_id, None, error)
        return DownloadOutcome(artifact_id, written, None)

    calls = [partial(download, artifact_id, target) for artifact_id, target in wanted]
    return await aio.gather_transfers(group, calls, session.settings.transfer.max_files)
