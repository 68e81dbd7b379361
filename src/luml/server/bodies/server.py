"""Threads that serve connections of the local store, one thread a connection while it is busy."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable

from luml.io.sending import is_readable, send_file, shut
from luml.io.tuning import tune
from luml.server.bodies.http import (
    HEAD_SECONDS,
    BadRequestError,
    ConnectionEndedError,
    Head,
    Response,
    parse_head,
    read_head,
)
from luml.server.bodies.receive import discard_body
from luml.server.bodies.verbs import Exchange, Verbs, error_response
from luml.server.storage.local import LocalStore
from luml.server.storage.signing import STORE_PREFIX

logger = logging.getLogger("luml.server.bodies")

GiveBack = Callable[[socket.socket, bytes], None]

LINGER_SECONDS = 1.0
STALL_SECONDS = 60.0
MAX_CONNECTIONS = 256
METHODS = ("GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS")
OPENINGS = tuple(f"{method} {STORE_PREFIX}".encode() for method in METHODS)
LONGEST_OPENING = max(map(len, OPENINGS))


def is_store_request(received: bytes) -> bool | None:
    """Say whether a request for the store begins so; None while that is open."""
    if received.startswith(OPENINGS):
        return True
    if len(received) < LONGEST_OPENING and any(
        opening.startswith(received) for opening in OPENINGS
    ):
        return None
    return False


class BodyServer:
    """Serves the store on connections that are handed to it.

    Args:
        store: Whose objects are served.
    """

    def __init__(self, store: LocalStore) -> None:
        self._verbs = Verbs(store)
        self._slots = threading.BoundedSemaphore(MAX_CONNECTIONS)
        self._busy: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._closing = False

    def take(self, connection: socket.socket, received: bytes, give_back: GiveBack) -> None:
        """Serve ``connection`` on a thread; ``give_back`` gets it when another kind of request
        follows.
        """
        if not self._slots.acquire(blocking=False):
            connection.setblocking(False)
            busy = BadRequestError(503, "SlowDown", "too many transfers at once; try again")
            connection.send(_bytes_of(error_response(busy)))
            connection.close()
            return
        worker = threading.Thread(
            target=self._run, args=(connection, received, give_back), name="luml-body", daemon=True
        )
        worker.start()

    def close(self, grace: float) -> None:
        """Let what is in flight finish for ``grace`` seconds, then cut it."""
        self._closing = True
        end = time.monotonic() + grace
        while self._busy and time.monotonic() < end:
            time.sleep(0.02)
        with self._lock:
            for connection in self._busy:
                shut(connection)

    def _run(self, connection: socket.socket, received: bytes, give_back: GiveBack) -> None:
        buffer = bytearray(received)
        try:
            connection.setblocking(True)
            connection.settimeout(STALL_SECONDS)
            tune(connection)
            if self._serve(connection, buffer):
                give_back(connection, bytes(buffer))
                return
        except (ConnectionEndedError, OSError) as error:
            logger.debug("a transfer ended early: %s", type(error).__name__)
        except BaseException:
            connection.close()
            raise
        finally:
            self._slots.release()
        connection.close()

    def _serve(self, connection: socket.socket, received: bytearray) -> bool:
        """Answer requests for the store; True when the connection is to be given back."""
        while True:
            if not received and not is_readable(connection, LINGER_SECONDS):
                return not self._closing
            connection.settimeout(HEAD_SECONDS)
            while (ours := is_store_request(bytes(received[:LONGEST_OPENING]))) is None:
                chunk = connection.recv(64 * 1024)
                if not chunk:
                    return False
                received += chunk
            if not ours:
                return True
            if not self._exchange(connection, received) or self._closing:
                return False

    def _exchange(self, connection: socket.socket, received: bytearray) -> bool:
        """Answer one request; False when the connection must end."""
        with self._lock:
            self._busy.add(connection)
        try:
            return self._answer(connection, received)
        finally:
            with self._lock:
                self._busy.discard(connection)

    def _answer(self, connection: socket.socket, received: bytearray) -> bool:
        exchange: Exchange | None = None
        try:
            connection.settimeout(HEAD_SECONDS)
            raw = read_head(connection, received)
            if raw is None:
                return False
            connection.settimeout(STALL_SECONDS)
            exchange = Exchange(parse_head(raw), connection, received)
            response = self._verbs.answer(exchange)
        except BadRequestError as error:
            response = error_response(error)
        if exchange is None:
            _refuse(connection, response)
            return False
        head = exchange.head
        whole = exchange.body_read or head.length == 0
        if not whole and "expect" not in head.headers:
            whole = discard_body(connection, received, head.length)
        if not whole:
            _refuse(connection, response)
            return False
        _send(connection, head, response)
        if exchange.afterwards is not None:
            exchange.afterwards()
        return head.keep_alive


def _send(connection: socket.socket, head: Head, response: Response) -> None:
    start = response.head(keep_alive=head.keep_alive)
    if response.file is None:
        connection.sendall(start + (b"" if head.method == "HEAD" else response.body))
        return
    descriptor, offset, length = response.file
    try:
        connection.sendall(start, socket.MSG_MORE if hasattr(socket, "MSG_MORE") else 0)
        send_file(connection, descriptor, offset, length, STALL_SECONDS)
    finally:
        os.close(descriptor)


def _bytes_of(response: Response) -> bytes:
    return response.head(keep_alive=False) + response.body


def _refuse(connection: socket.socket, response: Response) -> None:
    """Answer before the body was read, and give the client the time to see the answer before the
    connection ends.
    """
    connection.sendall(_bytes_of(response))
    connection.shutdown(socket.SHUT_WR)
    end = time.monotonic() + 2.0
    while time.monotonic() < end and is_readable(connection, 0.2):
        if not connection.recv(1024 * 1024):
            return
