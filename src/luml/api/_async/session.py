"""What all resources of one client share: the transport and the default ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from luml.api._async.transport import AsyncTransport
from luml.api._runtime import aio
from luml.api._runtime.exchange import HttpRequest, HttpResponse
from luml.api.connectors import Connector
from luml.api.operations.paths import CollectionPath, OrbitPath, OrganizationPath
from luml.api.operations.request import Request, Steps
from luml.api.scope import Scope, not_set_up, resolve
from luml.api.settings import ClientSettings
from luml.errors import APIStatusError, ConfigurationError
from luml.models import ServerInfo

if TYPE_CHECKING:
    import httpx2

T = TypeVar("T")


class AsyncSession:
    """One client's way to its registry.

    Args:
        connector: Finds or starts the registry.
        settings: How the client behaves.
        http_client: An httpx2 client of the caller's own, which stays open.
    """

    def __init__(
        self,
        connector: Connector,
        settings: ClientSettings,
        http_client: httpx2.AsyncClient | None = None,
    ) -> None:
        self.connector = connector
        self.settings = settings
        self.scope: Scope | None = None
        self._http = aio.HttpClient(settings.http, http_client)
        self._transport: AsyncTransport | None = None
        self._wish: Scope | None = None
        self._opening = aio.Lock()
        self._closed = False

    @property
    def base_url(self) -> str | None:
        """Where the registry is; None before it was looked up."""
        return self._transport.connection.base_url if self._transport else None

    def connect(self) -> AsyncTransport:
        """Look the registry up on the spot; may block."""
        if self._closed:
            raise ConfigurationError("The client is closed. Make a new one.")
        if self._transport is None:
            connection = self.connector.open()
            self._transport = AsyncTransport(connection, self._http, self.settings.retry)
        return self._transport

    async def transport(self) -> AsyncTransport:
        """Return what talks to the registry, looked up or started when first needed."""
        if self._transport is not None and not self._closed:
            return self._transport
        async with self._opening.hold():
            return await aio.run_blocking(self.connect)

    async def send(self, request: Request[T]) -> T:
        """Send one request and return its parsed answer."""
        transport = await self.transport()
        return await transport.send(request)

    async def run(self, steps: Steps[T]) -> T:
        """Hold a conversation: send what it asks, hand back the answers, return its result."""
        answer: Any = None
        error: APIStatusError | None = None
        while True:
            try:
                request = steps.send(answer) if error is None else steps.throw(error)
            except StopIteration as done:
                result: T = done.value
                return result
            answer, error = None, None
            try:
                answer = await self.send(request)
            except APIStatusError as raised:
                error = raised

    async def fetch(self, request: HttpRequest) -> HttpResponse:
        """Send a request to a presigned URL, without the key.

        Raises:
            HttpFailure: No answer came.
        """
        transport = await self.transport()
        return await transport.fetch(request)

    async def server_info(self) -> ServerInfo | None:
        """Return what the registry says of itself, asked once; None for a public server."""
        transport = await self.transport()
        return await transport.server_info()

    async def supports(self, extension: str) -> bool:
        """Say whether the registry announces an extension of the wire (section 7)."""
        transport = await self.transport()
        return await transport.supports(extension)

    async def set_up(self, wish: Scope) -> None:
        """Resolve ids, names or nothing into the defaults."""
        wish.check_hierarchy()
        await self.transport()
        if wish == Scope():
            wish = self.connector.defaults()
        self.scope = await self.run(resolve(wish))
        self._wish = None

    def wish_for(self, wish: Scope) -> None:
        """Note other defaults; they are resolved when next needed, or by :meth:`settle`."""
        wish.check_hierarchy()
        self._wish = wish

    async def settle(self) -> Scope:
        """Return the defaults, resolving those that were wished for.

        Raises:
            ConfigurationError: ``setup_config`` was never awaited.
        """
        wish = self._wish
        if wish is not None:
            self.scope = await self.run(resolve(wish))
            self._wish = None
        if self.scope is None:
            raise not_set_up()
        return self.scope

    @property
    def wished(self) -> Scope:
        """The defaults as they were last set, resolved or not."""
        return self._wish or self.scope or Scope()

    async def organization_path(self) -> OrganizationPath:
        """Return the default organization."""
        scope = await self.settle()
        return scope.organization_path()

    async def orbit_path(self, orbit_id: str | None = None) -> OrbitPath:
        """Return an orbit, by default the default one."""
        scope = await self.settle()
        return scope.orbit_path(orbit_id)

    async def collection_path(self, collection_id: str | None = None) -> CollectionPath:
        """Return a collection, by default the default one."""
        scope = await self.settle()
        return scope.collection_path(collection_id)

    async def aclose(self) -> None:
        """Close the connections and stop an embedded registry."""
        self._closed = True
        self._transport = None
        await self._http.aclose()
        await aio.run_blocking(self.settings.close)
        await aio.run_blocking(self.connector.close)
