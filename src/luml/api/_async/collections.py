"""Collections: find, list, create, change, delete (client spec, Resources)."""

from collections.abc import AsyncIterator, Sequence
from typing import List

from luml.api import lookup
from luml.api._async.session import AsyncSession
from luml.api.bases import PAGE_SIZE, ListedResource, merged_types
from luml.api.operations import collections
from luml.api.operations.collections import CollectionQuery
from luml.models import (
    Collection,
    CollectionDetails,
    CollectionsList,
    CollectionSortBy,
    CollectionType,
    CollectionTypeFilter,
    SortOrder,
)


class AsyncCollectionResource(ListedResource):
    """The collections of an orbit; ``client.collections``.

    All methods raise ``ConfigurationError`` if the client has no default orbit and none is given.
    """

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, collection_value: str | None = None) -> CollectionDetails | None:
        """Find a collection by its id or exact name.

        Args:
            collection_value: The id or the exact, case-sensitive name; by default the client's.

        Returns:
            The collection with the tags and metric keys of its artifacts; None if there is none.

        Raises:
            MultipleResourcesFoundError: Several collections have that name.
            ConfigurationError: No value is given and the client has no default.

        Example:
            >>> collection = await luml.collections.get("Candidates")
        """
        scope = await self._session.settle()
        value = collection_value or scope.collection_path().collection
        return await self._session.run(lookup.collection(scope.orbit_path(), value))

    async def list(
        self,
        *,
        start_after: str | None = None,
        limit: int | None = PAGE_SIZE,
        sort_by: CollectionSortBy | str | None = None,
        order: SortOrder | str = SortOrder.DESC,
        search: str | None = None,
        types: Sequence[CollectionTypeFilter | str] | None = None,
        orbit_id: str | None = None,
    ) -> CollectionsList:
        """List one page of collections.

        Args:
            start_after: The ``cursor`` of the page before; it fits only the same order and filters.
            limit: Collections on the page, 1 to 100; None for the server's default.
            sort_by: created_at, name, type, description or total_artifacts.
            order: "asc" or "desc".
            search: Only those whose name or a tag contains this text, in any case.
            types: Only these types: model, dataset, experiment, mixed.
            orbit_id: The orbit to list.

        Returns:
            The page; its ``cursor`` is None on the last one.

        Raises:
            BadRequestError: The cursor does not fit, or ``sort_by`` is no column.
            UnprocessableEntityError: ``limit``, ``order`` or a type is out of range.

        Example:
            >>> page = await luml.collections.list(sort_by="name", order="asc")
        """
        path = await self._session.orbit_path(orbit_id)
        what = _query(limit, sort_by, order, search, types)
        return await self._session.send(collections.list_collections(path, what, start_after))

    def list_all(
        self,
        *,
        limit: int | None = PAGE_SIZE,
        sort_by: CollectionSortBy | str | None = None,
        order: SortOrder | str = SortOrder.DESC,
        search: str | None = None,
        types: Sequence[CollectionTypeFilter | str] | None = None,
        orbit_id: str | None = None,
    ) -> AsyncIterator[Collection]:
        """Go through all collections of an orbit, fetching page after page.

        Args:
            limit: Collections a page, 1 to 100; None for the server's default.
            sort_by: created_at, name, type, description or total_artifacts.
            order: "asc" or "desc".
            search: Only those whose name or a tag contains this text, in any case.
            types: Only these types: model, dataset, experiment, mixed.
            orbit_id: The orbit to list.

        Returns:
            The collections, in order; nothing is asked before the first one is.

        Raises:
            APIError: The registry's pages go round in circles.
            UnprocessableEntityError: ``limit``, ``order`` or a type is out of range.

        Example:
            >>> async for collection in luml.collections.list_all():
            ...     print(collection.name, collection.total_artifacts)
        """
        return self._walk(_query(limit, sort_by, order, search, types), orbit_id)

    async def _walk(self, what: CollectionQuery, orbit_id: str | None) -> AsyncIterator[Collection]:
        path = await self._session.orbit_path(orbit_id)
        walk = self._begin_walk(f"{path.url}/collections", Collection)
        while not walk.done:
            request = collections.list_collections(path, what, walk.cursor)
            page = await self._session.send(request)
            for collection in walk.take(page.items, page.cursor):
                yield collection

    async def create(
        self,
        description: str,
        name: str,
        type: CollectionType | str,
        tags: List[str] | None = None,
    ) -> Collection:
        """Make a collection in the default orbit.

        Args:
            description: At most 1,000 characters.
            name: At most 100 characters.
            type: Which artifacts it holds: model, dataset, experiment, model_dataset,
                dataset_experiment, model_experiment or mixed.
            tags: At most 50, of at most 64 characters each.

        Returns:
            The new collection.

        Raises:
            UnprocessableEntityError: A value is not allowed.
            PermissionDeniedError: The key may not write.

        Example:
            >>> collection = await luml.collections.create(
            ...     "Models that may ship", "Candidates", CollectionType.MODEL
            ... )
        """
        path = await self._session.orbit_path()
        request = collections.create_collection(path, description, name, type, tags)
        return await self._session.send(request)

    async def update(
        self,
        name: str | None = None,
        description: str | None = None,
        tags: List[str] | None = None,
        *,
        collection_id: str | None = None,
    ) -> Collection:
        """Change a collection; what is not given stays as it is.

        Args:
            name: A new name, at most 100 characters.
            description: A new description, at most 1,000 characters.
            tags: All tags from now on.
            collection_id: The id of the collection; by default the client's.

        Returns:
            The collection as it is now.

        Raises:
            NotFoundError: There is no such collection.
            UnprocessableEntityError: A value is not allowed.

        Example:
            >>> collection = await luml.collections.update(tags=["2025"])
        """
        path = await self._session.collection_path(collection_id)
        request = collections.update_collection(path, name, description, tags)
        return await self._session.send(request)

    async def delete(self, collection_id: str | None = None) -> None:
        """Delete an empty collection.

        Args:
            collection_id: The id of the collection; by default the client's.

        Raises:
            NotFoundError: There is no such collection.
            ConflictError: There are artifacts in it.

        Example:
            >>> await luml.collections.delete(collection.id)
        """
        path = await self._session.collection_path(collection_id)
        return await self._session.send(collections.delete_collection(path))


def _query(
    limit: int | None,
    sort_by: CollectionSortBy | str | None,
    order: SortOrder | str,
    search: str | None,
    types: Sequence[CollectionTypeFilter | str] | None,
) -> CollectionQuery:
    return CollectionQuery(
        limit=limit,
        sort_by=None if sort_by is None else str(sort_by),
        order=str(order),
        search=search,
        types=merged_types(None, types),
    )
