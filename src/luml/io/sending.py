"""Files into sockets without a copy through this process."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import sys

from luml.io.blocks import FileChangedError

if sys.platform != "win32":
    import fcntl
    import termios


def send_file(
    connection: socket.socket, descriptor: int, offset: int, size: int, stall: float
) -> None:
    """Send ``size`` bytes of a file from ``offset``; raises TimeoutError after ``stall`` seconds
    without progress.

    The socket must have a timeout, so that its descriptor does not block.
    """
    while size > 0:
        try:
            sent = os.sendfile(connection.fileno(), descriptor, offset, size)
        except BlockingIOError:
            wait_writable(connection, stall)
            continue
        if sent == 0:
            raise FileChangedError(f"the file ends at byte {offset}")
        offset, size = offset + sent, size - sent


def wait_writable(connection: socket.socket, stall: float) -> None:
    """Wait until the socket takes bytes again; raises TimeoutError after ``stall`` seconds."""
    poll = select.poll()
    poll.register(connection, select.POLLOUT)
    if not poll.poll(stall * 1000):
        raise TimeoutError(f"no byte could be sent for {stall:g} s")


def shut(connection: socket.socket) -> None:
    """End a connection that another thread uses, so that it stops waiting."""
    with contextlib.suppress(OSError):  # it may have ended by itself
        connection.shutdown(socket.SHUT_RDWR)


def unsent_bytes(connection: socket.socket) -> int:
    """Return how many bytes the system has taken and the other side has not; 0 if it cannot say."""
    if sys.platform == "win32":
        return 0
    answer = fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, b"\0\0\0\0")
    return int.from_bytes(answer, sys.byteorder)


def is_readable(connection: socket.socket, seconds: float) -> bool:
    """Say whether bytes, or the end, arrive within ``seconds``."""
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(seconds * 1000))
