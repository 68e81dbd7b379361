"""A SHA-256 that follows a growing file through the page cache, in a thread of its own.

Hashing on the thread that moves bytes costs as much as moving them; a second thread that reads
what was just written finds it in memory and overlaps the two.
"""

from __future__ import annotations

import hashlib
import os
import threading
from typing import Protocol

from luml.io.blocks import Block, FileChangedError


class Digest(Protocol):
    """What a hash of ``hashlib`` does."""

    def update(self, data: memoryview, /) -> None:
        """Take more bytes."""
        ...

    def hexdigest(self) -> str:
        """Return the digest so far."""
        ...


def update_from_file(
    digest: Digest, descriptor: int, start: int, size: int, view: memoryview
) -> None:
    """Feed ``size`` bytes of a file from offset ``start`` into ``digest``, block by block."""
    end = start + size
    while start < end:
        got = os.preadv(descriptor, [view[: min(len(view), end - start)]], start)
        if got == 0:
            raise FileChangedError(f"the file ends at {start}, before {end}")
        digest.update(view[:got])
        start += got


class DigestStoppedError(Exception):
    """The digest was stopped before its end."""


class FollowingDigest:
    """SHA-256 of a file of ``size`` bytes that others are writing.

    ``advance`` says up to where the bytes are final; ``result`` waits for the end. The descriptor
    stays the caller's and must stay open until ``result`` or ``cancel`` returned.
    """

    def __init__(self, descriptor: int, size: int, *, start: int = 0) -> None:
        self._descriptor = descriptor
        self._size = size
        self._ready = start
        self._digest = hashlib.sha256()
        self._done = 0
        self._cancelled = False
        self._error: Exception | None = None
        self._moved = threading.Condition()
        self._thread = threading.Thread(target=self._follow, name="luml-digest", daemon=True)
        self._thread.start()

    @property
    def done(self) -> int:
        """How many bytes are hashed."""
        return self._done

    def advance(self, ready: int) -> None:
        """Say that all bytes before ``ready`` are final."""
        with self._moved:
            if ready > self._ready:
                self._ready = ready
                self._moved.notify()

    def result(self) -> str:
        """Wait until the whole file is hashed and return the hex digest."""
        self.advance(self._size)
        self._thread.join()
        if self._error is not None:
            raise self._error
        if self._done < self._size:
            raise DigestStoppedError
        return self._digest.hexdigest()

    def cancel(self) -> None:
        """Stop at the next block and wait for the thread to end."""
        self.ask_to_stop()
        self._thread.join()

    def ask_to_stop(self) -> None:
        """Stop at the next block, from any thread; ``result`` raises then."""
        with self._moved:
            self._cancelled = True
            self._moved.notify()

    def _follow(self) -> None:
        try:
            with Block() as view:
                while not self._cancelled and (ready := self._wait()) > self._done:
                    step = min(ready - self._done, len(view))
                    update_from_file(self._digest, self._descriptor, self._done, step, view)
                    self._done += step
        except (OSError, FileChangedError) as error:
            self._error = error

    def _wait(self) -> int:
        with self._moved:
            while self._ready <= self._done < self._size and not self._cancelled:
                self._moved.wait()
            return 0 if self._cancelled else self._ready
