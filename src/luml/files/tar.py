"""A strict walk over the headers of a tar; it seeks past the data and cannot loop.

``tarfile`` is no help here: it follows crafted headers for ever, takes a bad header for the end,
and inflates what is compressed. Whatever two readers could read differently is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias

from luml.errors import FileError
from luml.files.blocks import Blocks
from luml.files.extensions import EXTENSIONS, Extensions
from luml.files.headers import Header, check_start, parse_header
from luml.files.limits import (
    BLOCK_SIZE,
    MAX_HEADERS,
    MAX_MEMBERS,
    MAX_NAMES_BYTES,
    MAX_SPARE_EXTENSIONS,
)
from luml.files.names import member_name, shown

_ZERO_BLOCK: Final = bytes(BLOCK_SIZE)
_REGULAR: Final = frozenset((b"0", b"\0", b"7"))
_WITHOUT_DATA: Final = {
    b"1": "hard link",
    b"2": "symbolic link",
    b"3": "character device",
    b"4": "block device",
    b"5": "directory",
    b"6": "named pipe",
}
_REFUSED: Final = {
    b"S": "is sparse, so its bytes do not lie in one piece; pack it again without --sparse",
    b"M": "goes on from another volume; pack it again into one file",
}


Member: TypeAlias = tuple[str, int, int]
"""A regular file in a tar: its name, the offset of its first byte, its size in bytes."""


def walk(blocks: Blocks) -> Iterator[Member]:
    """Yield the regular files of a tar in the order in which they lie there.

    Raises:
        FileError: Anything that rule 3 of format, section 9, does not allow.
        OSError: The file could not be read.
    """
    check_start(blocks.read(0, min(BLOCK_SIZE, blocks.size)))
    return _Walk(blocks).members()


class _Walk:
    def __init__(self, blocks: Blocks) -> None:
        self._blocks = blocks
        self._extensions = Extensions()
        self._position = 0
        self._headers = 0
        self._members = 0
        self._names_size = 0

    def members(self) -> Iterator[Member]:
        while (header := self._next_header()) is not None:
            kind, name, size = header
            if kind in EXTENSIONS:
                self._extend(kind, name, size)
            elif (member := self._member(kind, name, size)) is not None:
                yield member
        self._extensions.check_used()

    def _next_header(self) -> Header | None:
        block = self._blocks.header(self._position)
        if block == _ZERO_BLOCK:
            self._check_end()
            return None
        self._headers += 1
        if self._headers > min(MAX_HEADERS, 3 * self._members + MAX_SPARE_EXTENSIONS):
            raise FileError(
                f"It has more than {MAX_HEADERS:,} headers, or extended ones without members."
            )
        header = parse_header(block, self._position)
        self._position += BLOCK_SIZE
        return header

    def _check_end(self) -> None:
        second = self._blocks.header(self._position + BLOCK_SIZE)
        if second != _ZERO_BLOCK:
            raise FileError(
                f"The end marker at byte {self._position} is one zero block where two belong: "
                "the file is truncated or damaged. Pack it again."
            )

    def _extend(self, kind: bytes, name: bytes, size: int) -> None:
        self._extensions.check_size(name, size)
        self._check_within(name, size)
        self._extensions.add(kind, self._blocks.read(self._position, size))
        self._skip(size)

    def _member(self, kind: bytes, raw: bytes, size: int) -> Member | None:
        if self._extensions.active:
            raw, size = self._extensions.applied(raw, size)
        self._count(raw)
        name = member_name(raw)
        if reason := _REFUSED.get(kind):
            raise FileError(f"Member {shown(raw)} {reason}.")
        if kind in _WITHOUT_DATA or (kind in _REGULAR and raw.endswith(b"/")):
            self._check_without_data(kind, raw, size)
            return None
        offset = self._position
        self._check_within(raw, size)
        self._skip(size)
        if kind not in _REGULAR:
            return None
        if not name or name.endswith("/."):
            raise FileError(f"Member {shown(raw)}: its name is that of a directory.")
        return name, offset, size

    def _count(self, raw: bytes) -> None:
        self._members += 1
        self._names_size += len(raw)
        if self._members > MAX_MEMBERS:
            raise FileError(f"It has more than {MAX_MEMBERS:,} members. Pack them into fewer.")
        if self._names_size > MAX_NAMES_BYTES:
            raise FileError(f"Its member names take more than {MAX_NAMES_BYTES:,} bytes together.")

    def _check_without_data(self, kind: bytes, raw: bytes, size: int) -> None:
        if size:
            what = _WITHOUT_DATA.get(kind, "directory")
            raise FileError(f"Member {shown(raw)} is a {what} with a size of {size} bytes.")

    def _check_within(self, raw: bytes, size: int) -> None:
        missing = self._position + size - self._blocks.size
        if missing > 0:
            raise FileError(
                f"Member {shown(raw)} of {size} bytes goes {missing} bytes past the end of the "
                "file: it is truncated. Copy or pack it again."
            )

    def _skip(self, size: int) -> None:
        self._position += -(-size // BLOCK_SIZE) * BLOCK_SIZE
