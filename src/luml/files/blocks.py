"""Reading a file by offset, a small window at a time."""

from __future__ import annotations

from io import FileIO

from luml.errors import FileError
from luml.files.limits import BLOCK_SIZE, WINDOW_SIZE


class Blocks:
    """The blocks of an open file.

    Args:
        file: The file, unbuffered: the window below is the only buffer.
        size: Its size in bytes.
    """

    def __init__(self, file: FileIO, size: int) -> None:
        self.size = size
        self._file = file
        self._start = 0
        self._window = b""

    def header(self, offset: int) -> bytes:
        """Return the block at ``offset``; FileError where the file ends before it."""
        start = offset - self._start
        if start < 0 or start + BLOCK_SIZE > len(self._window):
            self._window = self._fetch(offset, WINDOW_SIZE)
            self._start, start = offset, 0
        block = self._window[start : start + BLOCK_SIZE]
        if len(block) < BLOCK_SIZE:
            raise FileError(
                f"It ends at byte {self.size} without an end marker: it is truncated. "
                "Copy or pack it again."
            )
        return block

    def read(self, offset: int, size: int) -> bytes:
        """Return ``size`` bytes from ``offset`` on; FileError if they are no longer there."""
        start = offset - self._start
        if start >= 0 and start + size <= len(self._window):
            return self._window[start : start + size]
        data = self._fetch(offset, size)
        if len(data) < size:
            raise FileError("It became shorter while it was being read. Try again.")
        return data

    def _fetch(self, offset: int, size: int) -> bytes:
        self._file.seek(offset)
        pieces: list[bytes] = []
        while size and (piece := self._file.read(size)):
            pieces.append(piece)
            size -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)
