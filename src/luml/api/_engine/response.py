"""The answer side of a thin HTTP/1.1 connection (RFC 9112)."""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from luml.api._engine.faults import LinkError

MAX_HEAD = 64 * 1024
MAX_SMALL_BODY = 1024 * 1024
STATUS_LINE = re.compile(rb"HTTP/1\.([01]) (\d{3})(?: .*)?")
BODYLESS = (204, 304)


@dataclass(slots=True)
class Response:
    """An answer whose body is still to be read.

    Attributes:
        headers: By lower-case name.
        length: Bytes of the body, or None where only its end tells.
        keep: Whether the connection can be used again once the body is read.
    """

    status: int
    headers: Mapping[str, str]
    length: int | None
    keep: bool
    _socket: socket.socket
    _received: bytearray
    _chunked: bool = False
    _left: int = 0
    _ended: bool = False

    def read_into(self, view: memoryview) -> int:
        """Read some bytes of the body into ``view``; 0 at its end. Raises LinkError when it is cut
        short.
        """
        if self._chunked:
            return self._read_chunk_into(view)
        if self.length is None:
            return self._take(view)
        if self._left == 0:
            return 0
        got = self._take(view[: min(len(view), self._left)])
        if got == 0:
            raise LinkError(f"the connection ended {self._left} bytes early")
        self._left -= got
        return got

    def read_small(self) -> bytes:
        """Return the whole body, which may be 1 MiB at most; what is more makes the connection
        unusable.
        """
        body = bytearray()
        piece = bytearray(64 * 1024)
        while len(body) < MAX_SMALL_BODY:
            got = self.read_into(memoryview(piece))
            if got == 0:
                return bytes(body)
            body += piece[:got]
        self.keep = False
        return bytes(body)

    @property
    def finished(self) -> bool:
        """Whether the body was read to its end, so that another request can follow."""
        if self._chunked:
            return self._ended
        return self.length is not None and self._left == 0

    def _take(self, view: memoryview) -> int:
        if self._received:
            got = min(len(view), len(self._received))
            view[:got] = self._received[:got]
            del self._received[:got]
            return got
        return self._socket.recv_into(view)

    def _read_chunk_into(self, view: memoryview) -> int:
        if self._ended:
            return 0
        if self._left == 0:
            line = self._line()
            try:
                self._left = int(line.partition(b";")[0], 16)
            except ValueError as error:
                raise LinkError("a chunk of the answer is malformed") from error
            if self._left == 0:
                while self._line():
                    pass
                self._ended = True
                return 0
        got = self._take(view[: min(len(view), self._left)])
        if got == 0:
            raise LinkError("the connection ended within a chunk")
        self._left -= got
        if self._left == 0:
            self._line()
        return got

    def _line(self) -> bytes:
        while (end := self._received.find(b"\r\n")) < 0:
            _receive_more(self._socket, self._received)
        line = bytes(self._received[:end])
        del self._received[: end + 2]
        return line


def read_response(sock: socket.socket, method: str) -> Response:
    """Read the head of an answer, past any interim ones; raises LinkError when there is none."""
    received = bytearray()
    while True:
        while (end := received.find(b"\r\n\r\n")) < 0:
            _receive_more(sock, received)
        response = _parse(bytes(received[:end]), method, sock, received)
        del received[: end + 4]
        if response.status >= 200:
            return response


def _receive_more(sock: socket.socket, received: bytearray) -> None:
    if len(received) > MAX_HEAD:
        raise LinkError("the head of the answer is too large")
    chunk = sock.recv(64 * 1024)
    if not chunk:
        raise LinkError("the connection ended before an answer came")
    received += chunk


def _parse(head: bytes, method: str, sock: socket.socket, received: bytearray) -> Response:
    first, *lines = head.split(b"\r\n")
    match = STATUS_LINE.fullmatch(first)
    if match is None:
        raise LinkError("the answer is not HTTP")
    status = int(match[2])
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(b":")
        headers[name.decode("latin-1").strip().lower()] = value.decode("latin-1").strip()
    chunked = headers.get("transfer-encoding", "").lower() == "chunked"
    length = _length(status, method, headers, chunked=chunked)
    connection = headers.get("connection", "").lower()
    keep = connection == "keep-alive" if match[1] == b"0" else connection != "close"
    return Response(
        status,
        headers,
        length,
        keep and (chunked or length is not None),
        sock,
        received,
        chunked and length != 0,
        length or 0,
    )


def _length(status: int, method: str, headers: Mapping[str, str], *, chunked: bool) -> int | None:
    if method in ("HEAD", "CONNECT") or status in BODYLESS:
        return 0
    text = headers.get("content-length")
    if chunked or text is None:
        return None
    if not text.isdecimal():
        raise LinkError("the answer has a Content-Length that is no number")
    return int(text)
