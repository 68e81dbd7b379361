"""The two things that transfers of a client compete for: parts in flight, and memory."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from contextlib import contextmanager

from luml.api._engine.coordinator import Coordinator
from luml.io.blocks import BLOCK, Block
from luml.transfer.pace import Pace

WAIT_SECONDS = 0.2


class Slots:
    """Lets as many parts in flight as the pace allows, over all transfers."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._free = threading.Condition()
        self._busy = 0

    @contextmanager
    def part(self, coordinator: Coordinator, size: int) -> Generator[None]:
        """Hold a slot for a part of ``size`` bytes; a part that succeeds tells the pace how it
        went.
        """
        with self._free:
            while self._busy >= self._pace.limit:
                coordinator.check()
                self._free.wait(WAIT_SECONDS)
            self._busy += 1
        started = time.monotonic()
        try:
            coordinator.check()
            yield
            with self._free:
                self._pace.finished(size, started, time.monotonic())
        finally:
            with self._free:
                self._busy -= 1
                self._free.notify_all()

    def connected(self, seconds: float) -> None:
        """Take note of how long a connection took to set up."""
        with self._free:
            self._pace.connected(seconds)

    def throttled(self) -> None:
        """Take note that the other side wants less."""
        with self._free:
            self._pace.throttled()


class Budget:
    """Hands out buffers of 1 MiB, and waits rather than pass ``size`` bytes in all."""

    def __init__(self, size: int) -> None:
        self._free = size // BLOCK
        self._changed = threading.Condition()

    @contextmanager
    def blocks(self, count: int, coordinator: Coordinator) -> Generator[list[memoryview]]:
        """Hold ``count`` buffers, all at once or none."""
        with self._changed:
            while self._free < count:
                coordinator.check()
                self._changed.wait(WAIT_SECONDS)
            self._free -= count
        buffers = [Block() for _ in range(count)]
        try:
            yield [buffer.view for buffer in buffers]
        finally:
            for buffer in buffers:
                buffer.close()
            with self._changed:
                self._free += count
                self._changed.notify_all()
