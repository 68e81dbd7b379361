"""Reused buffers, and whole writes and reads with them."""

from __future__ import annotations

import mmap
import os
from contextlib import suppress

BLOCK = 1024 * 1024


class FileChangedError(Exception):
    """A file ended before the bytes that were promised."""


class Block:
    """One reused, page-aligned buffer; fresh buffers cost several times as much.

    Args:
        size: Bytes; 1 MiB by default.
    """

    def __init__(self, size: int = BLOCK) -> None:
        self._map = mmap.mmap(-1, size)
        self.view = memoryview(self._map)

    def close(self) -> None:
        """Give the memory back."""
        self.view.release()
        # The traceback of an error that is on its way may still hold slices; the memory goes
        # back with the last of them.
        with suppress(BufferError):
            self._map.close()

    def __enter__(self) -> memoryview:
        return self.view

    def __exit__(self, *_: object) -> None:
        self.close()


def write_all(descriptor: int, view: memoryview, offset: int) -> None:
    """Write all of ``view`` at ``offset``."""
    while len(view):
        written = os.pwrite(descriptor, view, offset)
        view, offset = view[written:], offset + written


def read_all(descriptor: int, view: memoryview, offset: int) -> None:
    """Fill ``view`` from ``offset``; raises FileChangedError if the file ends before."""
    while len(view):
        got = os.preadv(descriptor, [view], offset)
        if got == 0:
            raise FileChangedError(f"the file ends at byte {offset}")
        view, offset = view[got:], offset + got
