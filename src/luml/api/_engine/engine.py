"""What the transfers of one client share: connections, slots for parts in flight, and memory."""

from __future__ import annotations

import errno
import random
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Hashable, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import TypeVar

from luml.api._engine.connection import Body, Connection, connect
from luml.api._engine.coordinator import Coordinator
from luml.api._engine.faults import LinkError, StoreError, URLExpiredError
from luml.api._engine.response import Response
from luml.api._engine.routes import Route, route_to, split
from luml.api._engine.slots import Budget, Slots
from luml.api._engine.tls import tls_context
from luml.io.sending import is_readable
from luml.transfer.attempts import RETRIED_STATUSES, delay_before, retry_after
from luml.transfer.options import TransferOptions
from luml.transfer.pace import Pace
from luml.transfer.s3 import EXPIRED_CODES, error_in

T = TypeVar("T")
IDLE_SECONDS = 50.0
UNREACHABLE = frozenset(
    {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ENETDOWN, errno.EHOSTDOWN, errno.ENOTCONN}
)
"""What the system says of a connection in errors that have no class of their own."""


class Engine:
    """Moves bytes between files and buckets for one client; safe to use from many threads.

    Args:
        options: How transfers behave.
    """

    def __init__(self, options: TransferOptions) -> None:
        self.options = options
        self.slots = Slots(Pace(options.max_in_flight))
        self.budget = Budget(options.memory_budget)
        self._idle: dict[Route, deque[tuple[float, Connection]]] = {}
        self._lock = threading.Lock()
        self._claimed: set[Hashable] = set()

    @cached_property
    def tls(self) -> ssl.SSLContext:
        """The TLS settings, read from disk when first needed."""
        return tls_context(self.options)

    def close(self) -> None:
        """Close the connections that nobody uses."""
        with self._lock:
            kept = [connection for idle in self._idle.values() for _, connection in idle]
            self._idle.clear()
        for connection in kept:
            connection.close()

    @contextmanager
    def claiming(self, what: Hashable) -> Generator[bool]:
        """Yield whether no other transfer of this client has claimed the same."""
        with self._lock:
            first = what not in self._claimed
            self._claimed.add(what)
        try:
            yield first
        finally:
            if first:
                with self._lock:
                    self._claimed.discard(what)

    @contextmanager
    def exchange(
        self,
        coordinator: Coordinator,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: Body = b"",
        buffer: memoryview,
    ) -> Generator[Response]:
        """Send one request and yield its successful answer; the connection is kept if the body was
        read.

        Raises:
            LinkError: No connection, or it was cut.
            StoreError: The store answered with an error; URLExpiredError where a new URL may help.
        """
        parts = split(url)
        route = route_to(url, self.options.proxy)
        connection = self._take(route) or self._connect(route, coordinator)
        try:
            with coordinator.using(connection.socket), as_link_errors(coordinator):
                response = self._send(connection, method, parts, headers or {}, body, buffer)
                _raise_for(response)
                yield response
        except BaseException:
            connection.close()
            raise
        if response.keep and response.finished:
            self._keep(connection)
        else:
            connection.close()

    def call(
        self,
        coordinator: Coordinator,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> tuple[Response, bytes]:
        """Send a small request, again if need be, and return its answer and body."""

        def once() -> tuple[Response, bytes]:
            with self.exchange(
                coordinator, method, url, headers=headers, body=body, buffer=memoryview(b"")
            ) as response:
                return response, response.read_small()

        return self.attempt(coordinator, once)

    def attempt(self, coordinator: Coordinator, once: Callable[[], T]) -> T:
        """Call ``once`` until it succeeds, fails for good, or has failed often enough."""
        attempt = 0
        while True:
            attempt += 1
            try:
                return once()
            except URLExpiredError:
                raise
            except StoreError as error:
                if error.status not in RETRIED_STATUSES or attempt >= self.options.attempts:
                    raise
                asked = error.retry_after
            except LinkError:
                coordinator.check()
                if attempt >= self.options.attempts:
                    raise
                asked = None
            self.slots.throttled()
            delay = delay_before(attempt, random.random())  # jitter needs no secrecy
            coordinator.wait(delay if asked is None else asked)

    def _send(
        self,
        connection: Connection,
        method: str,
        parts: object,
        headers: Mapping[str, str],
        body: Body,
        buffer: memoryview,
    ) -> Response:
        try:
            connection.send(method, parts, headers, body, buffer)  # type: ignore[arg-type]  # as split() gave it
        except (BrokenPipeError, ConnectionResetError, ssl.SSLEOFError):
            # A store that refuses a body answers before it has read it all; the answer says why.
            return connection.answer(method)
        return connection.answer(method)

    def _connect(self, route: Route, coordinator: Coordinator) -> Connection:
        connection = connect(route, self.options, self.tls, coordinator)
        self.slots.connected(connection.setup)
        return connection

    def _take(self, route: Route) -> Connection | None:
        while True:
            with self._lock:
                idle = self._idle.get(route)
                if not idle:
                    return None
                since, connection = idle.pop()
            # Readable while idle means that the other side closed it.
            if time.monotonic() - since < IDLE_SECONDS and not is_readable(connection.socket, 0):
                return connection
            connection.close()

    def _keep(self, connection: Connection) -> None:
        with self._lock:
            idle = self._idle.setdefault(connection.route, deque())
            if len(idle) < self.options.max_in_flight:
                idle.append((time.monotonic(), connection))
                return
        connection.close()


@contextmanager
def as_link_errors(coordinator: Coordinator) -> Generator[None]:
    """Turn what the system and TLS say of a connection into LinkError, unless it was cancelled."""
    try:
        yield
    except TimeoutError as error:
        raise LinkError(str(error) or "the connection stalled") from error
    except ConnectionError as error:
        coordinator.check()
        raise LinkError(
            f"the connection was cut: {error.strerror or type(error).__name__}"
        ) from error
    except ssl.SSLError as error:
        coordinator.check()
        raise LinkError(f"the TLS connection broke: {error.reason or error}") from error
    except LinkError:
        coordinator.check()
        raise
    except OSError as error:
        if error.errno not in UNREACHABLE:
            raise
        coordinator.check()
        raise LinkError(f"the network is gone: {error.strerror}") from error


def _raise_for(response: Response) -> None:
    if response.status < 300:
        return
    if response.status < 400:
        where = response.headers.get("location", "").partition("?")[0]
        raise StoreError(
            response.status,
            "Redirect",
            f"it points to {where or 'nowhere'}, and presigned URLs must not redirect",
        )
    text = response.read_small().decode("utf-8", "replace")
    code, message = error_in(text) or ("", text.strip()[:200])
    if response.status in (401, 403) and (code in EXPIRED_CODES or not code):
        raise URLExpiredError(response.status, code, message)
    if response.status == 400 and code in EXPIRED_CODES:
        raise URLExpiredError(response.status, code, message)
    raise StoreError(response.status, code, message, retry_after(response.headers))
