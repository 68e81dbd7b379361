"""What both runtimes need to end a transfer early."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Protocol

MAX_TRANSFER_THREADS = 128


class Cancellable(Protocol):
    """A transfer that can be told to end from any thread."""

    def cancel(self) -> None:
        """End what is under way."""
        ...


@cache
def transfer_threads() -> ThreadPoolExecutor:
    """Return the threads on which transfers of async clients wait; idle ones cost nothing.

    They are apart from the loop's default ones, so that long transfers never keep short calls
    waiting.
    """
    return ThreadPoolExecutor(MAX_TRANSFER_THREADS, thread_name_prefix="luml-transfer")
