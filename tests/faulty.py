"""A real TCP proxy that breaks what passes through it, as networks and stores do."""

from __future__ import annotations

import re
import select
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

RANGE = re.compile(rb"Range: [^\r]*\r\n")
CHUNK = 256 * 1024
REQUEST = re.compile(rb"(GET|PUT|POST|HEAD|DELETE|PATCH) (\S+) HTTP/1\.1\r\n")


@dataclass(frozen=True)
class Cut:
    """Forward this many bytes of the request, or of the answer, then end the connection."""

    request_bytes: int | None = None
    answer_bytes: int | None = None


@dataclass(frozen=True)
class Answer:
    """Answer in the place of the server."""

    status: str
    headers: tuple[str, ...] = ()
    body: str = ""

    def encode(self) -> bytes:
        lines = [f"HTTP/1.1 {self.status}", f"Content-Length: {len(self.body)}", *self.headers]
        return ("\r\n".join(lines) + "\r\nConnection: close\r\n\r\n" + self.body).encode()


@dataclass(frozen=True)
class Stall:
    """Take the request and never answer."""


Fault = Cut | Answer | Stall | None
Plan = Callable[[str, str, int], Fault]
"""Given method, path and how often that method and path prefix came before: what goes wrong."""


@dataclass
class Seen:
    """What passed: requests by method and kind, and bytes up and down."""

    requests: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    up: int = 0
    down: int = 0

    def count(self, method: str, prefix: str) -> int:
        """Return how many requests had this method and began so."""
        return sum(1 for verb, path in self.requests if verb == method and path.startswith(prefix))


class FaultyProxy:
    """Forwards connections to ``target`` (host:port) and breaks those that ``plan`` names."""

    def __init__(self, base_url: str, plan: Plan) -> None:
        host, _, port = base_url.removeprefix("http://").rpartition(":")
        self._target = (host, int(port))
        self.plan = plan
        self.seen = Seen()
        self.drop_ranges = False
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.base_url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock:
            open_now = [*self._sockets, self._listener]
        for connection in open_now:
            _shut(connection)
        for thread in self._threads:
            thread.join(5)
        self._listener.close()

    def _start(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._start(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        with client, socket.create_connection(self._target) as server:
            with self._lock:
                self._sockets |= {client, server}
            try:
                self._pump(client, server)
            except OSError:
                return
            finally:
                with self._lock:
                    self._sockets -= {client, server}

    def _pump(self, client: socket.socket, server: socket.socket) -> None:
        left_up: int | None = None
        left_down: int | None = None
        stalled = False
        while True:
            for ready in select.select([client, server], [], [])[0]:
                data = ready.recv(CHUNK)
                if not data:
                    return
                if ready is client:
                    match = REQUEST.match(data)
                    if match:
                        fault = self._fault(match[1].decode(), match[2].decode())
                        if isinstance(fault, Answer):
                            client.sendall(fault.encode())
                            return
                        stalled = isinstance(fault, Stall)
                        left_up = fault.request_bytes if isinstance(fault, Cut) else None
                        left_down = fault.answer_bytes if isinstance(fault, Cut) else None
                    if stalled:
                        continue
                    if self.drop_ranges and match:
                        data = RANGE.sub(b"", data)
                    data, left_up, ended = _limited(data, left_up)
                    server.sendall(data)
                    self.seen.up += len(data)
                else:
                    data, left_down, ended = _limited(data, left_down)
                    client.sendall(data)
                    self.seen.down += len(data)
                if ended:
                    return

    def _fault(self, method: str, path: str) -> Fault:
        with self._lock:
            before = self.seen.count(method, path[:8])
            self.seen.requests.append((method, path))
        return self.plan(method, path, before)


def _limited(data: bytes, left: int | None) -> tuple[bytes, int | None, bool]:
    if left is None:
        return data, None, False
    return data[:left], max(0, left - len(data)), len(data) >= left


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        connection.close()
