"""Runs a registry: in the foreground (``luml up``) or on a thread (tests,
``LumlClient.embedded``).
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ipaddress
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Generator
from types import TracebackType
from typing import TYPE_CHECKING, Self

import uvicorn

from luml.server.app import Registry, build_app
from luml.server.bodies.server import BodyServer
from luml.server.bootstrap import BootstrapError, Credentials, announced, prepare
from luml.server.handover import http_protocol
from luml.server.periodic import Sweeper
from luml.server.settings import Settings

if TYPE_CHECKING:
    from fastapi import FastAPI

logger = logging.getLogger("luml.server")

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8787
PORTS_TRIED = 100
GRACE_SECONDS = 30
KEEP_ALIVE_SECONDS = 75
BACKLOG = 1024


class _Server(uvicorn.Server):
    """uvicorn without its own signal handling: whoever runs it decides when it stops."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


def bind(host: str, port: int | None) -> socket.socket:
    """Return a listening socket; with no port asked for, 8787 or the next free one.

    Raises:
        BootstrapError: The port is taken, or the address is not one of this machine.
    """
    wanted = range(DEFAULT_PORT, DEFAULT_PORT + PORTS_TRIED) if port is None else (port,)
    for candidate in wanted:
        try:
            return _listen(host, candidate)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                reason = error.strerror or str(error)
                raise BootstrapError(f"cannot listen on {host}:{candidate}: {reason}") from error
    if port is None:
        raise BootstrapError(f"no free port from {wanted[0]} to {wanted[-1]}; pass --port")
    raise BootstrapError(
        f"port {port} on {host} is taken; pass another --port, or none to take a free one"
    )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio knows that it is TCP and sends answers at once.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except BaseException:
        listener.close()
        raise
    return listener


def address(listener: socket.socket) -> str:
    """Return the URL of a listening socket, as a client on this machine would use it."""
    host, port = listener.getsockname()[:2]
    reachable = ipaddress.ip_address(host)
    if reachable.is_unspecified:
        reachable = ipaddress.ip_address("127.0.0.1" if reachable.version == 4 else "::1")
    return f"http://{f'[{reachable}]' if reachable.version == 6 else reachable}:{port}"


class RunningServer:
    """A registry on a thread of this process.

    Args:
        settings: What and where to serve; ``data_dir`` must be set.
        host: The address to listen on.
        port: 0 for any free one.

    Attributes:
        base_url: Where it listens.
        credentials: The first user's key and the ids of the default resources.

    Example:
        >>> with RunningServer(Settings(data_dir=path)) as server:
        ...     print(server.base_url)
    """

    def __init__(
        self, settings: Settings, *, host: str = DEFAULT_HOST, port: int | None = 0
    ) -> None:
        self._settings = settings
        self._listener = bind(host, port)
        self.base_url = address(self._listener)
        try:
            self.credentials: Credentials = prepare(settings)
            self.app: FastAPI = build_app(settings)
        except BaseException:
            self._listener.close()
            raise
        registry: Registry = self.app.state.registry
        self._bodies = BodyServer(registry.local_store)
        self._sweeper = Sweeper(registry)
        self._server = _Server(
            uvicorn.Config(
                self.app,
                http=http_protocol(self._bodies),
                loop="asyncio",
                ws="none",
                lifespan="on",
                access_log=False,
                log_config=None,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )
        self._thread: threading.Thread | None = None

    def start(self) -> Self:
        """Start serving on a thread and wait until requests are answered."""
        self._sweeper.start()
        self._thread = threading.Thread(target=self._run, name="luml-server", daemon=True)
        self._thread.start()
        while not self._server.started:
            self._thread.join(0.005)
            if not self._thread.is_alive():
                raise BootstrapError("the registry stopped while it was starting; see its log")
        return self

    def run(self, started: Callable[[], None]) -> None:
        """Serve on this thread until SIGTERM or Ctrl-C, letting what is in flight finish.

        Args:
            started: Called once when requests are answered.
        """
        self._sweeper.start()
        asyncio.run(self._serve_until_signal(started))
        self._finish()

    def stop(self, grace: float = 5.0) -> None:
        """Finish what is in flight, ``grace`` seconds at most, and stop."""
        self._server.config.timeout_graceful_shutdown = max(1, int(grace))
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join()
        self._finish(grace)

    def _run(self) -> None:
        asyncio.run(self._server.serve([self._listener]))

    async def _serve_until_signal(self, started: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._ask_to_stop)
        serving = asyncio.create_task(self._server.serve([self._listener]))
        waiting = asyncio.create_task(self._server.ready.wait())
        await asyncio.wait([serving, waiting], return_when=asyncio.FIRST_COMPLETED)
        if self._server.started:
            started()
        await serving
        waiting.cancel()

    def _ask_to_stop(self) -> None:
        if self._server.should_exit:
            self._server.force_exit = True
        self._server.should_exit = True

    def _finish(self, grace: float = GRACE_SECONDS) -> None:
        self._sweeper.stop()
        self._bodies.close(0 if self._server.force_exit else grace)
        self._listener.close()
        self.app.state.registry.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def serve(
    settings: Settings,
    *,
    host: str = DEFAULT_HOST,
    port: int | None = None,
    announce: Callable[[str, Credentials], None],
) -> None:
    """Serve in the foreground until SIGTERM or Ctrl-C.

    Args:
        settings: What and where to serve.
        host: The address to listen on.
        port: The port; None for 8787 or the next free one.
        announce: Called with the base URL and the credentials once requests are answered.

    Raises:
        BootstrapError: One clear line: the port is taken, the directory is not writable or made by
            a newer version.
    """
    os.umask(0o077)  # a directory that was there before may be open to others; what is made is not
    server = RunningServer(settings, host=host, port=port)
    base_url = settings.public_url or server.base_url
    with announced(settings, server.credentials, base_url):
        server.run(lambda: announce(base_url, server.credentials))
