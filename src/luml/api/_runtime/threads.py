"""Threads: the runtime of the sync half."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Lock as ThreadLock
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from luml.api._runtime.cancelling import Cancellable
from luml.api._runtime.exchange import HttpOptions, HttpRequest, HttpResponse, failure_of

if TYPE_CHECKING:
    import httpx2

T = TypeVar("T")
P = ParamSpec("P")


def sleep(seconds: float) -> None:
    """Wait."""
    time.sleep(seconds)


def run_blocking(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function that blocks."""
    return function(*args, **kwargs)


def gather(calls: Sequence[Callable[[], T]], limit: int) -> list[T]:
    """Make all calls, at most ``limit`` at a time; the first error drops those not yet begun."""
    with ThreadPoolExecutor(max_workers=max(1, limit)) as pool:
        futures = [pool.submit(call) for call in calls]
        try:
            return [future.result() for future in futures]
        finally:
            for future in futures:
                future.cancel()


class Lock:
    """Keeps two callers from doing the same thing at once."""

    def __init__(self) -> None:
        self._lock = ThreadLock()

    @contextmanager
    def hold(self) -> Generator[None]:
        """Hold it for the length of a block."""
        with self._lock:
            yield


class HttpClient:
    """Sends requests over kept connections, and redirects nowhere."""

    def __init__(self, options: HttpOptions, own: httpx2.Client | None = None) -> None:
        self._options = options
        self._own = own
        self._made: httpx2.Client | None = None
        self._making = ThreadLock()

    def request(self, request: HttpRequest) -> HttpResponse:
        """Send ``request`` and read the whole answer.

        Raises:
            HttpFailure: No answer came.
        """
        import httpx2

        try:
            client = self._client()
            response = client.request(
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

    def _client(self) -> httpx2.Client:
        if self._own is not None:
            return self._own
        with self._making:
            if self._made is None:
                self._made = _make(self._options)
            return self._made

    def close(self) -> None:
        """Close the connections; a client that was handed in stays open."""
        with self._making:
            made, self._made = self._made, None
        if made is not None:
            made.close()


def _make(options: HttpOptions) -> httpx2.Client:
    import httpx2

    timeout, proxy = options.timeout, options.proxy
    if proxy is None:
        return httpx2.Client(timeout=timeout, verify=options.tls())
    return httpx2.Client(timeout=timeout, verify=options.tls(), proxy=proxy)


def run_transfer(
    run: Cancellable, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Call a blocking piece of a transfer; an interrupt cancels it."""
    try:
        return function(*args, **kwargs)
    except BaseException:
        run.cancel()
        raise


def gather_transfers(group: Cancellable, calls: Sequence[Callable[[], T]], limit: int) -> list[T]:
    """Make all calls, at most ``limit`` at a time; an interrupt cancels ``group`` and waits."""
    with ThreadPoolExecutor(max_workers=limit, thread_name_prefix="luml-file") as pool:
        futures = [pool.submit(call) for call in calls]
        try:
            return [future.result() for future in futures]
        except BaseException:
            for future in futures:
                future.cancel()
            group.cancel()
            raise
