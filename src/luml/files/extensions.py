"""What comes before a member and changes it: PAX records and GNU long names (format, section 1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from luml.errors import FileError
from luml.files.limits import (
    MAX_EXTENSION_BYTES,
    MAX_EXTENSION_RECORDS,
    MAX_EXTENSIONS_BYTES,
    MAX_NAME_BYTES,
)
from luml.files.names import shown

_LONG_NAME: Final = b"L"
_LONG_LINK: Final = b"K"
_PAX: Final = frozenset((b"x", b"X"))
_PAX_GLOBAL: Final = b"g"
EXTENSIONS: Final = frozenset((_LONG_NAME, _LONG_LINK, _PAX_GLOBAL, *_PAX))
_SPARSE: Final = b"GNU.sparse."
_MAX_SIZE_DIGITS: Final = 19
_MAX_LENGTH_DIGITS: Final = 9


class Extensions:
    """The extended headers before a member, and the global ones before all later members."""

    def __init__(self) -> None:
        self._name: bytes | None = None
        self._size: int | None = None
        self._global_name: bytes | None = None
        self._global_size: int | None = None
        self._seen: set[bytes] = set()
        self._bytes = 0
        self._records = 0

    @property
    def active(self) -> bool:
        """Whether anything is said of the next member."""
        return bool(self._seen) or self._global_name is not None or self._global_size is not None

    def applied(self, name: bytes, size: int) -> tuple[bytes, int]:
        """Return name and size of the next member, and forget what was said of it alone."""
        own_name = self._global_name if self._name is None else self._name
        own_size = self._global_size if self._size is None else self._size
        self._seen.clear()
        self._name = self._size = None
        return (name if own_name is None else own_name), (size if own_size is None else own_size)

    def check_size(self, name: bytes, size: int) -> None:
        """Check, before they are read, that the bytes of an extended header are not too many."""
        self._bytes += size
        if size > MAX_EXTENSION_BYTES or self._bytes > MAX_EXTENSIONS_BYTES:
            raise FileError(
                f"The extended header {shown(name)} of {size} bytes is too big: "
                f"one may have {MAX_EXTENSION_BYTES:,}, all together {MAX_EXTENSIONS_BYTES:,}."
            )

    def add(self, kind: bytes, payload: bytes) -> None:
        """Take over what the extended header of ``kind`` says."""
        if kind == _PAX_GLOBAL:
            name, size = self._records_of(payload)
            self._global_name = self._global_name if name is None else name
            self._global_size = self._global_size if size is None else size
            return
        kind = b"x" if kind in _PAX else kind
        if kind in self._seen:
            raise FileError("Two extended headers of one kind stand before one member.")
        self._seen.add(kind)
        if kind == _LONG_NAME:
            self._set_name(payload.partition(b"\0")[0])
        elif kind == b"x":
            name, self._size = self._records_of(payload)
            if name is not None:
                self._set_name(name)

    def check_used(self) -> None:
        """Check, at the end, that a member came after the last extended header."""
        if self._seen:
            raise FileError("It ends after an extended header, before its member: truncated.")

    def _set_name(self, name: bytes) -> None:
        if self._name is not None and self._name != name:
            raise FileError(f"A member has two names: {shown(self._name)} and {shown(name)}.")
        self._name = _checked_name(name)

    def _records_of(self, payload: bytes) -> tuple[bytes | None, int | None]:
        name, size = None, None
        for key, value in _pax_records(payload):
            self._records += 1
            if key == b"path":
                name = _checked_name(value)
            elif key == b"size":
                size = _pax_size(value)
            elif key.startswith(_SPARSE):
                raise FileError(
                    "It holds a sparse member, whose bytes do not lie in one piece; "
                    "pack it again without --sparse."
                )
        if self._records > MAX_EXTENSION_RECORDS:
            raise FileError(f"It has more than {MAX_EXTENSION_RECORDS:,} PAX records.")
        return name, size


def _checked_name(name: bytes) -> bytes:
    if not name:
        raise FileError("A member has an empty name.")
    if len(name) > MAX_NAME_BYTES:
        raise FileError(f"Member {shown(name)}: its name is longer than {MAX_NAME_BYTES} bytes.")
    return name


def _pax_size(value: bytes) -> int:
    if not value.isdigit() or len(value) > _MAX_SIZE_DIGITS:
        raise FileError(f"A PAX header says a size of {shown(value)}, which is none.")
    return int(value)


def _pax_records(payload: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the ``length key=value`` records of a PAX block."""
    position, end = 0, len(payload)
    while position < end and payload[position]:
        blank = payload.find(b" ", position, position + _MAX_LENGTH_DIGITS + 1)
        digits = payload[position:blank] if blank > 0 else b""
        stop = position + int(digits) if digits.isdigit() else 0
        if not blank < stop <= end or payload[stop - 1] != 0x0A:
            raise FileError(f"A PAX header is damaged at its byte {position}.")
        key, equals, value = payload[blank + 1 : stop - 1].partition(b"=")
        if not equals or not key:
            raise FileError(f"A PAX header is damaged at its byte {position}: no key.")
        yield key, value
        position = stop
