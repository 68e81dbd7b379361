"""Threads that work through a list of parts."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from luml.api._engine.coordinator import Coordinator
from luml.api._engine.faults import TransferCancelledError

J = TypeVar("J")


class Crew(Generic[J]):
    """Works through ``jobs`` on at most ``size`` threads, the calling one among them.

    The first failure cancels the rest, and is raised once every thread has ended; so does an
    interrupt of the caller.
    """

    def __init__(
        self, jobs: Sequence[J], size: int, work: Callable[[J], None], coordinator: Coordinator
    ) -> None:
        self._jobs = deque(jobs)
        self._size = min(size, len(jobs))
        self._work = work
        self._coordinator = coordinator
        self._lock = threading.Lock()
        self._failure: Exception | None = None

    def run(self) -> None:
        """Do all the work; raises the first failure."""
        helpers = [
            threading.Thread(target=self._help, name="luml-part", daemon=True)
            for _ in range(self._size - 1)
        ]
        for helper in helpers:
            helper.start()
        try:
            self._help()
            for helper in helpers:
                helper.join()
        except BaseException:
            self._coordinator.cancel()
            for helper in helpers:
                helper.join()
            raise
        if self._failure is not None:
            raise self._failure

    def stop_taking(self) -> None:
        """Let the parts under way end, and take no more."""
        with self._lock:
            self._jobs.clear()

    def _help(self) -> None:
        while (job := self._next()) is not None:
            try:
                self._work(job)
            except Exception as error:  # raised by run(), on the caller's thread
                self._fail(error)

    def _next(self) -> J | None:
        with self._lock:
            return self._jobs.popleft() if self._jobs else None

    def _fail(self, error: Exception) -> None:
        with self._lock:
            self._jobs.clear()
            if self._failure is None or isinstance(self._failure, TransferCancelledError):
                self._failure = error
        self._coordinator.cancel()
