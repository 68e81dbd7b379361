"""How a TCP connection is set up for bodies."""

from __future__ import annotations

import contextlib
import socket
from ipaddress import ip_address

UNPACED = b"cubic"


def tune(connection: socket.socket) -> None:
    """Send small pieces at once, and do not pace what never leaves this machine.

    Congestion control that paces (bbr, a common default) halves what loopback gives.
    """
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    host = str(connection.getpeername()[0]).partition("%")[0]
    if hasattr(socket, "TCP_CONGESTION") and ip_address(host).is_loopback:
        with contextlib.suppress(OSError):  # a kernel without it goes on with its default
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, UNPACED)
