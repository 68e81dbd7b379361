"""The part of ``client.artifacts`` that moves files: one or many, up and down (SDK spec)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from os import PathLike, fspath

from luml.api._async.abort import abort_upload
from luml.api._async.downloads import download_file
from luml.api._async.many import download_files, upload_files
from luml.api._async.session import AsyncSession
from luml.api._async.uploads import UploadRequest, upload_file
from luml.api.outcomes import DownloadOutcome, UploadOutcome
from luml.api.progress import BaseProgressHandler, many_handlers, progress_handler
from luml.models import Artifact


class AsyncArtifactTransfers:
    """Uploads and downloads; see ``AsyncArtifactResource`` for what all methods share."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def upload(
        self,
        file_path: str | PathLike[str],
        name: str | None = None,
        description: str | None = None,
        tags: list[str] | None = None,
        *,
        collection_id: str | None = None,
        on_progress: BaseProgressHandler | None = None,
        progress: bool | None = None,
    ) -> Artifact:
        """Upload a file; the registry verifies it before it says uploaded.

        An upload that was cut off goes on where it stopped when it is called again with the same
        file. A bar shows on a terminal; ``progress=False`` or ``LUML_PROGRESS=0`` turns it off.

        Args:
            file_path: The file, of a kind that the registry knows (.luml, .fnnx, .pyfnx, .dfs).
            name: The name of the artifact; by default the file name.
            description: What it is.
            tags: Words to find it by.
            collection_id: The collection to put it in.
            on_progress: Told of each piece that was sent.
            progress: True shows a bar even where standard error is no terminal, False none.

        Returns:
            The artifact as the registry recorded it.

        Raises:
            FileError: The file is no artifact, or larger than the client's ``max_file_size``.
            FileUploadError: The bytes did not reach the store.
            ConfigurationError: No collection is given and there is no default.

        Example:
            >>> artifact = await luml.artifacts.upload("model.fnnx", tags=["production"])
        """
        from luml.api._async.uploads import UploadRequest

        path = await self._session.collection_path(collection_id)
        request = UploadRequest(file_path, name, description, tags)
        handler = progress_handler(on_progress, progress)
        return await upload_file(self._session, path, request, handler)

    async def download(
        self,
        artifact_id: str,
        file_path: str | PathLike[str] | None = None,
        *,
        collection_id: str | None = None,
        on_progress: BaseProgressHandler | None = None,
        progress: bool | None = None,
    ) -> None:
        """Download the file of an artifact, verified while it comes.

        The bytes go to a ``.part`` file beside the target, which takes the target's name when size
        and SHA-256 are right: a wrong byte is an error, never a file. A download that was cut off
        goes on where it stopped.

        Args:
            artifact_id: The id of the artifact.
            file_path: Where to save it, a folder or a file; by default the recorded file name, in
                the current folder.
            collection_id: The collection it is in.
            on_progress: Told of each piece that came.
            progress: True shows a bar even where standard error is no terminal, False none.

        Raises:
            ArtifactNotFoundError: There is no such artifact; also a ValueError.
            ConflictError: It was never uploaded.
            FileDownloadError: The bytes did not come, or could not be written.
            IntegrityError: They are not the ones that were uploaded.
            ConfigurationError: No collection is given and there is no default.

        Example:
            >>> await luml.artifacts.download(artifact.id, "model.fnnx")
        """

        path = await self._session.collection_path(collection_id)
        handler = progress_handler(on_progress, progress)
        await download_file(self._session, path, artifact_id, file_path, handler)

    async def upload_many(
        self,
        file_paths: Sequence[str | PathLike[str]],
        description: str | None = None,
        tags: list[str] | None = None,
        *,
        collection_id: str | None = None,
        on_progress: Callable[[], BaseProgressHandler] | None = None,
        progress: bool | None = None,
    ) -> list[UploadOutcome]:
        """Upload many files at once; one that fails does not stop the others.

        All share the connections, the parts in flight and the memory budget of the client.

        Args:
            file_paths: The files; each artifact is called like its file.
            description: What they are.
            tags: Words to find all of them by.
            collection_id: The collection to put them in.
            on_progress: Called for each file; what it returns is told of that file's bytes.
            progress: True shows bars even where standard error is no terminal, False none.

        Returns:
            What became of each file, in the order given: an artifact or an error.

        Raises:
            ConfigurationError: No collection is given and there is no default.

        Example:
            >>> outcomes = await luml.artifacts.upload_many(["a.fnnx", "b.fnnx"])
            >>> [outcome.error for outcome in outcomes]
            [None, None]
        """
        path = await self._session.collection_path(collection_id)
        requests = [UploadRequest(file_path, None, description, tags) for file_path in file_paths]
        with many_handlers(on_progress, progress) as handlers:
            return await upload_files(self._session, path, requests, handlers)

    async def download_many(
        self,
        artifact_ids: Sequence[str],
        folder: str | PathLike[str] | None = None,
        *,
        collection_id: str | None = None,
        on_progress: Callable[[], BaseProgressHandler] | None = None,
        progress: bool | None = None,
    ) -> list[DownloadOutcome]:
        """Download many artifacts at once; one that fails does not stop the others.

        Args:
            artifact_ids: The ids.
            folder: Where the files go, each under its recorded name; by default the current one.
                Where several have the same, all but the first get their id into the name.
            collection_id: The collection they are in.
            on_progress: Called for each file; what it returns is told of that file's bytes.
            progress: True shows bars even where standard error is no terminal, False none.

        Returns:
            What became of each artifact, in the order given: a path or an error.

        Raises:
            ConfigurationError: No collection is given and there is no default.

        Example:
            >>> outcomes = await luml.artifacts.download_many([first.id, second.id], "models")
            >>> [outcome.path for outcome in outcomes]
        """
        path = await self._session.collection_path(collection_id)
        target = None if folder is None else fspath(folder)
        wanted = [(artifact_id, target) for artifact_id in artifact_ids]
        with many_handlers(on_progress, progress) as handlers:
            return await download_files(self._session, path, wanted, handlers)

    async def abort_upload(
        self, file_path: str | PathLike[str], *, collection_id: str | None = None
    ) -> list[Artifact]:
        """Clean up after uploads of a file that did not end and are not to be gone on with.

        Args:
            file_path: The file that was being uploaded.
            collection_id: The collection it was to go to.

        Returns:
            The unfinished artifacts that were removed, with what had arrived of them.

        Raises:
            FileError: The file is no artifact.
            ConfigurationError: No collection is given and there is no default.

        Example:
            >>> await luml.artifacts.abort_upload("model.fnnx")
            []
        """
        path = await self._session.collection_path(collection_id)
        return await abort_upload(self._session, path, file_path)
