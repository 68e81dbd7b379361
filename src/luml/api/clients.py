"""The two clients. What they share is written once; how they are set up is what differs.

A sync client is ready when it is made. An async one cannot wait in its constructor, so
``setup_config`` is awaited; whatever is assigned later is resolved when it is next needed.
"""

from __future__ import annotations

from collections.abc import Generator
from os import PathLike
from typing import TYPE_CHECKING, Any, Self

from luml.api import _config
from luml.api._async.client import AsyncLumlClientBase
from luml.api._async.session import AsyncSession
from luml.api._sync.client import LumlClientBase
from luml.api._sync.session import Session
from luml.api.connectors import Configured, Connector, Embedded
from luml.api.retry import MAX_RETRIES
from luml.api.scope import Scope
from luml.api.settings import ClientSettings
from luml.transfer.options import TransferOptions

if TYPE_CHECKING:
    import httpx2

DEFAULT_TRANSFER = TransferOptions()


class LumlClient(LumlClientBase):
    """A client of a luml registry; ready when it is made.

    Args:
        base_url: Where the registry is; by default ``LUML_BASE_URL``, else what ``luml login``
            stored, else ``http://127.0.0.1:8787``.
        api_key: The key; by default ``LUML_API_KEY``, else what ``luml login`` stored.
        organization: Id or exact name of the default organization; by default the only one.
        orbit: Id or exact name of the default orbit; by default the only one.
        collection: Id or exact name of the default collection; by default the only one.
        timeout: Seconds that a request to the registry may stall, more than 0.
        max_retries: How often a request is tried again, 0 or more.
        max_file_size: Largest file to upload, in bytes; the default gives way to
            ``LUML_MAX_FILE_SIZE``.
        transfer: How bytes move; its proxy and certificates hold for the API too.
        http_client: An httpx2 client of your own for the API; it stays open.

    Raises:
        ConfigurationError: There is no key, or an orbit without an organization, or a collection
            without an orbit, or a value out of its range.
        OrganizationResourceNotFoundError: There is no such organization.
        OrbitResourceNotFoundError: There is no such orbit.
        CollectionResourceNotFoundError: There is no such collection.
        MultipleResourcesFoundError: A name fits several.
        APIConnectionError: No answer came.
        AuthenticationError: The key is not good.

    Making a client costs at most three requests; with three ids it is one (client spec, Clients).

    Example:
        >>> with LumlClient(organization="Research", orbit="Churn", collection="Models") as luml:
        ...     luml.artifacts.upload("model.fnnx")
    """

    def __init__(
        self,
        base_url: str | None = None,
        api_key: str | None = None,
        organization: str | None = None,
        orbit: str | None = None,
        collection: str | None = None,
        *,
        timeout: float = _config.DEFAULT_TIMEOUT,
        max_retries: int = MAX_RETRIES,
        max_file_size: int = _config.DEFAULT_MAX_FILE_SIZE,
        transfer: TransferOptions = DEFAULT_TRANSFER,
        http_client: httpx2.Client | None = None,
    ) -> None:
        settings = ClientSettings(timeout, max_retries, max_file_size, transfer)
        wish = Scope(organization, orbit, collection)
        self._begin(Configured(base_url, api_key), settings, wish, http_client)

    @classmethod
    def embedded(
        cls,
        path: str | PathLike[str],
        organization: str | None = None,
        orbit: str | None = None,
        collection: str | None = None,
        *,
        timeout: float = _config.DEFAULT_TIMEOUT,
        max_retries: int = MAX_RETRIES,
        max_file_size: int = _config.DEFAULT_MAX_FILE_SIZE,
        transfer: TransferOptions = DEFAULT_TRANSFER,
        http_client: httpx2.Client | None = None,
    ) -> Self:
        """Return a client with a registry of its own in this process; closing it stops both.

        Args:
            path: Directory of the registry; made if missing. Two processes may share it.
            organization: Id or exact name; by default the one that the registry was made with.
            orbit: Id or exact name; by default the one that the registry was made with.
            collection: Id or exact name; by default the one that the registry was made with.
            timeout: As for the client.
            max_retries: As for the client.
            max_file_size: As for the client.
            transfer: As for the client.
            http_client: As for the client.

        Raises:
            ConfigurationError: The server packages are missing, or the directory cannot be used.

        Example:
            >>> with LumlClient.embedded("registry") as luml:
            ...     luml.artifacts.upload("model.fnnx")
        """
        client = cls.__new__(cls)
        settings = ClientSettings(timeout, max_retries, max_file_size, transfer)
        client._begin(Embedded(path), settings, Scope(organization, orbit, collection), http_client)
        return client

    def _begin(
        self,
        connector: Connector,
        settings: ClientSettings,
        wish: Scope,
        http_client: httpx2.Client | None,
    ) -> None:
        self._take(Session(connector, settings, http_client))
        try:
            self._session.set_up(wish)
        except BaseException:
            self.close()
            raise

    @property
    def organization(self) -> str | None:
        """Id of the default organization; assigning an id or exact name changes it.

        The orbit and the collection below it go with it: the new ones are what there is only one
        of, else none.
        """
        return self._session.wished.organization

    @organization.setter
    def organization(self, value: str | None) -> None:
        self._session.set_up(self._session.wished.with_organization(value))

    @property
    def orbit(self) -> str | None:
        """Id of the default orbit; assigning an id or exact name changes it, and the collection."""
        return self._session.wished.orbit

    @orbit.setter
    def orbit(self, value: str | None) -> None:
        self._session.set_up(self._session.wished.with_orbit(value))

    @property
    def collection(self) -> str | None:
        """Id of the default collection; assigning an id or exact name changes it."""
        return self._session.wished.collection

    @collection.setter
    def collection(self, value: str | None) -> None:
        self._session.set_up(self._session.wished.with_collection(value))


class AsyncLumlClient(AsyncLumlClientBase):
    """An async client of a luml registry; await :meth:`setup_config` before its first use.

    Args:
        base_url: Where the registry is; by default ``LUML_BASE_URL``, else what ``luml login``
            stored, else ``http://127.0.0.1:8787``.
        api_key: The key; by default ``LUML_API_KEY``, else what ``luml login`` stored.
        timeout: Seconds that a request to the registry may stall, more than 0.
        max_retries: How often a request is tried again, 0 or more.
        max_file_size: Largest file to upload, in bytes; the default gives way to
            ``LUML_MAX_FILE_SIZE``.
        transfer: How bytes move; its proxy and certificates hold for the API too.
        http_client: An async httpx2 client of your own for the API; it stays open.

    Raises:
        ConfigurationError: There is no key, or a value is out of its range.

    Awaiting the client itself sets it up with what there is only one of.

    Example:
        >>> async with AsyncLumlClient() as luml:
        ...     await luml.setup_config(organization="Research", orbit="Churn")
        ...     page = await luml.collections.list()
    """

    def __init__(
        self,
        base_url: str | None = None,
        api_key: str | None = None,
        *,
        timeout: float = _config.DEFAULT_TIMEOUT,
        max_retries: int = MAX_RETRIES,
        max_file_size: int = _config.DEFAULT_MAX_FILE_SIZE,
        transfer: TransferOptions = DEFAULT_TRANSFER,
        http_client: httpx2.AsyncClient | None = None,
    ) -> None:
        settings = ClientSettings(timeout, max_retries, max_file_size, transfer)
        connector = Configured(base_url, api_key)
        self._take(AsyncSession(connector, settings, http_client))
        self._on_entry: Scope | None = None
        if connector.is_instant():
            self._session.connect()

    @classmethod
    def embedded(
        cls,
        path: str | PathLike[str],
        organization: str | None = None,
        orbit: str | None = None,
        collection: str | None = None,
        *,
        timeout: float = _config.DEFAULT_TIMEOUT,
        max_retries: int = MAX_RETRIES,
        max_file_size: int = _config.DEFAULT_MAX_FILE_SIZE,
        transfer: TransferOptions = DEFAULT_TRANSFER,
        http_client: httpx2.AsyncClient | None = None,
    ) -> Self:
        """Return a client with a registry of its own in this process; closing it stops both.

        The registry starts, off the loop, and the defaults are set up when the client is awaited,
        entered with ``async with``, or told to with :meth:`setup_config`.

        Args:
            path: Directory of the registry; made if missing. Two processes may share it.
            organization: Id or exact name; by default the one that the registry was made with.
            orbit: Id or exact name; by default the one that the registry was made with.
            collection: Id or exact name; by default the one that the registry was made with.
            timeout: As for the client.
            max_retries: As for the client.
            max_file_size: As for the client.
            transfer: As for the client.
            http_client: As for the client.

        Raises:
            ConfigurationError: A value is out of its range. When it starts: the server packages
                are missing, or the directory cannot be used.

        Example:
            >>> async with AsyncLumlClient.embedded("registry") as luml:
            ...     await luml.artifacts.upload("model.fnnx")
        """
        client = cls.__new__(cls)
        settings = ClientSettings(timeout, max_retries, max_file_size, transfer)
        client._take(AsyncSession(Embedded(path), settings, http_client))
        client._on_entry = Scope(organization, orbit, collection)
        return client

    async def setup_config(
        self,
        *,
        organization: str | None = None,
        orbit: str | None = None,
        collection: str | None = None,
    ) -> None:
        """Set the defaults; at most three requests, with three ids one (client spec, Clients).

        Args:
            organization: Id or exact name; by default the only one.
            orbit: Id or exact name; by default the only one.
            collection: Id or exact name; by default the only one.

        Raises:
            ConfigurationError: There is no key, or an orbit without an organization, or a
                collection without an orbit.
            OrganizationResourceNotFoundError: There is no such organization.
            OrbitResourceNotFoundError: There is no such orbit.
            CollectionResourceNotFoundError: There is no such collection.
            MultipleResourcesFoundError: A name fits several.

        Example:
            >>> await luml.setup_config(organization="Research", orbit="Churn")
        """
        await self._session.set_up(Scope(organization, orbit, collection))

    async def __aenter__(self) -> Self:
        if self._on_entry is not None and self._session.scope is None:
            try:
                await self._session.set_up(self._on_entry)
            except BaseException:
                await self.aclose()
                raise
        return self

    def __await__(self) -> Generator[Any, None, Self]:
        return self._ready().__await__()

    async def _ready(self) -> Self:
        if self._session.scope is None:
            await self._session.set_up(self._on_entry or Scope())
        return self

    @property
    def organization(self) -> str | None:
        """Id of the default organization; an assigned id or name is resolved at the next call."""
        return self._session.wished.organization

    @organization.setter
    def organization(self, value: str | None) -> None:
        self._session.wish_for(self._session.wished.with_organization(value))

    @property
    def orbit(self) -> str | None:
        """Id of the default orbit; an assigned id or name is resolved at the next call."""
        return self._session.wished.orbit

    @orbit.setter
    def orbit(self, value: str | None) -> None:
        self._session.wish_for(self._session.wished.with_orbit(value))

    @property
    def collection(self) -> str | None:
        """Id of the default collection; an assigned id or name is resolved at the next call."""
        return self._session.wished.collection

    @collection.setter
    def collection(self, value: str | None) -> None:
        self._session.wish_for(self._session.wished.with_collection(value))
