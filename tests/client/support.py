"""What client tests look through: recorded requests, and a registry that acts like a public one."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import httpx2

from luml.api import AsyncLumlClient, LumlAPIError, LumlClient, TransferOptions
from luml.api.clients import DEFAULT_TRANSFER
from tests.conftest import RegistryAddress

COLLECTION_LIST = re.compile(r"/collections/[^/]+/artifacts$")
NOT_FOUND = {"detail": "Not Found"}
NOT_ALLOWED = {"detail": "Method Not Allowed"}
EXTENSIONS = ("name", "fields")


@dataclass
class Log:
    """The requests that went out, as ``METHOD path?query``."""

    lines: list[str] = field(default_factory=list[str])

    def note(self, request: httpx2.Request) -> None:
        """Remember one request."""
        self.lines.append(f"{request.method} {request.url.raw_path.decode()}")

    def __len__(self) -> int:
        return len(self.lines)


class Recorder(httpx2.HTTPTransport):
    """Sends requests and remembers them."""

    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self._log.note(request)
        return super().handle_request(request)


class AsyncRecorder(httpx2.AsyncHTTPTransport):
    """Sends requests and remembers them."""

    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self._log.note(request)
        return await super().handle_async_request(request)


def public_answer(request: httpx2.Request, *, lists_collections: bool) -> httpx2.Response | None:
    """Return what a public server answers to routes it lacks; None for those it has."""
    if request.url.path == "/v1/server":
        return httpx2.Response(404, json=NOT_FOUND, request=request)
    is_list = request.method == "GET" and COLLECTION_LIST.search(request.url.path)
    if is_list and not lists_collections:
        return httpx2.Response(405, json=NOT_ALLOWED, request=request)
    return None


def without_extensions(request: httpx2.Request) -> httpx2.Request:
    """Return the request as a public server understands it: unknown parameters are ignored."""
    request.url = request.url.copy_with(
        params=[pair for pair in request.url.params.multi_items() if pair[0] not in EXTENSIONS]
    )
    return request


class Public(Recorder):
    """The way to a registry that acts like a public server."""

    def __init__(self, log: Log, *, lists_collections: bool = True) -> None:
        super().__init__(log)
        self._lists = lists_collections

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = public_answer(request, lists_collections=self._lists)
        return answer or super().handle_request(without_extensions(request))


class AsyncPublic(AsyncRecorder):
    """The way to a registry that acts like a public server."""

    def __init__(self, log: Log, *, lists_collections: bool = True) -> None:
        super().__init__(log)
        self._lists = lists_collections

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = public_answer(request, lists_collections=self._lists)
        return answer or await super().handle_async_request(without_extensions(request))


async def async_opened(
    registry: RegistryAddress,
    *,
    http_client: httpx2.AsyncClient | None = None,
    api_key: str | None = None,
    timeout: float = 10,
    max_retries: int = 3,
    transfer: TransferOptions = DEFAULT_TRANSFER,
    organization: str | None = None,
    orbit: str | None = None,
    collection: str | None = None,
) -> AsyncLumlClient:
    """Return an async client that is set up."""
    key = registry.api_key if api_key is None else api_key
    luml = AsyncLumlClient(
        registry.base_url,
        key,
        http_client=http_client,
        timeout=timeout,
        max_retries=max_retries,
        transfer=transfer,
    )
    try:
        await luml.setup_config(organization=organization, orbit=orbit, collection=collection)
    except LumlAPIError:
        await luml.aclose()
        raise
    return luml


def opened(
    registry: RegistryAddress,
    *,
    http_client: httpx2.Client | None = None,
    api_key: str | None = None,
    timeout: float = 10,
    max_retries: int = 3,
    transfer: TransferOptions = DEFAULT_TRANSFER,
    organization: str | None = None,
    orbit: str | None = None,
    collection: str | None = None,
) -> LumlClient:
    """Return a client."""
    key = registry.api_key if api_key is None else api_key
    return LumlClient(
        registry.base_url,
        key,
        organization,
        orbit,
        collection,
        http_client=http_client,
        timeout=timeout,
        max_retries=max_retries,
        transfer=transfer,
    )


def connected(transport: Recorder) -> httpx2.Client:
    """Return an HTTP client over ``transport``."""
    return httpx2.Client(transport=transport, timeout=10)


def async_connected(transport: AsyncRecorder) -> httpx2.AsyncClient:
    """Return an async HTTP client over ``transport``."""
    return httpx2.AsyncClient(transport=transport, timeout=10)
