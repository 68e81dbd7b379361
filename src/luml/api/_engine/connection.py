"""A thin HTTP/1.1 connection whose bodies go straight between socket and file (RFC 9112)."""

from __future__ import annotations

import errno
import select
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult

from luml.api._engine.coordinator import Coordinator
from luml.api._engine.faults import LinkError
from luml.api._engine.response import Response, read_response
from luml.api._engine.routes import Endpoint, Route
from luml.io.blocks import read_all
from luml.io.sending import send_file, unsent_bytes
from luml.io.tuning import tune
from luml.transfer.options import TransferOptions

POLL_SECONDS = 0.1
TLS_PIECE = 16 * 1024


@dataclass(frozen=True, slots=True)
class FileRun:
    """A body that is a run of a file."""

    descriptor: int
    offset: int
    size: int


Body = bytes | FileRun


class Connection:
    """One connection to a host, kept for many requests.

    Attributes:
        setup: Seconds that it took to connect.
    """

    def __init__(self, sock: socket.socket, route: Route, stall: float, setup: float) -> None:
        self.socket = sock
        self.route = route
        self.setup = setup
        self._stall = stall

    def send(
        self,
        method: str,
        url: SplitResult,
        headers: Mapping[str, str],
        body: Body,
        buffer: memoryview,
    ) -> None:
        """Send a request; ``buffer`` is used where a file cannot go out without a copy."""
        size = body.size if isinstance(body, FileRun) else len(body)
        head = self._head(method, url, headers, size)
        if isinstance(body, bytes):
            self.socket.sendall(head + body)
            return
        self.socket.sendall(head)
        if isinstance(self.socket, ssl.SSLSocket):
            self._send_copied(body, buffer)
        else:
            send_file(self.socket, body.descriptor, body.offset, body.size, self._stall)

    def answer(self, method: str) -> Response:
        """Wait for the answer to the last request; while the system still sends it, none is due."""
        unsent = unsent_bytes(self.socket)
        while True:
            try:
                return read_response(self.socket, method)
            except TimeoutError:
                left = unsent_bytes(self.socket)
                if left >= unsent:
                    raise
                unsent = left

    def close(self) -> None:
        """End the connection."""
        self.socket.close()

    def _send_copied(self, body: FileRun, buffer: memoryview) -> None:
        offset, end = body.offset, body.offset + body.size
        while offset < end:
            view = buffer[: min(len(buffer), end - offset)]
            read_all(body.descriptor, view, offset)
            # The timeout of a TLS socket bounds a whole call: small ones keep it a stall limit.
            for start in range(0, len(view), TLS_PIECE):
                self.socket.sendall(view[start : start + TLS_PIECE])
            offset += len(view)

    def _head(self, method: str, url: SplitResult, headers: Mapping[str, str], size: int) -> bytes:
        target = url.path or "/"
        target += f"?{url.query}" if url.query else ""
        host = url.netloc.rpartition("@")[2]
        fields = {"Host": host, "User-Agent": "luml", "Accept": "*/*", **headers}
        if size or method in ("PUT", "POST"):
            fields["Content-Length"] = str(size)
        if self.route.proxy is not None and not self.route.secure:
            target = f"{url.scheme}://{host}{target}"
            if self.route.authorization:
                fields["Proxy-Authorization"] = self.route.authorization
        lines = [
            f"{method} {target} HTTP/1.1",
            *(f"{key}: {value}" for key, value in fields.items()),
        ]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def connect(
    route: Route, options: TransferOptions, context: ssl.SSLContext, coordinator: Coordinator
) -> Connection:
    """Connect along ``route``; raises LinkError with the reason in words."""
    began = time.monotonic()
    first = route.proxy or route.target
    sock = _open(first, options.connect_timeout, coordinator)
    try:
        setup = time.monotonic() - began
        sock.settimeout(options.stall_timeout)
        tune(sock)
        with coordinator.using(sock):
            if route.proxy is not None and route.secure:
                _tunnel(sock, route)
            if route.secure:
                sock = context.wrap_socket(sock, server_hostname=route.target.host)
        return Connection(sock, route, options.stall_timeout, setup)
    except ssl.SSLCertVerificationError as error:
        sock.close()
        raise LinkError(
            f"the certificate of {route.target.host} is not trusted: {error.verify_message}"
        ) from error
    except OSError as error:
        sock.close()
        raise LinkError(f"no TLS with {route.target.host}: {error}") from error
    except BaseException:
        sock.close()
        raise


def _open(endpoint: Endpoint, timeout: float, coordinator: Coordinator) -> socket.socket:
    try:
        addresses = socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise LinkError(f"the host {endpoint.host} is not known") from error
    problem = "no address"
    for family, kind, protocol, _, address in addresses:
        sock = socket.socket(family, kind, protocol)
        try:
            problem = _dial(sock, address, timeout, coordinator)
        except BaseException:
            sock.close()
            raise
        if not problem:
            return sock
        sock.close()
    raise LinkError(f"{endpoint.host}:{endpoint.port} cannot be reached: {problem}")


def _dial(sock: socket.socket, address: object, timeout: float, coordinator: Coordinator) -> str:
    """Connect without hanging in the call, so that cancelling works; return the problem, or
    nothing.
    """
    sock.setblocking(False)
    number = sock.connect_ex(address)  # type: ignore[arg-type]  # the address is as getaddrinfo gave it
    if number not in (0, errno.EINPROGRESS):
        return errno.errorcode.get(number, str(number))
    end = time.monotonic() + timeout
    poll = select.poll()
    poll.register(sock, select.POLLOUT)
    while not poll.poll(POLL_SECONDS * 1000):
        coordinator.check()
        if time.monotonic() > end:
            return f"no answer within {timeout:g} s"
    number = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    return (
        ""
        if number == 0
        else {errno.ECONNREFUSED: "connection refused"}.get(
            number, errno.errorcode.get(number, str(number))
        )
    )


def _tunnel(sock: socket.socket, route: Route) -> None:
    """Ask the proxy for a connection to the target (RFC 9110, section 9.3.6)."""
    host = f"[{route.target.host}]" if ":" in route.target.host else route.target.host
    target = f"{host}:{route.target.port}"
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    if route.authorization:
        lines.append(f"Proxy-Authorization: {route.authorization}")
    sock.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
    response = read_response(sock, "CONNECT")
    if response.status != 200:
        raise LinkError(f"the proxy refused a tunnel to {target}: {response.status}")
