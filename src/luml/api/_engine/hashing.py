"""Hashes a file on two threads while its parts are sent: one reads and hashes the whole, one
hashes the pieces.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping
from functools import partial

from luml.api._engine.coordinator import Coordinator
from luml.api._engine.faults import TransferCancelledError
from luml.api._engine.slots import Budget
from luml.files.digest import FileDigests, PieceDigests
from luml.io.blocks import BLOCK, read_all
from luml.transfer.plan import Plan

RING = 4
WAIT_SECONDS = 0.2


class DigestRun:
    """The digests of one open file, computed on threads of their own.

    Args:
        descriptor: The open file; it must stay open until ``result`` or ``stop`` returned.
        plan: How it is cut into parts.
        index: Where its members are.
        coordinator: Ends the threads when the transfer is cancelled.
        budget: Where the buffers come from.
    """

    def __init__(
        self,
        descriptor: int,
        plan: Plan,
        index: Mapping[str, tuple[int, int]],
        coordinator: Coordinator,
        budget: Budget,
    ) -> None:
        self._descriptor = descriptor
        self._size = plan.size
        self._pieces = PieceDigests(plan, index)
        self._whole = hashlib.sha256()
        self._coordinator = coordinator
        self._budget = budget
        self._moved = threading.Condition()
        self._read = 0
        self._eaten = 0
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="luml-hash", daemon=True)
        self._thread.start()

    def result(self) -> FileDigests:
        """Wait for the end and return the digests; raises what the reading raised."""
        self._thread.join()
        if self._failure is not None:
            raise self._failure
        return self._pieces.result(self._whole.hexdigest())

    def stop(self) -> None:
        """Wait for the threads to end after the coordinator was cancelled, or after ``result``."""
        self._thread.join()

    def _run(self) -> None:
        try:
            with self._budget.blocks(min(RING, self._blocks()), self._coordinator) as ring:
                if self._blocks() == 1:
                    self._guard(self._hash_only_block, ring)
                    return
                eater = threading.Thread(
                    target=self._guarded_eat, args=(ring,), name="luml-hash-pieces", daemon=True
                )
                eater.start()
                try:
                    self._guard(self._feed, ring)
                finally:
                    eater.join()
        except TransferCancelledError as error:
            self._fail(error)

    def _hash_only_block(self, ring: list[memoryview]) -> None:
        view = ring[0][: self._size]
        read_all(self._descriptor, view, 0)
        self._whole.update(view)
        self._pieces.update(view, 0)

    def _guarded_eat(self, ring: list[memoryview]) -> None:
        self._guard(self._eat, ring)

    def _guard(self, work: Callable[[list[memoryview]], None], ring: list[memoryview]) -> None:
        try:
            work(ring)
        except Exception as error:  # handed to result(), on another thread
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        with self._moved:
            self._failure = self._failure or error
            self._moved.notify_all()

    def _blocks(self) -> int:
        return max(1, -(-self._size // BLOCK))

    def _slice(self, ring: list[memoryview], number: int) -> memoryview:
        return ring[number % len(ring)][: min(BLOCK, self._size - number * BLOCK)]

    def _feed(self, ring: list[memoryview]) -> None:
        for number in range(self._blocks()):
            self._wait(partial(self._has_room, number, len(ring)))
            view = self._slice(ring, number)
            read_all(self._descriptor, view, number * BLOCK)
            with self._moved:
                self._read = number + 1
                self._moved.notify_all()
            self._whole.update(view)

    def _eat(self, ring: list[memoryview]) -> None:
        for number in range(self._blocks()):
            self._wait(partial(self._was_read, number))
            self._pieces.update(self._slice(ring, number), number * BLOCK)
            with self._moved:
                self._eaten = number + 1
                self._moved.notify_all()

    def _has_room(self, number: int, room: int) -> bool:
        return number - self._eaten < room

    def _was_read(self, number: int) -> bool:
        return self._read > number

    def _wait(self, ready: Callable[[], bool]) -> None:
        with self._moved:
            while not ready():
                self._coordinator.check()
                if self._failure is not None:
                    raise TransferCancelledError
                self._moved.wait(WAIT_SECONDS)
