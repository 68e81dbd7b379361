"""Tars made by hand, block by block, so that tests can make what no writer would."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

BLOCK = 512
END = bytes(2 * BLOCK)
POSIX = b"ustar\x0000"
GNU = b"ustar  \x00"
V7 = bytes(8)

DATASET: dict[str, Any] = {
    "artifact_type": "dataset",
    "variant": "tabular",
    "producer_name": "example.org",
    "producer_version": "1",
    "producer_tags": [],
    "payload": {},
}
MODEL: dict[str, Any] = {
    "variant": "pipeline",
    "producer_name": "example.org",
    "producer_version": "1",
    "producer_tags": [],
    "inputs": [],
    "outputs": [],
    "dynamic_attributes": [],
    "env_vars": [],
}


def octal(value: int, width: int = 12) -> bytes:
    return b"%0*o\0" % (width - 1, value)


def base256(value: int, width: int = 12) -> bytes:
    bits = 8 * width
    return ((value % (1 << bits)) | (1 << (bits - 1))).to_bytes(width, "big")


def seal(block: bytes) -> bytes:
    """Put the right checksum into a header block."""
    blank = block[:148] + b" " * 8 + block[156:]
    return block[:148] + b"%06o\0 " % sum(blank) + block[156:]


def header(
    name: bytes,
    size: int = 0,
    kind: bytes = b"0",
    *,
    magic: bytes = POSIX,
    prefix: bytes = b"",
    size_field: bytes | None = None,
) -> bytes:
    field = octal(size) if size_field is None else size_field
    front = name.ljust(100, b"\0") + octal(0o644, 8) + octal(0, 8) * 2 + field + octal(0)
    block = front + b" " * 8 + kind + bytes(100) + magic + bytes(80) + prefix
    return seal(block.ljust(BLOCK, b"\0"))


def padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % BLOCK)


def member(name: bytes, data: bytes = b"", kind: bytes = b"0", *, magic: bytes = POSIX) -> bytes:
    return header(name, len(data), kind, magic=magic) + padded(data)


def record(key: bytes, value: bytes) -> bytes:
    rest = b" " + key + b"=" + value + b"\n"
    length = len(rest) + 1
    while len(str(length)) + len(rest) != length:
        length = len(str(length)) + len(rest)
    return str(length).encode() + rest


def pax(*records: tuple[bytes, bytes], kind: bytes = b"x") -> bytes:
    return pax_raw(b"".join(record(key, value) for key, value in records), kind)


def pax_raw(payload: bytes, kind: bytes = b"x") -> bytes:
    return member(b"././@PaxHeader", payload, kind)


def long_name(name: bytes, kind: bytes = b"L") -> bytes:
    return member(b"././@LongLink", name + b"\0", kind, magic=GNU)


def document(name: str, value: Any) -> bytes:
    return member(name.encode(), json.dumps(value).encode())


def dataset(*pieces: bytes, end: bytes = END) -> bytes:
    """A dataset with further members."""
    return document("manifest.json", DATASET) + b"".join(pieces) + end


def model(manifest: dict[str, Any] | None = None, *pieces: bytes, meta: Any = ()) -> bytes:
    """A model with its root files and further members."""
    objects = ("variant_config.json", "dtypes.json", "env.json")
    roots = [document("manifest.json", MODEL | (manifest or {})), document("ops.json", [])]
    roots += [document(name, {}) for name in objects]
    return b"".join((*roots, document("meta.json", list(meta)), *pieces, END))


def write(directory: Path, content: bytes, name: str = "a.luml") -> Path:
    path = directory / name
    path.write_bytes(content)
    return path
