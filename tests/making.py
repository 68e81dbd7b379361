"""Artifact files of any size, made quickly: a real model with one large member."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

MIB = 1024 * 1024
BLOCK = os.urandom(MIB)
MODEL = Path(__file__).resolve().parent.parent / "examples" / "artifacts" / "scale_pyfunc.pyfnx"


class _Filling(io.RawIOBase):
    """Bytes that differ from block to block, without end."""

    def __init__(self) -> None:
        self._count = 0

    def read(self, size: int = -1) -> bytes:
        self._count += 1
        return self._count.to_bytes(8, "big") + BLOCK[8:size]


def make_artifact(path: Path, size: int) -> Path:
    """Write a model of ``size`` bytes or a little more to ``path``, and return it."""
    with tarfile.open(path, "w") as target, tarfile.open(MODEL) as source:
        for member in source:
            target.addfile(member, source.extractfile(member) if member.isfile() else None)
        large = tarfile.TarInfo("variant_artifacts/extra_files/weights.bin")
        large.size = max(1, size - target.offset - 3 * tarfile.BLOCKSIZE)
        target.addfile(large, _Filling())
    return path
