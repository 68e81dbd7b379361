"""Hands connections from the event loop to the threads of the body server, and back.

The ASGI server stays the front door for every connection. Between two requests the first bytes of the next one are
looked at; if they ask for the store, the socket leaves the loop together with what was read from it.
"""

from __future__ import annotations

import asyncio
import socket

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from luml.server.bodies.server import BodyServer, is_store_request


def http_protocol(bodies: BodyServer) -> type[asyncio.Protocol]:
    """Return the protocol class to run the ASGI server with (``uvicorn.Config(http=…)``)."""

    class HandoverProtocol(HttpToolsProtocol):
        """HTTP/1.1 as uvicorn speaks it, except for requests that ask for the store."""

        _between_requests = True
        _message_open = False
        _opening = b""

        def data_received(self, data: bytes) -> None:
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
            self._message_open = True
            super().on_message_begin()

        def on_message_complete(self) -> None:
            super().on_message_complete()
            self._message_open = False
            self._see_whether_between()

        def on_response_complete(self) -> None:
            super().on_response_complete()
            self._see_whether_between()

        def _see_whether_between(self) -> None:
            # Only here may bytes be taken for a new request: a body must never be able to pose as one.
            answered = self.cycle is None or self.cycle.response_complete
            self._between_requests = answered and not self._message_open and not self.pipeline

        def _hand_over(self, received: bytes) -> None:
            loop = self.loop
            transport = self.transport
            transport.pause_reading()
            connection = transport.get_extra_info("socket").dup()
            transport.abort()

            def give_back(returned: socket.socket, unread: bytes) -> None:
                try:
                    loop.call_soon_threadsafe(self._adopt, returned, unread)
                except RuntimeError:  # the loop has ended
                    returned.close()

            bodies.take(connection, received, give_back)

        def _adopt(self, connection: socket.socket, unread: bytes) -> None:
            connection.setblocking(False)
            protocol = type(self)(self.config, self.server_state, self.app_state, self.loop)
            task = self.loop.create_task(_connect(self.loop, protocol, connection, unread))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    return HandoverProtocol


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
