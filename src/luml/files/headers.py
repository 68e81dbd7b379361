"""One tar header block: v7, ustar, GNU (format, section 1)."""

from __future__ import annotations

import re
from typing import Final, TypeAlias
from zlib import adler32

from luml.errors import FileError
from luml.files.limits import BLOCK_SIZE
from luml.files.names import shown

_USTAR: Final = b"ustar\0"
_USUAL_SIZE = re.compile(rb"[0-7]{11}[\0 ]")
_HIGH_BYTES: Final = bytes(range(128, 256))
_CHECKSUM_BLANK: Final = 8 * 0x20
_HALF: Final = 256
_MASK: Final = 0xFFFF
_COMPRESSED: Final = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\0": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\x04\x22\x4d\x18": "lz4",
    b"LZIP": "lzip",
    b"\x5d\0\0": "lzma",
    b"\x1f\x9d": "compress",
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    b"7z\xbc\xaf\x27\x1c": "7z",
}


Header: TypeAlias = tuple[bytes, bytes, int]
"""What a header block says: the kind of what follows, its name, its size in bytes."""


def parse_header(block: bytes, position: int) -> Header:
    """Return what the block at ``position`` says.

    Plain tuples and short cuts for what usual writers write: a file may have 400,000 of these.

    Raises:
        FileError: The checksum does not fit, or the size is negative or no number.
    """
    # The low half of Adler-32 is one plus the sum of the bytes, exact up to 256 of them.
    total = (adler32(block[:_HALF]) & _MASK) + (adler32(block[_HALF:]) & _MASK) - 2
    stated = block[148:156]
    total += _CHECKSUM_BLANK - sum(stated)
    if stated != b"%06o\0 " % total:
        _check_sum(block, position, total)
    name = block[:100].partition(b"\0")[0]
    if block[345] and block[257:263] == _USTAR:
        name = block[345:500].partition(b"\0")[0] + b"/" + name
    field = block[124:136]
    size = int(field[:11], 8) if _USUAL_SIZE.fullmatch(field) else _unusual_size(field, name)
    return block[156:157], name, size


def _check_sum(block: bytes, position: int, total: int) -> None:
    if _octal(block[148:156]) not in (total, total - _high_bytes(block)):
        raise FileError(_bad_header(block, position))


def _high_bytes(block: bytes) -> int:
    """Return by how much a sum of signed characters, as old tars made it, is lower."""
    rest = block[:148] + block[156:]
    return _HALF * (len(rest) - len(rest.translate(None, _HIGH_BYTES)))


def check_start(start: bytes) -> None:
    """Check that a file that starts, and ends, with ``start`` has room for a header.

    Raises:
        FileError: It has none; the message names a compression where it sees one.
    """
    if len(start) < BLOCK_SIZE:
        raise FileError(_no_tar(start))


def _bad_header(block: bytes, position: int) -> str:
    if position:
        return (
            f"The header at byte {position} is damaged: its checksum does not fit, and no end "
            "marker came before it. The file is truncated or damaged; copy or pack it again."
        )
    return _no_tar(block)


def _no_tar(start: bytes) -> str:
    for magic, name in _COMPRESSED.items():
        if start.startswith(magic):
            return f"It is compressed ({name}); an artifact is a plain tar. Unpack it first."
    return "It is not a tar archive: its first header is none."


def _unusual_size(field: bytes, name: bytes) -> int:
    size = _base256(field) if field[0] & 0x80 else _octal(field)
    if size is None or size < 0:
        problem = "not a number" if size is None else "negative"
        raise FileError(f"Member {shown(name)}: its size is {problem}.")
    return size


def _base256(field: bytes) -> int:
    value = int.from_bytes(field, "big") & ~(1 << (8 * len(field) - 1))
    sign = 1 << (8 * len(field) - 2)
    return value - 2 * sign if value & sign else value


def _octal(field: bytes) -> int | None:
    digits = field.strip(b" ").rstrip(b"\0 ")
    if not digits:
        return 0
    # bytes.isdigit leaves out signs, underscores and 0o, which int() would take.
    if not digits.isdigit() or b"8" in digits or b"9" in digits:
        return None
    return int(digits, 8)
