"""One transfer's shared state: is it cancelled, what went wrong first, how far is it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress

from luml.api._engine.faults import TransferCancelledError

Report = Callable[[int], None]


class Coordinator:
    """Cancels the threads of a transfer and counts its bytes.

    Args:
        report: Called with each count of bytes that became safe, from one thread at a time.
    """

    def __init__(self, report: Report | None = None) -> None:
        self._report = report
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._sockets: set[socket.socket] = set()

    @property
    def cancelled(self) -> bool:
        """Whether the transfer is to end now."""
        return self._stopped.is_set()

    def cancel(self) -> None:
        """End the transfer: every socket in use is shut, so that no thread keeps waiting on one."""
        with self._lock:
            self._stopped.set()
            for connection in self._sockets:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def renewed(self) -> Coordinator:
        """Return a coordinator that reports to the same place, for another try."""
        return Coordinator(self._report)

    def check(self) -> None:
        """Raise TransferCancelledError once the transfer is cancelled."""
        if self._stopped.is_set():
            raise TransferCancelledError

    def wait(self, seconds: float) -> None:
        """Sleep, but wake up to raise when the transfer is cancelled."""
        if self._stopped.wait(seconds):
            raise TransferCancelledError

    @contextmanager
    def using(self, connection: socket.socket) -> Generator[None]:
        """Let ``cancel`` shut ``connection`` while the block runs."""
        with self._lock:
            self.check()
            self._sockets.add(connection)
        try:
            yield
        finally:
            with self._lock:
                self._sockets.discard(connection)

    def count(self, size: int) -> None:
        """Report ``size`` bytes that are safe and were not counted before; a negative count takes
        some back.
        """
        if self._report is not None and size:
            with self._lock:
                self._report(size)
