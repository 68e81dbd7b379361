"""Transfers that end together."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager

from luml.api._runtime.cancelling import Cancellable


class Group:
    """Transfers of one call; cancelling it cancels those that run and those still to come."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._members: set[Cancellable] = set()
        self._cancelled = False

    def cancel(self) -> None:
        """End every transfer of the group."""
        with self._lock:
            self._cancelled = True
            for member in self._members:
                member.cancel()

    @contextmanager
    def holding(self, member: Cancellable) -> Generator[None]:
        """Count ``member`` in while the block runs."""
        with self._lock:
            self._members.add(member)
            if self._cancelled:
                member.cancel()
        try:
            yield
        finally:
            with self._lock:
                self._members.discard(member)
