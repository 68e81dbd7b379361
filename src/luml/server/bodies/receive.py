"""A body from a socket into a file, at an offset, without ever holding more than one buffer."""

from __future__ import annotations

import base64
import binascii
import hashlib
import socket
from collections.abc import Callable, Mapping

from luml.io.blocks import Block, write_all
from luml.server.bodies.http import BadRequestError, ConnectionEndedError

CHECKSUMS = {"x-amz-checksum-sha256": "sha256", "content-md5": "md5"}


class DeclaredChecksum:
    """The digest that a request declares for its body, if it does."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._name = next((name for name in CHECKSUMS if name in headers), None)
        if self._name is None:
            return
        self._expected = _decode(self._name, headers[self._name])
        self._digest = hashlib.new(CHECKSUMS[self._name], usedforsecurity=False)

    def update(self, data: memoryview) -> None:
        """Count ``data`` in."""
        if self._name is not None:
            self._digest.update(data)

    def check(self) -> None:
        """Raise BadRequestError if the body was another one."""
        if self._name is not None and self._digest.digest() != self._expected:
            raise BadRequestError(
                400, "BadDigest", f"the body is not the one that {self._name} declares"
            )


def _decode(name: str, value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise BadRequestError(400, "InvalidDigest", f"{name} is not base64") from error


def receive_body(
    connection: socket.socket,
    received: bytearray,
    size: int,
    descriptor: int,
    offset: int,
    checksum: DeclaredChecksum,
    arrived: Callable[[int], None],
) -> None:
    """Write ``size`` bytes to the file at ``offset``; raises ConnectionEndedError if fewer come.

    Args:
        received: What was read beyond the head; it goes first.
        arrived: Called with the count of bytes that are written so far.
    """
    done = 0
    with Block() as view:
        while done < size:
            limit = min(len(view), size - done)
            if received:
                got = min(limit, len(received))
                view[:got] = received[:got]
                del received[:got]
            elif not (got := connection.recv_into(view[:limit])):
                raise ConnectionEndedError
            checksum.update(view[:got])
            write_all(descriptor, view[:got], offset + done)
            done += got
            arrived(done)


def discard_body(connection: socket.socket, received: bytearray, size: int) -> bool:
    """Throw away what is left of a body of ``size`` bytes, 1 MiB at most; say whether that was all
    of it.
    """
    left = size - len(received)
    del received[:size]
    if left > 1024 * 1024:
        return False
    while left > 0:
        chunk = connection.recv(min(left, 64 * 1024))
        if not chunk:
            return False
        left -= len(chunk)
    return True
