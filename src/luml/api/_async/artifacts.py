"""Artifacts: find, list, create, upload, download, change, delete (SDK spec)."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, List, overload

from luml.api import deletion, lookup
from luml.api._async.removal import remove_object
from luml.api._async.transfers import AsyncArtifactTransfers
from luml.api.bases import (
    PAGE_SIZE,
    ArtifactResourceBase,
    ListedResource,
    validate_collection,
)
from luml.api.operations import artifacts
from luml.api.operations.artifacts import ArtifactChange, ArtifactQuery, DeleteUrl, NewArtifact
from luml.api.operations.paths import CollectionPath
from luml.errors import ConfigurationError
from luml.models import (
    Artifact,
    ArtifactsDeleteResult,
    ArtifactsList,
    ArtifactSortBy,
    ArtifactStatus,
    ArtifactType,
    CreatedArtifact,
    SortOrder,
)


class AsyncArtifactResource(AsyncArtifactTransfers, ArtifactResourceBase, ListedResource):
    """The artifacts of a collection; ``client.artifacts``.

    Every method takes ``collection_id``, the id of a collection of the default orbit; without it
    the client's default collection is meant. All raise ``ConfigurationError`` if neither is there,
    ``APIConnectionError`` if no answer comes, and an ``APIStatusError`` for an answer that is an
    error.
    """

    async def get(
        self, artifact_value: str, *, collection_id: str | None = None
    ) -> Artifact | None:
        """Find an artifact by its id, its exact name or its exact file name.

        One request finds any artifact among any number. A public server that cannot look names up
        is searched page by page.

        Args:
            artifact_value: The id or the exact, case-sensitive name or file name.
            collection_id: The collection to look in.

        Returns:
            The artifact; None if there is none.

        Raises:
            MultipleResourcesFoundError: Several artifacts have that name.
            ConfigurationError: No collection is given and there is no default.

        Example:
            >>> artifact = await luml.artifacts.get("my_model")
        """
        path = await self._session.collection_path(collection_id)
        return await self._session.run(lookup.artifact(path, artifact_value))

    def list_all(
        self,
        *,
        collection_id: str | None = None,
        limit: int | None = PAGE_SIZE,
        sort_by: ArtifactSortBy | str | None = None,
        order: SortOrder | str = SortOrder.DESC,
        type: ArtifactType | str | None = None,
        types: Sequence[ArtifactType | str] | None = None,
        search: str | None = None,
        filter: str | None = None,
        summary: bool = False,
    ) -> AsyncIterator[Artifact]:
        """Go through all artifacts of a collection, fetching page after page.

        Args:
            collection_id: The collection to list.
            limit: Artifacts a page, 1 to 100; None for the server's default.
            sort_by: name, created_at, size, description, status, type, or any metric key.
            order: "asc" or "desc".
            type: Only this type.
            types: Only these types.
            search: Only those whose name or a tag contains this text, in any case.
            filter: Only those for which this holds, such as
                ``'metrics.F1 > 0.9 and tag = "prod"'`` (``docs/guide/filters.md``).
            summary: Leave manifest and file index out, which makes pages many times smaller.

        Returns:
            The artifacts, in order; nothing is asked before the first one is.

        Raises:
            APIError: The registry's pages go round in circles.
            BadRequestError: ``sort_by`` is neither a column nor a metric, or the filter is wrong.
            ConfigurationError: The registry knows no filters.
            UnprocessableEntityError: ``limit``, ``order`` or a type is out of range.

        Example:
            >>> async for artifact in luml.artifacts.list_all(sort_by="F1"):
            ...     print(artifact.name, artifact.metrics.get("F1"))
        """
        what = self._query(limit, sort_by, order, type, types, search, filter, summary)
        return self._walk(what, collection_id)

    async def _walk(
        self, what: ArtifactQuery, collection_id: str | None
    ) -> AsyncIterator[Artifact]:
        path = await self._session.collection_path(collection_id)
        walk = self._begin_walk(f"{path.url}/artifacts", Artifact)
        while not walk.done:
            page = await self._page(path, what, walk.cursor)
            for artifact in walk.take(page.items, page.cursor):
                yield artifact

    async def list(
        self,
        *,
        collection_id: str | None = None,
        start_after: str | None = None,
        limit: int | None = PAGE_SIZE,
        sort_by: ArtifactSortBy | str | None = None,
        order: SortOrder | str = SortOrder.DESC,
        type: ArtifactType | str | None = None,
        types: Sequence[ArtifactType | str] | None = None,
        search: str | None = None,
        filter: str | None = None,
        summary: bool = False,
    ) -> ArtifactsList:
        """List one page of artifacts.

        Args:
            collection_id: The collection to list.
            start_after: The ``cursor`` of the page before; it fits only the same order and filters.
            limit: Artifacts on the page, 1 to 100; None for the server's default.
            sort_by: name, created_at, size, description, status, type, or any metric key.
            order: "asc" or "desc".
            type: Only this type.
            types: Only these types.
            search: Only those whose name or a tag contains this text, in any case.
            filter: Only those for which this holds, such as
                ``'metrics.F1 > 0.9 and tag = "prod"'`` (``docs/guide/filters.md``).
            summary: Leave manifest and file index out, which makes pages many times smaller.

        Returns:
            The page; its ``cursor`` is None on the last one.

        Raises:
            ConfigurationError: No collection is given and there is no default, or the registry
                knows no filters.
            BadRequestError: The cursor does not fit, ``sort_by`` is no column and no metric, or
                the filter is wrong.
            UnprocessableEntityError: ``limit``, ``order`` or a type is out of range.

        Example:
            >>> page = await luml.artifacts.list(sort_by="size", order="desc")
            >>> following = await luml.artifacts.list(
            ...     sort_by="size", order="desc", start_after=page.cursor
            ... )
        """
        path = await self._session.collection_path(collection_id)
        what = self._query(limit, sort_by, order, type, types, search, filter, summary)
        return await self._page(path, what, start_after)

    async def _page(
        self, path: CollectionPath, what: ArtifactQuery, cursor: str | None
    ) -> ArtifactsList:
        # A registry that does not know filters would answer with everything.
        if what.filter and not await self._session.supports("filters"):
            raise ConfigurationError("This registry knows no filters; use search and types.")
        return await self._session.run(lookup.artifacts_page(path, what, cursor))

    async def download_url(
        self, artifact_id: str, *, collection_id: str | None = None
    ) -> dict[str, str]:
        """Get a presigned URL from which the file can be read for an hour.

        Args:
            artifact_id: The id of the artifact.
            collection_id: The collection it is in.

        Returns:
            ``{"url": ...}``

        Raises:
            NotFoundError: There is no such artifact.
            ConflictError: It was never uploaded.
            ConfigurationError: No collection is given and there is no default.

        Example:
            >>> url = (await luml.artifacts.download_url(artifact.id))["url"]
        """
        path = await self._session.collection_path(collection_id)
        return await self._session.send(artifacts.get_download_url(path, artifact_id))

    async def delete_url(
        self, artifact_id: str, *, collection_id: str | None = None
    ) -> dict[str, str]:
        """Get a presigned URL that removes the file; the artifact is pending deletion from then on.

        :meth:`delete` does all of it in one call.

        Args:
            artifact_id: The id of the artifact.
            collection_id: The collection it is in.

        Returns:
            ``{"url": ...}``

        Raises:
            NotFoundError: There is no such artifact.
            ConfigurationError: No collection is given and there is no default.

        Example:
            >>> url = (await luml.artifacts.delete_url(artifact.id))["url"]
        """
        path = await self._session.collection_path(collection_id)
        return await self._session.send(artifacts.get_delete_url(path, artifact_id))

    @overload
    async def create(
        self,
        collection_id: str | None,
        file_name: str,
        extra_values: dict[str, Any],
        manifest: dict[str, Any],
        file_hash: str,
        file_index: dict[str, tuple[int, int]],
        size: int,
        name: str,
        description: str | None = None,
        tags: List[str] | None = None,
    ) -> CreatedArtifact: ...
    @overload
    async def create(
        self,
        *,
        file_name: str,
        extra_values: dict[str, Any],
        manifest: dict[str, Any],
        file_hash: str,
        file_index: dict[str, tuple[int, int]],
        size: int,
        name: str,
        description: str | None = None,
        tags: List[str] | None = None,
    ) -> CreatedArtifact: ...
    @validate_collection  # type: ignore[misc]  # it lets collection_id be left out
    async def create(
        self,
        collection_id: str | None,
        file_name: str,
        extra_values: dict[str, Any],
        manifest: dict[str, Any],
        file_hash: str,
        file_index: dict[str, tuple[int, int]],
        size: int,
        name: str,
        description: str | None = None,
        tags: List[str] | None = None,
    ) -> CreatedArtifact:
        """Make a record and get the URL to which its bytes go; :meth:`upload` does all of it.

        Args:
            collection_id: The collection; may be left out where the client has a default.
            file_name: The name of the file, with its suffix.
            extra_values: Metric values by key.
            manifest: The manifest of the artifact.
            file_hash: SHA-256 of the file, 64 hex digits.
            file_index: Member name to (offset, size), in bytes.
            size: Size of the file in bytes.
            name: The name of the artifact.
            description: What it is.
            tags: Words to find it by.

        Returns:
            The artifact, pending upload, and where to send it.

        Raises:
            BadRequestError: The manifest has no type, or the collection takes no such type.
            UnprocessableEntityError: The file name, the size or the manifest is not allowed.
            ConfigurationError: No collection is given and there is no default.

        Example:
            >>> created = await luml.artifacts.create(
            ...     file_name="model.fnnx",
            ...     extra_values={"accuracy": 0.95},
            ...     manifest=manifest,
            ...     file_hash=digest,
            ...     file_index={"manifest.json": (512, 2353)},
            ...     size=245760,
            ...     name="my_model",
            ... )
            >>> created.url
        """
        path = await self._session.collection_path(collection_id)
        new = NewArtifact(
            file_name=file_name,
            extra_values=extra_values,
            manifest=manifest,
            file_hash=file_hash,
            file_index=file_index,
            size=size,
            name=name,
            description=description,
            tags=tags,
        )
        return await self._session.send(artifacts.create_artifact(path, new))

    async def update(
        self,
        artifact_id: str,
        file_name: str | None = None,
        name: str | None = None,
        description: str | None = None,
        tags: List[str] | None = None,
        status: ArtifactStatus | str | None = None,
        *,
        collection_id: str | None = None,
    ) -> Artifact:
        """Change what is given; the rest stays as it is.

        Args:
            artifact_id: The id of the artifact.
            file_name: The name that :meth:`download` writes to; its suffix must stay a legal one.
            name: A new name.
            description: A new description; an empty text clears it.
            tags: All tags from now on.
            status: uploaded, upload_failed or deletion_failed.
            collection_id: The collection it is in.

        Returns:
            The artifact as it is now.

        Raises:
            NotFoundError: There is no such artifact.
            BadRequestError: The status cannot follow the present one.
            ConflictError: ``status="uploaded"`` though the store does not hold the file.
            ConfigurationError: No collection is given and there is no default.

        Example:
            >>> artifact = await luml.artifacts.update(artifact.id, name="Updated Model")
        """
        path = await self._session.collection_path(collection_id)
        change = ArtifactChange(file_name, name, description, tags, status)
        return await self._session.send(artifacts.update_artifact(path, artifact_id, change))

    async def delete(
        self, artifact_id: str, *, collection_id: str | None = None, force: bool = False
    ) -> None:
        """Delete an artifact and its file for good.

        Args:
            artifact_id: The id of the artifact.
            collection_id: The collection it is in.
            force: Delete the record even if the store does not let go of the file.

        Raises:
            NotFoundError: There is no such artifact.
            InternalServerError: The store failed; the record is kept and can be deleted later.
            FileTransferError: The same, where the client itself has to remove the file.
            ConfigurationError: No collection is given and there is no default.

        Example:
            >>> await luml.artifacts.delete(artifact.id)
        """
        path = await self._session.collection_path(collection_id)
        if force:
            return await self._session.send(artifacts.force_delete_artifact(path, artifact_id))
        if await self._session.server_info() is None:
            url = (await self._session.send(artifacts.get_delete_url(path, artifact_id)))["url"]
            trouble = await remove_object(self._session, url)
            if trouble is not None:
                await self._session.send(deletion.mark_failed(path, artifact_id))
                raise deletion.kept_error(artifact_id, trouble)
        return await self._session.send(artifacts.delete_artifact(path, artifact_id))

    async def delete_batch(
        self,
        artifact_ids: Sequence[str],
        *,
        collection_id: str | None = None,
        force: bool = False,
    ) -> ArtifactsDeleteResult:
        """Delete many artifacts and their files, a hundred a request.

        Args:
            artifact_ids: The ids; any number of them, repeats count once.
            collection_id: The collection they are in.
            force: Delete records even if the store does not let go of their files.

        Returns:
            The ids that were deleted, and those that were not, each with its reason.

        Raises:
            ConfigurationError: No collection is given and there is no default.

        Example:
            >>> result = await luml.artifacts.delete_batch([first.id, second.id])
            >>> result.failed
            []
        """
        path = await self._session.collection_path(collection_id)
        outcome = ArtifactsDeleteResult()
        for batch in deletion.batches(artifact_ids):
            if force:
                part = await self._session.send(artifacts.delete_artifacts(path, batch, force))
            else:
                part = await self._delete_batch(path, batch)
            outcome = deletion.joined(outcome, part)
        return outcome

    async def _delete_batch(
        self, path: CollectionPath, batch: Sequence[str]
    ) -> ArtifactsDeleteResult:
        """Say that up to a hundred artifacts go, let their files go, then delete the records."""
        listed = await self._session.send(artifacts.get_delete_urls(path, batch))
        kept: set[str] = set()
        if await self._session.server_info() is None:
            kept = {item.artifact_id for item in listed.urls if await self._keeps(path, item)}
        going = [item.artifact_id for item in listed.urls if item.artifact_id not in kept]
        outcome = deletion.remaining(listed.failed, kept)
        if not going:
            return outcome
        removal = artifacts.delete_artifacts(path, going, force=False)
        return deletion.joined(await self._session.send(removal), outcome)

    async def _keeps(self, path: CollectionPath, item: DeleteUrl) -> bool:
        """Remove one object; True, and recorded as failed, if the store keeps it."""
        if await remove_object(self._session, item.url) is None:
            return False
        await self._session.send(deletion.mark_failed(path, item.artifact_id))
        return True
