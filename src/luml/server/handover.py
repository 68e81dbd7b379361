"""Hands connections from the event loop to the threads of the body server, and back.

The ASGI server stays the front door for every connection. Between two requests the first bytes of
the next one are looked at; if they ask for the store, the socket leaves the loop together with what
was read from it.
"""

from __future__ import annotations

import asyncio
import socket
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from luml.server.bodies.server import BodyServer, is_store_request


class HandoverProtocol(HttpToolsProtocol):
    """HTTP/1.1 as uvicorn speaks it, except for requests that ask for the store."""

    bodies: ClassVar[BodyServer]

    _between_requests = True
    _message_open = False
    _opening = b""

    def data_received(self, data: bytes) -> None:
        """Pass bytes on to the parser, or the connection on to the body server."""
        if self._between_requests:
            data = self._opening + data
            store = is_store_request(data)
            self._opening = data if store is None else b""
            if store is None:
                return
            if store:
                self._hand_over(data)
                return
            self._between_requests = False
        super().data_received(data)

    def on_message_begin(self) -> None:
        """Take note that a request has begun."""
        self._message_open = True
        super().on_message_begin()

    def on_message_complete(self) -> None:
        """Take note that a request has come in whole."""
        super().on_message_complete()
        self._message_open = False
        self._see_whether_between()

    def on_response_complete(self) -> None:
        """Take note that a request was answered."""
        super().on_response_complete()
        self._see_whether_between()

    def _see_whether_between(self) -> None:
        # Only here may bytes be taken for a new request: a body must never pose as one.
        self._between_requests = (
            self.cycle.response_complete and not self._message_open and not self.pipeline
        )

    def _hand_over(self, received: bytes) -> None:
        self.transport.pause_reading()
        connection = self.transport.get_extra_info("socket").dup()
        self.transport.abort()
        self.bodies.take(connection, received, self._take_back)

    def _take_back(self, connection: socket.socket, unread: bytes) -> None:
        try:
            self.loop.call_soon_threadsafe(self._adopt, connection, unread)
        except RuntimeError:  # the loop has ended
            connection.close()

    def _adopt(self, connection: socket.socket, unread: bytes) -> None:
        connection.setblocking(False)
        protocol = type(self)(self.config, self.server_state, self.app_state, self.loop)
        task = self.loop.create_task(_connect(self.loop, protocol, connection, unread))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)


async def _connect(
    loop: asyncio.AbstractEventLoop,
    protocol: HttpToolsProtocol,
    connection: socket.socket,
    unread: bytes,
) -> None:
    await loop.connect_accepted_socket(lambda: protocol, connection)
    protocol.timeout_keep_alive_task = loop.call_later(
        protocol.timeout_keep_alive, protocol.timeout_keep_alive_handler
    )
    if unread:
        protocol.data_received(unread)


def http_protocol(bodies: BodyServer) -> type[HandoverProtocol]:
    """Return the protocol class to run the ASGI server with (``uvicorn.Config(http=…)``)."""
    return type("BoundHandoverProtocol", (HandoverProtocol,), {"bodies": bodies})
