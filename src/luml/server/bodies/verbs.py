"""What the store answers to each presigned verb: the subset of the S3 API that published clients
use.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote
from xml.sax.saxutils import escape

from luml.io.sending import shut
from luml.models import StoredPart
from luml.server.bodies.http import BadRequestError, Head, Response
from luml.server.bodies.ranges import (
    UnsatisfiableRangeError,
    byte_range,
    precondition,
    quoted,
)
from luml.server.bodies.receive import DeclaredChecksum, receive_body
from luml.server.storage.base import (
    DiskFullError,
    InvalidPartError,
    ObjectExistsError,
    UnknownUploadError,
)
from luml.server.storage.local import LocalStore
from luml.server.storage.signing import STORE_PREFIX, SignatureError
from luml.transfer.plan import MAX_PARTS, Plan

S3_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
MAX_COMPLETE_BODY = 4 * 1024 * 1024
PART = re.compile(
    rb"<Part>\s*<PartNumber>\s*(\d{1,6})\s*</PartNumber>\s*"
    rb"<ETag>\s*(?:\"|&quot;)?([0-9a-f]+)(?:\"|&quot;)?\s*</ETag>\s*</Part>"
)
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Content-Range, Accept-Ranges, Content-Length",
}
PREFLIGHT = {
    **CORS,
    "Access-Control-Allow-Methods": "GET, HEAD, PUT, POST, DELETE",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "86400",
}


@dataclass(slots=True)
class Exchange:
    """One request on a connection.

    Attributes:
        received: Bytes of the body that came with the head.
        afterwards: What to do once the answer is sent.
    """

    head: Head
    connection: socket.socket
    received: bytearray
    body_read: bool = False
    afterwards: Callable[[], None] | None = None

    def go_on(self) -> None:
        """Tell a client that waits for it that its body is wanted (RFC 9110, section 10.1.1)."""
        if self.head.headers.get("expect", "").lower() == "100-continue" and not self.received:
            self.connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")


class Verbs:
    """Answers requests for objects of one local store."""

    def __init__(self, store: LocalStore) -> None:
        self._store = store

    def answer(self, exchange: Exchange) -> Response:
        """Check the signature and do what the request asks; faults come out as BadRequestError."""
        head = exchange.head
        if head.method == "OPTIONS":
            return Response(204, dict(PREFLIGHT))
        location = head.path.removeprefix(STORE_PREFIX)
        verb = "GET" if head.method == "HEAD" else head.method
        with _faults():
            self._store.signer.check(verb, location, head.parameters)
            handler = self._handlers().get(head.method)
            if handler is None:
                raise BadRequestError(405, "MethodNotAllowed", f"{head.method} is not served here")
            return handler(exchange, location)

    def _handlers(self) -> Mapping[str, Callable[[Exchange, str], Response]]:
        return {
            "GET": self._get,
            "HEAD": self._get,
            "PUT": self._put,
            "POST": self._post,
            "DELETE": self._delete,
        }

    def _get(self, exchange: Exchange, location: str) -> Response:
        found = self._store.find(location)
        if found is None:
            raise BadRequestError(404, "NoSuchKey", "there is no such object")
        path, stored = found
        headers = {
            **CORS,
            "ETag": quoted(stored.etag),
            "Accept-Ranges": "bytes",
            "Content-Type": "application/octet-stream",
        }
        if file_name := exchange.head.parameters.get("filename"):
            headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file_name)}"
        if status := precondition(exchange.head.headers, stored.etag):
            return Response(status, headers)
        try:
            wanted = byte_range(exchange.head.headers, stored.size, stored.etag)
        except UnsatisfiableRangeError:
            return Response(416, {**headers, "Content-Range": f"bytes */{stored.size}"})
        start, length = wanted or (0, stored.size)
        if wanted:
            headers["Content-Range"] = f"bytes {start}-{start + length - 1}/{stored.size}"
        status = 206 if wanted else 200
        if exchange.head.method == "HEAD":
            return Response(status, {**headers, "Content-Length": str(length)})
        return Response(status, headers, file=(os.open(path, os.O_RDONLY), start, length))

    def _put(self, exchange: Exchange, location: str) -> Response:
        if "uploadId" in exchange.head.parameters:
            return self._put_part(exchange, location)
        size = int(exchange.head.parameters["size"])
        checksum = _body_of(exchange, size)
        with self._store.receive(location, size) as incoming:
            exchange.go_on()
            _receive(exchange, size, incoming.descriptor, 0, checksum, incoming.digest.advance)
            sha256 = incoming.digest.result()
            expected = exchange.head.parameters.get("sha256", sha256)
            if sha256 != expected:
                message = f"the body has SHA-256 {sha256}, the registry was told {expected}"
                raise BadRequestError(400, "BadDigest", message)
        return Response(200, {**CORS, "ETag": quoted(sha256)})

    def _put_part(self, exchange: Exchange, location: str) -> Response:
        parameters = exchange.head.parameters
        upload_id, plan = parameters["uploadId"], _plan(parameters)
        part = plan.part(int(parameters["partNumber"]))
        checksum = _body_of(exchange, part.size)
        receiving = self._store.uploads.receive(
            location, upload_id, part, lambda: shut(exchange.connection)
        )
        with receiving as (descriptor, etag):
            exchange.go_on()
            _receive(exchange, part.size, descriptor, part.start, checksum, lambda _: None)
        exchange.afterwards = lambda: self._store.uploads.follow(location, upload_id, plan)
        return Response(200, {**CORS, "ETag": quoted(etag)})

    def _post(self, exchange: Exchange, location: str) -> Response:
        parameters = exchange.head.parameters
        plan = _plan(parameters)
        if "uploads" in parameters:
            upload_id = self._store.uploads.start(location, plan)
            fields = {"Bucket": "local", "Key": location, "UploadId": upload_id}
            return _xml("InitiateMultipartUploadResult", fields)
        body = _small_body(exchange)
        parts = [
            StoredPart(part_number=int(number), etag=etag.decode(), size=0)
            for number, etag in PART.findall(body)[:MAX_PARTS]
        ]
        upload_id = parameters["uploadId"]
        found = self._store.find(location)
        if found is not None and not self._store.uploads.exists(upload_id):
            sha256 = found[1].etag
        else:
            sha256 = self._store.uploads.complete(location, upload_id, plan, parts)
        fields = {"Bucket": "local", "Key": location, "ETag": quoted(sha256)}
        return _xml("CompleteMultipartUploadResult", fields)

    def _delete(self, _exchange: Exchange, location: str) -> Response:
        self._store.delete(location)
        return Response(204, dict(CORS))


def _plan(parameters: Mapping[str, str]) -> Plan:
    return Plan(int(parameters["size"]), int(parameters["part"]))


def _body_of(exchange: Exchange, size: int) -> DeclaredChecksum:
    """Check that the body is announced as ``size`` bytes."""
    headers = exchange.head.headers
    if "content-length" not in headers:
        raise BadRequestError(411, "MissingContentLength", "a PUT needs Content-Length")
    if exchange.head.length != size:
        message = f"the body is {exchange.head.length} bytes, the URL was signed for {size}"
        raise BadRequestError(400, "IncompleteBody", message)
    return DeclaredChecksum(headers)


def _receive(
    exchange: Exchange,
    size: int,
    descriptor: int,
    offset: int,
    checksum: DeclaredChecksum,
    arrived: Callable[[int], None],
) -> None:
    receive_body(
        exchange.connection, exchange.received, size, descriptor, offset, checksum, arrived
    )
    exchange.body_read = True
    checksum.check()


def _small_body(exchange: Exchange) -> bytes:
    length = exchange.head.length
    if length > MAX_COMPLETE_BODY:
        raise BadRequestError(413, "EntityTooLarge", "the list of parts is too large")
    exchange.go_on()
    body = bytearray(exchange.received[:length])
    del exchange.received[:length]
    while len(body) < length:
        chunk = exchange.connection.recv(min(64 * 1024, length - len(body)))
        if not chunk:
            raise BadRequestError(400, "IncompleteBody", "the body is shorter than announced")
        body += chunk
    exchange.body_read = True
    return bytes(body)


def _xml(name: str, fields: Mapping[str, str]) -> Response:
    inner = "".join(f"<{key}>{escape(value)}</{key}>" for key, value in fields.items())
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{name} xmlns="{S3_NAMESPACE}">{inner}</{name}>'
    )
    body = text.encode("utf-8", "surrogateescape")
    return Response(200, {**CORS, "Content-Type": "application/xml"}, body)


def error_response(error: BadRequestError) -> Response:
    """Return the S3 form of an error."""
    fields = f"<Code>{error.code}</Code><Message>{escape(error.message)}</Message>"
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{fields}</Error>'.encode()
    return Response(error.status, {**CORS, "Content-Type": "application/xml"}, body)


@contextmanager
def _faults() -> Generator[None]:
    """Turn what the store says into an answer."""
    try:
        yield
    except SignatureError as error:
        raise BadRequestError(403, "AccessDenied", str(error)) from error
    except UnknownUploadError as error:
        raise BadRequestError(404, "NoSuchUpload", str(error)) from error
    except InvalidPartError as error:
        raise BadRequestError(400, "InvalidPart", str(error)) from error
    except ObjectExistsError as error:
        raise BadRequestError(409, "ObjectExists", str(error)) from error
    except DiskFullError as error:
        raise BadRequestError(507, "InsufficientStorage", str(error)) from error
    except FileNotFoundError as error:
        raise BadRequestError(404, "NoSuchUpload", "the upload was aborted meanwhile") from error
    except OSError as error:
        if isinstance(error, ConnectionError | TimeoutError):
            raise
        message = f"the disk of the store failed: {error.strerror}"
        raise BadRequestError(500, "InternalError", message) from error
