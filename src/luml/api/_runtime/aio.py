"""Tasks: the runtime of the async half.

asyncio is imported by those who run on it: a sync program never waits for it to load.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from luml.api._runtime.cancelling import Cancellable, transfer_threads
from luml.api._runtime.exchange import HttpOptions, HttpRequest, HttpResponse, failure_of

if TYPE_CHECKING:
    import asyncio

    import httpx2

T = TypeVar("T")
P = ParamSpec("P")


async def sleep(seconds: float) -> None:
    """Wait."""
    import asyncio

    await asyncio.sleep(seconds)


async def run_blocking(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function that blocks, off the loop."""
    import asyncio

    return await asyncio.to_thread(function, *args, **kwargs)


async def gather(calls: Sequence[Callable[[], Awaitable[T]]], limit: int) -> list[T]:
    """Make all calls, at most ``limit`` at a time; the first error cancels the rest."""
    import asyncio

    slots = asyncio.Semaphore(limit)

    async def run(call: Callable[[], Awaitable[T]]) -> T:
        async with slots:
            return await call()

    tasks = [asyncio.ensure_future(run(call)) for call in calls]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Lock:
    """Keeps two callers from doing the same thing at once, on whichever loop runs."""

    def __init__(self) -> None:
        self._lock: asyncio.Lock | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @asynccontextmanager
    async def hold(self) -> AsyncGenerator[None]:
        """Hold it for the length of a block."""
        import asyncio

        loop = asyncio.get_running_loop()
        if self._lock is None or self._loop is not loop:
            self._lock, self._loop = asyncio.Lock(), loop
        async with self._lock:
            yield


class HttpClient:
    """Sends requests over kept connections, and redirects nowhere."""

    def __init__(self, options: HttpOptions, own: httpx2.AsyncClient | None = None) -> None:
        self._options = options
        self._own = own
        self._made: httpx2.AsyncClient | None = None
        self._making = Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def request(self, request: HttpRequest) -> HttpResponse:
        """Send ``request`` and read the whole answer.

        Raises:
            HttpFailure: No answer came.
        """
        client = await self._client()
        import httpx2  # loaded off the loop by now

        try:
            response = await client.request(
                request.method,
                request.url,
                params=request.params or None,
                headers=dict(request.headers),
                content=request.content,
                follow_redirects=False,
            )
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            raise failure_of(error) from error
        headers = {name.lower(): value for name, value in response.headers.items()}
        return HttpResponse(response.status_code, headers, response.content)

    async def _client(self) -> httpx2.AsyncClient:
        # Connections belong to the loop that made them; a client that outlives a loop
        # (asyncio.run twice) starts afresh on the next one.
        import asyncio

        if self._own is not None:
            return self._own
        loop = asyncio.get_running_loop()
        async with self._making.hold():
            if self._made is None or self._loop is not loop:
                self._made, self._loop = await run_blocking(_make, self._options), loop
            return self._made

    async def aclose(self) -> None:
        """Close the connections; a client that was handed in stays open."""
        import asyncio

        made, self._made = self._made, None
        if made is not None and self._loop is asyncio.get_running_loop():
            await made.aclose()


def _make(options: HttpOptions) -> httpx2.AsyncClient:
    """Load the HTTP library and make a client; reads files, so not on the loop."""
    import_module("anyio._backends._asyncio")  # else anyio loads it on the loop, when first used
    import httpx2

    timeout, proxy = options.timeout, options.proxy
    if proxy is None:
        return httpx2.AsyncClient(timeout=timeout, verify=options.tls())
    return httpx2.AsyncClient(timeout=timeout, verify=options.tls(), proxy=proxy)


async def run_transfer(
    run: Cancellable, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Call a blocking piece of a transfer, off the loop.

    A task that is cancelled cancels it and waits for its end.
    """
    import asyncio

    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.run_in_executor(
        transfer_threads(), partial(function, *args, **kwargs)
    )
    try:
        return await asyncio.shield(done)
    except asyncio.CancelledError:
        run.cancel()
        await asyncio.wait([done])
        if not done.cancelled():
            done.exception()
        raise


async def gather_transfers(
    group: Cancellable, calls: Sequence[Callable[[], Awaitable[T]]], limit: int
) -> list[T]:
    """Make all calls, at most ``limit`` at a time; a caller that is cancelled cancels ``group``."""
    try:
        return await gather(calls, limit)
    except BaseException:
        group.cancel()
        raise
