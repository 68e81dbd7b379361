"""The little of HTTP/1.1 that presigned requests need (RFC 9112), strict in what it takes."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote, urlsplit

MAX_HEAD = 32 * 1024
HEAD_SECONDS = 10.0
REQUEST_LINE = re.compile(rb"([A-Z]{3,16}) (/[^ \x00-\x1f\x7f]*) HTTP/1\.([01])")
CONTENT_LENGTH = re.compile(r"[0-9]{1,18}")
HEADER = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([^\x00\r\n]*?)[ \t]*")


class BadRequestError(Exception):
    """The bytes that came are not a request that is served here.

    Args:
        status: The status to answer with.
        code: The error code of the S3 API, where it has one.
        message: What is wrong.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


class ConnectionEndedError(Exception):
    """The other side went away."""


@dataclass(slots=True)
class Head:
    """The head of a request.

    Attributes:
        path: Decoded, without the query.
        headers: By lower-case name.
    """

    method: str
    path: str
    parameters: Mapping[str, str]
    headers: Mapping[str, str]
    keep_alive: bool

    @property
    def length(self) -> int:
        """Bytes of the body."""
        return int(self.headers.get("content-length", "0"))


@dataclass(slots=True)
class Response:
    """An answer whose body, if any, is small or a run of a file."""

    status: int
    headers: dict[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""
    file: tuple[int, int, int] | None = None

    def head(self, *, keep_alive: bool) -> bytes:
        """Return the status line and headers as they go out."""
        length = self.file[2] if self.file else len(self.body)
        headers = {
            "Date": formatdate(usegmt=True),
            "Connection": "keep-alive" if keep_alive else "close",
            **self.headers,
        }
        if self.status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
            headers.setdefault("Content-Length", str(length))
        lines = [f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def parse_head(raw: bytes) -> Head:
    """Return the head in ``raw`` (up to and including the empty line); raises BadRequestError."""
    try:
        return _parse_head(raw)
    except ValueError as error:
        raise BadRequestError(400, "InvalidRequest", "the request cannot be read") from error


def _parse_head(raw: bytes) -> Head:
    first, *lines = raw[:-4].split(b"\r\n")
    match = REQUEST_LINE.fullmatch(first)
    if match is None:
        raise BadRequestError(400, "InvalidRequest", "the request line is malformed")
    method, target, minor = match.groups()
    headers = _parse_headers(lines)
    parts = urlsplit(target.decode("ascii", "surrogateescape"))
    parameters = dict(parse_qsl(parts.query, keep_blank_values=True, max_num_fields=32))
    return Head(
        method.decode(),
        unquote(parts.path, errors="surrogateescape"),
        parameters,
        headers,
        keep_alive=minor == b"1" and headers.get("connection", "").lower() != "close",
    )


def _parse_headers(lines: list[bytes]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in lines:
        match = HEADER.fullmatch(line)
        if match is None:
            raise BadRequestError(400, "InvalidRequest", "a header is malformed")
        name, value = match[1].decode().lower(), match[2].decode("latin-1")
        if name in ("content-length", "host", "transfer-encoding") and name in headers:
            raise BadRequestError(400, "InvalidRequest", f"the header {name} came twice")
        headers[name] = value
    if "transfer-encoding" in headers:
        raise BadRequestError(411, "MissingContentLength", "send Content-Length, not chunks")
    if not CONTENT_LENGTH.fullmatch(headers.get("content-length", "0")):
        raise BadRequestError(400, "InvalidRequest", "Content-Length is not a number")
    return headers


def read_head(connection: socket.socket, received: bytearray) -> bytes | None:
    """Read up to the end of a head; None when the other side closed before a byte of it came.

    What came beyond the head stays in ``received``.
    """
    end_of_patience = time.monotonic() + HEAD_SECONDS
    while (end := received.find(b"\r\n\r\n", 0, MAX_HEAD)) < 0:
        if len(received) >= MAX_HEAD:
            raise BadRequestError(431, "RequestHeaderSectionTooLarge", "the head is too large")
        if time.monotonic() > end_of_patience:
            raise BadRequestError(408, "RequestTimeout", "the head took too long")
        chunk = connection.recv(64 * 1024)
        if not chunk:
            if received:
                raise ConnectionEndedError
            return None
        received += chunk
    raw = bytes(received[: end + 4])
    del received[: end + 4]
    return raw
